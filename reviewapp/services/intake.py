"""How a batch of staged arrivals becomes rows: lines of COPY for four tables.

A staged arrival is one line of PostgreSQL's COPY text: the external id, group, capture
time, content hash and input metrics of an item, then the columns of its payload. What
the server adds (ids, lottery numbers, times) is put around them here. COPY stores a row
at little more than half of what INSERT takes.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from reviewapp import policy
from reviewapp.models import Policy, ProductLine, QueueTerms
from reviewapp.order import PRIORITY_STEP
from reviewapp.services.routings import ItemDraws, draw

# Until then nobody but a replay routes the items that it brought.
REPLAY_TAKES = timedelta(hours=1)

NULL = "\\N"
# Fields of a staged line before those of its payload.
PRIORITY, OF_ITEM = 5, 6

# The two bits that say which kind of UUID it is, over any hexadecimal digit.
VARIANTS = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}

# One look into the index of names for each arrival: LIMIT keeps the planner, whose
# figures are old while millions arrive, from reading the whole table instead.
READ_KNOWN = """
SELECT name, item.public_id, item.content_sha256
FROM unnest(%s::text[]) AS name
    CROSS JOIN LATERAL (
        SELECT public_id, content_sha256 FROM reviewapp_item
        WHERE line_id = %s AND external_id = name
        LIMIT 1
    ) AS item
"""

TAKE_IDS = """
SELECT nextval('reviewapp_item_id_seq'),
    CASE WHEN %s THEN nextval('reviewapp_routing_id_seq') END
FROM generate_series(1, %s)
"""

# Foreign keys are checked at commit, so an item may name its routing before the
# routing is there.
COPY_ITEMS = """
COPY reviewapp_item (
    id, public_id, line_id, external_id, "group", captured_at, received_at, occurred_at,
    content_sha256, input_metrics, priority, predict_after, predict_attempts, route_by,
    routing_id
) FROM STDIN
"""

COPY_PAYLOADS = """
COPY reviewapp_payload (
    item_id, schema_id, "values", "text", media_path, media_type, media_sha256,
    width, height, original_sha256, original_name, spans
) FROM STDIN
"""

COPY_ROUTINGS = """
COPY reviewapp_routing (
    id, item_id, policy_id, version_id, route, may_decide, was_held, inclusion,
    because, look_draw, canary_draw, canary_share, candidate_draw, candidate_share,
    overlap_draw, overlap_share, routed_at
) FROM STDIN
"""

COPY_REVIEWS = """
COPY reviewapp_review (
    public_id, item_id, line_id, read_number, priority, queued_at, due_at, excluded,
    awaits_second_thought
) FROM STDIN
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What all items of a batch share, as COPY writes it; ids are the database's."""

    line: ProductLine
    at: str
    predict_after: str
    route_by: str
    is_routed_now: bool
    routed: str
    shares: tuple[float, float, float]
    reads: int
    due_at: str


def terms_of(line: ProductLine, *, at: datetime, is_replay: bool) -> Terms:
    """Read from the policy in force what becomes of items that arrive now."""
    in_force: Policy = line.in_force
    is_routed_now = not in_force.automation_level.may_suggest
    routing = policy.route(in_force.terms(), None, policy.Draws(look=0, canary=0))
    is_predicted = bool(in_force.live_id or in_force.candidate_id) and not is_replay
    deadline = at + timedelta(seconds=line.prediction_deadline_s)
    if is_replay:
        deadline = timezone.now() + REPLAY_TAKES
    version = in_force.live_id or NULL
    due_after = QueueTerms.objects.of_line(line).due_after
    due_at = at + due_after if due_after else None
    return Terms(
        line=line,
        at=at.isoformat(),
        predict_after=at.isoformat() if is_predicted else NULL,
        route_by=NULL if is_routed_now else deadline.isoformat(),
        is_routed_now=is_routed_now,
        routed=(f"{in_force.pk}\t{version}\tblind\tf\tf\t1.0\t{routing.because.value}"),
        shares=(
            in_force.canary_share,
            in_force.candidate_share,
            in_force.overlap_share,
        ),
        reads=in_force.reads_per_item,
        due_at=due_at.isoformat() if due_at else NULL,
    )


def read_known(
    cursor: CursorWrapper, line: ProductLine, names: Sequence[str]
) -> dict[str, tuple[str, str]]:
    """Give public id and content hash of the names that the line knows already."""
    cursor.execute(READ_KNOWN, [list(names), line.pk])
    return {name: (str(public), sha256) for name, public, sha256 in cursor.fetchall()}


