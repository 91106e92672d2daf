"""Items from a CSV file: the header names the columns, each row is one item."""

import csv
import re
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from reviewapp.itemfiles.rows import (
    FILE_NAMES,
    ID_NAMES,
    FileRow,
    checked_id,
    checked_priority,
    checked_time,
    refuse,
)

if TYPE_CHECKING:
    import _csv

LONGEST_CELL = 65_536
# What a program would take for a number, "+3", "٣" or "1_0", is none in a file.
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
OTHER_DELIMITERS = ";\t|"


def read_csv(path: Path, *, columns: Sequence[str]) -> Iterator[FileRow]:
    """Read items from a CSV file, one at a time.

    Parameters
    ----------
    path : Path
        UTF-8, with or without a byte order mark; the first row is the header.
    columns : sequence of str
        The line's columns, which the file must have; none for pictures and recordings,
        where a column ``file`` names each one relative to the CSV.

    Beside them a file may have the columns ``group``, ``captured_at`` and ``priority``,
    and it has ``external_id`` or ``id``. One that the line has as a column of its own
    is the item's value and nothing else.

    Raises
    ------
    InvalidPayloadError
        Naming row and column: ``not_utf8``, ``one_column_found``, ``duplicate_column``,
        ``missing_column``, ``unknown_column``, ``no_rows``, ``wrong_cell_count``,
        ``cell_too_long``, ``unclosed_quote``, ``bad_priority``.
    """
    csv.field_size_limit(LONGEST_CELL)
    with path.open("rb") as raw:
        text = TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        reader = csv.reader(text, strict=True)
        rows = _numbered(reader, path)
        header = next(rows, None)
        if header is None:
            raise refuse("no_rows", f"{path.name} is empty.")
        names = [name.strip() for name in header[1]]
        _check_header(names, columns)
        first = next(rows, None)
        if first is None:
            raise refuse("no_rows", f"{path.name} has a header and no rows.")
        yield from _items(chain([first], rows), names, columns, folder=path.parent)


def _numbered(reader: "_csv.Reader", path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give rows with the number of the line on which each began."""
    began = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError:
            raise _not_utf8(path) from None
        except csv.Error as error:
            raise _refusal(error, row=began) from None
        if cells:
            yield began, cells
        began = reader.line_num + 1


def _not_utf8(path: Path) -> Exception:
    """Find the line that the decoder, which reads ahead, could only guess at."""
    with path.open("rb") as file:
        for row, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                message = (
                    f"byte 0x{line[error.start]:02x} is not UTF-8. Save the file as "
                    f"UTF-8, in spreadsheets 'CSV UTF-8'."
                )
                return refuse("not_utf8", message, row=row)
    return refuse("not_utf8", "the file is not UTF-8 to its end.")


def _refusal(error: csv.Error, *, row: int) -> Exception:
    said = str(error)
    if "field larger" in said:
        message = f"a cell is longer than {LONGEST_CELL:,} characters."
        return refuse("cell_too_long", message, row=row)
    if "unexpected end of data" in said:
        message = "a quotation mark is opened here and never closed."
        return refuse("unclosed_quote", message, row=row)
    return refuse("bad_csv", f"the row cannot be read as CSV: {said}.", row=row)


def _check_header(names: list[str], columns: Sequence[str]) -> None:
    if len(names) == 1:
        for delimiter in OTHER_DELIMITERS:
            if delimiter in names[0]:
                message = (
                    f"one column was found. Did you mean {delimiter!r} instead of a "
                    f"comma? Save the file with commas."
                )
                raise refuse("one_column_found", message, row=1)
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise refuse("duplicate_column", "stands in the header twice.", column=twice[0])
    id_names = [name for name in ID_NAMES if name not in columns]
    if columns and not any(name in names for name in id_names):
        message = f"the header needs a column {' or '.join(id_names)}."
        raise refuse("missing_column", message, row=1)
    for name in columns:
        if name not in names:
            raise refuse("missing_column", "is not in the header.", column=name)
    if not columns and not any(name in names for name in FILE_NAMES):
        message = f"the header needs a column {FILE_NAMES[0]} that names each file."
        raise refuse("missing_column", message, row=1)


def _items(
    rows: Iterator[tuple[int, list[str]]],
    names: list[str],
    columns: Sequence[str],
    *,
    folder: Path,
) -> Iterator[FileRow]:
    width = len(names)
    said = [name for name in names if name not in columns]
    file_name = next((name for name in FILE_NAMES if name in said), None)
    # a file without an id of its own goes by its file's name
    id_name = next((name for name in ID_NAMES if name in said), file_name or "id")
    id_at = names.index(id_name)
    group_at = names.index("group") if "group" in said else None
    time_at = names.index("captured_at") if "captured_at" in said else None
    urgent_at = names.index("priority") if "priority" in said else None
    file_at = names.index(file_name) if file_name and not columns else None
    places = [names.index(name) for name in columns]
    for row, cells in rows:
        if len(cells) != width:
            message = f"{width} cells were expected, {len(cells)} found."
            raise refuse("wrong_cell_count", message, row=row)
        yield FileRow(
            row=row,
            external_id=checked_id(cells[id_at], row=row, column=id_name),
            group=cells[group_at].strip()[:255] if group_at is not None else "",
            captured_at=checked_time(cells[time_at], row=row, column="captured_at")
            if time_at is not None
            else None,
            cells=[cells[place] for place in places] if columns else None,
            path=folder / cells[file_at] if file_at is not None else None,
            priority=_priority(cells[urgent_at], row=row)
            if urgent_at is not None
            else 0,
        )


def _priority(cell: str, *, row: int) -> int:
    """Read a priority; an empty cell is the usual one."""
    text = cell.strip() or "0"
    number = int(text) if WHOLE_NUMBER.fullmatch(text) else None
    return checked_priority(number, row=row)
