"""Bounds of a share against the published values, scipy and statsmodels."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest
from statsmodels.stats.proportion import proportion_confint

from monitoring.stats.intervals import (
    clopper_pearson,
    sample_size,
    upper_bound,
    wilson,
)

EXACT = 1e-6
trials = st.integers(1, 3000)
chances = st.floats(0.001, 0.999)


def test_case_b1_bounds_a_share_of_which_nothing_was_seen() -> None:
    exact, close = clopper_pearson(0, 300), wilson(0, 300)

    assert (exact.value, exact.low, exact.n) == (0, 0, 300)
    assert exact.high == pytest.approx(0.012221, abs=EXACT)
    assert upper_bound(0, 300) == pytest.approx(0.009936, abs=EXACT)
    assert close.low == 0
    assert close.high == pytest.approx(0.012643, abs=EXACT)


def test_case_b2_bounds_a_rare_share() -> None:
    exact, close = clopper_pearson(3, 299), wilson(3, 299)

    assert exact.low == pytest.approx(0.002074, abs=EXACT)
    assert exact.high == pytest.approx(0.029040, abs=EXACT)
    assert close.low == pytest.approx(0.003418, abs=EXACT)
    assert close.high == pytest.approx(0.029079, abs=EXACT)
    assert upper_bound(3, 299) == pytest.approx(0.025726, abs=EXACT)


def test_case_b3_bounds_a_common_share() -> None:
    exact, close = clopper_pearson(95, 100), wilson(95, 100)

    assert exact.low == pytest.approx(0.887165, abs=EXACT)
    assert exact.high == pytest.approx(0.983568, abs=EXACT)
    assert close.low == pytest.approx(0.888250, abs=EXACT)
    assert close.high == pytest.approx(0.978456, abs=EXACT)


@pytest.mark.parametrize(
    ("rate", "delta", "labels"),
    [
        (0.05, 0.05, 59),
        (0.02, 0.05, 149),
        (0.01, 0.05, 299),
        (0.005, 0.05, 598),
        (0.005, 0.025, 736),
        (0.001, 0.05, 2995),
    ],
)
def test_case_b5_counts_the_error_free_labels_that_show_a_rate(
    rate: float, delta: float, labels: int
) -> None:
    assert sample_size(rate, delta=delta) == labels


@given(n=trials, share=st.floats(0, 1), confidence=st.floats(0.5, 0.999))
def test_both_intervals_are_those_of_scipy_and_statsmodels(
    n: int, share: float, confidence: float
) -> None:
    k = round(share * n)
    exact = clopper_pearson(k, n, confidence=confidence)
    close = wilson(k, n, confidence=confidence)

    theirs = binomtest(k, n).proportion_ci(confidence, method="exact")
    assert (exact.low, exact.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    theirs = binomtest(k, n).proportion_ci(confidence, method="wilson")
    assert (close.low, close.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    low, high = proportion_confint(k, n, alpha=1 - confidence, method="beta")
    assert (exact.low, exact.high) == pytest.approx((low, high), abs=1e-9)


@given(n=trials, share=st.floats(0, 1))
def test_bounds_hold_the_share_and_mirror_with_it(n: int, share: float) -> None:
    k = round(share * n)
    for interval in (clopper_pearson, wilson):
        found, mirrored = interval(k, n), interval(n - k, n)

        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.low == pytest.approx(1 - mirrored.high, abs=1e-12)


@given(n=trials, share=st.floats(0, 0.99), delta=st.floats(0.001, 0.5))
def test_at_the_upper_bound_so_few_successes_have_just_the_chance_delta(
    n: int, share: float, delta: float
) -> None:
    k = round(share * n)
    assume(k < n)

    bound = upper_bound(k, n, delta=delta)

    assert binom.cdf(k, n, bound) == pytest.approx(delta, rel=1e-6)


@given(
    rate=st.floats(0.0005, 0.5),
    delta=st.floats(0.001, 0.5),
    errors=st.integers(0, 20),
)
def test_the_sample_size_is_the_smallest_that_shows_the_rate(
    rate: float, delta: float, errors: int
) -> None:
    n = sample_size(rate, delta=delta, errors=errors)

    assert upper_bound(errors, n, delta=delta) <= rate * (1 + 1e-9)
    if n > 1:
        assert upper_bound(min(errors, n - 1), n - 1, delta=delta) > rate * (1 - 1e-9)


@pytest.mark.parametrize(("k", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_counts_that_cannot_be_are_refused_with_their_numbers(k: int, n: int) -> None:
    for statistic in (clopper_pearson, wilson, upper_bound):
        with pytest.raises(ValueError, match=f"{k} of {n}"):
            statistic(k, n)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1.1, float("nan")])
def test_a_chance_outside_0_to_1_is_refused(share: float) -> None:
    for call in (
        lambda: clopper_pearson(1, 2, confidence=share),
        lambda: wilson(1, 2, confidence=share),
        lambda: upper_bound(1, 2, delta=share),
        lambda: sample_size(share),
        lambda: sample_size(0.1, delta=share),
    ):
        with pytest.raises(ValueError, match="more than 0, less than 1"):
            call()


def test_a_negative_number_of_errors_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 errors"):
        sample_size(0.01, errors=-1)
