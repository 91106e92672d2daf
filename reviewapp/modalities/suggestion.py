"""A first schema for a table nobody has described yet; a manager corrects it."""

from collections.abc import Iterable, Sequence
from itertools import islice
from math import isfinite

from reviewapp.modalities.schemas import Column, ColumnKind, Schema
from reviewapp.modalities.tabular import FLAG_CELLS, MISSING_CELLS

# Enough to see what a column holds; the rest of a large file is not read for it.
ROWS_READ = 5_000
MOST_CATEGORIES = 50
# A text that hardly ever repeats names the row; it is no category.
LEAST_REPEATS = 2


def suggest_schema(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Schema:
    """Infer columns from the text cells of a table.

    A column is a number if every cell is one, with the lowest and highest seen as its
    reference range; a flag if it holds true and false in words; a category if few texts
    repeat. Any other column (a name, free text, an empty column) is left out, so the
    result may have fewer columns than the header.

    Parameters
    ----------
    header : sequence of str
        The columns' names, without those that are no feature (id, label, time).
    rows : iterable of sequences of str
        As long as the header; the first 5,000 are read.

    Raises
    ------
    InvalidInputError
        If a name stands twice or cannot be one, or no column is left.

    Examples
    --------
    >>> [column.name for column in suggest_schema(["w", "note"], [["1", "a"]]).columns]
    ['w']
    """
    read = list(islice(rows, ROWS_READ))
    columns = []
    for position, name in enumerate(header):
        cells = [row[position].strip() for row in read]
        present = [cell for cell in cells if cell.casefold() not in MISSING_CELLS]
        column = _suggest(name.strip(), present)
        if column is not None:
            columns.append(column)
    return Schema(tuple(columns))


def _suggest(name: str, cells: Sequence[str]) -> Column | None:
    numbers = _numbers(cells)
    if not cells:
        return None
    if numbers is not None:
        return Column(
            name=name, kind=ColumnKind.NUMBER, low=min(numbers), high=max(numbers)
        )
    distinct = sorted(set(cells))
    if {cell.casefold() for cell in distinct} <= FLAG_CELLS.keys():
        return Column(name=name, kind=ColumnKind.FLAG)
    is_repeated = len(cells) >= LEAST_REPEATS * len(distinct)
    if is_repeated and len(distinct) <= MOST_CATEGORIES:
        return Column(name=name, kind=ColumnKind.CATEGORY, categories=tuple(distinct))
    return None


def _numbers(cells: Sequence[str]) -> list[float] | None:
    text = "".join(cells)
    if not text.isascii() or "_" in text:
        return None
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError:
        return None
    return numbers if all(map(isfinite, numbers)) else None
