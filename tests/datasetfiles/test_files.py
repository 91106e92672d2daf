"""Dataset files: the same rows give the same bytes, and no cell is a formula."""

import csv
import json
from io import StringIO
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.datasetfiles import csv_file, jsonl, manifest
from reviewapp.datasetfiles.rows import COLUMNS, DatasetRow

FORMULAS = [
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "|cmd",
    "%0A",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1+1",
    "\u00a0=1",
    "\uff1d1",
    "\uff0b1",
    "\uff201",
]


def row(**changes: object) -> DatasetRow:
    values: dict[str, object] = dict.fromkeys(COLUMNS, "")
    values |= {"policy": 3, "inclusion": 0.05, "values": {"width": 1.5}, "label": "ok"}
    return cast("DatasetRow", values | changes)  # made of its own columns


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    written = b"".join(csv_file.write([row(external_id=text)])).decode("utf-8-sig")

    [cells] = csv.DictReader(StringIO(written, newline=""))
    assert cells["external_id"] == f"'{text}"


def test_numbers_stay_numbers() -> None:
    written = b"".join(csv_file.write([row(inclusion=-0.5)])).decode("utf-8-sig")

    [cells] = csv.DictReader(StringIO(written))
    assert (cells["inclusion"], cells["policy"]) == ("-0.5", "3")


def test_an_empty_selection_is_a_header() -> None:
    written = b"".join(csv_file.write([])).decode("utf-8-sig")

    assert written == ",".join(COLUMNS) + "\r\n"
    assert b"".join(jsonl.write([])) == b""


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_json_lines_give_back_what_went_in(texts: list[str]) -> None:
    rows = [row(external_id=text) for text in texts]

    lines = b"".join(jsonl.write(rows)).decode().split("\n")[:-1]

    assert [json.loads(line)["external_id"] for line in lines] == texts


def test_the_order_of_names_does_not_matter_and_the_order_of_rows_does() -> None:
    first, second = row(external_id="a"), row(external_id="b")
    turned = cast("DatasetRow", dict(reversed(first.items())))  # the same columns

    one, two = manifest.row_hash(first), manifest.row_hash(second)

    assert manifest.row_hash(turned) == one
    assert manifest.root_hash([one, two]) != manifest.root_hash([two, one])
