"""Where a rate changed, against ruptures and the truth of drawn rows."""

import numpy as np
import pytest
import ruptures
from hypothesis import given
from hypothesis import strategies as st
from ruptures.base import BaseCost
from scipy.special import xlogy

from monitoring.stats.change import locate_change

D2_SERIES = [int(i % 20 == 0) for i in range(1000)] + [
    int(i % 8 == 0) for i in range(600)
]


class BinomialCost(BaseCost):  # type: ignore[misc] # ruptures publishes no types
    """Twice the negative log likelihood of a stretch at its own rate."""

    model = ""
    min_size = 1

    def fit(self, signal: np.ndarray) -> "BinomialCost":
        self.signal = signal
        return self

    def error(self, start: int, end: int) -> float:
        n, ones = end - start, float(self.signal[start:end].sum())
        likelihood = xlogy(ones, ones / n) + xlogy(n - ones, 1 - ones / n)
        return -2 * float(likelihood)


def draw_row(
    rng: np.random.Generator, rates: tuple[float, float], sizes: tuple[int, int]
) -> np.ndarray:
    return np.concatenate(
        [rng.random(n) < rate for rate, n in zip(rates, sizes, strict=True)]
    )


def test_case_d3_places_the_change_of_the_series() -> None:
    found = locate_change(D2_SERIES)

    assert found.index == 1000
    assert 2 * found.log_likelihood_ratio == pytest.approx(28.176249, abs=1e-6)
    assert (found.before, found.after) == (0.05, 0.125)
    assert found.low <= 1000 <= found.high
    assert found.n == 1600


@given(seed=st.integers(0, 10_000), n=st.integers(20, 60), share=st.floats(0.2, 0.8))
def test_the_place_is_that_of_an_exhaustive_search_by_ruptures(
    seed: int, n: int, share: float
) -> None:
    rng = np.random.default_rng(seed)
    before = int(n * share)
    row = draw_row(rng, (0.2, 0.7), (before, n - before)).astype(float)
    if row.min() == row.max():
        return
    cost = BinomialCost().fit(row)

    found = locate_change(row)

    search = ruptures.Dynp(custom_cost=cost, min_size=1, jump=1).fit(row)
    theirs = search.predict(n_bkps=1)[0]
    gain = cost.error(0, n) - cost.error(0, theirs) - cost.error(theirs, n)
    assert 2 * found.log_likelihood_ratio == pytest.approx(gain, abs=1e-9)


@pytest.mark.parametrize(
    ("rates", "sizes"),
    [((0.05, 0.10), (1000, 1000)), ((0.05, 0.20), (1800, 200))],
)
def test_the_interval_holds_the_true_place_as_often_as_it_promises(
    rates: tuple[float, float], sizes: tuple[int, int]
) -> None:
    rng = np.random.default_rng(3)
    runs = 500
    found = [locate_change(draw_row(rng, rates, sizes)) for _ in range(runs)]

    held = np.mean([place.low <= sizes[0] <= place.high for place in found])

    assert held >= 0.95 - 3 * (0.95 * 0.05 / runs) ** 0.5
    assert held <= 0.998
    missed_by = np.median([abs(place.index - sizes[0]) for place in found])
    assert missed_by < (80 if rates[1] == 0.10 else 15)


def test_a_change_that_hardly_shows_has_an_interval_as_long_as_the_row() -> None:
    row = np.random.default_rng(1).random(2000) < 0.05

    found = locate_change(row)

    assert found.high - found.low > 1500


@given(row=st.lists(st.integers(0, 1), min_size=2, max_size=80))
def test_turning_a_row_round_or_over_keeps_the_place(row: list[int]) -> None:
    if len(set(row)) == 1:
        return

    found = locate_change(row)
    over = locate_change([1 - x for x in row])
    back = locate_change(row[::-1])

    assert 1 <= found.low <= found.index <= found.high <= len(row) - 1
    assert found.log_likelihood_ratio >= -1e-12
    assert over.log_likelihood_ratio == pytest.approx(found.log_likelihood_ratio)
    assert back.log_likelihood_ratio == pytest.approx(found.log_likelihood_ratio)
    surer = locate_change(row, confidence=0.5)
    assert found.low <= surer.low <= surer.high <= found.high


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ([], "0 of 0 outcomes are 1"),
        ([1], "1 of 1 outcomes are 1"),
        ([0] * 7, "0 of 7 outcomes are 1"),
        ([1, 2], "neither 0 nor 1"),
        ([[0, 1]], "do not belong"),
    ],
)
def test_rows_without_a_place_to_find_are_refused(
    row: list[int], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        locate_change(row)


def test_a_confidence_outside_0_to_1_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence is 1"):
        locate_change([0, 1], confidence=1)
