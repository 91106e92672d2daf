"""A study of appraisers: the handbook's own, and its verdicts."""

from dataclasses import replace
from math import isnan

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.stats.appraisal import attribute_study, unanimity
from monitoring.stats.study import StudyLimits, Verdict, judge_study

TRIALS, BAD, GOOD = 3, 16, 34
REFERENCE = np.repeat([0, 1], [BAD, GOOD])
ACCEPTABLE, MARGINAL, UNACCEPTABLE = (
    Verdict.ACCEPTABLE,
    Verdict.MARGINAL,
    Verdict.UNACCEPTABLE,
)
Answers = npt.NDArray[np.integer]


def study_of(misses: list[int], alarms: list[int]) -> Answers:
    """Build three trials of 50 items: how many are wrong on each bad and good item."""
    answers = np.tile(REFERENCE, (TRIALS, 1))
    for item, wrong in enumerate(misses):
        answers[:wrong, item] = 1
    for item, wrong in enumerate(alarms):
        answers[:wrong, BAD + item] = 0
    return answers


@pytest.mark.parametrize(
    ("answers", "kappa", "miss", "alarm", "right", "verdicts"),
    [
        (
            study_of([1] * 3, [1] * 5),
            0.8788,
            0.0625,
            0.04902,
            42,
            (MARGINAL, UNACCEPTABLE, ACCEPTABLE),
        ),
        (
            study_of([1] * 3, [1] * 2),
            0.9230,
            0.0625,
            0.01961,
            45,
            (ACCEPTABLE, UNACCEPTABLE, ACCEPTABLE),
        ),
        (
            study_of([2, 2, 2], [2, 2, 1, 1, 1, 1, 1]),
            0.7740,
            0.125,
            0.08824,
            40,
            (MARGINAL, UNACCEPTABLE, MARGINAL),
        ),
    ],
    ids=["A", "B", "C"],
)
def test_case_a12_gives_the_figures_and_verdicts_of_the_handbook(
    answers: Answers,
    kappa: float,
    miss: float,
    alarm: float,
    right: int,
    verdicts: tuple[Verdict, Verdict, Verdict],
) -> None:
    found = attribute_study(answers, REFERENCE)
    verdict = judge_study(found)

    assert found.kappa.value == pytest.approx(kappa, abs=5e-5)
    assert found.miss.value == pytest.approx(miss, abs=1e-5)
    assert found.false_alarm.value == pytest.approx(alarm, abs=1e-5)
    assert found.effectiveness.value == right / 50
    assert (found.miss.n, found.false_alarm.n, found.effectiveness.n) == (48, 102, 50)
    assert (verdict.effectiveness, verdict.miss, verdict.false_alarm) == verdicts
    assert verdict.kappa is ACCEPTABLE


def test_an_appraiser_may_repeat_what_is_wrong() -> None:
    found = attribute_study(study_of([3], [1]), REFERENCE)

    assert found.within.value == 49 / 50
    assert found.effectiveness.value == 48 / 50


def test_appraisers_agree_where_all_their_trials_do() -> None:
    ana, ben = study_of([1], []), study_of([0, 1], [3])

    assert unanimity(ana).value == 49 / 50
    assert unanimity(np.concatenate([ana, ben])).value == 47 / 50


def test_one_trial_repeats_nothing() -> None:
    found = attribute_study([[0, 1, 1]], [0, 1, 1])

    assert isnan(found.within.value)
    assert found.effectiveness.value == 1


def test_without_a_bad_item_nobody_has_shown_to_miss_none() -> None:
    found = attribute_study([[1, 1, 0]], [1, 1, 1])

    assert isnan(found.miss.value)
    assert found.miss.n == 0
    verdict = judge_study(found)
    assert verdict.miss is Verdict.UNDEFINED
    assert verdict.false_alarm is UNACCEPTABLE
    alike = attribute_study([[1, 1]], [1, 1])
    assert judge_study(alike).kappa is Verdict.UNDEFINED


def test_the_limits_are_handed_in_and_met_when_just_reached() -> None:
    found = attribute_study(study_of([1] * 3, [1] * 5), REFERENCE)
    kappa = found.kappa.value

    lax = StudyLimits(effectiveness=(0.84, 0.5), miss=(0.0625, 0.5))
    assert judge_study(found, limits=lax).effectiveness is ACCEPTABLE
    assert judge_study(found, limits=lax).miss is ACCEPTABLE
    strict = StudyLimits(false_alarm=(0.01, 0.02), kappa=(kappa, 0.4))
    assert judge_study(found, limits=strict).false_alarm is UNACCEPTABLE
    assert judge_study(found, limits=strict).kappa is MARGINAL
    poor = replace(strict, kappa=(0.99, 0.95))
    assert judge_study(found, limits=poor).kappa is UNACCEPTABLE


@given(seed=st.integers(0, 10_000), trials=st.integers(1, 4), items=st.integers(1, 20))
def test_shares_hold_together_and_do_not_know_the_order_of_trials(
    seed: int, trials: int, items: int
) -> None:
    rng = np.random.default_rng(seed)
    answers, truth = rng.integers(0, 2, (trials, items)), rng.integers(0, 2, items)

    found = attribute_study(answers, truth)

    assert found.miss.n + found.false_alarm.n == trials * items
    if trials > 1:  # right in every trial is the same in every trial
        assert found.effectiveness.value <= found.within.value
    turned = attribute_study(answers[::-1], truth)
    assert turned.effectiveness == found.effectiveness
    assert turned.kappa.value == pytest.approx(found.kappa.value, nan_ok=True)
    opposite = attribute_study(1 - answers, 1 - truth)
    assert opposite.miss.value == pytest.approx(found.false_alarm.value, nan_ok=True)


@pytest.mark.parametrize(
    ("ratings", "reference", "complaint"),
    [
        ([[0, 1]], [0], "does not say of 2 items"),
        ([[0, 1]], [0, 2], "does not say of 2 items"),
        ([[0, 2]], [0, 1], "1 of 2 ratings are neither 0 nor 1"),
        ([[0, float("nan")]], [0, 1], "1 of 2 ratings are neither 0 nor 1"),
        ([0, 1], [0, 1], "no trials of items"),
        ([[]], [], "no trials of items"),
    ],
)
def test_answers_that_are_no_study_are_refused(
    ratings: list[list[int]], reference: list[int], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        attribute_study(ratings, reference)


def test_one_answer_is_no_agreement() -> None:
    with pytest.raises(ValueError, match="always unanimous"):
        unanimity([[0, 1]])
