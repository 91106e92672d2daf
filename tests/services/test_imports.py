"""Importing files: every refusal names its place, and the same file adds nothing."""

from pathlib import Path

import pytest
from PIL import Image

from reviewapp.errors import RefusedError
from reviewapp.models import Item, Modality, ProductLine, Review
from reviewapp.services import imports
from reviewapp.services.imports import import_items
from tests import factories

GOOD = "id,width,height,captured_at\na,1,2,2025-01-02T03:04:05\nb,3,,\n"


def bring(line: ProductLine, path: Path) -> tuple[int, int]:
    imported = import_items(line, path, tell=lambda _what, _count: None)
    return imported.created, imported.known


def test_a_csv_file_is_taken_once(line: ProductLine, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text(GOOD, encoding="utf-8-sig")

    assert (bring(line, path), bring(line, path)) == ((2, 0), (0, 2))
    first = Item.objects.get(external_id="a")
    assert first.payload.values == {"width": 1.0, "height": 2.0}
    assert first.occurred_at.isoformat() == "2025-01-02T03:04:05+00:00"


def test_json_lines_are_taken(line: ProductLine, tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text(
        '{"external_id": "a", "values": {"width": 1}}\n\n{"external_id": "b", '
        '"values": {"width": 2, "height": 3}, "group": "lot", "priority": 4}\n'
    )

    assert bring(line, path) == (2, 0)
    assert Item.objects.get(external_id="b").priority == 4
    assert [r.item.external_id for r in Review.objects.order_by("-priority")] == [
        "b",
        "a",
    ]


def test_a_csv_file_gives_priorities_with_the_words_of_json_lines(
    line: ProductLine, tmp_path: Path
) -> None:
    table, lines = tmp_path / "items.csv", tmp_path / "items.jsonl"
    table.write_text("id,priority,width,height\na,,1,2\nb, 7 ,1,2\nc,0,1,2\n")
    lines.write_text('{"external_id": "d", "priority": 10}\n')

    bring(line, table)

    given = Item.objects.order_by("external_id").values_list("priority", flat=True)
    assert list(given) == [0, 7, 0]
    table.write_text("id,priority,width,height\nd,10,1,2\n")
    said = []
    for path in (table, lines):
        with pytest.raises(RefusedError) as refused:
            bring(line, path)
        said.append(refused.value.faults[0].message)
    assert said == ["priority is a whole number from 0 to 9."] * 2


@pytest.mark.parametrize("name", ["priority", "group", "captured_at"])
def test_a_column_of_the_line_is_a_value_whatever_its_name(
    db: None, tmp_path: Path, name: str
) -> None:
    line = factories.make_line("Own", columns=[{"name": name, "kind": "number"}])
    path = tmp_path / "items.csv"
    path.write_text(f"id,{name}\na,250.5\n")

    assert bring(line, path) == (1, 0)

    item = Item.objects.get()
    assert item.payload.values == {name: 250.5}
    assert (item.priority, item.group, item.captured_at) == (0, "", None)


def test_an_id_that_is_a_column_of_the_line_names_no_item(
    db: None, tmp_path: Path
) -> None:
    line = factories.make_line("Own", columns=[{"name": "id", "kind": "number"}])
    path = tmp_path / "items.csv"
    path.write_text("id,external_id\n7,a\n")

    assert bring(line, path) == (1, 0)

    assert Item.objects.get(external_id="a").payload.values == {"id": 7.0}
    path.write_text("id\n7\n")
    with pytest.raises(RefusedError, match=r"needs a column external_id\."):
        bring(line, path)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "no_rows", {}),
        ("id,width,height\n", "no_rows", {}),
        ("id;width;height\na;1;2\n", "one_column_found", {"row": 1}),
        ("id,width,width\na,1,2\n", "duplicate_column", {"column": "width"}),
        ("id,width\na,1\n", "missing_column", {"column": "height"}),
        ("name,width,height\na,1,2\n", "missing_column", {"row": 1}),
        ("id,width,height\na,1,2\nb,1\n", "wrong_cell_count", {"row": 3}),
        ("id,width,height\na,1,2\nb,wide,2\n", "not_a_number", {"row": 3}),
        ("id,width,height\n,1,2\n", "blank", {"row": 2, "column": "id"}),
        ("id,width,height\na,1,2\na,1,2\n", "external_id_conflict", {"row": 3}),
        ('id,width,height\na,"1,2\nb,1,2\n', "unclosed_quote", {"row": 2}),
        (f"id,width,height\na,{'9' * 200_000},2\n", "cell_too_long", {"row": 2}),
        (
            "id,width,height,captured_at\na,1,2,yesterday\n",
            "bad_date",
            {"row": 2, "column": "captured_at"},
        ),
        *(
            (
                f"id,width,height,priority\na,1,2,{cell}\n",
                "bad_priority",
                {"row": 2, "column": "priority"},
            )
            for cell in ("10", "-1", "1.0", "high", "٣", "1_0", "9" * 5_000)
        ),
    ],
)
def test_a_bad_csv_names_row_and_column_and_stores_nothing(
    line: ProductLine, tmp_path: Path, text: str, code: str, place: dict[str, object]
) -> None:
    path = tmp_path / "items.csv"
    path.write_text(text)

    with pytest.raises(RefusedError) as refused:
        bring(line, path)

    assert refused.value.code == code
    where = dict(refused.value.faults[0].where)
    assert place.items() <= where.items()
    assert not Item.objects.exists()


