"""Importing texts and recordings: by row, line or folder; refused by their place."""

import json
from pathlib import Path

import pytest

from reviewapp.errors import RefusedError
from reviewapp.models import Item, Modality, ProductLine
from reviewapp.services.imports import import_items
from tests import factories
from tests.modalities.sounds import encoded, tone


@pytest.fixture
def desk(db: None) -> ProductLine:
    return factories.make_line("Desk", modality=Modality.TEXT)


@pytest.fixture
def microphone(db: None) -> ProductLine:
    return factories.make_line("Microphone", modality=Modality.AUDIO)


def bring(line: ProductLine, path: Path) -> tuple[int, int]:
    imported = import_items(line, path, tell=lambda _what, _count: None)
    return imported.created, imported.known


def texts() -> dict[str, str]:
    return {item.external_id: item.payload.text for item in Item.objects.all()}


def test_texts_come_from_a_column_of_a_csv_file(
    desk: ProductLine, tmp_path: Path
) -> None:
    path = tmp_path / "texts.csv"
    path.write_text('id,text,label\na,"two\nlines, one\\n",ham\nb,\\N,spam\n')

    assert (bring(desk, path), bring(desk, path)) == ((2, 0), (0, 2))
    assert texts() == {"a": "two\nlines, one\\n", "b": "\\N"}


def test_texts_come_from_json_lines(desk: ProductLine, tmp_path: Path) -> None:
    long = "é" * 65_536
    rows = [
        {"external_id": "a", "text": "tab\there"},
        {"external_id": "b", "text": long},
    ]
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    assert (bring(desk, path), bring(desk, path)) == ((2, 0), (0, 2))
    assert texts() == {"a": "tab\there", "b": long}


@pytest.mark.parametrize(
    ("name", "content", "code", "row"),
    [
        ("a.csv", "id,message\na,Hello\n", "missing_column", None),
        ("a.csv", "id,text\na,Hello\nb,  \n", "text_blank", 3),
        ("a.csv", f"id,text\na,{'x' * 65_537}\n", "cell_too_long", 2),
        ("a.csv", "id,text\na,Hello\na,Hello\n", "external_id_conflict", 3),
        ("a.jsonl", '{"external_id": "a"}\n', "text_missing", 1),
        ("a.jsonl", '{"external_id": "a", "priority": true}\n', "bad_priority", 1),
        ("a.jsonl", '{"external_id": "a", "priority": 10}\n', "bad_priority", 1),
        ("a.jsonl", '{"external_id": "a", "text": 5}\n', "not_a_text", 1),
        (
            "a.jsonl",
            '{"external_id": "a", "text": "' + "x" * 65_537 + '"}',
            "text_too_long",
            1,
        ),
        ("a.jsonl", '{"external_id": "a", "text": "\\u0000"}', "nul_character", 1),
    ],
)
def test_bad_texts_name_their_row_and_nothing_is_stored(
    desk: ProductLine,
    tmp_path: Path,
    name: str,
    content: str,
    code: str,
    row: int | None,
) -> None:
    (tmp_path / name).write_text(content)

    with pytest.raises(RefusedError) as refused:
        bring(desk, tmp_path / name)

    assert refused.value.code == code
    assert refused.value.faults[0].where.get("row") == row
    assert not Item.objects.exists()


def test_texts_do_not_come_from_a_folder(desk: ProductLine, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="CSV or JSONL"):
        bring(desk, tmp_path)


def test_recordings_come_from_a_folder_by_their_names(
    microphone: ProductLine, tmp_path: Path
) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "one.wav").write_bytes(encoded(tone()))
    (tmp_path / "below" / "two.FLAC").write_bytes(encoded(tone(), kind="FLAC/PCM_16"))
    (tmp_path / "notes.txt").write_text("not a recording")

    assert (bring(microphone, tmp_path), bring(microphone, tmp_path)) == (
        (2, 0),
        (0, 2),
    )
    assert {i.external_id for i in Item.objects.all()} == {"one.wav", "below/two.FLAC"}


@pytest.mark.parametrize("column", ["file", "path"])
def test_recordings_come_by_a_manifest(
    microphone: ProductLine, tmp_path: Path, column: str
) -> None:
    (tmp_path / "one.wav").write_bytes(encoded(tone()))
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(f"{column},group\none.wav,jackson\n")

    assert (bring(microphone, tmp_path), bring(microphone, manifest)) == (
        (1, 0),
        (0, 1),
    )
    assert Item.objects.get().group == "jackson"


def test_recordings_come_from_json_lines(
    microphone: ProductLine, tmp_path: Path
) -> None:
    (tmp_path / "one.wav").write_bytes(encoded(tone()))
    path = tmp_path / "items.jsonl"
    path.write_text('{"external_id": "a", "file": "one.wav"}\n')
    assert bring(microphone, path) == (1, 0)


def test_a_bad_recording_names_its_row_and_leaves_no_file(
    microphone: ProductLine, tmp_path: Path, settings: pytest.FixtureRequest
) -> None:
    root = Path(settings.MEDIA_ROOT)  # type: ignore[attr-defined]  # Django's settings
    before = sorted(root.rglob("*.wav"))
    (tmp_path / "a.wav").write_bytes(encoded(tone()))
    (tmp_path / "b.wav").write_bytes(encoded(tone())[:-10])

    with pytest.raises(RefusedError) as refused:
        bring(microphone, tmp_path)

    assert refused.value.code == "audio_truncated"
    assert refused.value.faults[0].where == {"row": 2}
    assert sorted(root.rglob("*.wav")) == before
    assert not Item.objects.exists()
