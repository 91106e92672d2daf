"""The classes' new shares from predictions alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.stats.calibration import label_shift_weights

CONFUSION = np.array([[0.95, 0.15], [0.05, 0.85]])  # predicted i of true j


def draw_tables(
    rng: np.random.Generator, *, before: float, now: float, n: int = 3000, m: int = 1000
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a labelled reference and an unlabelled window, by share of the second."""
    joint = rng.multinomial(n, (CONFUSION * [1 - before, before]).ravel())
    predicted = rng.multinomial(m, CONFUSION @ [1 - now, now])
    return joint.reshape(2, 2), predicted


def test_the_weights_are_the_ratios_of_the_shares() -> None:
    joint = np.round(CONFUSION * [0.96, 0.04] * 10_000).astype(int)
    predicted = np.round(CONFUSION @ [0.88, 0.12] * 10_000).astype(int)

    found = label_shift_weights(joint, predicted)

    assert found.weights == pytest.approx([0.88 / 0.96, 0.12 / 0.04], abs=1e-9)
    assert (found.n_reference, found.n_current) == (10_000, 10_000)
    assert np.isnan(found.low).all()
    assert np.isnan(found.high).all()


def test_the_interval_holds_the_true_weights_nearly_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    runs, held = 300, 0
    for _ in range(runs):
        tables = draw_tables(rng, before=0.10, now=0.20)
        found = label_shift_weights(*tables, rng=rng, repeats=200)
        held += found.low[1] <= 2 <= found.high[1]

    assert held / runs == pytest.approx(0.94, abs=3 * (0.94 * 0.06 / runs) ** 0.5)


def test_the_interval_repeats_itself_and_closes_with_more_items() -> None:
    tables = np.array([[900, 30], [100, 270]]), np.array([700, 300])

    first, again, more = (
        label_shift_weights(
            *(times * table for table in tables), rng=np.random.default_rng(1)
        )
        for times in (1, 1, 20)
    )

    assert first.low.tolist() == again.low.tolist()
    assert np.all(first.low < more.low)
    assert np.all(more.high < first.high)
    assert np.all((more.low < more.weights) & (more.weights < more.high))


@given(
    joint=st.lists(
        st.lists(st.integers(0, 100), min_size=3, max_size=3), min_size=3, max_size=3
    )
)
def test_a_window_like_the_reference_weighs_every_class_the_same(
    joint: list[list[int]],
) -> None:
    table = np.array(joint) + 200 * np.eye(3, dtype=int)

    found = label_shift_weights(table, table.sum(axis=1))

    assert found.weights == pytest.approx(np.ones(3))


@given(
    joint=st.lists(
        st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=3, max_size=3
    ),
    predicted=st.lists(st.integers(1, 300), min_size=3, max_size=3),
    data=st.data(),
)
def test_weights_move_with_their_classes_and_the_new_shares_add_up(
    joint: list[list[int]], predicted: list[int], data: st.DataObject
) -> None:
    table = np.array(joint) + 200 * np.eye(3, dtype=int)
    order = list(data.draw(st.permutations(range(3))))

    found = label_shift_weights(table, predicted)

    moved = label_shift_weights(table[order][:, order], np.array(predicted)[order])
    assert moved.weights == pytest.approx(found.weights[order])
    assert found.weights @ table.sum(axis=0) / table.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "joint",
    [
        [[50, 50], [50, 50]],  # the classes are not told apart
        [[90, 10], [0, 0]],  # one is never predicted
        [[90, 0], [10, 0]],  # one has no label
    ],
)
def test_a_model_that_says_nothing_of_a_class_leaves_the_weights_undefined(
    joint: list[list[int]],
) -> None:
    found = label_shift_weights(joint, [80, 20], rng=np.random.default_rng(0))

    assert np.isnan(found.weights).all()
    assert np.isnan(found.low).all()


def test_a_class_with_hardly_a_label_has_weights_but_no_interval() -> None:
    found = label_shift_weights(
        [[500, 0], [5, 1]], [95, 5], rng=np.random.default_rng(0)
    )

    assert not np.isnan(found.weights).any()
    assert np.isnan(found.low).all()
    assert np.isnan(found.high).all()


@pytest.mark.parametrize(
    ("joint", "predicted", "complaint"),
    [
        ([[1, 2], [3, 4]], [1, 2, 3], "same classes"),
        ([[1, 2]], [1, 2], "same classes"),
        ([[5]], [5], "1 classes"),
        ([[0, 0], [0, 0]], [1, 2], "0 labelled and 3 predicted"),
        ([[1, 2], [3, 4]], [0, 0], "10 labelled and 0 predicted"),
        ([[1, -2], [3, 4]], [1, 2], "no count"),
        ([[1, 2], [3, 4]], [0.5, 2], "no count"),
    ],
)
def test_tables_that_do_not_fit_are_refused(
    joint: list[list[int]], predicted: list[int], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        label_shift_weights(joint, predicted)


def test_options_that_bound_nothing_are_refused() -> None:
    rng = np.random.default_rng(0)

    with pytest.raises(ValueError, match="confidence"):
        label_shift_weights([[5, 1], [1, 5]], [5, 5], rng=rng, confidence=1)
    with pytest.raises(ValueError, match="0 repeats"):
        label_shift_weights([[5, 1], [1, 5]], [5, 5], rng=rng, repeats=0)
