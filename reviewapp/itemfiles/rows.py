"""What every reader of an item file gives."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from reviewapp.errors import Fault, InvalidPayloadError
from reviewapp.order import HIGHEST_PRIORITY

ID_NAMES = ("external_id", "id")
FILE_NAMES = ("file", "image", "path")
LONGEST_ID = 255
# Without it an item of the year 1 would bring two thousand years of hours to count.
EARLIEST_YEAR = 1970
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class FileRow(NamedTuple):
    """One item of a file.

    ``cells`` are a table row's text in the order of the wanted columns; ``values``
    are typed ones, from JSON, and ``text`` is an item's own text with its ``spans``;
    ``path`` is the file of a picture or recording. ``row`` counts from 1, the header
    included.
    """

    row: int
    external_id: str
    group: str = ""
    captured_at: datetime | None = None
    cells: Sequence[str] | None = None
    values: dict[str, Any] | None = None
    text: str | None = None
    spans: list[Any] | None = None
    path: Path | None = None
    priority: int = 0


def refuse(
    code: str, message: str, *, row: int | None = None, column: str | None = None
) -> InvalidPayloadError:
    """Make the refusal of a file, with its place and what to do."""
    where: dict[str, str | int] = {}
    place = ""
    if row is not None:
        where["row"], place = row, f"Row {row}"
    if column is not None:
        where["column"] = column
        place = f"{place}, column {column}" if place else f"Column {column}"
    text = f"{place}: {message}" if place else message
    fault = Fault(code=code, message=message, where=where)
    return InvalidPayloadError(text, code=code, faults=(fault,))


def checked_id(text: str, *, row: int, column: str) -> str:
    """Give an external id that can be kept, or refuse it."""
    text = text.strip()
    if not text:
        raise refuse("blank", "the id is empty.", row=row, column=column)
    if len(text) > LONGEST_ID:
        message = f"the id has {len(text)} characters; at most {LONGEST_ID} fit."
        raise refuse("too_long", message, row=row, column=column)
    if "\x00" in text:
        message = "the id holds a NUL character."
        raise refuse("nul_character", message, row=row, column=column)
    return text


def checked_time(text: str, *, row: int, column: str) -> datetime | None:
    """Read a capture time in ISO 8601; without a zone it is UTC."""
    text = text.strip()
    if not text:
        return None
    try:
        return read_time(text)
    except ValueError as error:
        raise refuse("bad_date", f"{error}", row=row, column=column) from None


def checked_priority(value: object, *, row: int) -> int:
    """Give a priority that a sender may give, or refuse it."""
    if type(value) is not int or not 0 <= value <= HIGHEST_PRIORITY:
        message = f"priority is a whole number from 0 to {HIGHEST_PRIORITY}."
        raise refuse("bad_priority", message, row=row, column="priority")
    return value


def read_time(text: str) -> datetime:
    """Read a capture time in ISO 8601, from files and machines alike.

    Raises
    ------
    ValueError
        If it is none, or from before there were cameras to take it.
    """
    message = f"{text[:40]!r} is no time such as 2026-03-01T12:30:00."
    if not ISO_DATE.match(text):
        raise ValueError(message)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(message) from None
    if at.year < EARLIEST_YEAR:
        raise ValueError(f"{text[:40]!r} is before {EARLIEST_YEAR}.")
    return at if at.tzinfo else at.replace(tzinfo=UTC)
