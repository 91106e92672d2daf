"""Handing in texts and recordings: what is taken, what is refused and by which code."""

import json
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from reviewapp.models import Item, Modality, Payload, Scope
from reviewapp.services import tokens
from reviewapp.services.media import read_medium
from tests import factories
from tests.modalities.sounds import encoded, tone, wav_header

MARK = "\u0301"
TONE = encoded(tone())


def secret_of(modality: Modality) -> str:
    line = factories.make_line("Desk", modality=modality)
    _token, secret = tokens.create_token(
        line, name="sender", scopes=[Scope.INGEST], by=None
    )
    return secret


@pytest.fixture
def desk(db: None) -> str:
    return secret_of(Modality.TEXT)


@pytest.fixture
def microphone(db: None) -> str:
    return secret_of(Modality.AUDIO)


def post(client: Client, secret: str, body: object) -> HttpResponse:
    return client.post(  # type: ignore[return-value]  # the test client's own class
        "/api/lines/desk/items",
        body if isinstance(body, bytes) else json.dumps(body),
        content_type="application/json",
        headers={"authorization": f"Bearer {secret}"},
    )


def upload(client: Client, secret: str, content: bytes, name: str) -> HttpResponse:
    return client.post(  # type: ignore[return-value]  # the test client's own class
        "/api/lines/desk/items",
        {
            "item": json.dumps({"external_id": "a"}),
            "media": SimpleUploadedFile(name, content),
        },
        headers={"authorization": f"Bearer {secret}"},
    )


def outcome(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, json.loads(response.content).get("code", "")


@pytest.mark.parametrize(
    "text",
    [
        "Hello",
        "tab\tand\nline\\n\\N \\",
        "\\N",
        "=1+1",
        "<script>",
        "日本語 😀",
        "a\x85b\x0bc",
    ],
)
def test_a_text_is_kept_to_the_letter(client: Client, desk: str, text: str) -> None:
    assert post(client, desk, {"external_id": "a", "text": text}).status_code == 201

    item = Item.objects.get()
    assert item.payload.text == text
    assert item.payload.original_sha256 == sha256(text.encode()).hexdigest()
    assert item.input_metrics["characters"] == len(text)
    assert item.payload.values is None
    assert item.payload.media_path == ""


def test_the_same_text_adds_nothing_and_another_is_a_conflict(
    client: Client, desk: str
) -> None:
    said = [
        post(client, desk, {"external_id": "a", "text": text}).status_code
        for text in ("Caf\u00e9", "Cafe" + MARK, "Cafe")
    ]
    assert said == [201, 200, 409]


def test_many_texts_come_in_one_body_larger_than_other_lines_take(
    client: Client, desk: str
) -> None:
    items = [{"external_id": str(n), "text": "word " * 1_000} for n in range(400)]

    assert post(client, desk, {"items": items}).status_code == 201
    assert Payload.objects.filter(text__startswith="word ").count() == 400


def test_a_text_may_come_as_a_file(client: Client, desk: str) -> None:
    assert upload(client, desk, "Grüße".encode(), "a.txt").status_code == 201
    assert Item.objects.get().payload.text == "Grüße"


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 422, "text_missing"),
        ({"values": {"width": 1}}, 422, "text_missing"),
        ({"text": ""}, 422, "text_blank"),
        ({"text": " \n "}, 422, "text_blank"),
        ({"text": "a" * 5_000_000}, 413, "text_too_long"),
        ({"text": "a" * 65_537}, 413, "text_too_long"),
        ({"text": "é" * 65_537}, 413, "text_too_long"),
        ({"text": "a" * 9_000_000}, 413, "body_too_large"),
        ({"text": 5}, 400, "bad_value"),
        ({"text": "a\0b"}, 400, "nul_character"),
        ({"text": "a\ud800"}, 400, "invalid_unicode"),
        ({"text": "e" + MARK * 31}, 400, "too_many_marks"),
    ],
)
def test_bad_texts_are_named_and_nothing_is_stored(
    client: Client, desk: str, fields: dict[str, object], status: int, code: str
) -> None:
    response = post(client, desk, {"external_id": "a"} | fields)

    assert outcome(response) == (status, code)
    assert not Item.objects.exists()


def test_a_long_text_is_taken_whatever_its_letters_weigh(
    client: Client, desk: str
) -> None:
    body = {"external_id": "a", "text": "語" * 65_536}
    raw = json.dumps(body, ensure_ascii=False).encode()
    assert post(client, desk, raw).status_code == 201


def test_a_file_that_is_no_text_is_refused(client: Client, desk: str) -> None:
    assert outcome(upload(client, desk, b"\xff\xfe", "a.txt")) == (422, "not_utf8")


def test_a_recording_is_decoded_measured_and_stored_anew(
    client: Client, microphone: str
) -> None:
    response = upload(client, microphone, TONE, "../../tone.wav")

    item = Item.objects.get()
    payload = item.payload
    assert response.status_code == 201
    assert (payload.width, payload.height, payload.text) == (None, None, "")
    assert payload.media_type == "audio/wav"
    assert payload.original_sha256 == sha256(TONE).hexdigest()
    assert sha256(read_medium(payload.media_path)).hexdigest() == payload.media_sha256
    assert item.input_metrics["duration_s"] == 0.5
    assert "tone" not in payload.media_path
    assert ".." not in payload.media_path


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"", "a.wav", 422, "empty_file"),
        (b"<html>", "a.wav", 415, "type_mismatch"),
        (b"ID3", "a.mp3", 415, "unsupported_media_type"),
        (wav_header(0xFFFFFFFE) + b"\0\0", "a.wav", 422, "audio_truncated"),
        (encoded(tone(), kind="WAV/ULAW"), "a.wav", 415, "sample_format_not_accepted"),
    ],
)
def test_bad_recordings_are_named_and_nothing_is_stored(
    client: Client, microphone: str, content: bytes, name: str, status: int, code: str
) -> None:
    assert outcome(upload(client, microphone, content, name)) == (status, code)
    assert not Item.objects.exists()


def test_a_recording_without_its_file_is_refused(
    client: Client, microphone: str
) -> None:
    response = post(client, microphone, {"external_id": "a"})

    assert outcome(response) == (422, "media_missing")
    assert "recordings" in json.loads(response.content)["detail"]
