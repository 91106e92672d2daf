"""What a line's table rows hold: named columns with kind, unit and reference range."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from math import inf, isfinite
from sys import float_info
from typing import Self

from reviewapp.errors import Fault, InvalidInputError
from reviewapp.strictjson import JsonValue

MAX_COLUMNS = 400
MAX_CATEGORIES = 1_000
MAX_NAME = 100
MAX_CATEGORY = 255
MAX_UNIT = 30


class ColumnKind(StrEnum):
    """What the values of a column are."""

    NUMBER = "number"
    CATEGORY = "category"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a line's rows.

    ``low`` and ``high`` bound the *reference range* of a number, both ends included: a
    value outside is taken and counted, since it may be the very thing to look at. A
    category outside of ``categories`` is refused. A missing value is refused only if
    the column ``is_required``.
    """

    name: str
    kind: ColumnKind
    unit: str = ""
    low: float | None = None
    high: float | None = None
    categories: tuple[str, ...] = ()
    is_required: bool = False

    def to_json(self) -> dict[str, JsonValue]:
        """Write what differs from the defaults."""
        written: dict[str, JsonValue] = {"name": self.name, "kind": self.kind.value}
        if self.unit:
            written["unit"] = self.unit
        if self.low is not None:
            written["low"] = self.low
        if self.high is not None:
            written["high"] = self.high
        if self.categories:
            written["categories"] = list(self.categories)
        if self.is_required:
            written["is_required"] = True
        return written


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a line's rows, in order; it cannot be made with a fault in it.

    Raises
    ------
    InvalidInputError
        With every fault found, each with the JSON pointer of its column.

    Examples
    --------
    >>> schema = Schema.from_json([{"name": "width", "kind": "number", "unit": "mm"}])
    >>> schema.names
    ('width',)
    """

    columns: tuple[Column, ...]
    plan: tuple[tuple[str, Column, float, float], ...] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        _raise_first(list(_faults_of_columns(self.columns)))
        object.__setattr__(self, "plan", tuple(map(_planned, self.columns)))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def to_json(self) -> list[JsonValue]:
        """Write the columns as they are stored."""
        return [column.to_json() for column in self.columns]

    @classmethod
    def from_json(cls, written: JsonValue) -> Self:
        """Read columns as ``to_json`` writes them; anything else is refused."""
        if not isinstance(written, list):
            _raise_first([_fault("not_a_list", "A list of columns was expected.", "")])
            written = []
        faults: list[Fault] = []
        columns = []
        for position, entry in enumerate(written):
            found = list(_faults_of_entry(entry, f"/{position}"))
            faults += found
            if not found and isinstance(entry, dict):
                columns.append(_column(entry))
        _raise_first(faults)
        return cls(tuple(columns))


def _planned(column: Column) -> tuple[str, Column, float, float]:
    """Give what a reader of rows needs: name, column, and where a number needs no look.

    No number lies between the bounds of a column that holds none.
    """
    if column.kind is not ColumnKind.NUMBER:
        return column.name, column, inf, -inf
    low = -float_info.max if column.low is None else column.low
    high = float_info.max if column.high is None else column.high
    return column.name, column, low, high


# Each key of a written column, what it must be, and the same in words.
TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "name": ((str,), "a text"),
    "kind": ((str,), "a text"),
    "unit": ((str,), "a text"),
    "low": ((int, float, type(None)), "a number or null"),
    "high": ((int, float, type(None)), "a number or null"),
    "categories": ((list,), "a list of texts"),
    "is_required": ((bool,), "true or false"),
}


def _column(entry: Mapping[str, JsonValue]) -> Column:
    low, high, categories = entry.get("low"), entry.get("high"), entry.get("categories")
    return Column(
        name=str(entry["name"]),
        kind=ColumnKind(str(entry["kind"])),
        unit=str(entry.get("unit", "")),
        low=float(low) if isinstance(low, int | float) else None,
        high=float(high) if isinstance(high, int | float) else None,
        categories=tuple(map(str, categories)) if isinstance(categories, list) else (),
        is_required=entry.get("is_required") is True,
    )


def _faults_of_entry(entry: JsonValue, pointer: str) -> Iterator[Fault]:
    if not isinstance(entry, dict):
        yield _fault("not_an_object", "A column is an object.", pointer)
        return
    for key in entry.keys() - TYPES.keys():
        near = get_close_matches(key, list(TYPES), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        yield _fault("unknown_field", f"A column has no {key[:60]!r}.{hint}", pointer)
    for key in ("name", "kind"):
        if key not in entry:
            yield _fault("missing_field", f"A column needs a {key}.", pointer)
    for key, (types, words) in TYPES.items():
        if key not in entry:
            continue
        value = entry[key]
        is_flag_for_number = isinstance(value, bool) and bool not in types
        has_odd_member = isinstance(value, list) and not all(
            isinstance(member, str) for member in value
        )
        if not isinstance(value, types) or is_flag_for_number or has_odd_member:
            yield _fault("bad_value", f"{key} is {words}.", f"{pointer}/{key}")
        elif key == "kind" and value not in list(ColumnKind):
            kinds = ", ".join(ColumnKind)
            message = f"{str(value)[:60]!r} is no kind of column. Use one of: {kinds}."
            yield _fault("bad_value", message, f"{pointer}/kind")


def _faults_of_columns(columns: tuple[Column, ...]) -> Iterator[Fault]:
    if not columns:
        yield _fault("no_columns", "A table needs at least one column.", "")
    if len(columns) > MAX_COLUMNS:
        message = f"There are {len(columns)} columns; at most {MAX_COLUMNS} are read."
        yield _fault("too_many_columns", message, "")
    seen: set[str] = set()
    for position, column in enumerate(columns):
        pointer = f"/{position}"
        if column.name in seen:
            message = f"Column {column.name!r} stands twice."
            yield _fault("duplicate_column", message, f"{pointer}/name")
        seen.add(column.name)
        yield from _faults_of_texts(column, pointer)
        yield from _faults_of_range(column, pointer)
        yield from _faults_of_categories(column, pointer)


def _faults_of_texts(column: Column, pointer: str) -> Iterator[Fault]:
    if not column.name or column.name != column.name.strip():
        message = "A column's name is not blank and has no blank at either end."
        yield _fault("blank", message, f"{pointer}/name")
    for key, text, most in (
        ("name", column.name, MAX_NAME),
        ("unit", column.unit, MAX_UNIT),
    ):
        if len(text) > most:
            message = f"A column's {key} has at most {most} characters."
            yield _fault("too_long", message, f"{pointer}/{key}")
        if not text.isprintable():
            message = f"A column's {key} has no control characters."
            yield _fault("bad_value", message, f"{pointer}/{key}")


def _faults_of_range(column: Column, pointer: str) -> Iterator[Fault]:
    given = [bound for bound in (column.low, column.high) if bound is not None]
    if given and column.kind is not ColumnKind.NUMBER:
        message = f"{column.name}: only a number has a low and a high."
        yield _fault("bad_value", message, pointer)
    if not all(map(isfinite, given)):
        message = f"{column.name}: low and high are finite."
        yield _fault("not_finite", message, pointer)
    if given != sorted(given):
        message = f"{column.name}: low {column.low} is above high {column.high}."
        yield _fault("bad_range", message, f"{pointer}/low")


def _faults_of_categories(column: Column, pointer: str) -> Iterator[Fault]:
    names, place = column.categories, f"{pointer}/categories"
    if bool(names) != (column.kind is ColumnKind.CATEGORY):
        message = f"{column.name}: a category column lists its categories, no other."
        yield _fault("bad_value", message, place)
    if len(names) > MAX_CATEGORIES:
        message = f"{column.name}: at most {MAX_CATEGORIES:,} categories are read."
        yield _fault("too_many_categories", message, place)
    if len(set(names)) < len(names):
        message = f"{column.name}: a category stands twice."
        yield _fault("duplicate_category", message, place)
    for name in names:
        is_trimmed = name == name.strip() and name.isprintable()
        if not name or not is_trimmed or len(name) > MAX_CATEGORY:
            message = (
                f"{column.name}: a category has 1 to {MAX_CATEGORY} printable "
                f"characters and no blank at either end; {name[:60]!r} has not."
            )
            yield _fault("bad_value", message, place)


def _fault(code: str, message: str, pointer: str) -> Fault:
    return Fault(code=code, message=message, where={"pointer": pointer})


def _raise_first(faults: list[Fault]) -> None:
    if faults:
        raise InvalidInputError(
            faults[0].message, code=faults[0].code, faults=tuple(faults[:20])
        )
