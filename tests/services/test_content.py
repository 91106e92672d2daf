"""Texts and recordings as they are stored, frozen and written out."""

import json

import pytest
from django.db import IntegrityError, transaction

from reviewapp.models import Modality, Payload, ProductLine
from reviewapp.services.datasets import export_csv, export_jsonl, take_snapshot
from tests import factories
from tests.modalities.sounds import encoded, tone


@pytest.fixture
def desk(db: None) -> ProductLine:
    return factories.make_line("Desk", modality=Modality.TEXT)


@pytest.mark.parametrize(
    "change",
    [
        {"values": {"width": 1}},
        {"media_path": "aa/a.wav"},
        {"text": ""},
        {"text": "", "values": {}, "media_path": "aa/a.wav"},
    ],
)
def test_a_payload_is_one_of_row_text_and_medium(
    desk: ProductLine, change: dict[str, object]
) -> None:
    factories.make_content(desk, "Hello")

    with (
        pytest.raises(IntegrityError, match="a_payload_is_a_row_a_text_or_a_medium"),
        transaction.atomic(),
    ):
        Payload.objects.update(**change)


def test_a_labelled_text_is_written_out_with_its_text(desk: ProductLine) -> None:
    factories.make_content(desk, "=1+1 Grüße\n")
    ana = factories.make_inspector(desk, "ana")
    factories.label_next(ana, desk, "ok")

    snapshot = take_snapshot(desk, by=ana)

    [row] = [json.loads(line) for line in export_jsonl(snapshot)]
    assert (row["text"], row["values"], row["label"]) == ("=1+1 Grüße\n", None, "ok")
    assert "'=1+1 Grüße".encode() in b"".join(export_csv(snapshot))


def test_a_labelled_recording_is_written_out_by_its_hash(db: None) -> None:
    line = factories.make_line("Microphone", modality=Modality.AUDIO)
    item = factories.make_content(line, encoded(tone()))
    ana = factories.make_inspector(line, "ana")
    factories.label_next(ana, line, "ok")

    [row] = [json.loads(r) for r in export_jsonl(take_snapshot(line, by=ana))]

    assert row["media_sha256"] == item.payload.media_sha256
    assert row["media_type"] == "audio/wav"
    assert "text" not in row


def test_the_row_of_a_table_has_the_bytes_it_always_had(line: ProductLine) -> None:
    factories.make_item(line)
    ana = factories.make_inspector(line, "ana")
    factories.label_next(ana, line, "ok")

    [row] = [json.loads(r) for r in export_jsonl(take_snapshot(line, by=ana))]

    assert "text" not in row
