"""Whether confidence means what it says."""

from collections.abc import Callable
from math import isnan

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, softmax
from sklearn.metrics import brier_score_loss

from monitoring.catalogue import CATALOGUE
from monitoring.stats.calibration import (
    brier_score,
    calibration_error_bound,
    calibration_error_interval,
    estimated_accuracy,
    expected_calibration_error,
    spiegelhalter_z,
)
from monitoring.stats.figures import Figure, Interval

EXACT = 1e-6
Sample = tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]


def case_g1() -> Sample:
    groups = [(0.95, 400, 372), (0.85, 300, 240), (0.75, 200, 130), (0.55, 100, 52)]
    confidence = np.concatenate([np.full(n, share) for share, n, _ in groups])
    correct = np.concatenate([np.arange(n) < right for _, n, right in groups])
    return confidence, correct


def draw_answers(rng: np.random.Generator, n: int, *, too_sure_by: float) -> Sample:
    confidence = rng.uniform(0.6, 1, n)
    return confidence, rng.random(n) < confidence - too_sure_by


def test_case_g1_gives_its_published_figures() -> None:
    confidence, correct = case_g1()

    assert correct.mean() == pytest.approx(0.794)
    error = expected_calibration_error(confidence, correct)
    assert error.value == pytest.approx(0.046, abs=EXACT)
    assert brier_score(confidence, correct).value == pytest.approx(0.1475, abs=EXACT)
    assert estimated_accuracy(confidence).value == pytest.approx(0.84, abs=EXACT)
    z = spiegelhalter_z(confidence, correct)
    assert z.value == pytest.approx(4.23296, abs=5e-6)
    assert error.n == z.n == 1000


def test_a_value_on_an_edge_belongs_to_the_bin_below() -> None:
    # 0.5 and 0.25 fall into two of the four bins, so that their gaps do not cancel
    found = expected_calibration_error([0.5, 0.25], [1, 0], bins=4)

    assert found.value == pytest.approx(0.375)
    assert expected_calibration_error([0.5, 0.25], [1, 0], bins=1).value == 0.125
    assert expected_calibration_error([0.0, 1.0], [0, 1]).value == 0


@given(seed=st.integers(0, 10_000), n=st.integers(1, 300), bins=st.integers(1, 20))
def test_the_error_is_that_of_bins_counted_one_by_one(
    seed: int, n: int, bins: int
) -> None:
    rng = np.random.default_rng(seed)
    confidence, correct = draw_answers(rng, n, too_sure_by=0.1)
    total = 0.0
    for place in range(bins):
        inside = (confidence > place / bins) & (confidence <= (place + 1) / bins)
        if inside.any():
            gap = confidence[inside].mean() - correct[inside].mean()
            total += inside.mean() * abs(gap)

    found = expected_calibration_error(confidence, correct, bins=bins)

    assert found.value == pytest.approx(total, abs=1e-12)
    assert 0 <= found.value <= 1


