"""Table rows: what is taken, what is refused with which words, and how fast."""

from contextlib import suppress
from math import isfinite, nan
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.errors import InvalidPayloadError
from reviewapp.modalities.tabular import (
    CellValue,
    Schema,
    measure,
    read_cells,
    read_row,
)

SCHEMA = Schema.from_json(
    [
        {"name": "width/mm", "kind": "number", "low": 0, "high": 10},
        {"name": "steel", "kind": "category", "categories": ["A300", "NA"]},
        {"name": "wet", "kind": "flag"},
    ]
)
REQUIRED = Schema.from_json([{"name": "w", "kind": "number", "is_required": True}])
NUMBER = Schema.from_json([{"name": "w", "kind": "number"}])


def test_a_row_is_read_in_the_order_of_the_columns() -> None:
    payload = read_row(SCHEMA, {"wet": True, "width/mm": 3, "steel": "A300"})

    assert list(payload.values.items()) == [
        ("width/mm", 3.0),
        ("steel", "A300"),
        ("wet", True),
    ]
    assert type(payload.values["width/mm"]) is float


def test_missing_values_are_none_and_counted() -> None:
    payload = read_row(SCHEMA, {"width/mm": None, "wet": False})

    assert payload.values == {"width/mm": None, "steel": None, "wet": False}
    assert measure(payload) == {
        "missing": 2.0,
        "missing_share": 2 / 3,
        "out_of_range": 0.0,
    }


def test_a_number_outside_of_its_reference_range_is_taken_and_counted() -> None:
    outside = [-0.1, 10.1, 1e300]
    inside = [0, 10, 5.0]

    assert [read_row(SCHEMA, {"width/mm": x}).out_of_range for x in outside] == [1] * 3
    assert [read_row(SCHEMA, {"width/mm": x}).out_of_range for x in inside] == [0] * 3
    assert read_cells(SCHEMA, ["10.1", "", ""]).values["width/mm"] == 10.1
    assert read_cells(SCHEMA, ["10.1", "", ""]).out_of_range == 1


@pytest.mark.parametrize(
    ("values", "code", "pointer"),
    [
        ({"width/mm": "3"}, "not_a_number", "/values/width~1mm"),
        ({"width/mm": True}, "not_a_number", "/values/width~1mm"),
        ({"width/mm": [1]}, "not_a_number", "/values/width~1mm"),
        ({"width/mm": nan}, "not_finite", "/values/width~1mm"),
        ({"width/mm": -(10**400)}, "not_finite", "/values/width~1mm"),
        ({"steel": "A301"}, "unknown_category", "/values/steel"),
        ({"steel": 300}, "unknown_category", "/values/steel"),
        ({"steel": {}}, "unknown_category", "/values/steel"),
        ({"wet": 1}, "not_a_flag", "/values/wet"),
        ({"wet": "true"}, "not_a_flag", "/values/wet"),
        ({"weight": 1}, "unknown_column", "/values/weight"),
    ],
)
def test_a_value_of_another_type_is_refused(
    values: dict[str, object], code: str, pointer: str
) -> None:
    with pytest.raises(InvalidPayloadError) as caught:
        read_row(SCHEMA, values)

    assert caught.value.code == code
    assert caught.value.faults[0].where == {"pointer": pointer}


def test_a_refusal_says_what_was_expected() -> None:
    with pytest.raises(InvalidPayloadError, match="Did you mean 'A300'"):
        read_row(SCHEMA, {"steel": "A301"})
    with pytest.raises(InvalidPayloadError, match="Known: A300, NA"):
        read_row(SCHEMA, {"steel": "copper"})
    with pytest.raises(InvalidPayloadError, match="Did you mean 'width/mm'"):
        read_row(SCHEMA, {"width": 3})
    with pytest.raises(InvalidPayloadError, match=r'decimal point as "."'):
        read_cells(NUMBER, ["0,9"])


def test_every_fault_of_a_row_is_named() -> None:
    with pytest.raises(InvalidPayloadError, match=r"\(2 more faults") as caught:
        read_row(
            SCHEMA, {"width/mm": "a", "steel": "b", "wet": "c"}, pointer="/items/7"
        )

    assert [fault.where["pointer"] for fault in caught.value.faults] == [
        "/items/7/width~1mm",
        "/items/7/steel",
        "/items/7/wet",
    ]


