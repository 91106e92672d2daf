"""The order of a queue: setting it, putting what waits into it, and what falls due.

What waits is put into a new order by a worker, in short batches that pass over any row
which somebody has locked: nobody who answers waits for it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from reviewapp import policy
from reviewapp.errors import ConflictError
from reviewapp.lottery import lottery
from reviewapp.models import (
    Job,
    JobKind,
    OrderChoices,
    ProductLine,
    QueueTerms,
    Review,
    User,
)
from reviewapp.order import put_off
from reviewapp.services.jobs import Progress, ask_for
from reviewapp.services.locks import Sweep, try_sweep
from reviewapp.services.records import record

BATCH = 500
# A review that is this near its due time comes before all that are not.
NEAR = 0.1
# How often what was locked is tried again; who has it in hand then keeps it.
ROUNDS = 3

PLACE = """
WITH free AS (
    SELECT id FROM reviewapp_review
    WHERE id = ANY(%(ids)s) AND closed_at IS NULL
    ORDER BY id FOR UPDATE SKIP LOCKED
), placed AS (
    SELECT * FROM unnest(
        %(ids)s::bigint[], %(queued)s::timestamptz[], %(deferred)s::timestamptz[],
        %(due)s::timestamptz[]
    ) AS given(id, queued_at, deferred_to, due_at)
), moved AS (
    UPDATE reviewapp_review AS review
    SET deferred_to = placed.deferred_to, due_at = placed.due_at
    FROM placed JOIN free ON free.id = placed.id
    WHERE review.id = placed.id AND review.queued_at = placed.queued_at
        AND (review.deferred_to, review.due_at)
            IS DISTINCT FROM (placed.deferred_to, placed.due_at)
    RETURNING review.id
)
SELECT (SELECT array_agg(id) FROM free), (SELECT count(*) FROM moved)
"""

BRING_FORWARD = """
UPDATE reviewapp_review SET deferred_to = NULL WHERE id IN (
    SELECT id FROM reviewapp_review
    WHERE line_id = %(line)s AND closed_at IS NULL AND deferred_to IS NOT NULL
        AND due_at <= clock_timestamp() + make_interval(secs => %(near_s)s)
    ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What of a waiting review its place is made of; an adjudication is never put off.

    It has no confidence here, as if no version had answered.
    """

    review_id: int
    item_id: int
    queued_at: datetime
    route: policy.Route
    confidence: float | None


@transaction.atomic
def set_order(
    line: ProductLine,
    *,
    rule: OrderChoices,
    age_share: float,
    due_after_min: int | None,
    by: User,
) -> QueueTerms:
    """Say what of a line comes first and when it is due; what waits is put in order.

    Raises
    ------
    ConflictError
        If what waits is still being put into the order before.
    """
    ProductLine.objects.select_for_update(no_key=True).only("pk").get(pk=line.pk)
    terms = QueueTerms.objects.filter(line=line).first() or QueueTerms(line=line)
    given: dict[str, Any] = {
        "rule": rule,
        "age_share": age_share,
        "due_after_min": due_after_min,
    }
    changed = {name for name, new in given.items() if getattr(terms, name) != new}
    if not changed:
        return terms
    if line.jobs.unfinished().filter(kind=JobKind.PLACING).exists():
        raise ConflictError(
            _("What waits is still being put in order. Change it when that is done.")
        )
    for name, new in given.items():
        setattr(terms, name, new)
    terms.save()
    ask_for(JobKind.PLACING, line, by=by)
    record(
        "line.order_set",
        actor=by.pseudonym,
        line=line,
        details={**given, "rule": str(rule)},
    )
    return terms


def place_what_waits(job: Job, progress: Progress) -> dict[str, Any]:
    """Put the reviews that wait on a job's line where its order has them."""
    if job.line is None:
        raise ConflictError(_("A queue is put in order for one line."))
    terms = QueueTerms.objects.of_line(job.line)
    total = Review.objects.waiting_on(job.line).count()
    progress(0, total)
    moved, done, after = 0, 0, 0
    while batch := _waiting(job.line, after=after):
        after = batch[-1].review_id
        left = batch
        for _round in range(ROUNDS):
            placed, count = _place(left, terms)
            left = [one for one in left if one.review_id not in placed]
            moved += count
        done += len(batch) - len(left)
        progress(done, max(total, done))
    return {"waiting": done, "moved": moved}


def _waiting(line: ProductLine, *, after: int) -> list[Waiting]:
    rows = (
        Review.objects.waiting_on(line)
        .filter(pk__gt=after, item__routing__isnull=False)
        .order_by("pk")
        .values_list(
            "pk",
            "item_id",
            "queued_at",
            "item__routing__route",
            "item__routing__prediction__confidence",
            "is_adjudication",
        )
    )
    return [
        Waiting(
            review_id=review_id,
            item_id=item_id,
            queued_at=queued_at,
            route=policy.Route(route),
            confidence=None if settles else confidence,
        )
        for review_id, item_id, queued_at, route, confidence, settles in rows[:BATCH]
    ]


def _place(batch: list[Waiting], terms: QueueTerms) -> tuple[set[int], int]:
    """Place a batch; give the reviews that nobody had locked, and how many moved."""
    deferred, order = [], terms.order
    for one in batch:
        later = put_off(
            order,
            route=one.route,
            confidence=one.confidence,
            draw=lottery(terms.salt, one.item_id),
        )
        deferred.append(one.queued_at + later if later else None)
    with connection.cursor() as cursor:
        cursor.execute(
            PLACE,
            {
                "ids": [one.review_id for one in batch],
                "queued": [one.queued_at for one in batch],
                "deferred": deferred,
                "due": [terms.due_at(one.queued_at) for one in batch],
            },
        )
        free, moved = cursor.fetchone()
    return set(free or ()), moved


def bring_forward(*, limit: int = 1_000) -> int:
    """Give what is put off and near its due time the place of its age; say how many.

    From then on it comes before everything on its line that is not so near.
    """
    moved = 0
    lines = QueueTerms.objects.filter(due_after_min__isnull=False).exclude(
        rule=OrderChoices.OLDEST
    )
    with transaction.atomic():
        if not try_sweep(Sweep.BRING_FORWARD):
            return 0
        for terms in lines:
            if terms.due_after is None:
                continue
            near_s = NEAR * terms.due_after.total_seconds()
            with connection.cursor() as cursor:
                cursor.execute(
                    BRING_FORWARD,
                    {"line": terms.line_id, "near_s": near_s, "limit": limit},
                )
                moved += cursor.rowcount
    return moved
