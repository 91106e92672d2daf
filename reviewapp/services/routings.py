"""Routing: asking the policy what happens to items, and doing it.

The model's decisions are made here and nowhere else, in short batches that hold the
line's lock shared and read the policy inside.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from reviewapp import policy
from reviewapp.lottery import lottery
from reviewapp.models import (
    ClockNow,
    DecidedBy,
    Decision,
    Item,
    LineState,
    Policy,
    Prediction,
    ProductLine,
    QueueTerms,
    Review,
    Routing,
)
from reviewapp.models.policies import policy_by_id
from reviewapp.order import PRIORITY_STEP, put_off
from reviewapp.services.decisions import decide_by_model
from reviewapp.services.locks import share_line

BATCH = 200
Stamp = datetime | ClockNow

POINT_ITEMS = """
UPDATE reviewapp_item AS item
SET routing_id = made.routing_id,
    decision_id = coalesce(made.decision_id, item.decision_id),
    route_by = NULL
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])
    AS made(item_id, routing_id, decision_id)
WHERE item.id = made.item_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDraws:
    """All lottery numbers of one item, each in [0, 1)."""

    look: float
    canary: float
    candidate: float
    overlap: float


def draw(line: ProductLine, item_id: int) -> ItemDraws:
    """Draw an item's numbers: always the same, and known to nobody outside."""
    return ItemDraws(
        look=lottery(line.look_salt, item_id),
        canary=lottery(line.canary_salt, item_id),
        candidate=lottery(line.candidate_salt, item_id),
        overlap=lottery(line.overlap_salt, item_id),
    )


def draw_style(line: ProductLine, item_id: int, route: policy.Route) -> float | None:
    """Draw when an assisted item's reader meets the prediction; ``None`` for others."""
    if route is not policy.Route.ASSISTED:
        return None
    return lottery(line.style_salt, item_id)


def is_monitor_silent(line: ProductLine, in_force: Policy, *, at: datetime) -> bool:
    """Say whether the monitor's last judgement is older than the policy allows."""
    state = LineState.objects.filter(line=line).first()
    if state is None or state.judged_at is None:
        return True
    return at - state.judged_at > timedelta(seconds=in_force.judgement_max_age_s)


def route_items(
    line_id: int, item_ids: Iterable[int], *, as_of: datetime | None = None
) -> int:
    """Route those of the items that still wait for it; return how many."""
    ids = sorted(item_ids)
    routed = 0
    for start in range(0, len(ids), BATCH):
        routed += _route_batch(line_id, ids[start : start + BATCH], as_of=as_of)
    return routed


def route_overdue(*, limit: int = 1_000) -> int:
    """Route the items whose prediction did not come in time; return how many.

    They go to people: a dead worker strands nothing.
    """
    due = Item.objects.filter(route_by__lte=timezone.now()).order_by("route_by")
    by_line: dict[int, list[int]] = {}
    for item_id, line_id in due.values_list("pk", "line_id")[:limit]:
        by_line.setdefault(line_id, []).append(item_id)
    return sum(route_items(line_id, ids) for line_id, ids in by_line.items())