@given(seed=st.integers(0, 10_000), n=st.integers(1, 300))
def test_the_brier_score_is_that_of_scikit_learn(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    confidence, correct = draw_answers(rng, n, too_sure_by=0.1)

    theirs = brier_score_loss(correct, confidence, labels=[False, True])
    assert brier_score(confidence, correct).value == pytest.approx(theirs)


@pytest.mark.parametrize("too_sure_by", [0.0, 0.02, 0.05, 0.1])
def test_the_bound_holds_the_true_error_as_often_as_it_promises(
    too_sure_by: float,
) -> None:
    rng = np.random.default_rng(4)
    runs = 120
    held = 0
    for _ in range(runs):
        confidence, correct = draw_answers(rng, 1000, too_sure_by=too_sure_by)
        bound = calibration_error_bound(confidence, correct, rng=rng, repeats=200)
        held += bound.value >= too_sure_by

    assert held / runs >= 0.95 - 3 * (0.95 * 0.05 / runs) ** 0.5


def test_the_bound_comes_down_with_more_labels_and_repeats_itself() -> None:
    rng = np.random.default_rng(2)
    confidence, correct = draw_answers(rng, 8000, too_sure_by=0.0)

    def bound(n: int) -> float:
        again = np.random.default_rng(1)
        few = confidence[:n], correct[:n]
        return calibration_error_bound(*few, rng=again, repeats=200).value

    assert bound(8000) < bound(2000) < bound(500)
    assert bound(500) == bound(500)


def heated(rng: np.random.Generator, n: int, *, temperature: float) -> Sample:
    """Draw a ten-class model's answers, its log odds divided by a temperature."""
    scores = rng.normal(0, 2, (n, 10))
    chance = softmax(scores, axis=1).max(axis=1)
    said: npt.NDArray[np.float64] = softmax(scores / temperature, axis=1).max(axis=1)
    return said, rng.random(n) < chance


def out_of_bounds(n: int, *, temperature: float, runs: int) -> float:
    """Say how often a window's whole interval lies above the metric's bound."""
    rng = np.random.default_rng(8)
    limit = CATALOGUE["calibration_error"].upper
    assert limit is not None
    found = [
        calibration_error_interval(
            *heated(rng, n, temperature=temperature), rng=rng, repeats=200
        )
        for _ in range(runs)
    ]
    return sum(one.low > limit for one in found) / runs


def test_a_calibrated_model_is_hardly_ever_found_out_of_bounds() -> None:
    runs = 400

    share = out_of_bounds(200, temperature=1.0, runs=runs)

    assert share <= 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5


def test_a_model_that_is_far_too_sure_is_found() -> None:
    runs = 200

    share = out_of_bounds(400, temperature=0.5, runs=runs)

    assert share >= 0.95 - 3 * (0.95 * 0.05 / runs) ** 0.5


@pytest.mark.parametrize("temperature", [1.0, 0.7, 0.5])
def test_the_lower_bound_holds_as_often_as_it_promises(temperature: float) -> None:
    rng = np.random.default_rng(5)
    true = expected_calibration_error(
        *heated(rng, 100_000, temperature=temperature)
    ).value
    runs = 300
    above = 0
    for _ in range(runs):
        drawn = heated(rng, 400, temperature=temperature)
        found = calibration_error_interval(*drawn, rng=rng, repeats=200)
        above += found.low > true

    assert above / runs <= 0.025 + 3 * (0.025 * 0.975 / runs) ** 0.5


def test_the_interval_goes_up_to_the_bound_and_repeats_itself() -> None:
    confidence, correct = heated(np.random.default_rng(6), 500, temperature=0.8)

    first, again = (
        calibration_error_interval(confidence, correct, rng=np.random.default_rng(1))
        for _ in range(2)
    )
    bound = calibration_error_bound(
        confidence, correct, rng=np.random.default_rng(1), delta=0.025
    )

    assert first == again
    assert (first.high, first.n) == (bound.value, bound.n)
    assert first.value == expected_calibration_error(confidence, correct).value
    assert first.low < first.value < first.high


def test_z_is_standard_normal_when_the_model_is_calibrated() -> None:
    rng = np.random.default_rng(3)
    runs = 2000

    values = [
        spiegelhalter_z(*draw_answers(rng, 500, too_sure_by=0.0)).value
        for _ in range(runs)
    ]

    assert np.mean(values) == pytest.approx(0, abs=3 / runs**0.5)
    assert np.std(values) == pytest.approx(1, abs=3 / (2 * runs) ** 0.5)


def test_z_is_undefined_where_no_answer_could_differ_from_its_expectation() -> None:
    assert isnan(spiegelhalter_z([0.5, 1.0, 0.0], [1, 1, 0]).value)


def test_the_claimed_accuracy_is_blind_to_what_is_true() -> None:
    rng = np.random.default_rng(9)
    confidence, correct = draw_answers(rng, 20_000, too_sure_by=0.0)
    _, worse = draw_answers(rng, 20_000, too_sure_by=0.1)

    claimed = estimated_accuracy(confidence).value

    assert claimed == pytest.approx(correct.mean(), abs=0.01)
    assert claimed > worse.mean() + 0.08


@pytest.mark.parametrize(
    ("share", "lookalike", "shift", "claimed", "true"),
    [
        (0.04, 0.00, 1.05, 0.9178, 0.9177),
        (0.12, 0.00, 0.00, 0.9624, 0.9392),
        (0.04, 0.02, 0.00, 0.9758, 0.9557),
    ],
    ids=["other items", "more defects", "a new defect"],
)
def test_case_g3_the_claimed_accuracy_holds_only_while_nothing_new_comes(
    share: float, lookalike: float, shift: float, claimed: float, true: float
) -> None:
    rng = np.random.default_rng(3)
    n, usual, distance = 200_000, 0.04, 2.6
    defective = rng.random(n) < share
    x = rng.normal(distance * defective + shift)
    p = expit(np.log(usual / (1 - usual)) + distance * (x - distance / 2))
    if shift:  # other items, of which the same is true as of all like them
        defective = rng.random(n) < p
    defective |= rng.random(n) < lookalike  # looks like the good ones
    confidence, correct = np.maximum(p, 1 - p), (p >= 0.5) == defective

    tolerance = 3 * (true * (1 - true) / n) ** 0.5
    found = estimated_accuracy(confidence).value
    assert found == pytest.approx(claimed, abs=tolerance)
    assert correct.mean() == pytest.approx(true, abs=tolerance)


PAIRED: list[Callable[[npt.ArrayLike, npt.ArrayLike], Figure | Interval]] = [
    expected_calibration_error,
    brier_score,
    spiegelhalter_z,
    lambda c, y: calibration_error_bound(c, y, rng=np.random.default_rng(0)),
    lambda c, y: calibration_error_interval(c, y, rng=np.random.default_rng(0)),
]


@pytest.mark.parametrize("statistic", PAIRED)
@pytest.mark.parametrize(
    ("confidence", "correct", "complaint"),
    [
        ([], [], "0 items"),
        ([0.5], [1, 0], "2 outcomes do not belong to 1 items"),
        ([1.5], [1], "1 of 1 confidences"),
        ([0.5], [0.5], "neither 0 nor 1"),
    ],
)
def test_answers_that_cannot_be_are_refused(
    statistic: Callable[[npt.ArrayLike, npt.ArrayLike], Figure | Interval],
    confidence: list[float],
    correct: list[float],
    complaint: str,
) -> None:
    with pytest.raises(ValueError, match=complaint):
        statistic(confidence, correct)


def test_options_that_bound_nothing_are_refused() -> None:
    rng = np.random.default_rng(0)

    with pytest.raises(ValueError, match="0 bins"):
        expected_calibration_error([0.5], [1], bins=0)
    with pytest.raises(ValueError, match="0 repeats"):
        calibration_error_bound([0.5], [1], rng=rng, repeats=0)
    with pytest.raises(ValueError, match="delta"):
        calibration_error_bound([0.5], [1], rng=rng, delta=1.0)
    with pytest.raises(ValueError, match="0 confidences"):
        estimated_accuracy([])
