"""Thresholds that keep their promise, and the curve they are read from."""

from time import process_time

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import binom, norm

from monitoring.stats.intervals import sample_size, upper_bound
from monitoring.stats.selective import (
    certify_threshold,
    risk_coverage,
    suggested_starts,
)

EXACT = 1e-6
Shares = npt.NDArray[np.float64]
Sample = tuple[Shares, npt.NDArray[np.bool_]]

DEFECT_SHARE, DISTANCE = 0.04, 2.6


def set_s() -> Sample:
    """Build 1000 items: 75 wrong, 15 of them from 300 on, 3 from 600 on."""
    i = np.arange(1000)
    wrong = np.select([i < 300, i < 600], [i % 5 == 0, i % 25 == 0], i % 133 == 0)
    return (i + 0.5) / 1000, wrong.astype(np.bool_)


def draw_line(rng: np.random.Generator, n: int) -> Sample:
    """Draw a line whose model is calibrated: wrong is passing a defective item."""
    defective = rng.random(n) < DEFECT_SHARE
    x = rng.normal(DISTANCE * defective)
    odds = np.log(DEFECT_SHARE / (1 - DEFECT_SHARE)) + DISTANCE * (x - DISTANCE / 2)
    return expit(-odds), defective


def true_risk_and_share(threshold: Shares) -> tuple[Shares, Shares]:
    """Give the line's error and share of items at or above each confidence."""
    odds = np.log((1 - threshold) / threshold)
    cut = (odds - np.log(DEFECT_SHARE / (1 - DEFECT_SHARE))) / DISTANCE + DISTANCE / 2
    passed_bad = DEFECT_SHARE * norm.cdf(cut - DISTANCE)
    share = passed_bad + (1 - DEFECT_SHARE) * norm.cdf(cut)
    return passed_bad / share, share


def close_to(share: float, runs: int) -> object:
    return pytest.approx(share, abs=3 * (share * (1 - share) / runs) ** 0.5)


def naive_threshold(confidence: np.ndarray, wrong: np.ndarray, target: float) -> float:
    """Take the loosest threshold that looks good enough, as one must not."""
    curve = risk_coverage(confidence, wrong)
    return float(curve.threshold[np.flatnonzero(curve.risk <= target)[-1]])


def test_case_e1_certifies_the_loosest_threshold_that_keeps_the_promise() -> None:
    found = certify_threshold(*set_s(), max_error=0.05)

    assert found is not None
    assert found.threshold == pytest.approx(0.2515, abs=EXACT)
    assert (found.n, found.errors) == (749, 24)
    assert found.p == pytest.approx(0.011184, abs=EXACT)
    assert found.upper == pytest.approx(0.049640, abs=EXACT)


def test_case_e2_certifies_less_for_a_stricter_promise() -> None:
    found = certify_threshold(*set_s(), max_error=0.03)

    assert found is not None
    assert found.threshold == pytest.approx(0.5015, abs=EXACT)
    assert (found.n, found.errors) == (499, 6)
    assert found.p == pytest.approx(0.007129, abs=EXACT)
    assert found.upper <= 0.03


def test_case_e2_certifies_nothing_where_nothing_keeps_the_promise() -> None:
    assert certify_threshold(*set_s(), max_error=0.02) is None


def test_case_e6_gives_the_risk_of_each_coverage() -> None:
    curve = risk_coverage(*set_s())

    risk = dict(zip(curve.coverage.round(3).tolist(), curve.risk, strict=True))
    expected = {0.4: 0.0075, 0.5: 0.014, 0.7: 0.021429, 1.0: 0.075}
    assert {share: risk[share] for share in expected} == pytest.approx(
        expected, abs=EXACT
    )
    assert curve.aurc == pytest.approx(0.022398, abs=EXACT)
    assert curve.n == 1000


def test_case_e8_keeps_the_promise_where_tuning_breaks_it_every_second_time() -> None:
    rng = np.random.default_rng(8)
    runs, target = 500, 0.005
    lines = [draw_line(rng, 3000) for _ in range(runs)]

    tuned = np.array([naive_threshold(*line, target) for line in lines])
    found = [certify_threshold(*line, max_error=target) for line in lines]

    naive_breaks = np.mean(true_risk_and_share(tuned)[0] > target)
    assert naive_breaks >= 0.45
    assert naive_breaks == close_to(0.538, runs)
    risks, shares = true_risk_and_share(np.array([f.threshold for f in found if f]))
    broken = np.count_nonzero(risks > target) / runs
    assert broken <= 0.05
    assert broken == close_to(0.01, runs)
    nothing = found.count(None)
    assert nothing / runs == close_to(0.05, runs)
    decided = np.append(shares, np.zeros(nothing))
    error = float(decided.std()) / runs**0.5
    assert decided.mean() == pytest.approx(0.68, abs=3 * error)


def test_case_e8_knows_the_largest_share_that_keeps_the_promise() -> None:
    thresholds = np.linspace(0.9, 0.99, 90_001)
    risks, shares = true_risk_and_share(thresholds)

    assert shares[risks <= 0.005].max() == pytest.approx(0.883, abs=5e-4)
    confidence, wrong = draw_line(np.random.default_rng(1), 500_000)
    kept = confidence >= thresholds[risks <= 0.005].min()
    assert kept.mean() == close_to(0.8833, 500_000)
    assert wrong[kept].mean() == close_to(0.005, int(kept.sum()))


