"""Importing a file or a folder: all rows are checked before the first one is stored.

Checked rows wait in a temporary file, so that memory stays flat; they are stored in
batches. What was stored before a failure adds nothing when the same file comes again.
"""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import IO, assert_never

from django.db import connection
from django.utils import timezone

from reviewapp.errors import InvalidPayloadError, RefusedError, UnsupportedFormatError
from reviewapp.itemfiles.csv_items import read_csv
from reviewapp.itemfiles.folder_items import read_folder, read_manifest
from reviewapp.itemfiles.jsonl_items import read_jsonl
from reviewapp.itemfiles.rows import FileRow, refuse
from reviewapp.modalities import audio, image, tabular, text
from reviewapp.models import Modality, ProductLine
from reviewapp.services.arrivals import (
    Sent,
    medium_arrival,
    row_arrival,
    schema_of,
    text_arrival,
)
from reviewapp.services.items import Arrival, discard_media, store_staged

BATCH = 2_000

ANALYZE = """
ANALYZE reviewapp_item, reviewapp_payload, reviewapp_routing, reviewapp_review
"""

Tell = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did."""

    created: int
    known: int


def import_items(
    line: ProductLine, path: Path, *, tell: Tell, lanes: int = 1
) -> Imported:
    """Receive all items of a CSV or JSONL file, or of a folder of files.

    Parameters
    ----------
    line : ProductLine
    path : Path
    tell : callable
        Called with ``"checked"`` or ``"stored"`` and a count, now and then.
    lanes : int
        Connections that store at the same time.

    Raises
    ------
    RefusedError
        Naming row and column. Nothing is stored unless every row is good.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as spool:
        try:
            total = _check_all(line, path, spool, tell=tell)
        except RefusedError:
            spool.seek(0)
            discard_media(text.rstrip("\n") for text in spool)
            raise
        spool.seek(0)
        return _store_all(line, spool, total=total, lanes=lanes, tell=tell)


def _check_all(line: ProductLine, path: Path, spool: IO[str], *, tell: Tell) -> int:
    seen: dict[str, int] = {}
    checked = 0
    schema = schema_of(line) if line.modality == Modality.TABULAR else None
    if line.modality == Modality.TABULAR and schema is None:
        raise InvalidPayloadError(
            f"{line.name} has no columns yet. A manager can set them.",
            code="schema_missing",
        )
    for row in _rows(line, path, schema):
        if row.external_id in seen:
            message = (
                f"the id {row.external_id!r} stood in row {seen[row.external_id]}."
            )
            raise refuse("external_id_conflict", message, row=row.row)
        seen[row.external_id] = row.row
        spool.write(_arrival(line, row, schema).staged() + "\n")
        checked += 1
        if checked % BATCH == 0:
            tell("checked", checked)
    tell("checked", checked)
    return checked


def _rows(
    line: ProductLine, path: Path, schema: tabular.Schema | None
) -> Iterator[FileRow]:
    columns = _columns(line, schema)
    if path.is_dir():
        if columns:
            raise UnsupportedFormatError(
                f"{line.name} inspects what stands in a file's rows; give it a CSV or "
                f"JSONL file.",
                code="unsupported_media_type",
            )
        is_picture = line.modality == Modality.IMAGE
        return read_folder(path, image.ENDINGS if is_picture else audio.ENDINGS)
    match path.suffix.lower():
        case ".csv" if columns:
            return read_csv(path, columns=columns)
        case ".csv":
            return read_manifest(path)
        case ".jsonl" | ".ndjson":
            return read_jsonl(path)
        case ending:
            raise UnsupportedFormatError(
                f"A file ending in {ending or 'nothing'} is not taken. Give a .csv or "
                f".jsonl file, or a folder of pictures or recordings.",
                code="unsupported_media_type",
            )


def _columns(line: ProductLine, schema: tabular.Schema | None) -> tuple[str, ...]:
    """Give the columns that hold an item; none where a column names its file."""
    match Modality(line.modality):
        case Modality.TABULAR:
            return schema.names if schema else ()
        case Modality.TEXT:
            return ("text",)
        case Modality.IMAGE | Modality.AUDIO:
            return ()
        case _ as never:
            assert_never(never)


def _arrival(line: ProductLine, row: FileRow, schema: tabular.Schema | None) -> Arrival:
    sent = Sent(
        external_id=row.external_id,
        group=row.group,
        captured_at=row.captured_at,
        name=row.path.name if row.path else "",
    )
    if schema is not None and row.cells is not None:
        return row_arrival(sent, tabular.read_cells(schema, row.cells, row=row.row))
    try:
        if schema is not None:
            return row_arrival(sent, tabular.read_row(schema, row.values or {}))
        if line.modality == Modality.TEXT:
            written = row.cells[0] if row.cells else row.text
            if written is None:
                raise refuse("text_missing", "the item has no text.", row=row.row)
            return text_arrival(sent, text.read_text(written))
        if row.path is None:
            raise refuse("missing_file", "the item names no file.", row=row.row)
        return medium_arrival(line, sent, row.path.read_bytes())
    except FileNotFoundError:
        message = f"there is no file {sent.name}."
        raise refuse("missing_file", message, row=row.row, column="file") from None
    except RefusedError as refusal:
        if refusal.faults and "row" in refusal.faults[0].where:
            raise
        raise refuse(refusal.code, refusal.message, row=row.row) from refusal


def _store_all(
    line: ProductLine, spool: IO[str], *, total: int, lanes: int, tell: Tell
) -> Imported:
    """Store batch by batch; with two lanes, one reads while the database stores."""
    batches = _Batches(spool, tell)
    if lanes == 1:
        created = _store_batches(line, batches)
    else:
        with ThreadPoolExecutor(lanes) as threads:
            at_work = [
                threads.submit(_store_in_a_thread, line, batches) for _ in range(lanes)
            ]
        created = sum(lane.result() for lane in at_work)
    with connection.cursor() as cursor:
        # so many rows at once: let the planner know before somebody asks for them
        cursor.execute(ANALYZE)
    return Imported(created=created, known=total - created)


class _Batches:
    """The batches of a spool, each taken once by whichever lane comes first.

    Each counts as received a microsecond after the one before it, so that people get
    the items in the order of the file, whichever lane is quicker.
    """

    def __init__(self, spool: IO[str], tell: Tell) -> None:
        self._spool = spool
        self._tell = tell
        self._at = timezone.now()
        self._taken = 0
        self._lock = Lock()

    def take(self) -> tuple[datetime, list[str]] | None:
        """Give the next batch and its time of receipt; ``None`` after the last."""
        with self._lock:
            batch = [text.rstrip("\n") for text in islice(self._spool, BATCH)]
            if not batch:
                return None
            self._tell("stored", self._taken)
            self._taken += len(batch)
            self._at += timedelta(microseconds=1)
            return self._at, batch


def _store_batches(line: ProductLine, batches: _Batches) -> int:
    created = 0
    while (taken := batches.take()) is not None:
        at, batch = taken
        received = store_staged(line, batch, at=at)
        created += sum(item.is_new for item in received.values())
    return created


def _store_in_a_thread(line: ProductLine, batches: _Batches) -> int:
    try:
        return _store_batches(line, batches)
    finally:
        # it is this thread's own connection, and nobody else would close it
        connection.close()