@transaction.atomic
def _route_batch(line_id: int, ids: Sequence[int], *, as_of: datetime | None) -> int:
    line = ProductLine.objects.get(pk=line_id)
    share_line(line)
    line = ProductLine.objects.select_related(
        "policy__live", "policy__candidate", "queue_terms"
    ).get(pk=line_id)
    in_force = line.in_force
    stamp = as_of or ClockNow()
    is_held = is_monitor_silent(line, in_force, at=as_of or timezone.now())
    terms = in_force.terms(is_held=is_held)
    items = list(
        Item.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk__in=ids, route_by__isnull=False)
        .order_by("pk")
    )
    versions = [v for v in (in_force.live, in_force.candidate) if v is not None]
    answers = {
        (answer.item_id, answer.version_id): answer
        for answer in Prediction.objects.filter(
            item__in=items, version__in=versions, error=""
        ).select_related("label_class")
    }
    routings = Routing.objects.bulk_create(
        _routing(
            item,
            line=line,
            in_force=in_force,
            terms=terms,
            answers=answers,
            stamp=stamp,
        )
        for item in items
    )
    decisions = decide_by_model(
        [
            Decision(
                item=routing.item,
                decided_by=DecidedBy.MODEL,
                label_class=routing.prediction.label_class,
                routing=routing,
                policy=in_force,
                decided_at=stamp,
            )
            for routing in routings
            if routing.may_decide and routing.prediction is not None
        ]
    )
    queue = QueueTerms.objects.of_line(line)
    Review.objects.bulk_create(
        review
        for routing in routings
        for review in reviews_asked_by(routing, queue=queue, stamp=stamp)
    )
    _point(routings, decisions)
    return len(items)


def _routing(
    item: Item,
    *,
    line: ProductLine,
    in_force: Policy,
    terms: policy.Policy,
    answers: dict[tuple[int, int], Prediction],
    stamp: Stamp,
) -> Routing:
    draws = draw(line, item.pk)
    held_to = policy.deciding(terms, draws.candidate)
    version = in_force.live if held_to is terms else in_force.candidate
    answer = answers.get((item.pk, version.pk)) if version else None
    prediction = answer.answer(held_to.live or "") if answer else None
    routed = policy.route(
        held_to, prediction, policy.Draws(look=draws.look, canary=draws.canary)
    )
    return Routing(
        item=item,
        policy=in_force,
        version=version,
        prediction=answer,
        route=routed.route.value,
        may_decide=routed.may_decide,
        was_held=terms.is_held,
        inclusion=routed.inclusion,
        because=routed.because.value,
        look_draw=draws.look,
        look_share=routed.look_share,
        canary_draw=draws.canary,
        canary_share=terms.canary_share,
        candidate_draw=draws.candidate,
        candidate_share=in_force.candidate_share,
        overlap_draw=draws.overlap,
        overlap_share=in_force.overlap_share,
        style_draw=draw_style(line, item.pk, routed.route),
        routed_at=stamp,
    )


def reads_wanted(routing: Routing) -> int:
    """Count the readers an item is drawn for.

    As many as the policy asks for, and two where it asks for one and the overlap
    lottery says so.
    """
    asked = policy_by_id(routing.policy_id)
    if routing.route == policy.Route.AUDIT.value:
        return asked.audit_reads
    is_overlap = routing.overlap_draw < routing.overlap_share
    is_blind = routing.route == policy.Route.BLIND.value
    return max(asked.reads_per_item, 2 if is_blind and is_overlap else 1)


def reviews_asked_by(
    routing: Routing, *, queue: QueueTerms, stamp: Stamp
) -> list[Review]:
    """Make the reviews that a routing asks for; none where the model decides alone."""
    if routing.route == policy.Route.AUTOMATIC.value:
        return []
    answer = routing.prediction
    later = put_off(
        queue.order,
        route=policy.Route(routing.route),
        confidence=answer.confidence if answer else None,
        draw=lottery(queue.salt, routing.item_id),
    )
    return [
        Review(
            item_id=routing.item_id,
            line_id=routing.item.line_id,
            read_number=number + 1,
            priority=PRIORITY_STEP * routing.item.priority,
            queued_at=stamp,
            due_at=queue.due_at(stamp),
            deferred_to=stamp + later if later else None,
        )
        for number in range(reads_wanted(routing))
    ]


def _point(routings: Sequence[Routing], decisions: Sequence[Decision]) -> None:
    decided = {decision.item_id: decision.pk for decision in decisions}
    with connection.cursor() as cursor:
        cursor.execute(
            POINT_ITEMS,
            [
                [routing.item_id for routing in routings],
                [routing.pk for routing in routings],
                [decided.get(routing.item_id) for routing in routings],
            ],
        )
