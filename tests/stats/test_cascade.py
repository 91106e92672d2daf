"""Two checks in a row, which may miss the same items."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.stats.cascade import leave_one_out, two_stages
from monitoring.stats.intervals import wilson

tables = st.lists(
    st.lists(st.integers(0, 200), min_size=2, max_size=2), min_size=2, max_size=2
).filter(lambda table: sum(map(sum, table)) > 0)


def test_a_thousand_defects_escape_fifty_times_where_independence_says_twenty() -> None:
    found = two_stages([[750, 150], [50, 50]])

    assert found.n == 1000
    assert found.first_passes.value == pytest.approx(0.1)
    assert found.second_passes.value == pytest.approx(0.2)
    assert 1000 * found.escapes_if_independent == pytest.approx(20)
    assert 1000 * found.escapes.value == pytest.approx(50)
    assert found.escapes == wilson(50, 1000)
    assert found.escapes.low > found.escapes_if_independent
    assert found.second_catches_missed.value == 0.5
    assert found.second_catches_missed.n == 100
    assert found.second_catches_caught.value == pytest.approx(750 / 900)
    assert found.caught_by_first_alone.value == pytest.approx(0.15)
    assert found.caught_by_second_alone.value == pytest.approx(0.05)


def test_independent_stages_let_through_the_product() -> None:
    found = two_stages([[720, 180], [80, 20]])

    assert found.escapes.value == pytest.approx(found.escapes_if_independent)
    assert found.second_catches_missed.value == pytest.approx(
        found.second_catches_caught.value
    )


def test_a_stage_that_missed_nothing_leaves_the_next_untried() -> None:
    found = two_stages([[90, 10], [0, 0]])

    assert isnan(found.second_catches_missed.value)
    assert (found.second_catches_missed.low, found.second_catches_missed.high) == (0, 1)
    assert found.escapes.value == 0
    assert found.escapes.high > 0


@given(table=tables)
def test_shares_fit_each_other(table: list[list[int]]) -> None:
    found = two_stages(table)

    missed, second = found.first_passes.value, found.second_passes.value
    assert found.escapes.value <= min(missed, second) + 1e-12
    assert found.escapes.value >= missed + second - 1 - 1e-12
    # what a stage alone catches is what would escape more without it
    without_second = found.escapes.value + found.caught_by_second_alone.value
    assert without_second == pytest.approx(missed)
    if missed:
        conditional = 1 - found.second_catches_missed.value
        assert missed * conditional == pytest.approx(found.escapes.value)


@given(table=tables)
def test_exchanging_the_stages_exchanges_their_figures(table: list[list[int]]) -> None:
    (both, first_only), (second_only, neither) = table

    found = two_stages(table)

    turned = two_stages([[both, second_only], [first_only, neither]])
    assert turned.first_passes == found.second_passes
    assert turned.caught_by_first_alone == found.caught_by_second_alone
    assert turned.escapes == found.escapes
    assert turned.escapes_if_independent == pytest.approx(found.escapes_if_independent)


@given(table=tables)
def test_leaving_one_of_two_out_is_what_it_alone_catches(
    table: list[list[int]],
) -> None:
    (both, first_only), (second_only, neither) = table
    caught = np.repeat(
        [[1, 1], [1, 0], [0, 1], [0, 0]],
        [both, first_only, second_only, neither],
        axis=0,
    )

    found = leave_one_out(caught)

    pair = two_stages(table)
    assert found.escapes == pytest.approx(pair.escapes.value)
    assert found.held_back == pytest.approx(
        [pair.caught_by_first_alone.value, pair.caught_by_second_alone.value]
    )


@given(seed=st.integers(0, 10_000), items=st.integers(1, 40), stages=st.integers(1, 5))
def test_a_stage_holds_back_what_would_escape_without_it(
    seed: int, items: int, stages: int
) -> None:
    caught = np.random.default_rng(seed).integers(0, 2, (items, stages))

    found = leave_one_out(caught)

    for stage in range(stages):
        others = np.delete(caught, stage, axis=1)
        escapes = float((others.sum(axis=1) == 0).mean())
        assert found.held_back[stage] == pytest.approx(escapes - found.escapes)
    assert found.escapes + found.held_back.sum() <= 1 + 1e-12


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ([[0, 0], [0, 0]], "0 defective items"),
        ([[1, 2, 3], [1, 2, 3]], "two stages"),
        ([[1, -2], [1, 2]], "no count"),
        ([[1, 0.5], [1, 2]], "no count"),
    ],
)
def test_what_is_no_table_of_two_stages_is_refused(
    table: list[list[int]], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        two_stages(table)


def test_marks_of_nothing_and_of_neither_are_refused() -> None:
    with pytest.raises(ValueError, match="no items by stages"):
        leave_one_out([])
    with pytest.raises(ValueError, match="no items by stages"):
        leave_one_out([1, 0])
    with pytest.raises(ValueError, match="1 of 2 marks"):
        leave_one_out([[1, 2]])
