"""Why an item comes when it comes: the place of each of its reviews, and its reason."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from reviewapp import policy
from reviewapp.lottery import lottery
from reviewapp.models import Item, ProductLine, QueueTerms, Review
from reviewapp.order import PRIORITY_STEP, Order, Placed, placed_by
from reviewapp.services.queues import COUNTED_UP_TO


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a review stands in its line's queue.

    ``before`` counts those that come first, up to a limit; ``goes_first`` says that it
    comes before others of its ``priority``; ``deferred_to`` is when it counts as
    queued, where that is later than it was.
    """

    read_number: int
    priority: int
    goes_first: bool
    is_adjudication: bool
    is_in_front: bool
    is_reserved: bool
    queued_at: datetime
    due_at: datetime | None
    is_overdue: bool
    placed: Placed
    confidence: float | None
    draw: float
    age_share: float
    deferred_to: datetime | None
    before: int
    waiting: int

    @property
    def is_counted_whole(self) -> bool:
        """Say whether ``before`` is exact."""
        return self.before < COUNTED_UP_TO


def places_of(item: Item, line: ProductLine) -> list[Place]:
    """Give the places of an item's waiting reviews; gold is nobody's backlog."""
    routing = item.routing
    if routing is None:
        return []
    terms = QueueTerms.objects.of_line(line)
    answer = routing.prediction
    confidence = answer.confidence if answer else None
    route = policy.Route(routing.route)
    draw = lottery(terms.salt, item.pk)
    return [
        _place(
            review,
            order=terms.order,
            route=route,
            confidence=confidence,
            draw=draw,
            waiting=line.state.waiting,
        )
        for review in item.reviews.waiting().order_by("read_number")
    ]


def _place(
    review: Review,
    *,
    order: Order,
    route: policy.Route,
    confidence: float | None,
    draw: float,
    waiting: int,
) -> Place:
    now = timezone.now()
    is_held = review.claimed_until is not None and review.claimed_until >= now
    before = Review.objects.waiting().before(review)[:COUNTED_UP_TO].count()
    return Place(
        read_number=review.read_number,
        priority=review.priority // PRIORITY_STEP,
        goes_first=review.priority % PRIORITY_STEP > 0,
        is_adjudication=review.is_adjudication,
        is_in_front=is_held and not review.is_reserved,
        is_reserved=is_held and review.is_reserved,
        queued_at=review.queued_at,
        due_at=review.due_at,
        is_overdue=review.due_at is not None and review.due_at < now,
        placed=placed_by(order, route=route, confidence=confidence, draw=draw),
        confidence=confidence,
        draw=draw,
        age_share=order.age_share,
        deferred_to=review.deferred_to,
        before=before,
        waiting=max(waiting, before + 1),
    )
