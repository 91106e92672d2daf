"""Importing a file or a folder: all rows are checked before the first one is stored.

Checked rows wait in a temporary file, so that memory stays flat; they are stored in
batches. What was stored before a failure adds nothing when the same file comes again.
"""

import tempfile
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import assert_never

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
from reviewapp.services.lanes import Lanes, Tell
from reviewapp.services.vocabularies import vocabulary_of

BATCH = 2_000

# From here on a second process is worth its start.
MANY_BYTES = 2_000_000
MANY_FILES = 100

ANALYZE = """
ANALYZE reviewapp_item, reviewapp_payload, reviewapp_routing, reviewapp_review
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did."""

    created: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one lane does of a file: every so manieth batch of its rows.

    Its checked rows wait in ``spool``. ``began_at`` is when the first batch counts as
    received. ``vocabulary`` are the words that are known when the import begins.
    """

    line: ProductLine
    path: Path
    schema: tabular.Schema | None
    vocabulary: Container[str] | None
    spool: Path
    number: int
    of: int
    began_at: datetime

    def has_row(self, index: int) -> bool:
        """Say whether the row of this index, from 0, is in the share."""
        return index // BATCH % self.of == self.number

    def has_name(self, name: str) -> bool:
        """Say whether the share looks out for this name to come twice."""
        return hash(name) % self.of == self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How many rows of a share are good, or what is wrong with the first that is not.

    ``at`` orders refusals: the row's index, then its name before its payload.
    """

    rows: int
    at: tuple[int, int] = (0, 0)
    refusal: RefusedError | None = None


def import_items(
    line: ProductLine, path: Path, *, tell: Callable[[str, int], None], lanes: int = 1
) -> Imported:
    """Receive all items of a CSV or JSONL file, or of a folder of files.

    Parameters
    ----------
    line : ProductLine
    path : Path
    tell : callable
        Called with ``"checked"`` or ``"stored"`` and a count, now and then.
    lanes : int
        Processes that check, and then store, side by side.

    Raises
    ------
    RefusedError
        Naming row and column. Nothing is stored unless every row is good.
    """
    schema = schema_of(line) if line.modality == Modality.TABULAR else None
    if line.modality == Modality.TABULAR and schema is None:
        raise InvalidPayloadError(
            f"{line.name} has no columns yet. A manager can set them.",
            code="schema_missing",
        )
    vocabulary = vocabulary_of(line)
    began_at = timezone.now()
    with tempfile.TemporaryDirectory(prefix="rung-import-") as folder:
        shares = [
            Share(
                line=line,
                path=path,
                schema=schema,
                vocabulary=vocabulary,
                spool=Path(folder) / f"{number}",
                number=number,
                of=lanes,
                began_at=began_at,
            )
            for number in range(lanes)
        ]
        with Lanes(lanes) as crew:
            checked = crew.run(check_share, shares, tell=lambda n: tell("checked", n))
            _refuse_the_first(checked, shares)
            created = sum(
                crew.run(store_share, shares, tell=lambda n: tell("stored", n))
            )
    with connection.cursor() as cursor:
        # so many rows at once: let the planner know before somebody asks for them
        cursor.execute(ANALYZE)
    return Imported(created=created, known=sum(one.rows for one in checked) - created)


def worthy_lanes(path: Path, *, most: int) -> int:
    """Give how many lanes a file or folder is worth; a small one is done in one."""
    if path.is_dir():
        return most if sum(1 for _ in path.iterdir()) >= MANY_FILES else 1
    return most if path.stat().st_size >= MANY_BYTES else 1


def _refuse_the_first(checked: list[Checked], shares: list[Share]) -> None:
    refused = [one for one in checked if one.refusal is not None]
    if not refused:
        return
    for share in shares:
        with share.spool.open(encoding="utf-8", newline="\n") as spool:
            discard_media(text.rstrip("\n") for text in spool)
    first = min(refused, key=lambda one: one.at)
    raise first.refusal or AssertionError("only refusals are here")


def check_share(share: Share, tell: Tell) -> Checked:
    """Read all rows, check those of the share, and write them down in its spool."""
    seen: dict[str, int] = {}
    checked = index = 0
    with share.spool.open("w", encoding="utf-8", newline="\n") as spool:
        try:
            for row in _rows(share.line, share.path, share.schema):
                if share.has_name(row.external_id):
                    _refuse_twice(seen, row)
                index += 1
                if not share.has_row(index - 1):
                    continue
                try:
                    staged = _arrival(share, row).staged()
                except RefusedError as refusal:
                    return Checked(rows=checked, at=(index - 1, 1), refusal=refusal)
                spool.write(f"{staged}\n")
                checked += 1
                if checked % BATCH == 0:
                    tell(BATCH)
        except RefusedError as refusal:
            return Checked(rows=checked, at=(index, 0), refusal=refusal)
    tell(checked % BATCH)
    return Checked(rows=checked)


def _refuse_twice(seen: dict[str, int], row: FileRow) -> None:
    earlier = seen.setdefault(row.external_id, row.row)
    if earlier != row.row:
        message = f"the id {row.external_id!r} stood in row {earlier}."
        raise refuse("external_id_conflict", message, row=row.row)


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


def _arrival(share: Share, row: FileRow) -> Arrival:
    line, schema = share.line, share.schema
    if schema is not None and row.cells is not None:
        return row_arrival(row, tabular.read_cells(schema, row.cells, row=row.row))
    sent = Sent(
        external_id=row.external_id,
        group=row.group,
        captured_at=row.captured_at,
        name=row.path.name if row.path else "",
        priority=row.priority,
    )
    try:
        if schema is not None:
            return row_arrival(sent, tabular.read_row(schema, row.values or {}))
        if line.modality == Modality.TEXT:
            written = row.cells[0] if row.cells else row.text
            if written is None:
                raise refuse("text_missing", "the item has no text.", row=row.row)
            whole = replace(sent, text=written, spans=row.spans)
            checked = text.read_text(written)
            return text_arrival(whole, checked, vocabulary=share.vocabulary)
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


def store_share(share: Share, tell: Tell) -> int:
    """Store the checked rows of a share batch by batch; give how many were new.

    Each batch of the file counts as received a microsecond after the one before it:
    people get the items in the order of the file, whichever lane is quicker.
    """
    created = 0
    at = share.began_at + timedelta(microseconds=share.number)
    with connection.cursor() as cursor:
        # a crash loses batches that the same file brings again; ANALYZE waits for all
        cursor.execute("SET synchronous_commit = off")
    with share.spool.open(encoding="utf-8", newline="\n") as spool:
        while batch := [text.rstrip("\n") for text in islice(spool, BATCH)]:
            created += len(store_staged(share.line, batch, at=at).new)
            at += timedelta(microseconds=share.of)
            tell(len(batch))
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")
    return created
