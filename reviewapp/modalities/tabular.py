"""Table rows: every value checked against the line's columns, missing ones counted.

A row costs a few microseconds: each column is looked at once, and words are only made
for a value that is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from math import inf, isfinite, nan
from typing import NamedTuple, NoReturn, TypeAlias, assert_never

from reviewapp.errors import Fault, InvalidPayloadError
from reviewapp.modalities.schemas import Column, ColumnKind, Schema

__all__ = [
    "CellValue",
    "Column",
    "ColumnKind",
    "Schema",
    "TabularPayload",
    "measure",
    "read_cells",
    "read_row",
]

CellValue: TypeAlias = float | str | bool | None

# What people and programs write into a cell that holds nothing.
MISSING_CELLS = frozenset({"", "na", "n/a", "nan", "null", "none"})
FLAG_CELLS = {"true": True, "yes": True, "1": True} | {
    "false": False,
    "no": False,
    "0": False,
}
LONGEST_SHOWN = 60
MOST_FAULTS = 20


class TabularPayload(NamedTuple):
    """A checked row: every column in the schema's order, ``None`` where it is missing.

    Numbers are floats, so that 3 and 3.0 are the same content.
    """

    values: dict[str, CellValue]
    missing: int
    out_of_range: int


def read_row(
    schema: Schema, values: Mapping[str, object], *, pointer: str = "/values"
) -> TabularPayload:
    """Check one row that came as JSON: each value must be of its column's type.

    Parameters
    ----------
    schema : Schema
    values : mapping
        By column name; a column that is left out is missing.
    pointer : str
        JSON pointer of ``values``, for the places of faults.

    Raises
    ------
    InvalidPayloadError
        With every fault: ``not_a_number``, ``not_finite``, ``unknown_category``,
        ``not_a_flag``, ``missing_value``, ``unknown_column``.

    Examples
    --------
    >>> schema = Schema.from_json([{"name": "width", "kind": "number", "high": 4}])
    >>> read_row(schema, {"width": 5})
    TabularPayload(values={'width': 5.0}, missing=0, out_of_range=1)
    """
    read: dict[str, CellValue] = {}
    missing = outside = 0
    for name, column, low, high in schema.plan:
        value = values.get(name)
        if type(value) is int:
            value = _float(value)
        if type(value) is float and low <= value <= high:
            read[name] = value
        elif value is None and not column.is_required:
            read[name] = None
            missing += 1
        else:
            checked = _check(column, value)
            if isinstance(checked, Fault):
                _refuse(_faults_of_row(schema, values, pointer))
            read[name] = checked
            outside += type(checked) is float
    if not values.keys() <= read.keys():
        _refuse(_faults_of_row(schema, values, pointer))
    return TabularPayload(values=read, missing=missing, out_of_range=outside)


def read_cells(
    schema: Schema, cells: Sequence[str], *, row: int | None = None
) -> TabularPayload:
    """Check one row of text, as it stands in a CSV file.

    Parameters
    ----------
    schema : Schema
    cells : sequence of str
        One for each column of the schema, in its order. Blanks around a cell do not
        count. Nothing, NA, N/A, NaN, null and None (in any case) mean a missing value,
        unless they are a category of the column.
    row : int, optional
        The row's number in the file, for the places of faults.

    Raises
    ------
    InvalidPayloadError
        As ``read_row`` does, and ``wrong_cell_count``.

    Examples
    --------
    >>> schema = Schema.from_json([{"name": "width", "kind": "number"}])
    >>> read_cells(schema, [" 2.50"])
    TabularPayload(values={'width': 2.5}, missing=0, out_of_range=0)
    """
    if len(cells) != len(schema.columns):
        message = f"{len(schema.columns)} cells were expected, {len(cells)} found."
        _refuse([_fault("wrong_cell_count", message, _place(row, None))])
    text = "".join(cells)
    # float() would read 1_000 and the digits of every script
    is_plain = text.isascii() and "_" not in text
    read: dict[str, CellValue] = {}
    missing = outside = 0
    for (name, column, low, high), cell in zip(schema.plan, cells, strict=True):
        try:
            number = float(cell) if is_plain else nan
        except ValueError:
            number = nan
        if low <= number <= high:
            read[name] = number
            continue
        value = _value_of(column, cell)
        if value is None and not column.is_required:
            read[name] = None
            missing += 1
            continue
        checked = _check(column, value)
        if isinstance(checked, Fault):
            _refuse(_faults_of_cells(schema, cells, row))
        read[name] = checked
        outside += type(checked) is float
    return TabularPayload(values=read, missing=missing, out_of_range=outside)


def measure(payload: TabularPayload) -> dict[str, float]:
    """Give the input metrics of a row.

    Returns
    -------
    dict
        ``missing``: count of values; ``missing_share``: of all columns, in [0, 1];
        ``out_of_range``: count of numbers outside of their reference range.
    """
    return {
        "missing": float(payload.missing),
        "missing_share": payload.missing / len(payload.values),
        "out_of_range": float(payload.out_of_range),
    }


def _check(column: Column, value: object) -> CellValue | Fault:
    """Give a value as it is stored, or the fault in it."""
    if value is None:
        message = f"{column.name} is required."
        return _fault("missing_value", message, {}) if column.is_required else None
    match column.kind:
        case ColumnKind.NUMBER:
            return _check_number(column, value)
        case ColumnKind.CATEGORY:
            return _check_category(column, value)
        case ColumnKind.FLAG if isinstance(value, bool):
            return value
        case ColumnKind.FLAG:
            message = f"{column.name}: {_shown(value)} is neither true nor false."
            return _fault("not_a_flag", message, {})
        case _ as never:
            assert_never(never)


def _check_number(column: Column, value: object) -> float | Fault:
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = ' Write the decimal point as ".".' if _has_comma(value) else ""
        message = f"{column.name}: {_shown(value)} is not a number.{hint}"
        return _fault("not_a_number", message, {})
    if isfinite(number := _float(value)):
        return number
    return _fault("not_finite", f"{column.name}: {_shown(value)} is not finite.", {})


def _check_category(column: Column, value: object) -> str | Fault:
    if isinstance(value, str) and value in column.categories:
        return value
    near = get_close_matches(str(value)[:LONGEST_SHOWN], column.categories, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else _listed(column.categories)
    message = f"{column.name}: {_shown(value)} is none of its categories. {hint}"
    return _fault("unknown_category", message, {})


def _shown(value: object) -> str:
    return repr(value)[:LONGEST_SHOWN]


def _value_of(column: Column, cell: str) -> object:
    """Read a cell as what its column holds; what it cannot be stays text."""
    text = cell.strip()
    if column.kind is ColumnKind.CATEGORY and text in column.categories:
        return text
    folded = text.casefold()
    if folded in MISSING_CELLS:
        return None
    if column.kind is ColumnKind.FLAG:
        return FLAG_CELLS.get(folded, text)
    if column.kind is ColumnKind.NUMBER and text.isascii() and "_" not in text:
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _faults_of_row(
    schema: Schema, values: Mapping[str, object], pointer: str
) -> Iterable[Fault]:
    for column in schema.columns:
        checked = _check(column, values.get(column.name))
        if isinstance(checked, Fault):
            where = {"pointer": _at(pointer, column.name)}
            yield _fault(checked.code, checked.message, where)
    for name in values.keys() - set(schema.names):
        near = get_close_matches(str(name), schema.names, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else _listed(schema.names)
        message = f"There is no column {str(name)[:LONGEST_SHOWN]!r}. {hint}"
        yield _fault("unknown_column", message, {"pointer": _at(pointer, str(name))})


def _faults_of_cells(
    schema: Schema, cells: Sequence[str], row: int | None
) -> Iterable[Fault]:
    for column, cell in zip(schema.columns, cells, strict=True):
        checked = _check(column, _value_of(column, cell))
        if isinstance(checked, Fault):
            yield _fault(checked.code, checked.message, _place(row, column.name))


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return inf


def _has_comma(value: object) -> bool:
    return isinstance(value, str) and value.replace(",", "", 1).strip("+- ").isdigit()


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:10])
    rest = len(names) - 10
    return f"Known: {shown} and {rest} more." if rest > 0 else f"Known: {shown}."


def _at(pointer: str, name: str) -> str:
    shown = name[:LONGEST_SHOWN].encode("unicode_escape").decode()
    return f"{pointer}/{shown.replace('~', '~0').replace('/', '~1')}"


def _place(row: int | None, column: str | None) -> dict[str, str | int]:
    place: dict[str, str | int] = {}
    if row is not None:
        place["row"] = row
    if column is not None:
        place["column"] = column
    return place


def _fault(code: str, message: str, where: Mapping[str, str | int]) -> Fault:
    return Fault(code=code, message=message, where=where)


def _refuse(faults: Iterable[Fault]) -> NoReturn:
    found = list(faults)
    more = f" ({len(found) - 1} more faults in this row.)" if len(found) > 1 else ""
    raise InvalidPayloadError(
        f"{found[0].message}{more}",
        code=found[0].code,
        faults=tuple(found[:MOST_FAULTS]),
    )