def copy_rows(terms: Terms, staged: Sequence[str]) -> list[str]:
    """Store items with payloads and, where no model is asked, routings and reviews.

    Returns
    -------
    list of str
        The items' public ids, in the order of ``staged``.
    """
    with connection.cursor() as cursor:
        cursor.execute(TAKE_IDS, [terms.is_routed_now, len(staged)])
        ids = cursor.fetchall()
        public_ids = _random_uuids(len(staged))
        fields = [text.split("\t", OF_ITEM) for text in staged]
        placed = list(zip(ids, fields, strict=True))
        _copy(cursor, COPY_ITEMS, _items(terms, placed, public_ids))
        _copy(cursor, COPY_PAYLOADS, _payloads(terms, placed))
        if terms.is_routed_now:
            draws = [draw(terms.line, item_id) for item_id, _routing_id in ids]
            _copy(cursor, COPY_ROUTINGS, _routings(terms, ids, draws))
            _copy(cursor, COPY_REVIEWS, _reviews(terms, placed, draws))
    return public_ids


def _copy(cursor: CursorWrapper, statement: str, lines: Iterator[str]) -> None:
    with cursor.copy(statement) as copy:
        copy.write("".join(lines))


def _items(
    terms: Terms,
    placed: list[tuple[tuple[int, int | None], list[str]]],
    public_ids: Sequence[str],
) -> Iterator[str]:
    line, at = terms.line.pk, terms.at
    ends = f"{terms.predict_after}\t0\t{terms.route_by}"
    for ((item_id, routing_id), fields), public_id in zip(
        placed, public_ids, strict=True
    ):
        name, group, captured, sha256, metrics, priority, _payload = fields
        occurred = at if captured == NULL else captured
        yield (
            f"{item_id}\t{public_id}\t{line}\t{name}\t{group}\t{captured}\t{at}\t"
            f"{occurred}\t{sha256}\t{metrics}\t{priority}\t{ends}\t"
            f"{routing_id or NULL}\n"
        )


def _payloads(
    terms: Terms, placed: list[tuple[tuple[int, int | None], list[str]]]
) -> Iterator[str]:
    schema = terms.line.schema_id or NULL
    for (item_id, _routing_id), fields in placed:
        payload = fields[OF_ITEM]
        of_schema = NULL if payload.startswith(NULL) else schema
        yield f"{item_id}\t{of_schema}\t{payload}\n"


def _routings(
    terms: Terms, ids: Sequence[tuple[int, int | None]], draws: Sequence[ItemDraws]
) -> Iterator[str]:
    canary, candidate, overlap = terms.shares
    for (item_id, routing_id), drawn in zip(ids, draws, strict=True):
        yield (
            f"{routing_id}\t{item_id}\t{terms.routed}\t{drawn.look}\t{drawn.canary}\t"
            f"{canary}\t{drawn.candidate}\t{candidate}\t{drawn.overlap}\t{overlap}\t"
            f"{terms.at}\n"
        )


def _reviews(
    terms: Terms,
    placed: list[tuple[tuple[int, int | None], list[str]]],
    draws: Sequence[ItemDraws],
) -> Iterator[str]:
    """Ask for as many reads of each item as the line does, and two in the overlap.

    All of them are evidence: none is put off, see ``order.py``.
    """
    line, at = terms.line.pk, terms.at
    overlap = terms.shares[-1]
    wanted = [max(terms.reads, 2 if drawn.overlap < overlap else 1) for drawn in draws]
    public_ids = iter(_random_uuids(sum(wanted)))
    for ((item_id, _routing_id), fields), reads in zip(placed, wanted, strict=True):
        priority = PRIORITY_STEP * int(fields[PRIORITY])
        for read in range(1, reads + 1):
            yield (
                f"{next(public_ids)}\t{item_id}\t{line}\t{read}\t{priority}\t{at}\t"
                f"{terms.due_at}\t{{}}\tf\n"
            )


def _random_uuids(count: int) -> list[str]:
    """Draw version 4 UUIDs as text, many at once (RFC 9562, section 5.4)."""
    drawn = secrets.token_hex(16 * count)
    return [
        f"{drawn[at : at + 12]}4{drawn[at + 13 : at + 16]}"
        f"{VARIANTS[drawn[at + 16]]}{drawn[at + 17 : at + 32]}"
        for at in range(0, 32 * count, 32)
    ]
