"""Receiving items: many at once, each external id once, routed where no model is asked.

One transaction looks up which names of a batch are known and copies the others into
their tables, so that a million rows cost no more memory than one batch.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected, UniqueViolation

from reviewapp.errors import ConflictError, Fault, RefusedError
from reviewapp.modalities.spans import Span
from reviewapp.models import ProductLine
from reviewapp.services.intake import NULL, copy_rows, read_known, terms_of
from reviewapp.services.media import remove_medium

# A camera's clock may run a little ahead of ours.
CLOCK_TOLERANCE = timedelta(minutes=5)
# Two senders of the same new ids at once: the slower one finds them known.
CHANCES = 3

# Places of fields in a staged line, and what stands for what in COPY's text.
EXTERNAL_ID, CONTENT, MEDIA_PATH = 0, 3, 8
ESCAPED = {"t": "\t", "n": "\n", "r": "\r"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMedium:
    """A derivative that is already on disk, and what was sent; a picture has a size."""

    path: str
    media_type: str
    sha256: str
    original_sha256: str
    original_name: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedText:
    """A text in the form in which it is kept, its spans, and the hash of what came."""

    text: str
    original_sha256: str
    spans: list[Span] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One checked item on its way in: a row, a text or a stored medium, measured."""

    external_id: str
    group: str = ""
    captured_at: datetime | None = None
    input_metrics: Mapping[str, float | str] = field(default_factory=dict)
    values: Mapping[str, object] | None = None
    text: CheckedText | None = None
    medium: StoredMedium | None = None
    priority: int = 0

    def staged(self) -> str:
        """Write the arrival as a line of PostgreSQL's COPY text, without its draws.

        Its content is hashed, to tell a repeat from another item of the same name.
        """
        medium, text = self.medium, self.text
        values = NULL if self.values is None else _json(self.values)
        captured = self.captured_at.isoformat() if self.captured_at else NULL
        sent = medium or text
        content = sent.original_sha256 if sent else values
        spans = NULL
        if text and text.spans:
            spans = _json(text.spans)
            content = f"{content}|{spans}"
        digest = sha256(f"{content}|{self.group}|{captured}".encode()).hexdigest()
        media = f"\t\t\t{NULL}\t{NULL}\t{text.original_sha256 if text else ''}\t"
        if medium:
            media = (
                f"{_text(medium.path)}\t{medium.media_type}\t{medium.sha256}\t"
                f"{medium.width or NULL}\t{medium.height or NULL}\t"
                f"{medium.original_sha256}\t{_text(medium.original_name)}"
            )
        return (
            f"{_text(self.external_id)}\t{_text(self.group)}\t{captured}\t{digest}\t"
            f"{_measured(tuple(self.input_metrics.items()))}\t{self.priority}\t{values}\t"
            f"{_text(text.text if text else '')}\t{media}\t{spans}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedItem:
    """What became of one arrival."""

    external_id: str
    public_id: UUID
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of a batch: public ids by external id, new and known apart."""

    new: dict[str, str]
    known: dict[str, str]

    def received(self, external_id: str) -> ReceivedItem:
        """Say what became of one arrival."""
        is_new = external_id in self.new
        public_id = (self.new if is_new else self.known)[external_id]
        return ReceivedItem(
            external_id=external_id, public_id=UUID(public_id), is_new=is_new
        )


def receive_items(
    line: ProductLine, arrivals: Sequence[Arrival], *, as_of: datetime | None = None
) -> list[ReceivedItem]:
    """Store a batch; those already known by external id and content add nothing.

    Parameters
    ----------
    line : ProductLine
    arrivals : sequence of Arrival
        Checked and measured; media are on disk.
    as_of : datetime, optional
        When they count as received; now unless a history is replayed.

    Returns
    -------
    list of ReceivedItem
        In the order of the arrivals.

    Raises
    ------
    ConflictError
        If the line is archived, an id stands twice in the batch or is known with
        other content, or a capture time lies in the future. Nothing is stored then.
    """
    at = as_of or timezone.now()
    _refuse_twice_or_future(arrivals, at=at)
    if not arrivals:
        return []
    staged = [arrival.staged() for arrival in arrivals]
    stored = store_staged(line, staged, at=at, is_replay=as_of is not None)
    return [stored.received(arrival.external_id) for arrival in arrivals]


def store_staged(
    line: ProductLine,
    staged: Sequence[str],
    *,
    at: datetime,
    is_replay: bool = False,
) -> Stored:
    """Store a batch of staged arrivals in one transaction.

    A replayed history predicts its items itself, at its own time; the sweeps leave
    them alone.

    Media that no row came to point at, because their items were known or refused, are
    removed from disk.
    """
    names = [_read(text, EXTERNAL_ID) for text in staged]
    try:
        stored = _store(line, names, staged, at=at, is_replay=is_replay)
    except RefusedError:
        discard_media(staged)
        raise
    if stored.known:
        discard_media(
            text
            for name, text in zip(names, staged, strict=True)
            if name in stored.known
        )
    return stored


def discard_media(staged: Iterable[str]) -> None:
    """Remove the media of staged arrivals that are not stored."""
    for text in staged:
        path = _read(text, MEDIA_PATH)
        if path:
            remove_medium(path)


def _read(staged: str, place: int) -> str:
    """Read one field of a staged line as it was before it was written."""
    field_text = staged.split("\t", place + 1)[place]
    if "\\" not in field_text:
        return field_text
    return re.sub(r"\\(.)", lambda m: ESCAPED.get(m[1], m[1]), field_text)


def _store(
    line: ProductLine,
    names: Sequence[str],
    staged: Sequence[str],
    *,
    at: datetime,
    is_replay: bool,
) -> Stored:
    """Store what is new; begin again when somebody else was a moment quicker."""
    for chance in range(CHANCES):
        try:
            with transaction.atomic():
                return _store_once(line, names, staged, at=at, is_replay=is_replay)
        except (UniqueViolation, DeadlockDetected):
            if chance == CHANCES - 1:
                raise
    raise AssertionError("the last chance returns or raises")


def _store_once(
    line: ProductLine,
    names: Sequence[str],
    staged: Sequence[str],
    *,
    at: datetime,
    is_replay: bool,
) -> Stored:
    line = ProductLine.objects.select_related(
        "policy__live", "policy__candidate", "queue_terms"
    ).get(pk=line.pk)
    if line.archived_at is not None:
        raise ConflictError(
            f"Line {line.name} is archived and takes no items.", code="line_archived"
        )
    with connection.cursor() as cursor:
        known = read_known(cursor, line, names)
    fresh_names, fresh, changed = [], [], []
    for name, text in zip(names, staged, strict=True):
        found = known.get(name)
        if found is None:
            fresh_names.append(name)
            fresh.append(text)
        elif found[1] != _read(text, CONTENT):
            changed.append(name)
    _refuse_other_content(changed)
    terms = terms_of(line, at=at, is_replay=is_replay)
    public_ids = copy_rows(terms, fresh) if fresh else []
    return Stored(
        new=dict(zip(fresh_names, public_ids, strict=True)),
        known={name: public_id for name, (public_id, _sha256) in known.items()},
    )


def _refuse_twice_or_future(arrivals: Sequence[Arrival], *, at: datetime) -> None:
    seen: set[str] = set()
    latest = at + CLOCK_TOLERANCE
    for position, arrival in enumerate(arrivals):
        where = {"pointer": f"/items/{position}/external_id"}
        if arrival.external_id in seen:
            message = f"External id {arrival.external_id!r} stands twice in one batch."
            fault = Fault(code="external_id_conflict", message=message, where=where)
            raise ConflictError(message, code=fault.code, faults=(fault,))
        seen.add(arrival.external_id)
        if arrival.captured_at is not None and arrival.captured_at > latest:
            message = (
                f"Item {arrival.external_id!r} was captured in the future, at "
                f"{arrival.captured_at.isoformat()}. Check the sender's clock."
            )
            where = {"pointer": f"/items/{position}/captured_at"}
            fault = Fault(code="captured_in_future", message=message, where=where)
            raise ConflictError(message, code=fault.code, faults=(fault,))


@lru_cache(maxsize=1024)
def _measured(metrics: tuple[tuple[str, float | str], ...]) -> str:
    """Write input metrics; those of table rows come again and again."""
    return _json(dict(metrics))


def _json(value: object) -> str:
    return _compact(value).replace("\\", "\\\\")


# made once: dumps() with separators makes an encoder anew at each call
_compact = json.JSONEncoder(separators=(",", ":")).encode


def _text(value: str) -> str:
    if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
        value = value.replace("\\", "\\\\").replace("\t", "\\t")
        return value.replace("\n", "\\n").replace("\r", "\\r")
    return value


def _refuse_other_content(changed: Sequence[str]) -> None:
    faults = tuple(
        Fault(
            code="external_id_conflict",
            message=f"External id {external_id!r} is known with other content.",
            where={"item": external_id},
        )
        for external_id in changed[:20]
    )
    if faults:
        raise ConflictError(
            f"{faults[0].message} Send it under another id; nothing was stored.",
            code="external_id_conflict",
            faults=faults,
        )
