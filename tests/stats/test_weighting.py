"""Weighted shares: what a part that was drawn unevenly says of the whole."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitoring.stats.intervals import wilson
from monitoring.stats.sampling import hajek
from monitoring.stats.weighting import Group, weighted_share

EXACT = 1e-9


@st.composite
def groups(draw: st.DrawFn) -> list[Group]:
    found = []
    for _group in range(draw(st.integers(1, 4))):
        whole = draw(st.integers(0, 300))
        part = draw(st.integers(0, whole))
        found.append(Group(part, whole, draw(st.floats(0.01, 1))))
    return found


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_where_all_chances_are_equal_it_is_the_plain_interval(
    counts: tuple[int, int],
) -> None:
    part, whole = counts
    half = Group(part // 2, whole // 2, 0.2)
    rest = Group(part - half.part, whole - half.whole, 0.2)
    assume(half.part <= half.whole and rest.part <= rest.whole)

    found = weighted_share([half, rest])

    plain = wilson(part, whole)
    assert (found.value, found.low, found.high) == pytest.approx(
        (plain.value, plain.low, plain.high), abs=EXACT
    )
    assert found.effective == pytest.approx(found.n) == whole


@given(groups())
def test_its_value_is_hajeks_and_lies_within_its_bounds(given: list[Group]) -> None:
    assume(sum(group.whole for group in given))
    wrong, chances = [], []
    for part, whole, inclusion in given:
        wrong += [1] * part + [0] * (whole - part)
        chances += [inclusion] * whole

    found = weighted_share(given)

    assert found.value == pytest.approx(
        hajek(wrong, chances, [1] * len(wrong)).value, abs=EXACT
    )
    assert 0 <= found.low <= found.value + EXACT
    assert found.value - EXACT <= found.high <= 1
    assert 1 <= found.effective <= found.n


@pytest.mark.parametrize("share", [0.009, 0.012, 0.045, 0.09, 0.114, 1.0])
def test_a_single_label_is_worth_one_and_never_less(share: float) -> None:
    assert weighted_share([(1, 1, share)]).effective == 1


@pytest.mark.parametrize(
    ("rates", "sizes", "chances"),
    [
        # the model decides nine tenths, seldom wrong and seldom looked at
        ((0.003, 0.15), (3600, 400), (0.05, 0.1)),
        # as after a change: what it decides is looked at more often than the rest
        ((0.003, 0.15), (3600, 400), (0.3, 0.1)),
        # a new defect passes it
        ((0.03, 0.15), (9000, 1000), (0.05, 0.5)),
        # half is decided
        ((0.02, 0.4), (2000, 2000), (0.1, 0.05)),
    ],
)
def test_the_interval_covers_where_the_pooled_one_misses(
    rates: tuple[float, float],
    sizes: tuple[int, int],
    chances: tuple[float, float],
) -> None:
    rng = np.random.default_rng(32)
    runs = 2000
    truth = sum(r * n for r, n in zip(rates, sizes, strict=True)) / sum(sizes)
    drawn = [rng.binomial(n, c, runs) for n, c in zip(sizes, chances, strict=True)]
    wrong = [rng.binomial(n, r) for n, r in zip(drawn, rates, strict=True)]

    covered = pooled = 0
    for run in range(runs):
        given = [
            Group(int(w[run]), int(n[run]), c)
            for w, n, c in zip(wrong, drawn, chances, strict=True)
        ]
        found = weighted_share(given)
        covered += found.low <= truth <= found.high
        plain = wilson(sum(g.part for g in given), sum(g.whole for g in given))
        pooled += plain.low <= truth <= plain.high

    # nominal 0.95, on average: not below it by more than rare errors make it
    assert covered / runs >= 0.93
    assert covered > pooled


@pytest.mark.parametrize(
    "given", [[], [(0, 0, 0.5)], [(2, 1, 0.5)], [(1, 2, 0.0)], [(1, 2, 1.5)]]
)
def test_counts_and_chances_that_are_none_are_refused(
    given: list[tuple[int, int, float]],
) -> None:
    with pytest.raises(ValueError, match=r"is no|has no"):
        weighted_share(given)
