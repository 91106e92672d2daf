"""Pictures: real files of every accepted kind, and every bad one that was named."""

import struct
import zlib
from contextlib import suppress
from hashlib import sha256
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from reviewapp.errors import (
    InvalidInputError,
    InvalidPayloadError,
    RefusedError,
    UnsupportedFormatError,
)
from reviewapp.modalities.image import read_image

DIVIDE = 128


def photo(width: int = 60, height: int = 40) -> Image.Image:
    """A picture whose upper left quarter alone is bright."""
    levels = np.full((height, width, 3), 40, np.uint8)
    levels[: height // 2, : width // 2] = 220
    return Image.fromarray(levels)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def derived(content: bytes, name: str = "a.png") -> Image.Image:
    picture = Image.open(BytesIO(read_image(content, name=name).derivative))
    picture.load()
    return picture


def grey_png(width: int, height: int, *, depth: int = 1) -> bytes:
    """A real PNG of any size in few bytes, since its rows are all alike."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
        )

    rows = bytes((width * depth + 7) // 8 + 1) * height
    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def refused(content: bytes, name: str = "a.png") -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        read_image(content, name=name)
    assert caught.value.faults[0].code == caught.value.code
    return caught.value


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_each_accepted_kind_is_decoded(kind: str) -> None:
    content = encoded(photo(), kind)

    payload = read_image(content, name=f"screen.{kind.lower()}")

    assert (payload.width, payload.height) == (60, 40)
    assert (payload.original_width, payload.original_height) == (60, 40)
    assert payload.original_sha256 == sha256(content).hexdigest()
    assert payload.sha256 == sha256(payload.derivative).hexdigest()
    assert payload.original_size == len(content)
    assert payload.grey.shape == (40, 60)
    assert payload.grey[5, 5] > DIVIDE > payload.grey[35, 55]


def test_a_small_lossless_picture_keeps_every_pixel() -> None:
    for kind in ("PNG", "TIFF"):
        payload = read_image(encoded(photo(256, 200), kind), name="a")
        assert payload.media_type == "image/png"
        kept = derived(encoded(photo(256, 200), kind))
        assert kept.tobytes() == photo(256, 200).tobytes()


def test_a_large_or_lossy_picture_becomes_jpeg() -> None:
    assert read_image(encoded(photo(257), "PNG"), name="a").media_type == "image/jpeg"
    assert read_image(encoded(photo(), "JPEG"), name="a").media_type == "image/jpeg"
    assert read_image(encoded(photo(), "WEBP"), name="a").media_type == "image/jpeg"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_the_longest_side_of_the_derivative_is_2048(kind: str) -> None:
    payload = read_image(encoded(photo(5000, 3000), kind), name="a")

    assert (payload.width, payload.height) == (2048, 1229)
    assert (payload.original_width, payload.original_height) == (5000, 3000)
    assert payload.grey[100, 100] > DIVIDE > payload.grey[1100, 2000]


def test_a_picture_keeps_a_pixel_of_its_short_side() -> None:
    payload = read_image(encoded(photo(4000, 2), "PNG"), name="a")
    assert (payload.width, payload.height) == (2048, 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_stored_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    # what a viewer turns upright must be written the other way round
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    written = photo() if undo is None else photo().transpose(undo)

    payload = read_image(encoded(written, kind, exif=exif), name="a")

    assert (payload.width, payload.height) == (60, 40)
    assert (payload.original_width, payload.original_height) == (60, 40)
    assert payload.grey[5, 5] > DIVIDE > payload.grey[35, 55]


def with_metadata(kind: str, size: tuple[int, int]) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SECRET camera"
    exif[0xA431] = "SECRET serial"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, object] = {"exif": exif, "icc_profile": profile}
    if kind == "PNG":
        notes = PngInfo()
        notes.add_text("Comment", "SECRET note")
        notes.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>SECRET</x:xmpmeta>")
        options["pnginfo"] = notes
    else:
        options |= {"comment": b"SECRET note", "xmp": b"<x:xmpmeta>SECRET</x:xmpmeta>"}
    return encoded(photo(*size), kind, **options)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(60, 40), (600, 400)])
def test_no_metadata_is_left_in_the_derivative(
    kind: str, size: tuple[int, int]
) -> None:
    content = with_metadata(kind, size)
    assert b"SECRET" in content

    payload = read_image(content, name="a.jpg")
    picture = derived(content)

    marks = (b"SECRET", b"Exif", b"eXIf", b"iCCP", b"ICC_PROFILE", b"xmp", b"iTXt")
    assert not any(mark in payload.derivative for mark in marks)
    assert not picture.getexif()
    assert picture.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert (payload.width, payload.height) == size[::-1]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_exif_does_not_cost_the_picture() -> None:
    content = encoded(photo(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert read_image(content, name="a.jpg").width == 60


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("1", "L"),
        ("L", "L"),
        ("LA", "L"),
        ("P", "RGB"),
        ("RGB", "RGB"),
        ("RGBA", "RGB"),
        ("CMYK", "RGB"),
        ("I;16", "L"),
    ],
)
def test_colours_are_reduced_to_grey_or_rgb(mode: str, expected: str) -> None:
    picture = photo().convert("L").convert(mode) if mode == "I;16" else photo()
    written = picture.convert(mode)
    if mode == "I;16":
        levels = np.asarray(photo().convert("L")).astype(np.uint16) << 8
        written = Image.fromarray(levels)

    found = derived(encoded(written, "TIFF" if mode == "CMYK" else "PNG"))

    assert found.mode == expected
    grey = np.asarray(found.convert("L"))
    assert grey[5, 5] > DIVIDE > grey[35, 55]


def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    keyed = Image.new("RGB", (4, 4), (9, 9, 9))

    assert derived(encoded(clear, "PNG")).getpixel((0, 0)) == (255, 255, 255)
    content = encoded(keyed, "PNG", transparency=(9, 9, 9))
    assert derived(content).getpixel((0, 0)) == (255, 255, 255)


def test_pixels_of_32_bits_are_refused() -> None:
    levels: NDArray[np.float32] = np.zeros((4, 4), np.float32)
    refusal = refused(encoded(Image.fromarray(levels), "TIFF"))
    assert isinstance(refusal, UnsupportedFormatError)
    assert refusal.code == "pixel_format_not_accepted"


def test_an_empty_file_is_refused() -> None:
    refusal = refused(b"")
    assert isinstance(refusal, InvalidPayloadError)
    assert refusal.code == "empty_file"


HTML = b"<!doctype html><html><body><script>alert(1)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (HTML, "a.png", "type_mismatch"),
        (HTML, "a.html", "unsupported_media_type"),
        (b"%PDF-1.7 ...", "scan.JPEG", "type_mismatch"),
        (b"8BPS\0\1 a psd", "a.png", "type_mismatch"),
        (b"SIMPLE  =  a fits", "a.png", "type_mismatch"),
        (b"%!PS-Adobe-3.0 EPSF", "a.png", "type_mismatch"),
        (encoded(photo(), "GIF"), "a.gif", "unsupported_media_type"),
        (encoded(photo(), "BMP"), "a.png", "type_mismatch"),
        (b"\0" * 64, "a.png", "type_mismatch"),
        (SVG, "a.svg", "svg_not_accepted"),
        (SVG, "a.png", "svg_not_accepted"),
        (
            b'\xef\xbb\xbf <?xml version="1.0"?>\n<!-- x -->\n' + SVG,
            "a",
            "svg_not_accepted",
        ),
        (b"<SVG onload=alert(1)>", "a", "svg_not_accepted"),
    ],
)
def test_what_is_no_accepted_picture_is_refused(
    content: bytes, name: str, code: str
) -> None:
    refusal = refused(content, name)
    assert isinstance(refusal, UnsupportedFormatError)
    assert refusal.code == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.9])
def test_a_picture_that_is_cut_off_is_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (300, 400, 3), np.uint8)
    content = encoded(Image.fromarray(noise), kind)

    refusal = refused(content[: int(len(content) * share)], f"a.{kind}")

    assert isinstance(refusal, InvalidPayloadError)
    assert refusal.code == "image_truncated"


@pytest.mark.parametrize("side", [7_072, 10_000, 14_000])
def test_a_picture_of_too_many_pixels_is_refused_with_both_numbers(side: int) -> None:
    content = grey_png(side, side)
    assert len(content) < 60_000

    refusal = refused(content)

    assert isinstance(refusal, InvalidPayloadError)
    assert refusal.code == "image_too_large"
    assert f"{side * side:,}" in refusal.message
    assert "50,000,000" in refusal.message


def test_fifty_million_pixels_are_read() -> None:
    payload = read_image(grey_png(10_000, 5_000), name="a.png")
    assert (payload.width, payload.height) == (2048, 1024)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_more_than_one_picture_in_a_file_is_refused(kind: str) -> None:
    other = photo().transpose(Image.Transpose.ROTATE_180)
    content = encoded(photo(), kind, save_all=True, append_images=[other])

    refusal = refused(content)

    assert isinstance(refusal, InvalidPayloadError)
    assert refusal.code == "too_many_frames"


def test_of_a_phones_double_jpeg_the_first_picture_is_read() -> None:
    other = photo().transpose(Image.Transpose.ROTATE_180)
    content = encoded(photo(), "MPO", save_all=True, append_images=[other])

    payload = read_image(content, name="IMG_1.JPG")

    assert payload.grey[5, 5] > DIVIDE > payload.grey[35, 55]


@pytest.mark.parametrize("name", ["a\x00b.png", "a\ud800.png"])
def test_a_name_that_cannot_be_stored_is_refused(name: str) -> None:
    refusal = refused(encoded(photo(), "PNG"), name)
    assert isinstance(refusal, InvalidInputError)
    assert refusal.code == "bad_file_name"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("..\\..\\w.png", "w.png"),
        ("../../x", "x"),
        ("/etc/passwd", "passwd"),
        (".htaccess", ".htaccess"),
        ("a\r\nSet-Cookie: x=1", "aSet-Cookie: x=1"),
        ("n" * 300 + ".png", "n" * 251 + ".png"),
        ("", ""),
        ("..", ".."),
    ],
)
def test_a_name_is_kept_as_text_never_as_a_path(name: str, kept: str) -> None:
    payload = read_image(encoded(photo(), "PNG"), name=name)
    assert payload.original_name == kept


def test_the_same_file_gives_the_same_derivative() -> None:
    content = encoded(photo(700, 500), "JPEG")
    assert read_image(content, name="a") == read_image(content, name="a")


SAMPLES = [encoded(photo(), kind) for kind in ("JPEG", "PNG", "WEBP", "TIFF")]


@settings(deadline=None)
@given(
    content=st.sampled_from(SAMPLES),
    position=st.floats(0, 1, exclude_max=True),
    other=st.binary(min_size=1, max_size=8),
)
def test_a_damaged_picture_is_read_or_refused(
    content: bytes, position: float, other: bytes
) -> None:
    at = int(position * len(content))
    with suppress(RefusedError):
        read_image(content[:at] + other + content[at + len(other) :], name="a.jpg")


@given(st.binary(max_size=200), st.sampled_from([b"", *(s[:24] for s in SAMPLES)]))
def test_arbitrary_bytes_are_refused(tail: bytes, head: bytes) -> None:
    with pytest.raises(RefusedError):
        read_image(head + tail, name="a.jpg")
