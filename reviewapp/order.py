"""In which order what waits comes to people.

Among reviews of one priority the earlier one comes first. A line may let the ones that
its model is sure of wait for those it is not: they count as queued later than they
were, by their confidence times the line's patience. So a place is worked out once, it
never changes while the clock runs, and nothing waits for ever.

What evidence rests on is never put off. Had confidence a say in which blind labels come
first, the labels given so far would be no fair sample of the items.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from reviewapp.policy import Route

# How long the surest item lets others go first where the line has no due time.
USUAL_PATIENCE = timedelta(days=7)
# A sender's priorities lie so far apart, so that what goods or readers wait for already
# comes before other work of its own priority and of no other.
PRIORITY_STEP = 10
HIGHEST_PRIORITY = 9


class OrderRule(StrEnum):
    """What comes first among reviews of one priority."""

    OLDEST = "oldest"
    UNSURE = "unsure"
    MIXED = "mixed"


class Placed(StrEnum):
    """What gave a review its place: the first reason that settled it."""

    OLDEST = "oldest"
    EVIDENCE = "evidence"
    SENT_BACK = "sent_back"
    NO_PREDICTION = "no_prediction"
    DRAWN = "drawn"
    CONFIDENCE = "confidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How a line puts its queue in order.

    ``age_share`` is the share that keeps the order of age under the mixed rule, drawn
    by a lottery of the line. ``due_after`` is when a review is due after it was queued;
    ``None`` if never.
    """

    rule: OrderRule = OrderRule.OLDEST
    age_share: float = 0.2
    due_after: timedelta | None = None

    def __post_init__(self) -> None:
        """Refuse a mixture without a representative share, and a due time at once."""
        if not 0 < self.age_share <= 1:
            raise ValueError(
                f"The share in order of age is {self.age_share}: more than 0, at most "
                "1."
            )
        if self.due_after is not None and self.due_after <= timedelta(0):
            raise ValueError(f"A review is due after {self.due_after}: more than 0.")

    @property
    def patience(self) -> timedelta:
        """How long the surest item lets others go first."""
        return self.due_after or USUAL_PATIENCE


def placed_by(
    order: Order, *, route: Route, confidence: float | None, draw: float
) -> Placed:
    """Say what gives a review its place.

    Parameters
    ----------
    order : Order
    route : Route
        How its item was routed.
    confidence : float or None
        In [0, 1], of the version the item was held to; ``None`` if it gave no answer.
    draw : float
        The item's number in the lottery of the order, in [0, 1).
    """
    if order.rule is OrderRule.OLDEST:
        return Placed.OLDEST
    match route:
        case Route.BLIND | Route.AUDIT:
            return Placed.EVIDENCE
        case Route.AUTOMATIC:
            return Placed.SENT_BACK
        case Route.ASSISTED:
            return _placed_assisted(order, confidence=confidence, draw=draw)
        case never:
            assert_never(never)


def _placed_assisted(order: Order, *, confidence: float | None, draw: float) -> Placed:
    """Say what gives a review its place whose label no gate reads."""
    if confidence is None:
        return Placed.NO_PREDICTION
    match order.rule:
        case OrderRule.OLDEST:
            return Placed.OLDEST
        case OrderRule.MIXED if draw < order.age_share:
            return Placed.DRAWN
        case OrderRule.MIXED | OrderRule.UNSURE:
            return Placed.CONFIDENCE
        case never:
            assert_never(never)


def put_off(
    order: Order, *, route: Route, confidence: float | None, draw: float
) -> timedelta | None:
    """Say how much later than it was queued a review counts; ``None`` if not at all.

    Examples
    --------
    >>> order = Order(rule=OrderRule.UNSURE, due_after=timedelta(hours=10))
    >>> put_off(order, route=Route.ASSISTED, confidence=0.9, draw=0.5)
    datetime.timedelta(seconds=32400)
    >>> put_off(order, route=Route.BLIND, confidence=0.9, draw=0.5) is None
    True
    """
    placed = placed_by(order, route=route, confidence=confidence, draw=draw)
    if placed is not Placed.CONFIDENCE or not confidence:
        return None
    return order.patience * confidence
