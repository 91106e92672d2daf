"""The columns of a line: what can be written, and that no faulty schema can be made."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.errors import InvalidInputError
from reviewapp.modalities.schemas import MAX_COLUMNS, Column, ColumnKind, Schema
from reviewapp.strictjson import JsonValue

WIDTH: dict[str, JsonValue] = {"name": "width", "kind": "number"}


def test_columns_are_written_without_what_is_not_set() -> None:
    written: list[JsonValue] = [
        {"name": "width", "kind": "number", "unit": "mm", "low": 0.0, "high": 9.5},
        {"name": "steel", "kind": "category", "categories": ["A300", "A400"]},
        {"name": "is wet", "kind": "flag", "is_required": True},
    ]

    schema = Schema.from_json(written)

    assert schema.to_json() == written
    assert schema.names == ("width", "steel", "is wet")
    assert schema.columns[0] == Column(
        name="width", kind=ColumnKind.NUMBER, unit="mm", low=0, high=9.5
    )


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"hight": 3}, "unknown_field", "/0"),
        ({"name": 3}, "bad_value", "/0/name"),
        ({"name": ""}, "blank", "/0/name"),
        ({"name": " width"}, "blank", "/0/name"),
        ({"name": "w" * 101}, "too_long", "/0/name"),
        ({"name": "a\tb"}, "bad_value", "/0/name"),
        ({"unit": "m\n"}, "bad_value", "/0/unit"),
        ({"kind": "text"}, "bad_value", "/0/kind"),
        ({"low": "0"}, "bad_value", "/0/low"),
        ({"low": True}, "bad_value", "/0/low"),
        ({"low": 2, "high": 1}, "bad_range", "/0/low"),
        ({"low": float("inf")}, "not_finite", "/0"),
        ({"categories": ["a"]}, "bad_value", "/0/categories"),
        ({"kind": "category"}, "bad_value", "/0/categories"),
        ({"kind": "category", "categories": "ab"}, "bad_value", "/0/categories"),
        ({"kind": "category", "categories": [1]}, "bad_value", "/0/categories"),
        ({"kind": "category", "categories": ["a "]}, "bad_value", "/0/categories"),
        (
            {"kind": "category", "categories": ["a", "a"]},
            "duplicate_category",
            "/0/categories",
        ),
        (
            {"kind": "category", "categories": [f"c{i}" for i in range(1001)]},
            "too_many_categories",
            "/0/categories",
        ),
        ({"kind": "flag", "low": 0}, "bad_value", "/0"),
        ({"is_required": "yes"}, "bad_value", "/0/is_required"),
    ],
)
def test_a_column_with_a_fault_is_refused(
    change: dict[str, JsonValue], code: str, pointer: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Schema.from_json([WIDTH | change])

    assert caught.value.code == code
    assert caught.value.faults[0].where == {"pointer": pointer}


def test_the_nearest_name_of_an_unknown_field_is_offered() -> None:
    with pytest.raises(InvalidInputError, match="Did you mean 'high'"):
        Schema.from_json([WIDTH | {"hight": 3}])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (None, "not_a_list"),
        ({"name": "width"}, "not_a_list"),
        ([], "no_columns"),
        (["width"], "not_an_object"),
        ([{"kind": "number"}], "missing_field"),
        ([{"name": "width"}], "missing_field"),
        ([WIDTH, WIDTH], "duplicate_column"),
        ([WIDTH | {"name": f"w{i}"} for i in range(401)], "too_many_columns"),
    ],
)
def test_columns_with_a_fault_are_refused(written: JsonValue, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Schema.from_json(written)

    assert caught.value.code == code


def test_every_fault_is_named_not_only_the_first() -> None:
    with pytest.raises(InvalidInputError) as caught:
        Schema.from_json([{"name": 1, "kind": "text"}, WIDTH | {"low": "a"}])

    assert [fault.where["pointer"] for fault in caught.value.faults] == [
        "/0/name",
        "/0/kind",
        "/1/low",
    ]


def test_a_schema_cannot_be_made_with_a_fault_by_hand_either() -> None:
    twice = Column(name="width", kind=ColumnKind.NUMBER)
    with pytest.raises(InvalidInputError, match="stands twice"):
        Schema((twice, twice))


names = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=30)
numbers = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def columns(draw: st.DrawFn) -> Column:
    kind = draw(st.sampled_from(ColumnKind))
    bounds: list[float | None] = [None, None]
    if kind is ColumnKind.NUMBER and draw(st.booleans()):
        bounds = [*sorted([draw(numbers), draw(numbers)])]
    is_category = kind is ColumnKind.CATEGORY
    found = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    return Column(
        name=draw(names),
        kind=kind,
        unit=draw(st.sampled_from(["", "mm", "µm²"])),
        low=bounds[0],
        high=bounds[1],
        categories=tuple(found) if is_category else (),
        is_required=draw(st.booleans()),
    )


@given(st.lists(columns(), min_size=1, max_size=8, unique_by=lambda c: c.name))
def test_what_is_written_is_read_back(found: list[Column]) -> None:
    schema = Schema(tuple(found))
    assert Schema.from_json(schema.to_json()) == schema


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "kind", "low", "high", "categories", "unit", "x"]),
            inner | st.sampled_from(["number", "category", "flag", "a"]),
        )
    ),
)


@given(json_values)
def test_any_json_is_read_as_columns_or_refused(written: object) -> None:
    try:
        schema = Schema.from_json(cast("JsonValue", written))  # as it is made above
    except InvalidInputError as refusal:
        assert refusal.faults  # noqa: PT017 - one of two outcomes, both checked
    else:
        assert 0 < len(schema.columns) <= MAX_COLUMNS
