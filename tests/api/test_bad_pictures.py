"""Bad pictures and bad parts through the real door; nothing of them is kept."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from reviewapp.models import Item, Modality, Scope
from reviewapp.services import tokens
from tests import factories

URL = "/api/lines/phone-screens/items"
ORIENTATION, GPS = 0x0112, 0x8825


def picture(kind: str = "PNG", side: int = 40, mode: str = "L", **how: Any) -> bytes:
    buffer = BytesIO()
    Image.new(mode, (side, side * 3 // 4), 1).save(buffer, kind, **how)
    return buffer.getvalue()


@pytest.fixture
def camera(db: None, tmp_path: Path, settings: Any) -> str:
    settings.MEDIA_ROOT = tmp_path
    line = factories.make_line("Phone screens", modality=Modality.IMAGE)
    _token, secret = tokens.create_token(
        line, name="camera", scopes=[Scope.INGEST], by=None
    )
    return secret


def upload(client: Client, secret: str, parts: dict[str, Any]) -> HttpResponse:
    return client.post(  # type: ignore[return-value]  # the test client's own class
        URL, parts, headers={"authorization": f"Bearer {secret}"}
    )


def parts(content: bytes, name: str = "a.png", **more: Any) -> dict[str, Any]:
    item = json.dumps({"external_id": "a"})
    return {"item": item, "media": SimpleUploadedFile(name, content)} | more


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        pytest.param(b"", "a.png", 422, "empty_file", id="B21"),
        pytest.param(b"<html>", "a.png", 415, "type_mismatch", id="B22"),
        pytest.param(
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
            "a.svg",
            415,
            "svg_not_accepted",
            id="B23",
        ),
        pytest.param(picture("JPEG")[:300], "a.jpg", 422, "image_truncated", id="B24"),
        pytest.param(
            picture(side=14_000, mode="1"), "a.png", 422, "image_too_large", id="B25"
        ),
        pytest.param(
            picture(side=10_000, mode="1"), "a.png", 422, "image_too_large", id="B26"
        ),
        pytest.param(b"MZ\x90\0", "a.exe", 415, "unsupported_media_type", id="other"),
    ],
)
def test_bad_pictures_are_named_and_nothing_is_stored(
    client: Client,
    camera: str,
    tmp_path: Path,
    content: bytes,
    name: str,
    status: int,
    code: str,
) -> None:
    response = upload(client, camera, parts(content, name))

    problem = json.loads(response.content)
    assert (response.status_code, problem["code"]) == (status, code)
    if code == "image_too_large":
        assert "50,000,000" in problem["detail"]
    assert not Item.objects.exists()
    assert not kept(tmp_path)


def test_b27_a_picture_is_kept_upright_and_without_metadata(
    client: Client, camera: str, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[1] = "N"

    upload(client, camera, parts(picture("JPEG", exif=exif.tobytes()), "a.jpg"))

    [path] = kept(tmp_path)
    with Image.open(path) as image:
        assert image.size == (30, 40)
        assert not dict(image.getexif())


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a\0b.png", id="B28"),
        pytest.param("..\\..\\w.png", id="B29-windows"),
        pytest.param("../../x.png", id="B29-dots"),
        pytest.param(".htaccess", id="B29-hidden"),
        pytest.param(f"{'n' * 300}.png", id="B29-long"),
        pytest.param("<img src=x onerror=alert(1)>.png", id="B29-markup"),
        pytest.param("\u202egnp.exe", id="B29-backwards"),
    ],
)
def test_a_senders_file_name_is_never_a_path(
    client: Client, camera: str, tmp_path: Path, name: str
) -> None:
    response = upload(client, camera, parts(picture(), name))

    assert response.status_code == 201
    [path] = kept(tmp_path)
    digits = path.stem.replace("-", "")
    assert path.suffix == ".png"
    assert digits == "".join(sign for sign in digits if sign in "0123456789abcdef")
    original = Item.objects.get().payload.original_name
    assert len(original) <= 255
    assert "\0" not in original


ITEM = '{"external_id": "a"}'


def file(content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile("a.png", content or picture())


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"media": file()}, 400, "missing_part"),
        ({"item": [ITEM, ITEM], "media": file()}, 400, "duplicate_part"),
        ({"item": ITEM, "media": [file(), file()]}, 400, "duplicate_part"),
        ({"item": ITEM, "media": file(), "more": file()}, 400, "unknown_part"),
        ({"item": ITEM, "media": file(), "more": "text"}, 400, "unknown_part"),
        ({"item": file(b"{}"), "media": file()}, 400, "missing_part"),
        ({"item": ITEM}, 422, "media_missing"),
        ({"item": '{"external_id": "\ufffd"}', "media": file()}, 400, "not_utf8"),
        ({"item": "x" * 2_000_000, "media": file()}, 413, "body_too_large"),
        ({"item": ITEM} | {f"f{n}": "1" for n in range(600)}, 413, "too_many_parts"),
        ({"item": '{"items": []}', "media": file()}, 400, "no_items"),
        (
            {"item": '{"external_id": "a", "media": "other"}', "media": file()},
            400,
            "unknown_part",
        ),
    ],
)
def test_parts_that_do_not_fit_are_named_and_nothing_is_stored(
    client: Client,
    camera: str,
    tmp_path: Path,
    sent: dict[str, Any],
    status: int,
    code: str,
) -> None:
    response = upload(client, camera, sent)

    assert (response.status_code, json.loads(response.content)["code"]) == (
        status,
        code,
    )
    assert not Item.objects.exists()
    assert not kept(tmp_path)
