"""Items from JSON lines: one object a line, as the API takes them."""

from collections.abc import Iterator
from pathlib import Path

from reviewapp import strictjson
from reviewapp.errors import RefusedError
from reviewapp.itemfiles.rows import (
    FileRow,
    checked_id,
    checked_priority,
    checked_time,
    refuse,
)

FIELDS = frozenset(
    {
        "external_id",
        "group",
        "captured_at",
        "priority",
        "values",
        "text",
        "spans",
        "file",
    }
)
LONGEST_TEXT = 4 * 65_536


def read_jsonl(path: Path) -> Iterator[FileRow]:
    """Read items from a file of JSON lines, one at a time; blank lines do not count.

    Raises
    ------
    InvalidPayloadError
        Naming the line: whatever the strict parser refuses, ``not_an_object``,
        ``unknown_field``, ``not_a_text``, ``bad_spans``, ``bad_priority``,
        ``blank``, ``bad_date``, ``no_rows``.
    """
    found = False
    with path.open("rb") as file:
        for row, line in enumerate(file, start=1):
            if not line.strip():
                continue
            found = True
            yield _item(line, row=row, folder=path.parent)
    if not found:
        raise refuse("no_rows", f"{path.name} holds no line.")


def _item(line: bytes, *, row: int, folder: Path) -> FileRow:
    try:
        body = strictjson.parse(line, max_string_bytes=LONGEST_TEXT)
    except RefusedError as refusal:
        raise refuse(refusal.code, refusal.message, row=row) from refusal
    if not isinstance(body, dict):
        raise refuse("not_an_object", "each line is one JSON object.", row=row)
    unknown = sorted(body.keys() - FIELDS)
    if unknown:
        message = f"an item has no field {unknown[0]!r}."
        raise refuse("unknown_field", message, row=row)
    values, text, file = body.get("values"), body.get("text"), body.get("file")
    if values is not None and not isinstance(values, dict):
        raise refuse("not_an_object", "values is an object.", row=row)
    if text is not None and not isinstance(text, str):
        raise refuse("not_a_text", "text is a string.", row=row, column="text")
    spans = body.get("spans")
    if spans is not None and not isinstance(spans, list):
        raise refuse("bad_spans", "spans is a list.", row=row, column="spans")
    return FileRow(
        row=row,
        external_id=checked_id(
            str(body.get("external_id") or ""), row=row, column="external_id"
        ),
        group=str(body.get("group") or "")[:255],
        captured_at=checked_time(
            str(body.get("captured_at") or ""), row=row, column="captured_at"
        ),
        values=values,
        text=text,
        spans=spans,
        path=folder / str(file) if file else None,
        priority=checked_priority(body.get("priority", 0), row=row),
    )
