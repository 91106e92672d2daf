"""CSV for spreadsheets, in which no cell can act as a formula."""

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO

from reviewapp.datasetfiles.rows import COLUMNS, DatasetRow

# What a spreadsheet may take for a formula, also in the full width of East Asian text.
FORMULA_STARTS = "=+-@|%" + "\uff1d\uff0b\uff0d\uff20\uff5c\uff05"
CONTROL_STARTS = "\t\r\n"


def harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet could run.

    Examples
    --------
    >>> harmless("=1+1"), harmless("  @SUM(A1)"), harmless("scratch")
    ("'=1+1", "'  @SUM(A1)", 'scratch')
    """
    first = text.lstrip()[:1]
    if text[:1] and (text[0] in CONTROL_STARTS or (first and first in FORMULA_STARTS)):
        return f"'{text}"
    return text


def write(rows: Iterable[DatasetRow]) -> Iterator[bytes]:
    """Write rows with a header; the values of a table row are JSON in one cell.

    Numbers stay numbers. It begins with a byte order mark, by which spreadsheets know
    that the text is UTF-8.
    """
    yield "\ufeff".encode() + _line(COLUMNS)
    for row in rows:
        yield _line([_cell(row.get(name)) for name in COLUMNS])


def _cell(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, str):
        return harmless(value)
    return harmless(json.dumps(value, sort_keys=True, ensure_ascii=False))


def _line(cells: Iterable[object]) -> bytes:
    buffer = StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode()