def test_a_file_in_another_encoding_is_told_so(
    line: ProductLine, tmp_path: Path
) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes("id,width,height\nü,1,2\n".encode("cp1252"))

    with pytest.raises(RefusedError, match="Save the file as UTF-8") as refused:
        bring(line, path)

    assert refused.value.code == "not_utf8"


def test_an_unknown_kind_of_file_is_refused(line: ProductLine, tmp_path: Path) -> None:
    path = tmp_path / "items.xlsx"
    path.write_bytes(b"PK")

    with pytest.raises(RefusedError, match="csv or"):
        bring(line, path)


@pytest.fixture
def camera(db: None) -> ProductLine:
    return factories.make_line("Camera", modality=Modality.IMAGE)


def test_a_folder_of_pictures_goes_by_their_names(
    camera: ProductLine, tmp_path: Path
) -> None:
    (tmp_path / "below").mkdir()
    for name in ("one.png", "below/two.jpg"):
        Image.new("RGB", (20, 10), "grey").save(tmp_path / name)

    assert (bring(camera, tmp_path), bring(camera, tmp_path)) == ((2, 0), (0, 2))
    assert {i.external_id for i in Item.objects.all()} == {"one.png", "below/two.jpg"}


def test_known_pictures_leave_no_second_file_behind(
    camera: ProductLine, tmp_path: Path, settings: pytest.FixtureRequest
) -> None:
    Image.new("RGB", (20, 10), "grey").save(tmp_path / "one.png")
    bring(camera, tmp_path)
    root = Path(settings.MEDIA_ROOT)  # type: ignore[attr-defined]  # Django's settings
    before = sorted(root.rglob("*.*"))

    bring(camera, tmp_path)

    assert sorted(root.rglob("*.*")) == before


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        ("file\nmissing.png\n", "missing_file"),
        ("file\n../outside.png\n", "bad_file_name"),
        ("name\none.png\n", "missing_column"),
    ],
)
def test_a_manifest_names_pictures_that_are_there(
    camera: ProductLine, tmp_path: Path, manifest: str, code: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    Image.new("RGB", (20, 10), "grey").save(folder / "one.png")
    Image.new("RGB", (20, 10), "grey").save(tmp_path / "outside.png")
    (folder / "manifest.csv").write_text(manifest)

    with pytest.raises(RefusedError) as refused:
        bring(camera, folder)

    assert refused.value.code == code
    assert not Item.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_lanes_store_each_row_once_and_keep_the_order_of_the_file(
    tmp_path: Path,
) -> None:
    line = factories.make_line()
    names = [f"item-{number:05d}" for number in range(4 * imports.BATCH + 7)]
    path = tmp_path / "items.csv"
    path.write_text("id,width,height\n" + "".join(f"{n},1,2\n" for n in names))
    told: list[int] = []

    def bring_fast() -> tuple[int, int]:
        imported = import_items(
            line, path, tell=lambda _what, count: told.append(count), lanes=2
        )
        return imported.created, imported.known

    assert bring_fast() == (len(names), 0)
    assert bring_fast() == (0, len(names))
    queued = Review.objects.order_by("-priority", "queued_at", "pk")
    assert list(queued.values_list("item__external_id", flat=True)) == names
    assert max(told) == len(names)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("rows", "name", "row"),
    [
        (["a,1,2", "b,1,2", "c,wide,2", "d,1,2", "e,1,2", "f,wide,2"], "c", 4),
        (["a,1,2", "b,1,2", "c,1,2", "d,1,2", "e,wide,2", "a,wide,2"], "e", 6),
        (["a,1,2", "b,1,2", "c,1,2", "d,1,2", "a,1,2", "f,wide,2"], "a", 6),
        (["a,1,2", "b,1,2", "c,1,2", "d,wide", "e,wide,2", "f,1,2"], "d", 5),
    ],
)
def test_lanes_name_the_first_bad_row_whichever_of_them_meets_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[str],
    name: str,
    row: int,
) -> None:
    monkeypatch.setattr(imports, "BATCH", 2)
    line = factories.make_line()
    path = tmp_path / "items.csv"
    path.write_text("\n".join(["id,width,height", *rows]))

    told = []
    for lanes in (1, 2, 3):
        with pytest.raises(RefusedError) as refused:
            import_items(line, path, tell=lambda _what, _count: None, lanes=lanes)
        told.append((refused.value.code, refused.value.faults))

    assert told[0][1][0].where["row"] == row, name
    assert told[1] == told[0]
    assert told[2] == told[0]
    assert not Item.objects.exists()
