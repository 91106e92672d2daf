"""Receiving items: many at once, each external id once, routed where no model is asked.

One transaction copies a batch into a staging table of the connection and spreads it
over the tables in one statement, so that a million rows cost no more memory than one
batch. The lottery numbers are drawn from the item's own id before it is stored.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from reviewapp import policy
from reviewapp.errors import ConflictError, Fault, RefusedError
from reviewapp.models import Policy, ProductLine
from reviewapp.services.intake import (
    CLEAR_STAGING,
    COPY_STAGED,
    MAKE_STAGING,
    READ_KNOWN,
    SPREAD,
)
from reviewapp.services.media import remove_medium
from reviewapp.services.routings import draw

# A camera's clock may run a little ahead of ours.
CLOCK_TOLERANCE = timedelta(minutes=5)
# Until then nobody but a replay routes the items that it brought.
REPLAY_TAKES = timedelta(hours=1)

# Places of fields in a staged line, and what stands for what in COPY's text.
EXTERNAL_ID, MEDIA_PATH = 0, 7
NULL = "\\N"
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
    """A text in the form in which it is kept, and the hash of what was sent."""

    text: str
    original_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One checked item on its way in: a row, a text or a stored medium, measured."""

    external_id: str
    group: str = ""
    captured_at: datetime | None = None
    input_metrics: dict[str, float] = field(default_factory=dict)
    values: dict[str, object] | None = None
    text: CheckedText | None = None
    medium: StoredMedium | None = None

    def staged(self) -> str:
        """Write the arrival as a line of PostgreSQL's COPY text, without its draws.

        Its content is hashed, to tell a repeat from another item of the same name.
        """
        medium, text = self.medium, self.text
        values = NULL if self.values is None else _json(self.values)
        captured = self.captured_at.isoformat() if self.captured_at else NULL
        sent = medium or text
        content = sent.original_sha256 if sent else values
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
            f"{_json(self.input_metrics)}\t{values}\t{_text(text.text if text else '')}"
            f"\t{media}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedItem:
    """What became of one arrival."""

    external_id: str
    public_id: UUID
    is_new: bool


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
    known = store_staged(line, staged, at=at, is_replay=as_of is not None)
    return [known[arrival.external_id] for arrival in arrivals]


def store_staged(
    line: ProductLine,
    staged: Sequence[str],
    *,
    at: datetime,
    is_replay: bool = False,
) -> dict[str, ReceivedItem]:
    """Store a batch of staged arrivals in one transaction, by external id.

    A replayed history predicts its items itself, at its own time; the sweeps leave
    them alone.

    Media that no row came to point at, because their items were known or refused, are
    removed from disk.
    """
    try:
        received = _store(line, staged, at=at, is_replay=is_replay)
    except RefusedError:
        discard_media(staged)
        raise
    discard_media(
        text for text in staged if not received[_read(text, EXTERNAL_ID)].is_new
    )
    return received


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
    line: ProductLine, staged: Sequence[str], *, at: datetime, is_replay: bool
) -> dict[str, ReceivedItem]:
    with transaction.atomic(), connection.cursor() as cursor:
        line = ProductLine.objects.select_related("policy__live").get(pk=line.pk)
        if line.archived_at is not None:
            raise ConflictError(
                f"Line {line.name} is archived and takes no items.",
                code="line_archived",
            )
        cursor.execute(MAKE_STAGING)
        cursor.execute(CLEAR_STAGING)
        ids = _new_item_ids(len(staged))
        with cursor.copy(COPY_STAGED) as copy:
            copy.write("".join(_with_draws(line, staged, ids)))
        cursor.execute(SPREAD, _spread_parameters(line, at=at, is_replay=is_replay))
        cursor.execute(READ_KNOWN, [line.pk])
        rows = cursor.fetchall()
        _refuse_other_content([row for row in rows if not row[3]])
    return {
        external_id: ReceivedItem(
            external_id=external_id, public_id=public_id, is_new=is_new
        )
        for external_id, public_id, is_new, _is_same in rows
    }


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


def _new_item_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('reviewapp_item_id_seq') FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def _with_draws(
    line: ProductLine, staged: Sequence[str], ids: Sequence[int]
) -> Iterator[str]:
    for item_id, text in zip(ids, staged, strict=True):
        d = draw(line, item_id)
        yield (f"{text}\t{item_id}\t{d.look}\t{d.canary}\t{d.candidate}\t{d.overlap}\n")


def _json(value: object) -> str:
    return _compact(value).replace("\\", "\\\\")


# made once: dumps() with separators makes an encoder anew at each call
_compact = json.JSONEncoder(separators=(",", ":")).encode


def _text(value: str) -> str:
    if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
        value = value.replace("\\", "\\\\").replace("\t", "\\t")
        return value.replace("\n", "\\n").replace("\r", "\\r")
    return value


def _spread_parameters(
    line: ProductLine, *, at: datetime, is_replay: bool
) -> dict[str, datetime | float | str | bool | None]:
    in_force: Policy = line.in_force
    is_routed_now = in_force.automation_level <= policy.AutomationLevel.SHADOW
    routing = policy.route(in_force.terms(), None, policy.Draws(look=0, canary=0))
    is_predicted = bool(in_force.live_id or in_force.candidate_id) and not is_replay
    deadline = at + timedelta(seconds=line.prediction_deadline_s)
    if is_replay:
        deadline = timezone.now() + REPLAY_TAKES
    return {
        "line": line.pk,
        "schema": line.schema_id,
        "at": at,
        "predict_after": at if is_predicted else None,
        "route_by": None if is_routed_now else deadline,
        "is_routed_now": is_routed_now,
        "policy": in_force.pk,
        "version": in_force.live_id,
        "because": routing.because.value,
        "canary_share": in_force.canary_share,
        "candidate_share": in_force.candidate_share,
        "overlap_share": in_force.overlap_share,
    }


def _refuse_other_content(changed: Sequence[tuple[str, UUID, bool, bool]]) -> None:
    faults = tuple(
        Fault(
            code="external_id_conflict",
            message=f"External id {external_id!r} is known with other content.",
            where={"item": external_id},
        )
        for external_id, *_rest in changed[:20]
    )
    if faults:
        raise ConflictError(
            f"{faults[0].message} Send it under another id; nothing was stored.",
            code="external_id_conflict",
            faults=faults,
        )
