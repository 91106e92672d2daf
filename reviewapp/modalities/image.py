"""Pictures: decoded for real, stripped of all but pixels, and made anew by us.

People and models see the same derivative; none of the sender's bytes is ever served.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import PurePosixPath
from re import search
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reviewapp.errors import (
    Fault,
    InvalidPayloadError,
    RefusedError,
    UnsupportedFormatError,
)
from reviewapp.modalities.filenames import check_name, plain_name

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
MAX_PIXELS = 50_000_000
MAX_SIDE = 2_048
LOSSLESS_SIDE = 256
JPEG_QUALITY = 90

# How files of the accepted formats begin, and how their names end.
BEGINNINGS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
)
ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"})
LOSSLESS = frozenset({"PNG", "TIFF"})

ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SWAPPED = frozenset({5, 6, 7, 8})
# Modes that can be made smaller before their colours are reduced.
RESIZABLE = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePayload:
    """A decoded picture: the derivative that is kept, and facts of what was sent.

    ``width`` and ``height`` are the derivative's, in pixels; ``original_width`` and
    ``original_height`` those of what was sent, upright; ``original_size`` its bytes.
    ``grey`` holds the derivative's grey levels, shape (height, width).
    """

    derivative: bytes = field(repr=False)
    media_type: str
    sha256: str
    width: int
    height: int
    original_name: str
    original_sha256: str
    original_size: int
    original_width: int
    original_height: int
    grey: NDArray[np.uint8] = field(repr=False, compare=False)


def read_image(content: bytes, *, name: str) -> ImagePayload:
    """Decode a picture and make the derivative that people and models see.

    JPEG, PNG, WebP and TIFF of up to 50 million pixels are read. The derivative stands
    upright, is grey or RGB (transparency becomes white, 16-bit levels their upper
    eight bits), at most 2,048 pixels long, and holds nothing but pixels: PNG if the
    source is lossless and at most 256 pixels long, else JPEG of quality 90.

    Parameters
    ----------
    content : bytes
        The file as it was sent.
    name : str
        The file's name as it was sent; it is kept as text and never used as a path.

    Raises
    ------
    InvalidInputError
        ``bad_file_name``.
    UnsupportedFormatError
        ``svg_not_accepted``, ``type_mismatch``, ``unsupported_media_type``,
        ``pixel_format_not_accepted``.
    InvalidPayloadError
        ``empty_file``, ``image_truncated``, ``too_many_frames``, ``image_too_large``.
    """
    check_name(name)
    _check_beginning(content, name)
    try:
        picture, source, size = _decode(content)
    except RefusedError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        found = search(r"\((\d+) pixels\)", str(error))
        _refuse_size(int(found[1]) if found else None)
    except Exception as error:  # noqa: BLE001 - a decoder may raise anything on foreign bytes, and each means the same
        _refuse_broken(error)
    is_small = source in LOSSLESS and max(picture.size) <= LOSSLESS_SIDE
    file = BytesIO()
    if is_small:
        picture.save(file, "PNG")
    else:
        picture.save(file, "JPEG", quality=JPEG_QUALITY)
    derivative = file.getvalue()
    return ImagePayload(
        derivative=derivative,
        media_type="image/png" if is_small else "image/jpeg",
        sha256=sha256(derivative).hexdigest(),
        width=picture.width,
        height=picture.height,
        original_name=plain_name(name),
        original_sha256=sha256(content).hexdigest(),
        original_size=len(content),
        original_width=size[0],
        original_height=size[1],
        grey=np.asarray(picture.convert("L")),
    )


def measure(payload: ImagePayload) -> dict[str, float]:
    """Give the input metrics of a picture.

    Returns
    -------
    dict
        ``brightness``: mean grey level of the derivative, in [0, 1], 0 is black;
        ``contrast``: standard deviation of its grey levels, in [0, 0.5];
        ``sharpness``: variance of the Laplacian of its grey levels, in squared levels
        of 0 to 255 (below about 100 looks blurred; comparable at equal size only);
        ``width``, ``height``: pixels of what was sent, upright;
        ``bytes``: size of what was sent.

    References
    ----------
    J. L. Pech-Pacheco et al. (2000), "Diatom autofocusing in brightfield microscopy: a
    comparative study", ICPR 15, 314-317 (variance of the Laplacian).
    """
    grey = payload.grey
    levels = np.pad(grey.astype(np.int16), 1, mode="edge")
    laplacian = (
        levels[:-2, 1:-1]
        + levels[2:, 1:-1]
        + levels[1:-1, :-2]
        + levels[1:-1, 2:]
        - 4 * levels[1:-1, 1:-1]
    )
    return {
        "brightness": float(grey.mean()) / 255,
        "contrast": float(grey.std()) / 255,
        "sharpness": float(laplacian.var()),
        "width": float(payload.original_width),
        "height": float(payload.original_height),
        "bytes": float(payload.original_size),
    }


def _check_beginning(content: bytes, name: str) -> None:
    if not content:
        _refuse(InvalidPayloadError, "empty_file", "The file is empty (0 bytes).")
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if is_webp or content.startswith(BEGINNINGS):
        return
    beginning = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if beginning.startswith(b"<") and b"<svg" in beginning:
        _refuse(
            UnsupportedFormatError,
            "svg_not_accepted",
            "SVG may hold scripts and is not accepted. Send JPEG, PNG, WebP or TIFF.",
        )
    if PurePosixPath(name.lower()).suffix in ENDINGS:
        _refuse(
            UnsupportedFormatError,
            "type_mismatch",
            "By its name the file is a picture, by its content it is not JPEG, PNG, "
            "WebP or TIFF.",
        )
    _refuse(
        UnsupportedFormatError,
        "unsupported_media_type",
        "The file is not JPEG, PNG, WebP or TIFF. Send one of these.",
    )


def _decode(content: bytes) -> tuple[Image.Image, str, tuple[int, int]]:
    """Give a picture of pixels alone, its source's format, and the source's size.

    1. Read the header; refuse by size and frames before a pixel is decoded.
    2. Decode, a large JPEG at a fraction of its size.
    3. Make it smaller, reduce its colours, turn it upright, forget the rest.
    """
    with Image.open(BytesIO(content), formats=FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            _refuse_size(image.width * image.height)
        # phones append a second picture to a JPEG ("MPO"); the first one is the photo
        if getattr(image, "is_animated", False) and image.format != "MPO":
            _refuse(
                InvalidPayloadError,
                "too_many_frames",
                "The file holds more than one picture. Send each alone.",
            )
        source = image.format or ""
        width, height = image.size
        # the decoder of TIFF gives an upright size and turns by itself
        orientation = 1 if source == "TIFF" else _orientation(image)
        share = min(1.0, MAX_SIDE / max(width, height))
        image.draft(None, (max(1, int(width * share)), max(1, int(height * share))))
        image.load()
        if image.mode in RESIZABLE:
            _shrink(image)
        picture = _reduce_colours(image)
        _shrink(picture)
    if orientation in UPRIGHT:
        picture = picture.transpose(UPRIGHT[orientation])
    picture.info = {}
    size = (height, width) if orientation in SWAPPED else (width, height)
    return picture, source, size


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - broken EXIF is thrown away; the pixels are good
        return 1


def _shrink(image: Image.Image) -> None:
    if max(image.size) > MAX_SIDE:
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)


def _reduce_colours(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        levels = np.asarray(image).astype(np.uint16) >> 8
        return Image.fromarray(levels.astype(np.uint8))
    if image.mode in {"I", "F"}:
        _refuse(
            UnsupportedFormatError,
            "pixel_format_not_accepted",
            "Pixels of 32 bits are not accepted. Send 8 or 16 bits a colour.",
        )
    is_grey = image.mode in {"1", "L", "LA"}
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        paper = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(paper, clear).convert("L" if is_grey else "RGB")
    return image.convert("L" if is_grey else "RGB")


def _refuse_size(pixels: int | None) -> NoReturn:
    found = "too many" if pixels is None else f"{pixels:,}"
    _refuse(
        InvalidPayloadError,
        "image_too_large",
        f"The picture has {found} pixels; at most {MAX_PIXELS:,} are read. "
        "Send it smaller.",
    )


def _refuse_broken(error: Exception) -> NoReturn:
    _refuse(
        InvalidPayloadError,
        "image_truncated",
        "The picture cannot be decoded to its end: it is cut off or damaged "
        f"({type(error).__name__}). Send it again.",
    )


def _refuse(kind: type[RefusedError], code: str, message: str) -> NoReturn:
    raise kind(message, code=code, faults=(Fault(code=code, message=message),))
