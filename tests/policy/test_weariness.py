"""When a break should come sooner: slower than one's own band, or more gold missed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from reviewapp.weariness import (
    BY_CHANCE,
    FEWEST_BEFORE,
    FEWEST_LATELY,
    LAST_READS,
    WELL_ABOVE,
    is_slower,
    reads_worse,
)


def slower(middle_ms: float | None = 9_100, **given: float | None) -> bool:
    values = {"answers": FEWEST_LATELY, "band_high_ms": 6_000, "before": FEWEST_BEFORE}
    return is_slower(middle_ms, **(values | given))  # type: ignore[arg-type]  # of the test's own


def test_well_above_the_own_band_is_slower_and_just_above_is_not() -> None:
    assert slower(WELL_ABOVE * 6_000 + 1)
    assert not slower(WELL_ABOVE * 6_000)
    assert not slower(6_100)


@pytest.mark.parametrize(
    "missing",
    [
        {"answers": FEWEST_LATELY - 1},
        {"before": FEWEST_BEFORE - 1},
        {"band_high_ms": None},
    ],
)
def test_without_enough_answers_nobody_is_slower(missing: dict[str, int]) -> None:
    assert not slower(**missing)
    assert not slower(None)


@pytest.mark.parametrize(
    ("wrong", "known_reads", "known_wrong", "worse"),
    [
        (2, 400, 0, False),
        (3, 400, 4, True),
        (3, 400, 60, False),
        (5, 400, 60, True),
        (3, 99, 0, False),
        (4, 99, 0, True),
        (4, 0, 0, True),
    ],
)
def test_more_missed_than_ones_own_is_worse(
    wrong: int, known_reads: int, known_wrong: int, *, worse: bool
) -> None:
    found = reads_worse(
        reads=LAST_READS, wrong=wrong, known_reads=known_reads, known_wrong=known_wrong
    )

    assert found is worse


def test_below_ten_reads_nothing_is_said() -> None:
    assert not reads_worse(
        reads=LAST_READS - 1, wrong=LAST_READS - 1, known_reads=400, known_wrong=0
    )


@given(st.integers(0, LAST_READS), st.integers(FEWEST_BEFORE, 1_000), st.data())
def test_whoever_reads_as_ever_is_called_worse_in_few_shifts(
    wrong: int, known_reads: int, data: st.DataObject
) -> None:
    known_wrong = data.draw(st.integers(0, known_reads))
    usual = (known_wrong + 1) / (known_reads + 2)

    found = reads_worse(
        reads=LAST_READS,
        wrong=wrong,
        known_reads=known_reads,
        known_wrong=known_wrong,
    )

    if found:
        assert binom.sf(wrong - 1, LAST_READS, usual) <= BY_CHANCE + 1e-9