def test_a_required_value_may_not_be_missing() -> None:
    for values in ({}, {"w": None}):
        with pytest.raises(InvalidPayloadError) as caught:
            read_row(REQUIRED, values)
        assert caught.value.code == "missing_value"
    with pytest.raises(InvalidPayloadError) as caught:
        read_cells(REQUIRED, ["NaN"], row=4)
    assert caught.value.faults[0].where == {"row": 4, "column": "w"}


@pytest.mark.parametrize(
    ("cell", "number"),
    [("2.5", 2.5), (" 2 ", 2.0), ("+1e3", 1000.0), ("-.5", -0.5), ("007", 7.0)],
)
def test_a_number_is_read_from_text(cell: str, number: float) -> None:
    assert read_cells(NUMBER, [cell]).values == {"w": number}


@pytest.mark.parametrize("cell", ["", "  ", "NA", "n/a", "NaN", "null", "None"])
def test_a_cell_that_says_nothing_is_missing(cell: str) -> None:
    assert read_cells(NUMBER, [cell]).missing == 1


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1_000", "not_a_number"),
        ("١٢", "not_a_number"),
        ("0x10", "not_a_number"),
        ("1,000.5", "not_a_number"),
        ("=1+1", "not_a_number"),
        ("3 mm", "not_a_number"),
        ("inf", "not_finite"),
        ("-Infinity", "not_finite"),
        ("1e999", "not_finite"),
    ],
)
def test_text_that_is_no_finite_number_is_refused(cell: str, code: str) -> None:
    with pytest.raises(InvalidPayloadError) as caught:
        read_cells(NUMBER, [cell], row=2)

    assert caught.value.code == code
    assert caught.value.faults[0].where == {"row": 2, "column": "w"}
    assert caught.value.message.startswith("w: ")


def test_flags_and_categories_are_read_from_text() -> None:
    assert read_cells(SCHEMA, ["1", " NA ", "Yes"]).values == {
        "width/mm": 1.0,
        "steel": "NA",
        "wet": True,
    }
    assert read_cells(SCHEMA, ["1", "n/a", "0"]).values["steel"] is None
    with pytest.raises(InvalidPayloadError) as caught:
        read_cells(SCHEMA, ["1", "NA", "2"])
    assert caught.value.code == "not_a_flag"


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(InvalidPayloadError, match="3 cells were expected, 2") as caught:
        read_cells(SCHEMA, ["1", "A300"], row=9)
    assert caught.value.code == "wrong_cell_count"


def test_sixty_thousand_rows_are_read_in_a_second() -> None:
    schema = Schema.from_json(
        [{"name": f"c{i}", "kind": "number", "high": 50} for i in range(10)]
    )
    rows = [[f"{i * j % 97 / 7:.4f}" for j in range(10)] for i in range(6_000)]

    started = process_time()
    for row in rows:
        measure(read_cells(schema, row))

    assert process_time() - started < 0.1


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["A300", "NA", "", "1"])
)


@given(st.dictionaries(st.sampled_from([*SCHEMA.names, "other"]), scalars))
def test_a_row_is_read_whole_or_refused(values: dict[str, CellValue]) -> None:
    with suppress(InvalidPayloadError):
        payload = read_row(SCHEMA, values)

        assert tuple(payload.values) == SCHEMA.names
        assert payload.missing == sum(v is None for v in payload.values.values())
        assert all(isfinite(v) for v in payload.values.values() if type(v) is float)


@given(st.lists(st.text(max_size=8), min_size=3, max_size=3))
def test_any_text_is_read_or_refused(cells: list[str]) -> None:
    with suppress(InvalidPayloadError):
        assert tuple(read_cells(SCHEMA, cells).values) == SCHEMA.names


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_value_through_text(number: float) -> None:
    cell_value = read_cells(NUMBER, [repr(number)]).values["w"]
    assert cell_value == number == read_row(NUMBER, {"w": number}).values["w"]
