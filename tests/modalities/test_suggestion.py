"""A first schema inferred from a table of text."""

import pytest

from reviewapp.errors import InvalidInputError
from reviewapp.modalities.schemas import Column, ColumnKind
from reviewapp.modalities.suggestion import suggest_schema


def test_columns_are_told_apart_by_what_they_hold() -> None:
    header = ["width", "steel", "wet", "note", "empty"]
    rows = [
        ["1.5", "A300", "yes", "first", ""],
        ["", "A400", "no", "second", "NA"],
        ["-3", "A300", "NO", "third", " "],
        ["2", "A400", "", "fourth", ""],
    ]

    assert suggest_schema(header, rows).columns == (
        Column(name="width", kind=ColumnKind.NUMBER, low=-3, high=2),
        Column(name="steel", kind=ColumnKind.CATEGORY, categories=("A300", "A400")),
        Column(name="wet", kind=ColumnKind.FLAG),
    )


def test_zero_and_one_are_numbers_since_a_two_may_follow() -> None:
    (column,) = suggest_schema(["faults"], [["0"], ["1"], ["0"], ["1"]]).columns
    assert column.kind is ColumnKind.NUMBER


@pytest.mark.parametrize("odd", ["1_0", "inf", "x", "1,5"])
def test_one_odd_cell_makes_it_no_number(odd: str) -> None:
    header = ["w", "other"]
    rows = [["1", "2"], ["2", "3"], [odd, "4"]]
    assert suggest_schema(header, rows).names == ("other",)


def test_a_table_without_a_usable_column_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        suggest_schema(["id"], [["a"], ["b"], ["c"]])
    assert caught.value.code == "no_columns"


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        suggest_schema(["w", "w"], [["1", "2"]])
    assert caught.value.code == "duplicate_column"
