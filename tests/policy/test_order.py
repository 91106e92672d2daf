"""The order of a queue: evidence comes by age, and nothing waits for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.lottery import lottery
from reviewapp.order import Order, OrderRule, Placed, placed_by, put_off
from reviewapp.policy import Route

BEGAN = datetime(2026, 3, 2, 6, tzinfo=UTC)
shares = st.floats(0, 1, exclude_max=True)
confidences = st.none() | st.floats(0, 1)
ages = st.timedeltas(timedelta(0), timedelta(days=30))
dues = st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=30))
orders = st.builds(
    Order,
    rule=st.sampled_from(OrderRule),
    age_share=st.floats(0.05, 1),
    due_after=dues,
)


@given(
    order=orders,
    route=st.sampled_from([Route.BLIND, Route.AUDIT]),
    confidence=confidences,
    draw=shares,
)
def test_evidence_comes_by_age_under_every_rule(
    order: Order, route: Route, confidence: float | None, draw: float
) -> None:
    assert put_off(order, route=route, confidence=confidence, draw=draw) is None


@given(order=orders, route=st.sampled_from(Route), confidence=confidences, draw=shares)
def test_nothing_goes_before_what_was_due_when_it_came(
    order: Order, route: Route, confidence: float | None, draw: float
) -> None:
    later = put_off(order, route=route, confidence=confidence, draw=draw)

    place = BEGAN + (later or timedelta(0))
    came_when_due = BEGAN + order.patience
    assert BEGAN <= place <= came_when_due


@given(
    rule=st.sampled_from([OrderRule.UNSURE, OrderRule.MIXED]),
    due_after=dues,
    pair=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted),
    draw=st.floats(0.2, 1, exclude_max=True),
)
def test_of_two_that_came_together_the_less_certain_comes_first(
    rule: OrderRule, due_after: timedelta | None, pair: list[float], draw: float
) -> None:
    order = Order(rule=rule, age_share=0.2, due_after=due_after)

    def later(confidence: float) -> timedelta:
        found = put_off(order, route=Route.ASSISTED, confidence=confidence, draw=draw)
        return found or timedelta(0)

    assert later(pair[0]) <= later(pair[1])
    assert later(0.3) < later(0.31)


@given(
    due_after=dues,
    confidence=confidences,
    draw=st.floats(0, 0.2, exclude_max=True),
    ahead=ages,
    of_other=confidences,
)
def test_what_was_drawn_is_passed_by_nothing_that_came_later(
    due_after: timedelta | None,
    confidence: float | None,
    draw: float,
    ahead: timedelta,
    of_other: float | None,
) -> None:
    order = Order(rule=OrderRule.MIXED, age_share=0.2, due_after=due_after)

    def place(came: datetime, confidence: float | None, draw: float) -> datetime:
        later = put_off(order, route=Route.ASSISTED, confidence=confidence, draw=draw)
        return came + (later or timedelta(0))

    drawn, other = place(BEGAN, confidence, draw), place(BEGAN + ahead, of_other, 0.99)
    assert drawn <= other


def test_the_share_by_age_is_as_large_as_it_says() -> None:
    order = Order(rule=OrderRule.MIXED, age_share=0.2)

    placed = [
        placed_by(
            order,
            route=Route.ASSISTED,
            confidence=0.9,
            draw=lottery("line-A:v7", item),
        )
        for item in range(10_000)
    ]

    # as many as the published draws below 0.2
    assert placed.count(Placed.DRAWN) == 1_959
    assert placed.count(Placed.CONFIDENCE) == 8_041


@pytest.mark.parametrize(
    ("rule", "route", "confidence", "because"),
    [
        (OrderRule.OLDEST, Route.ASSISTED, 0.9, Placed.OLDEST),
        (OrderRule.OLDEST, Route.BLIND, 0.9, Placed.OLDEST),
        (OrderRule.UNSURE, Route.BLIND, 0.9, Placed.EVIDENCE),
        (OrderRule.MIXED, Route.AUDIT, 0.9, Placed.EVIDENCE),
        (OrderRule.UNSURE, Route.AUTOMATIC, 0.9, Placed.SENT_BACK),
        (OrderRule.UNSURE, Route.ASSISTED, None, Placed.NO_PREDICTION),
        (OrderRule.UNSURE, Route.ASSISTED, 0.9, Placed.CONFIDENCE),
        (OrderRule.MIXED, Route.ASSISTED, 0.9, Placed.DRAWN),
    ],
)
def test_the_reason_of_a_place_is_the_first_that_settled_it(
    rule: OrderRule, route: Route, confidence: float | None, because: Placed
) -> None:
    order = Order(rule=rule, age_share=0.2)

    assert placed_by(order, route=route, confidence=confidence, draw=0.1) is because


def test_a_mixture_without_a_share_by_age_is_none() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Order(rule=OrderRule.MIXED, age_share=0)
    with pytest.raises(ValueError, match="due after"):
        Order(due_after=timedelta(0))
