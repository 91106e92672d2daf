"""Steps told from ramps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.stats.change import Shape, shape_of_change

DAYS, ITEMS = 60, 400


def draw_days(rng: np.random.Generator, rates: np.ndarray) -> list[int]:
    drawn: list[int] = rng.binomial(ITEMS, rates).tolist()
    return drawn


def rates_of_ramp(end: float) -> np.ndarray:
    """Climb from 5 % on day 15 to the end on day 45."""
    return np.interp(np.arange(DAYS), [15, 45], [0.05, end])


def test_case_d10_calls_a_step_sudden_and_says_its_bin() -> None:
    found = shape_of_change([12] * 30 + [30] * 30, [400] * 60)

    assert found.verdict == "sudden"
    assert found.start_bin == 30
    assert found.bic_none == pytest.approx(9889.04, abs=5e-3)
    assert found.bic_step == pytest.approx(9657.30, abs=5e-3)
    assert found.bic_ramp == pytest.approx(9671.22, abs=5e-3)
    assert found.n == 24_000


def test_steps_and_steep_ramps_are_told_apart_and_flat_ones_not_always() -> None:
    rng = np.random.default_rng(2)

    def verdicts(rates: np.ndarray) -> list[Shape]:
        totals = [ITEMS] * DAYS
        return [
            shape_of_change(draw_days(rng, rates), totals).verdict for _ in range(40)
        ]

    steps = verdicts(np.repeat([0.05, 0.10], 30))
    steep = verdicts(rates_of_ramp(0.15))
    flat = verdicts(rates_of_ramp(0.10))

    # of 200 drawn once: 192 steps, 200 steep ramps, and 101 flat ones
    assert steps.count(Shape.SUDDEN) >= 35
    assert steep.count(Shape.GRADUAL) >= 39
    assert 11 <= flat.count(Shape.GRADUAL) <= 29
    assert flat.count(Shape.NONE) == 0


def test_a_quiet_rate_has_no_change_and_no_start() -> None:
    rng = np.random.default_rng(3)
    found = [
        shape_of_change(draw_days(rng, np.full(DAYS, 0.05)), [ITEMS] * DAYS)
        for _ in range(20)
    ]

    assert [shape.verdict for shape in found].count(Shape.NONE) >= 19
    assert all(shape.start_bin is None for shape in found if shape.verdict == "none")


def test_no_errors_at_all_are_no_change() -> None:
    found = shape_of_change([0] * 10, [50] * 10)

    assert found.verdict == "none"
    assert found.start_bin is None


def test_too_little_to_go_by_is_said() -> None:
    found = shape_of_change([0, 1, 0, 1], [2, 2, 2, 2])

    assert found.verdict == "cannot tell"
    assert found.start_bin is None


def test_how_much_must_decide_is_handed_in() -> None:
    errors, totals = [12] * 30 + [30] * 30, [400] * 60

    assert shape_of_change(errors, totals, decisive=13).verdict == "sudden"
    assert shape_of_change(errors, totals, decisive=14).verdict == "cannot tell"


@given(
    seed=st.integers(0, 10_000),
    bins=st.integers(4, 14),
    empty=st.booleans(),
)
def test_a_day_without_items_and_the_direction_of_time_change_no_criterion(
    seed: int, bins: int, *, empty: bool
) -> None:
    rng = np.random.default_rng(seed)
    totals = rng.integers(1, 200, bins)
    errors = rng.binomial(totals, np.linspace(0.05, 0.5, bins))
    if empty:
        totals[0] = errors[0] = 0

    found = shape_of_change(errors, totals)

    back = shape_of_change(errors[::-1], totals[::-1])
    for name in ("bic_none", "bic_step", "bic_ramp"):
        assert getattr(back, name) == pytest.approx(getattr(found, name), abs=1e-6)
    if found.start_bin is not None:
        assert 0 <= found.start_bin < bins
    # a step explains at least as much as one rate, for two parameters more
    assert found.bic_step <= found.bic_none + 2 * np.log(found.n) + 1e-9


@pytest.mark.parametrize(
    ("errors", "totals", "complaint"),
    [
        ([1, 2, 3], [5, 5, 5], "4 bins or more"),
        ([1, 2, 3, 4], [5, 5, 5], "4 bins or more"),
        ([1, 2, 3, 6], [5, 5, 5, 5], "no errors"),
        ([1, 2, 3, -1], [5, 5, 5, 5], "no errors"),
        ([1, 2, 3, 0.5], [5, 5, 5, 5], "no errors"),
        ([0, 0, 0, 0], [0, 0, 0, 0], "0 items"),
    ],
)
def test_counts_without_a_shape_are_refused(
    errors: list[int], totals: list[int], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        shape_of_change(errors, totals)
