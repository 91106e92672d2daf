"""Audits: rates over all items from the part that was drawn."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from monitoring.stats.intervals import clopper_pearson, wilson
from monitoring.stats.sampling import (
    Stratum,
    hajek,
    lottery,
    mover_wilson,
    stratified_error_interval,
)

EXACT = 1e-6
E10_WRONG = [int(digit) for digit in "0100001010"]
E10_INCLUSION = [0.25] * 6 + [1.0] * 4
E10_LABELLED = [True, False, False, True, False, False, True, True, True, True]


@st.composite
def strata(draw: st.DrawFn) -> list[Stratum]:
    sizes = draw(st.lists(st.integers(1, 500), min_size=1, max_size=4))
    found = []
    for size in sizes:
        audited = draw(st.integers(0, size))
        found.append(Stratum(size, audited, draw(st.integers(0, audited))))
    return found


def test_case_e10_weights_each_label_with_what_it_stands_for() -> None:
    found = hajek(E10_WRONG, E10_INCLUSION, E10_LABELLED)

    seen = np.array(E10_WRONG)[E10_LABELLED]
    assert seen.mean() == pytest.approx(0.333333, abs=EXACT)  # what was labelled
    assert np.mean(E10_WRONG) == 0.3  # what is true
    assert found.value == pytest.approx(0.166667, abs=EXACT)
    assert found.se == pytest.approx(0.068041, abs=EXACT)
    assert found.n == 6


def test_outcomes_of_unlabelled_items_are_never_read() -> None:
    unknown = [
        wrong if labelled else float("nan")
        for wrong, labelled in zip(E10_WRONG, E10_LABELLED, strict=True)
    ]

    assert hajek(unknown, E10_INCLUSION, E10_LABELLED) == hajek(
        E10_WRONG, E10_INCLUSION, E10_LABELLED
    )


def test_an_audit_that_found_nothing_has_no_error_rather_than_an_error_of_0() -> None:
    found = hajek([0] * 400, [0.05] * 400, [True] * 20 + [False] * 380)

    assert found.value == 0
    assert isnan(found.se)
    assert stratified_error_interval([(400, 20, 0)]).high > 0.1


def test_labels_of_everything_leave_no_error() -> None:
    found = hajek([0, 0, 1, 0], [1.0] * 4, [True] * 4)

    assert (found.value, found.se) == (0.25, 0)


def test_case_e13_hajek_undoes_the_bias_of_looking_where_the_model_is_unsure() -> None:
    rng = np.random.default_rng(5)
    n, share, distance = 20_000, 0.04, 2.6
    defective = rng.random(n) < share
    x = rng.normal(distance * defective)
    p = expit(np.log(share / (1 - share)) + distance * (x - distance / 2))
    wrong = (p >= 0.5) != defective
    is_auto = np.maximum(p, 1 - p) >= 0.97
    inclusion = np.where(is_auto, 0.05, 1.0)
    labelled = rng.random(n) < inclusion

    found = hajek(wrong, inclusion, labelled)

    def near(expected: float, *, of: int) -> object:
        error = (expected * (1 - expected) / of) ** 0.5
        return pytest.approx(expected, abs=3 * error)

    assert 1 - wrong.mean() == near(0.975, of=n)
    assert is_auto.mean() == near(0.854, of=n)
    reviewed, seen = ~is_auto, int(labelled.sum())
    assert 1 - wrong[reviewed].mean() == near(0.854, of=int(reviewed.sum()))
    assert 1 - wrong[labelled].mean() == near(0.886, of=seen)
    assert abs(found.value - wrong.mean()) < 3 * found.se
    assert 1 - found.value == pytest.approx(0.9765, abs=3 * 0.0015)
    assert found.se == pytest.approx(0.0015, abs=5e-4)


def test_hajek_spreads_as_its_error_says() -> None:
    rng = np.random.default_rng(6)
    inclusion = rng.choice([0.1, 0.3, 1.0], 4000)
    wrong = rng.random(4000) < 0.1
    found = [hajek(wrong, inclusion, rng.random(4000) < inclusion) for _ in range(2000)]

    values = [figure.value for figure in found]

    assert np.mean(values) == pytest.approx(wrong.mean(), abs=5e-4)
    assert np.mean([f.se for f in found]) == pytest.approx(np.std(values), rel=0.05)


@pytest.mark.parametrize(
    ("wrong", "inclusion", "labelled", "complaint"),
    [
        ([0, 1], [0.5, 0.5], [0, 0], "0 of 2 items"),
        ([], [], [], "0 of 0 items"),
        ([0, 1], [0.5], [1, 1], "same items"),
        ([0, 1], [0.0, 0.5], [1, 1], "1 of 2 labelled items"),
        ([0, 1], [1.5, 0.5], [1, 1], "1 of 2 labelled items"),
        ([0, 1], [float("nan"), 0.5], [1, 1], "1 of 2 labelled items"),
        ([0, 2], [0.5, 0.5], [1, 1], "neither 0 nor 1"),
        ([0, float("nan")], [0.5, 0.5], [1, 1], "neither 0 nor 1"),
        ([[0], [1]], [[0.5], [0.5]], [[1], [1]], "same items"),
    ],
)
def test_labels_that_cannot_be_weighted_are_refused(
    wrong: list[float], inclusion: list[float], labelled: list[int], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        hajek(wrong, inclusion, labelled)


def test_case_e11_bounds_a_day_whose_automatic_part_was_audited() -> None:
    clean = stratified_error_interval([(1500, 1500, 210), (8500, 425, 0)])
    found = stratified_error_interval([(1500, 1500, 210), (8500, 425, 2)])
    close = mover_wilson([(1500, 1500, 210), (8500, 425, 2)])

    assert (clean.value, clean.low) == pytest.approx((0.021, 0.021), abs=EXACT)
    assert clean.high == pytest.approx(0.028346, abs=EXACT)
    assert found.value == pytest.approx(0.025, abs=EXACT)
    assert found.low == pytest.approx(0.021485, abs=EXACT)
    assert found.high == pytest.approx(0.035361, abs=EXACT)
    assert close.value == pytest.approx(0.025, abs=EXACT)
    assert close.low == pytest.approx(0.022098, abs=EXACT)
    assert close.high == pytest.approx(0.035445, abs=EXACT)
    assert clean.n == found.n == close.n == 1925


def test_one_audited_stratum_has_the_intervals_of_a_share() -> None:
    exact, close = clopper_pearson(3, 299), wilson(3, 299)

    found = stratified_error_interval([(5000, 299, 3)])
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    assert mover_wilson([(5000, 299, 3)]).high == pytest.approx(close.high)


def test_two_audited_strata_share_the_chance_of_being_wrong() -> None:
    bounds = [clopper_pearson(1, 50, confidence=0.975)] * 2

    found = stratified_error_interval([(500, 50, 1), (500, 50, 1), (9, 9, 0)])

    assert found.high == pytest.approx(sum(500 * b.high for b in bounds) / 1009)


def test_a_part_that_nobody_audited_may_be_all_right_or_all_wrong() -> None:
    for bound in (stratified_error_interval, mover_wilson):
        found = bound([(900, 900, 9), (100, 0, 0)])

        assert isnan(found.value)
        assert (found.low, found.high) == pytest.approx((0.009, 0.109))
        assert found.n == 900


def test_an_empty_stratum_changes_nothing() -> None:
    for bound in (stratified_error_interval, mover_wilson):
        assert bound([(100, 20, 1), (0, 0, 0)]) == bound([(100, 20, 1)])


@given(given_strata=strata())
def test_bounds_of_strata_hold_the_value_and_stay_shares(
    given_strata: list[Stratum],
) -> None:
    for bound in (stratified_error_interval, mover_wilson):
        found = bound(given_strata)

        assert 0 <= found.low <= found.high <= 1
        assert isnan(found.value) or found.low - 1e-12 <= found.value
        assert isnan(found.value) or found.value <= found.high + 1e-12


def test_the_exact_interval_covers_a_rare_rate_and_the_close_one_nearly() -> None:
    rng = np.random.default_rng(7)
    runs, size, share = 600, 4250, 0.05
    covered = {stratified_error_interval: 0, mover_wilson: 0}
    for _ in range(runs):
        wrong = rng.random(size) < 0.004
        drawn = rng.random(size) < share
        day = [(750, 750, 100), (size, int(drawn.sum()), int(wrong[drawn].sum()))]
        truth = (100 + wrong.sum()) / (750 + size)
        for bound in covered:
            found = bound(day)
            covered[bound] += found.low <= truth <= found.high

    three_errors = 3 * (0.95 * 0.05 / runs) ** 0.5
    assert covered[stratified_error_interval] / runs >= 0.95 - three_errors
    assert covered[mover_wilson] / runs >= 0.93 - three_errors


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ([(10, 11, 0)], "11 of 10"),
        ([(10, 5, 6)], "6 of 5"),
        ([(10, 5, -1)], "-1 of 5"),
        ([], "0 strata hold 0 items"),
        ([(0, 0, 0)], "1 strata hold 0 items"),
    ],
)
def test_strata_that_cannot_be_are_refused(
    broken: list[tuple[int, int, int]], complaint: str
) -> None:
    for bound in (stratified_error_interval, mover_wilson):
        with pytest.raises(ValueError, match=complaint):
            bound(broken)


def test_case_f12_fixes_the_draws_of_the_lottery() -> None:
    draws = [lottery("line-A:v7", i) for i in range(10_000)]

    assert draws[:3] == pytest.approx([0.842651142, 0.347353411, 0.474951981], abs=1e-9)
    counts = [
        sum(draw < share for draw in draws) for share in (0.01, 0.05, 0.1, 0.2, 0.5)
    ]
    assert counts == [92, 486, 973, 1959, 4990]