def test_no_labels_and_too_few_labels_certify_nothing() -> None:
    smallest = sample_size(0.01, delta=0.05 / 4)

    assert certify_threshold([], [], max_error=0.01) is None
    assert (
        certify_threshold([0.9] * (smallest - 1), [0] * (smallest - 1), max_error=0.01)
        is None
    )
    found = certify_threshold([0.9] * smallest, [0] * smallest, max_error=0.01)
    assert found is not None
    assert (found.n, found.errors, found.threshold) == (smallest, 0, 0.9)


def test_a_group_of_equal_confidence_is_taken_whole_or_not_at_all() -> None:
    confidence = np.repeat([0.9, 0.8], [1000, 1000])
    wrong = np.zeros(2000)
    wrong[1000:1300] = 1

    found = certify_threshold(confidence, wrong, max_error=0.05)

    assert found is not None
    assert (found.threshold, found.n, found.errors) == (0.9, 1000, 0)


def test_several_starts_pass_a_wrong_answer_that_the_model_was_surest_of() -> None:
    confidence = np.linspace(1, 0.5, 4000)
    wrong = np.zeros(4000)
    wrong[:3] = 1

    assert certify_threshold(confidence, wrong, max_error=0.005, starts=1) is None
    found = certify_threshold(confidence, wrong, max_error=0.005)
    assert found is not None
    assert found.n == 4000


def test_few_labels_are_better_spent_on_one_start() -> None:
    assert suggested_starts(3 * 598 - 1, max_error=0.005) == 1
    assert suggested_starts(3 * 598, max_error=0.005) == 4


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 1500),
    steps=st.integers(1, 2000),
    starts=st.integers(1, 6),
)
def test_what_is_certified_passes_its_own_test_and_stands_at_its_threshold(
    seed: int, n: int, steps: int, starts: int
) -> None:
    rng = np.random.default_rng(seed)
    confidence = np.ceil(rng.random(n) * steps) / steps
    wrong = rng.random(n) < 0.12 * (1 - confidence)

    found = certify_threshold(confidence, wrong, max_error=0.05, starts=starts)

    if found is None:
        return
    kept = confidence >= found.threshold
    assert (found.n, found.errors) == (kept.sum(), wrong[kept].sum())
    assert found.threshold in confidence
    level = 0.05 / starts
    assert found.p == pytest.approx(binom.cdf(found.errors, found.n, 0.05), rel=1e-9)
    assert found.p <= level
    assert found.upper == upper_bound(found.errors, found.n, delta=level) <= 0.05


@given(seed=st.integers(0, 10_000), n=st.integers(1, 400), steps=st.integers(1, 50))
def test_the_curve_ends_at_all_items_and_their_error(
    seed: int, n: int, steps: int
) -> None:
    rng = np.random.default_rng(seed)
    confidence = np.ceil(rng.random(n) * steps) / steps
    wrong = rng.random(n) < 0.3

    curve = risk_coverage(confidence, wrong)

    assert curve.coverage[-1] == 1
    assert curve.risk[-1] == pytest.approx(wrong.mean())
    assert np.all(np.diff(curve.coverage) > 0)
    assert np.all(np.diff(curve.threshold) < 0)
    assert 0 <= curve.aurc <= 1


def test_the_order_of_items_of_equal_confidence_changes_nothing() -> None:
    confidence = [0.9, 0.9, 0.9, 0.5]

    first, last = (
        risk_coverage(confidence, wrong) for wrong in ([1, 0, 0, 0], [0, 0, 1, 0])
    )

    assert first.risk.tolist() == last.risk.tolist()
    assert first.aurc == last.aurc


def test_twenty_thousand_labels_are_certified_within_half_a_second() -> None:
    confidence, wrong = draw_line(np.random.default_rng(0), 20_000)

    started = process_time()
    found = certify_threshold(confidence, wrong, max_error=0.005)
    taken_s = process_time() - started

    assert found is not None
    assert taken_s < 0.5


@pytest.mark.parametrize(
    ("confidence", "wrong", "complaint"),
    [
        ([0.5, 0.6], [1], "1 outcomes do not belong to 2 items"),
        ([0.5, float("nan")], [1, 0], "1 of 2 confidences"),
        ([0.5, 1.1], [1, 0], "1 of 2 confidences"),
        ([[0.5], [0.6]], [1, 0], "2 dimensions"),
        ([0.5, 0.6], [2, 0], "neither 0 nor 1"),
    ],
)
def test_confidences_and_outcomes_that_cannot_be_are_refused(
    confidence: list[float], wrong: list[float], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        certify_threshold(confidence, wrong, max_error=0.05)
    with pytest.raises(ValueError, match=complaint):
        risk_coverage(confidence, wrong)


def test_options_that_promise_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="rate"):
        certify_threshold([0.9], [0], max_error=0.0)
    with pytest.raises(ValueError, match="delta"):
        certify_threshold([0.9], [0], max_error=0.1, delta=0.0)
    with pytest.raises(ValueError, match="0 starts"):
        certify_threshold([0.9], [0], max_error=0.1, starts=0)


def test_a_curve_of_no_items_is_refused() -> None:
    with pytest.raises(ValueError, match="0 items"):
        risk_coverage([], [])
