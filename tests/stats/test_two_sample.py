"""The classifier that tries to tell two samples apart."""

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import roc_auc_score

from monitoring.stats.drift import classifier_two_sample, compare_numeric
from monitoring.stats.two_sample import _compare

Rows = npt.NDArray[np.float64]


def draw_pair(rng: np.random.Generator, n: int, *, correlation: float) -> Rows:
    """Draw two standard normal features that move together or not."""
    first, second = rng.normal(size=(2, n))
    spread = (1 - correlation**2) ** 0.5
    return np.column_stack([first, correlation * first + spread * second])


def test_features_that_begin_to_move_together_are_seen_though_neither_moved() -> None:
    rng = np.random.default_rng(4)
    before = draw_pair(rng, 1000, correlation=0.0)
    after = draw_pair(rng, 1000, correlation=0.6)

    found = classifier_two_sample(before, after, rng=rng)

    assert found.auc == pytest.approx(0.60, abs=0.06)
    assert found.p < 0.001
    assert (found.n_reference, found.n_current) == (500, 500)
    for column in (0, 1):
        assert compare_numeric(before[:, column], after[:, column]).p > 0.01


def test_the_same_source_is_told_apart_as_rarely_as_p_says() -> None:
    rng = np.random.default_rng(5)
    runs = 30
    found = [
        classifier_two_sample(
            rng.normal(size=(60, 3)), rng.normal(size=(50, 3)), rng=rng
        ).p
        for _ in range(runs)
    ]

    share = np.mean(np.array(found) <= 0.2)

    assert share == pytest.approx(0.2, abs=3 * (0.2 * 0.8 / runs) ** 0.5)


def test_the_same_draw_gives_the_same_answer() -> None:
    rows = np.random.default_rng(1).normal(size=(80, 2))

    first, second = (
        classifier_two_sample(rows, rows + 0.5, rng=np.random.default_rng(7))
        for _ in range(2)
    )

    assert first == second


def test_missing_values_are_information() -> None:
    rng = np.random.default_rng(2)
    before, after = rng.normal(size=(2, 400, 2))
    after[rng.random(400) < 0.4, 0] = np.nan

    assert classifier_two_sample(before, after, rng=rng).p < 0.001


def test_rows_without_any_difference_cannot_be_told_apart() -> None:
    rng = np.random.default_rng(3)

    found = classifier_two_sample(np.ones((30, 2)), np.ones((20, 2)), rng=rng)

    assert (found.auc, found.p) == (0.5, 1.0)


def test_the_area_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(8)
    old, new = rng.integers(0, 9, 40) / 9, rng.integers(2, 12, 30) / 9

    auc, p = _compare(old, new)

    marks = np.repeat([0, 1], [40, 30])
    assert auc == pytest.approx(roc_auc_score(marks, np.concatenate([old, new])))
    swapped, opposite = _compare(new, old)
    assert swapped == pytest.approx(1 - auc)
    assert p < 0.5 < opposite


@pytest.mark.parametrize(
    ("reference", "current", "complaint"),
    [
        (np.ones((1, 2)), np.ones((5, 2)), "no two rows"),
        (np.ones(5), np.ones((5, 2)), "no two rows"),
        (np.ones((5, 0)), np.ones((5, 0)), "no two rows"),
        (np.ones((5, 3)), np.ones((5, 2)), "3 and 2 features"),
        (np.ones((5, 2)), np.full((5, 2), np.inf), "10 of 10 values are infinite"),
    ],
)
def test_samples_that_cannot_be_compared_are_refused(
    reference: Rows, current: Rows, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        classifier_two_sample(reference, current, rng=np.random.default_rng(0))
