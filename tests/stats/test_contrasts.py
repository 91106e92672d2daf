"""Two groups beside each other, against the published values and statsmodels."""

from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.proportion import confint_proportions_2indep

from monitoring.stats.contrasts import FEWEST_VALUES, contrast, median_ranks
from monitoring.stats.figures import Interval
from monitoring.stats.intervals import wilson

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((10, 10), (0, 20), 0.6791, 1.0000),
    ],
)
def test_newcombes_own_examples(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    found = contrast(wilson(*one), wilson(*other))

    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)
    assert found.n == one[1] + other[1]


@given(counts, counts)
def test_two_shares_stand_as_statsmodels_sets_them(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    found = contrast(wilson(*one), wilson(*other))

    low, high = confint_proportions_2indep(*one, *other, method="newcomb")
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-6)


@given(counts, counts)
def test_the_other_way_round_is_the_same_with_another_sign(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    found = contrast(wilson(*one), wilson(*other))
    turned = contrast(wilson(*other), wilson(*one))

    assert (-turned.high, -turned.low) == pytest.approx((found.low, found.high))


def test_what_is_not_known_has_no_difference() -> None:
    nothing = Interval(value=nan, low=nan, high=nan, n=0)

    found = contrast(nothing, wilson(3, 10))

    assert isnan(found.value)
    assert isnan(found.low)
    assert found.n == 10


@given(st.integers(FEWEST_VALUES, 5_000))
def test_the_ranks_hold_the_median_and_no_closer_ones_do(n: int) -> None:
    low, high = median_ranks(n)

    assert low + high == n + 1
    outside = 2 * binom.cdf(low - 1, n, 0.5)
    assert outside <= 0.05
    assert 2 * binom.cdf(low, n, 0.5) > 0.05


def test_few_values_bound_no_median() -> None:
    assert median_ranks(FEWEST_VALUES) == (1, FEWEST_VALUES)
    for n in (0, 1, FEWEST_VALUES - 1):
        with pytest.raises(ValueError, match=f"{n} values bound no median"):
            median_ranks(n)
    with pytest.raises(ValueError, match="confidence"):
        median_ranks(20, confidence=1.0)


def test_the_ranks_cover_a_skewed_median_as_often_as_they_say() -> None:
    rng = np.random.default_rng(20)
    low, high = median_ranks(80)
    times = np.sort(rng.lognormal(0.0, 1.0, size=(4_000, 80)), axis=1)

    held = (times[:, low - 1] <= 1.0) & (times[:, high - 1] >= 1.0)

    assert held.mean() >= 0.95 - 3 * (0.95 * 0.05 / 4_000) ** 0.5
