"""Distances of counts, against SciPy and their published values."""

from collections.abc import Callable
from math import isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from monitoring.stats.distances import (
    jensen_shannon,
    psi,
    psi_noise,
    total_variation,
    total_variation_interval,
)
from monitoring.stats.figures import Figure

EXACT = 1e-6
EVEN = [100] * 10
C2_COUNTS = [46, 56, 62, 68, 74, 79, 86, 93, 105, 131]
Pair = tuple[list[int], list[int]]

DISTANCES: list[Callable[[list[int], list[int]], Figure]] = [
    psi,
    jensen_shannon,
    total_variation,
]


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    bins = draw(st.integers(2, 12))
    column = st.lists(st.integers(0, 200), min_size=bins, max_size=bins).filter(any)
    return draw(column), draw(column)


def test_case_c2_gives_its_distances_over_the_deciles() -> None:
    index = psi(EVEN, C2_COUNTS)

    assert index.value == pytest.approx(0.084836, abs=EXACT)
    assert index.n == 1800
    # as it would be without half an item in every bin
    before, now = np.array(EVEN) / sum(EVEN), np.array(C2_COUNTS) / sum(C2_COUNTS)
    plain = (before - now) @ np.log(before / now)
    assert plain == pytest.approx(0.085919, abs=EXACT)
    assert jensen_shannon(EVEN, C2_COUNTS).value == pytest.approx(0.123959, abs=EXACT)
    assert total_variation(EVEN, C2_COUNTS).value == pytest.approx(0.11875, abs=EXACT)


@pytest.mark.parametrize(
    ("n", "m", "alpha", "noise"),
    [
        (100, 100, 0.05, 0.338380),
        (100, 100, 0.01, 0.433320),
        (1000, 500, 0.01, 0.064998),
        (1000, 1000, 0.01, 0.043332),
        (10_000, 10_000, 0.01, 0.004333),
    ],
)
def test_case_c5_says_what_chance_alone_gives(
    n: int, m: int, alpha: float, noise: float
) -> None:
    assert psi_noise(n, m, alpha=alpha) == pytest.approx(noise, abs=EXACT)


def test_case_c6_gives_its_distances_with_a_category_never_seen_before() -> None:
    reference, current = [50, 30, 15, 5, 0], [40, 30, 15, 10, 5]

    assert total_variation(reference, current).value == pytest.approx(0.1, abs=EXACT)
    distance = jensen_shannon(reference, current).value
    assert distance == pytest.approx(0.187466, abs=EXACT)
    assert psi(reference, current).value == pytest.approx(0.170042, abs=EXACT)


def test_the_noise_is_passed_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    runs, n, m = 4000, 2000, 500
    shares = [0.1] * 10
    drawn = zip(
        rng.multinomial(n, shares, runs), rng.multinomial(m, shares, runs), strict=True
    )

    passed = np.mean([psi(*pair).value > psi_noise(n, m, alpha=0.05) for pair in drawn])

    assert passed == pytest.approx(0.05, abs=3 * (0.05 * 0.95 / runs) ** 0.5 + 0.003)


@given(pair=pairs())
def test_the_distance_of_jensen_and_shannon_is_that_of_scipy(pair: Pair) -> None:
    reference, current = (np.array(column) / sum(column) for column in pair)

    found = jensen_shannon(*pair).value

    # SciPy loses half of its digits to the square root near 0
    assert found == pytest.approx(jensenshannon(reference, current, 2), abs=1e-7)


@pytest.mark.parametrize("distance", DISTANCES)
@given(pair=pairs())
def test_a_distance_is_the_same_both_ways_and_does_not_know_the_order_of_bins(
    distance: Callable[[list[int], list[int]], Figure], pair: Pair
) -> None:
    reference, current = pair

    found = distance(reference, current).value

    assert found >= 0
    assert isclose(distance(current, reference).value, found, abs_tol=1e-7)
    backwards = distance(reference[::-1], current[::-1]).value
    assert isclose(backwards, found, abs_tol=1e-7)
    assert distance(reference, reference).value == pytest.approx(0, abs=1e-12)


@given(pair=pairs())
def test_shares_differ_by_at_most_all_of_them(pair: Pair) -> None:
    variation = total_variation(*pair).value
    distance = jensen_shannon(*pair).value

    assert 0 <= variation <= 1 + 1e-12
    assert 0 <= distance <= 1
    # the divergence is at most the total variation, to base 2
    assert distance**2 <= variation + 1e-9


def test_nothing_in_common_is_the_largest_distance() -> None:
    assert jensen_shannon([5, 0], [0, 9]).value == pytest.approx(1)
    assert total_variation([5, 0], [0, 9]).value == 1


@given(n=st.integers(1, 10_000), m=st.integers(1, 10_000), bins=st.integers(2, 30))
def test_noise_falls_with_items_and_rises_with_bins(n: int, m: int, bins: int) -> None:
    noise = psi_noise(n, m, bins=bins)

    assert psi_noise(n + 1, m, bins=bins) < noise < psi_noise(n, m, bins=bins + 1)
    assert psi_noise(m, n, bins=bins) == pytest.approx(noise)
    assert psi_noise(n, m, bins=bins, alpha=0.05) < noise


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize(
    ("reference", "current", "complaint"),
    [
        ([1, 2], [1, 2, 3], "same bins"),
        ([0, 0], [1, 2], "0 reference items and 3 current"),
        ([1, 2], [0, 0], "3 reference items and 0 current"),
        ([1, -2], [1, 2], "no count"),
        ([1, 0.5], [1, 2], "no count"),
        ([1, float("nan")], [1, 2], "no count"),
    ],
)
def test_columns_that_cannot_be_compared_are_refused(
    distance: Callable[[list[int], list[int]], Figure],
    reference: list[int],
    current: list[int],
    complaint: str,
) -> None:
    with pytest.raises(ValueError, match=complaint):
        distance(reference, current)


def test_noise_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="0 and 5 items"):
        psi_noise(0, 5)
    with pytest.raises(ValueError, match="1 bins"):
        psi_noise(5, 5, bins=1)
    with pytest.raises(ValueError, match="alpha"):
        psi_noise(5, 5, alpha=1.0)


@pytest.mark.parametrize("moved", [0.0, 0.03, 0.1])
def test_the_interval_of_a_shift_holds_as_often_as_it_promises(moved: float) -> None:
    rng = np.random.default_rng(7)
    before = np.full(10, 0.1)
    after = before + np.repeat([moved / 5, -moved / 5], 5)
    runs = 300
    above = below = 0
    for _ in range(runs):
        drawn = rng.multinomial(2000, before), rng.multinomial(400, after)
        found = total_variation_interval(*drawn, rng=rng, repeats=200)
        above += found.low > moved
        below += found.high < moved

    assert max(above, below) / runs <= 0.025 + 3 * (0.025 * 0.975 / runs) ** 0.5


def test_a_large_shift_of_few_items_is_told_from_chance() -> None:
    same, other = (
        total_variation_interval([500, 500], now, rng=np.random.default_rng(1))
        for now in ([105, 95], [60, 140])
    )

    assert (same.low, other.n) == (0.0, 200)
    assert other.value == pytest.approx(0.2)
    assert 0.1 < other.low < other.value < other.high


def test_options_that_bound_no_shift_are_refused() -> None:
    rng = np.random.default_rng(0)

    with pytest.raises(ValueError, match="delta is 1"):
        total_variation_interval([1, 1], [1, 1], rng=rng, delta=1.0)
    with pytest.raises(ValueError, match="0 repeats"):
        total_variation_interval([1, 1], [1, 1], rng=rng, repeats=0)
