"""Agreement against the published tables and statsmodels, scikit-learn."""

from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from monitoring.stats.agreement import (
    Weights,
    cohen_kappa,
    gwet_ac1,
    percent_agreement,
)

EXACT = 1e-6


def tables(*, classes: int = 3) -> st.SearchStrategy[list[list[int]]]:
    row = st.lists(st.integers(0, 40), min_size=classes, max_size=classes)
    table = st.lists(row, min_size=classes, max_size=classes)
    return table.filter(lambda counts: sum(map(sum, counts)) > 0)


def test_case_a1_gives_its_published_figures() -> None:
    table = [[20, 5], [10, 15]]

    kappa, ac1 = cohen_kappa(table), gwet_ac1(table)

    assert percent_agreement(table).value == pytest.approx(0.7, abs=EXACT)
    by_chance = (0.7 - kappa.value) / (1 - kappa.value)
    assert by_chance == pytest.approx(0.5, abs=EXACT)
    assert kappa.value == pytest.approx(0.4, abs=EXACT)
    assert kappa.se == pytest.approx(0.126996, abs=EXACT)
    assert kappa.low == pytest.approx(0.151092, abs=EXACT)
    assert kappa.high == pytest.approx(0.648908, abs=EXACT)
    assert ac1.value == pytest.approx(0.405941, abs=EXACT)
    assert ac1.se == pytest.approx(0.130152, abs=EXACT)
    assert (kappa.n, ac1.n, percent_agreement(table).n) == (50, 50, 50)


def test_case_a2_gives_its_published_figures() -> None:
    table = [[40, 9], [6, 45]]

    kappa = cohen_kappa(table)

    assert percent_agreement(table).value == pytest.approx(0.85, abs=EXACT)
    assert kappa.value == pytest.approx(0.699519, abs=EXACT)
    assert kappa.se == pytest.approx(0.071394, abs=EXACT)
    assert gwet_ac1(table).value == pytest.approx(0.700748, abs=EXACT)


def test_case_a3_shows_that_a_rare_class_presses_kappa_down_but_not_ac1() -> None:
    table = [[80, 10], [5, 5]]

    kappa, ac1 = cohen_kappa(table), gwet_ac1(table)

    assert percent_agreement(table).value == pytest.approx(0.85, abs=EXACT)
    assert kappa.value == pytest.approx(0.318182, abs=EXACT)
    assert kappa.se == pytest.approx(0.133457, abs=EXACT)
    assert kappa.low == pytest.approx(0.056612, abs=EXACT)
    assert kappa.high == pytest.approx(0.579752, abs=EXACT)
    assert ac1.value == pytest.approx(0.808, abs=EXACT)
    assert ac1.se == pytest.approx(0.05213, abs=5e-6)


def test_case_a7_leaves_kappa_undefined_when_one_class_was_ever_used() -> None:
    kappa = cohen_kappa([[500, 0], [0, 0]])

    assert all(isnan(x) for x in (kappa.value, kappa.se, kappa.low, kappa.high))
    assert kappa.n == 500
    assert gwet_ac1([[500, 0], [0, 0]]).value == 1.0


@pytest.mark.parametrize(
    ("table", "kappa", "miss", "false_alarm"),
    [
        ([[45, 5], [3, 97]], 0.8788, 0.0625, 0.04902),
        ([[45, 2], [3, 100]], 0.9230, 0.0625, 0.01961),
        ([[42, 9], [6, 93]], 0.7740, 0.125, 0.08824),
    ],
)
def test_case_a12_gives_the_kappas_of_the_measurement_handbook(
    table: list[list[int]], kappa: float, miss: float, false_alarm: float
) -> None:
    (both_bad, alarm), (missed, both_good) = table

    assert cohen_kappa(table).value == pytest.approx(kappa, abs=5e-5)
    assert missed / (both_bad + missed) == pytest.approx(miss, abs=1e-5)
    assert alarm / (alarm + both_good) == pytest.approx(false_alarm, abs=1e-5)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
@given(table=tables())
def test_kappa_and_its_error_are_those_of_statsmodels(
    weights: Weights | None, table: list[list[int]]
) -> None:
    ours = cohen_kappa(table, weights=weights)
    if isnan(ours.value):
        return
    with np.errstate(all="ignore"):  # it divides by errors of 0
        theirs = cohens_kappa(
            np.array(table),
            wt={None: None, "linear": "linear", "quadratic": "fc"}[weights],
        )

    assert ours.value == pytest.approx(theirs.kappa, abs=1e-9)
    assert ours.se == pytest.approx(sqrt(max(theirs.var_kappa, 0)), abs=1e-6)


@given(table=tables(classes=2))
def test_kappa_is_that_of_scikit_learn(table: list[list[int]]) -> None:
    cells = [(i, j) for i in range(2) for j in range(2) for _ in range(table[i][j])]
    first, second = [i for i, _ in cells], [j for _, j in cells]
    ours = cohen_kappa(table).value
    if isnan(ours):
        return

    assert ours == pytest.approx(cohen_kappa_score(first, second), abs=1e-9)


@given(table=tables())
def test_agreement_does_not_depend_on_who_is_called_first(
    table: list[list[int]],
) -> None:
    turned = np.array(table).T

    assert percent_agreement(table) == percent_agreement(turned)
    assert gwet_ac1(table).value == pytest.approx(gwet_ac1(turned).value)
    assert cohen_kappa(table).value == pytest.approx(
        cohen_kappa(turned).value, nan_ok=True
    )
    assert cohen_kappa(table).se == pytest.approx(
        cohen_kappa(turned).se, nan_ok=True, abs=1e-6
    )


@given(table=tables())
def test_bounds_lie_around_the_value_and_inside_what_is_possible(
    table: list[list[int]],
) -> None:
    kappa = cohen_kappa(table)
    if isnan(kappa.low):
        return

    assert -1 <= kappa.low <= kappa.value <= kappa.high <= 1


def test_agreement_without_exception_has_no_interval_however_few_the_items() -> None:
    kappa = cohen_kappa([[3, 0], [0, 2]])

    assert kappa.value == 1
    assert kappa.se == 0
    assert isnan(kappa.low)
    assert isnan(kappa.high)


def test_a_near_miss_counts_for_something_only_where_grades_are_ordered() -> None:
    table = [[10, 4, 0], [3, 10, 2], [0, 1, 10]]

    plain, linear, quadratic = (
        cohen_kappa(table, weights=weights).value
        for weights in (None, "linear", "quadratic")
    )

    assert plain < linear < quadratic


def test_ac1_spreads_as_its_error_says() -> None:
    rng = np.random.default_rng(3)
    shares = np.array([[0.80, 0.06], [0.04, 0.10]])
    drawn = rng.multinomial(400, shares.ravel(), size=4000).reshape(-1, 2, 2)
    found = [gwet_ac1(table) for table in drawn]

    spread = np.std([figure.value for figure in found])

    assert np.mean([figure.se for figure in found]) == pytest.approx(spread, rel=0.04)


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ([[0, 0], [0, 0]], "0 items"),
        ([[5]], "shape"),
        ([[1, 2, 3], [4, 5, 6]], "shape"),
        ([1, 2], "shape"),
        ([[1, -1], [0, 3]], "no count"),
        ([[1, 0.5], [0, 3]], "no count"),
        ([[1, float("nan")], [0, 3]], "no count"),
    ],
)
def test_what_is_no_table_of_counts_is_refused(
    table: list[list[int]], complaint: str
) -> None:
    for statistic in (percent_agreement, cohen_kappa, gwet_ac1):
        with pytest.raises(ValueError, match=complaint):
            statistic(table)
