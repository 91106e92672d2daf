"""Curves for people, against their published run lengths."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.stats.change import cusum, ewma, ewma_limits

EXACT = 1e-6
series = st.lists(st.floats(-5, 5), min_size=1, max_size=40)


def run_lengths(
    rng: np.random.Generator, *, limit: float, shift: float, runs: int, longest: int
) -> npt.NDArray[np.integer]:
    """Count the values until one of the two sums reaches the limit."""
    lengths = []
    for _ in range(runs):
        sums = cusum(rng.normal(shift, size=longest))
        reached = np.maximum(sums.up, sums.down) >= limit
        lengths.append(int(reached.argmax()) + 1 if reached.any() else longest)
    return np.array(lengths)


def test_case_d12_signals_at_the_fifth_bin() -> None:
    rates = [0.03, 0.02, 0.04, 0.06, 0.07, 0.08]

    smoothed = ewma(rates, start=0.03).values
    limits = ewma_limits([400] * 6, start=0.03, width=3)

    expected = [0.03, 0.029, 0.0301, 0.03309, 0.036781, 0.0411029]
    assert smoothed == pytest.approx(expected, abs=EXACT)
    expected = [0.032559, 0.033443, 0.034018, 0.034430, 0.034738, 0.034973]
    assert limits.high == pytest.approx(expected, abs=EXACT)
    assert int((smoothed > limits.high).argmax()) == 4


@pytest.mark.parametrize(
    ("limit", "shift", "length", "longest"),
    [(4, 0, 167.7, 2000), (4, 1, 8.383, 200), (5, 0, 465.4, 5000), (5, 1, 10.376, 200)],
)
def test_case_d4_runs_as_long_as_the_book_says(
    limit: float, shift: float, length: float, longest: int
) -> None:
    runs = 2000
    rng = np.random.default_rng(4)

    found = run_lengths(rng, limit=limit, shift=shift, runs=runs, longest=longest)

    assert found.mean() == pytest.approx(length, abs=3 * found.std() / runs**0.5)


def test_the_usual_width_lets_a_quiet_rate_out_once_in_500_bins() -> None:
    rng = np.random.default_rng(6)
    runs, longest, items, rate = 400, 4000, 400, 0.05
    limits = ewma_limits([items] * longest, start=rate)
    lengths = []
    for _ in range(runs):
        # normal, as the width is; a binomial of 400 is a little skewed
        days = rng.normal(rate, (rate * (1 - rate) / items) ** 0.5, longest)
        curve = ewma(days, start=rate).values
        outside = (curve > limits.high) | (curve < limits.low)
        lengths.append(int(outside.argmax()) + 1 if outside.any() else longest)

    assert np.mean(lengths) == pytest.approx(500, abs=3 * 500 / runs**0.5)


def test_limits_know_that_a_quiet_rate_was_estimated() -> None:
    rng = np.random.default_rng(9)
    runs, longest, items, rate, behind = 2000, 60, 100, 0.05, 1000
    out = {True: 0, False: 0}
    for _ in range(runs):
        start = rng.binomial(behind, rate) / behind
        days = rng.binomial(items, rate, longest) / items
        last = ewma(days, start=start).values[-1]
        for knows in out:
            limits = ewma_limits(
                [items] * longest, start=start, start_n=behind if knows else np.inf
            )
            out[knows] += not limits.low[-1] <= last <= limits.high[-1]

    # a normal value is 2.814 standard errors off in 0.49 % of cases
    assert out[True] <= 0.0049 * runs + 3 * (0.0049 * runs) ** 0.5
    assert out[False] > 5 * out[True]


@given(x=series, weight=st.floats(0.01, 1), start=st.floats(-5, 5))
def test_a_smoothed_curve_stays_within_what_was_seen(
    x: list[float], weight: float, start: float
) -> None:
    found = ewma(x, weight=weight, start=start)

    assert found.n == len(x)
    assert np.all(found.values >= min(start, *x) - 1e-9)
    assert np.all(found.values <= max(start, *x) + 1e-9)
    moved = ewma([value + 1 for value in x], weight=weight, start=start + 1)
    assert moved.values == pytest.approx(found.values + 1, abs=1e-9)


@given(
    totals=st.lists(st.integers(1, 900), min_size=1, max_size=40),
    rate=st.floats(0.01, 0.99),
    weight=st.floats(0.05, 1),
)
def test_limits_lie_around_the_rate_and_open_up_to_their_final_width(
    totals: list[int], rate: float, weight: float
) -> None:
    found = ewma_limits(totals, start=rate, weight=weight)

    assert np.all((found.low >= 0) & (found.low <= rate))
    assert np.all((found.high >= rate) & (found.high <= 1))
    even = ewma_limits([100] * len(totals), start=rate, weight=weight)
    assert np.all(np.diff(even.high) >= -1e-12)
    more = ewma_limits([n + 1 for n in totals], start=rate, weight=weight)
    assert np.all(more.high <= found.high + 1e-12)


@given(x=series, allowance=st.floats(0, 2))
def test_the_sums_are_those_of_the_recursion(x: list[float], allowance: float) -> None:
    up = down = 0.0
    expected = []
    for value in x:
        up, down = max(0.0, up + value - allowance), max(0.0, down - value - allowance)
        expected.append((up, down))

    found = cusum(x, allowance=allowance)

    assert found.up == pytest.approx([pair[0] for pair in expected], abs=1e-9)
    assert found.down == pytest.approx([pair[1] for pair in expected], abs=1e-9)


def test_a_series_of_nothing_gives_a_curve_of_nothing() -> None:
    assert ewma([], start=0.5).n == 0
    assert ewma_limits([], start=0.5).n == 0
    assert cusum([]).n == 0


def test_what_is_no_series_or_no_option_is_refused() -> None:
    with pytest.raises(ValueError, match="1 of 2 values"):
        ewma([0.5, float("nan")], start=0.5)
    with pytest.raises(ValueError, match="2 dimensions"):
        cusum([[1.0]])
    with pytest.raises(ValueError, match="weight is 0"):
        ewma([0.5], weight=0, start=0.5)
    with pytest.raises(ValueError, match="allowance is -1"):
        cusum([0.5], allowance=-1)
    with pytest.raises(ValueError, match="1 bins have no item"):
        ewma_limits([5, 0], start=0.5)
    for rate, width in ((1.5, 3), (0.5, 0)):
        with pytest.raises(ValueError, match="give no limits"):
            ewma_limits([5], start=rate, width=width)
    with pytest.raises(ValueError, match="of 0 items"):
        ewma_limits([5], start=0.5, start_n=0)
