"""Receiving items: many at once, each external id once, routed where no model is asked.

One transaction copies a batch into a staging table of the connection and spreads it
over the tables in one statement, so that a million rows cost no more memory than one
batch. The lottery numbers are drawn from the item's own id before it is stored.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from reviewapp import policy
from reviewapp.errors import ConflictError, Fault
from reviewapp.models import Policy, ProductLine
from reviewapp.services.intake import COPY_STAGED, MAKE_STAGING, READ_KNOWN, SPREAD
from reviewapp.services.routings import ItemDraws, draw

# A camera's clock may run a little ahead of ours.
CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMedium:
    """A derivative that is already on disk, and what was sent."""

    path: str
    media_type: str
    sha256: str
    width: int
    height: int
    original_sha256: str
    original_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One checked item on its way in: a table row or a stored medium, measured."""

    external_id: str
    group: str = ""
    captured_at: datetime | None = None
    input_metrics: dict[str, float] = field(default_factory=dict)
    values: dict[str, object] | None = None
    medium: StoredMedium | None = None

    def content_sha256(self) -> str:
        """Hash what was sent, to tell a repeat from another item of the same name."""
        content = (
            self.medium.original_sha256
            if self.medium
            else json.dumps(self.values, sort_keys=True, separators=(",", ":"))
        )
        captured = self.captured_at.isoformat() if self.captured_at else ""
        return sha256(f"{content}|{self.group}|{captured}".encode()).hexdigest()


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
    with transaction.atomic(), connection.cursor() as cursor:
        line = ProductLine.objects.select_related("policy__live").get(pk=line.pk)
        if line.archived_at is not None:
            raise ConflictError(
                f"Line {line.name} is archived and takes no items.",
                code="line_archived",
            )
        cursor.execute(MAKE_STAGING)
        ids = _new_item_ids(len(arrivals))
        with cursor.copy(COPY_STAGED) as copy:
            copy.write("".join(_staged_lines(line, arrivals, ids)))
        cursor.execute(SPREAD, _spread_parameters(line, at=at))
        cursor.execute(READ_KNOWN, [line.pk])
        known = {row[0]: row[1:] for row in cursor.fetchall()}
        _refuse_other_content(arrivals, known)
    return [
        ReceivedItem(
            external_id=arrival.external_id,
            public_id=known[arrival.external_id][0],
            is_new=known[arrival.external_id][1],
        )
        for arrival in arrivals
    ]


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


def _staged_lines(
    line: ProductLine, arrivals: Sequence[Arrival], ids: Sequence[int]
) -> Iterator[str]:
    """Write arrivals as PostgreSQL's COPY text, one line each."""
    for item_id, arrival in zip(ids, arrivals, strict=True):
        draws: ItemDraws = draw(line, item_id)
        medium = arrival.medium
        media = (
            f"{_text(medium.path)}\t{medium.media_type}\t{medium.sha256}\t"
            f"{medium.width}\t{medium.height}\t{medium.original_sha256}\t"
            f"{_text(medium.original_name)}"
            if medium
            else "\t\t\t\\N\t\\N\t\t"
        )
        captured = arrival.captured_at.isoformat() if arrival.captured_at else "\\N"
        values = "\\N" if arrival.values is None else _json(arrival.values)
        yield (
            f"{item_id}\t{_text(arrival.external_id)}\t{_text(arrival.group)}\t"
            f"{captured}\t{arrival.content_sha256()}\t{_json(arrival.input_metrics)}\t"
            f"{values}\t{media}\t{draws.look}\t{draws.canary}\t{draws.candidate}\t"
            f"{draws.overlap}\n"
        )


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":")).replace("\\", "\\\\")


def _text(value: str) -> str:
    if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
        value = value.replace("\\", "\\\\").replace("\t", "\\t")
        return value.replace("\n", "\\n").replace("\r", "\\r")
    return value


def _spread_parameters(
    line: ProductLine, *, at: datetime
) -> dict[str, datetime | float | str | bool | None]:
    in_force: Policy = line.in_force
    is_routed_now = in_force.automation_level <= policy.AutomationLevel.SHADOW
    routing = policy.route(in_force.terms(), None, policy.Draws(look=0, canary=0))
    has_version = bool(in_force.live_id or in_force.candidate_id)
    deadline = at + timedelta(seconds=line.prediction_deadline_s)
    return {
        "line": line.pk,
        "schema": line.schema_id,
        "at": at,
        "predict_after": at if has_version else None,
        "route_by": None if is_routed_now else deadline,
        "is_routed_now": is_routed_now,
        "policy": in_force.pk,
        "version": in_force.live_id,
        "because": routing.because.value,
        "canary_share": in_force.canary_share,
        "candidate_share": in_force.candidate_share,
        "overlap_share": in_force.overlap_share,
    }


def _refuse_other_content(
    arrivals: Sequence[Arrival], known: dict[str, tuple[UUID, bool, bool]]
) -> None:
    faults = tuple(
        Fault(
            code="external_id_conflict",
            message=f"External id {arrival.external_id!r} is known with other content.",
            where={"pointer": f"/items/{position}/external_id"},
        )
        for position, arrival in enumerate(arrivals)
        if not known[arrival.external_id][2]
    )
    if faults:
        raise ConflictError(
            f"{faults[0].message} Send it under another id; nothing was stored.",
            code="external_id_conflict",
            faults=faults,
        )
