"""Reliability: every item in one group, none lost, and the groups in order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.stats.reliability import reliability

SHARES = st.floats(0, 1, allow_nan=False)


@given(st.lists(st.tuples(SHARES, st.booleans()), max_size=60))
def test_every_item_is_in_one_group(items: list[tuple[float, bool]]) -> None:
    found = reliability([c for c, _right in items], [right for _c, right in items])

    assert sum(one.right.n for one in found) == len(items)
    starts = [one.start for one in found]
    assert starts == sorted(set(starts))
    for one in found:
        assert one.right.low <= one.right.value <= one.right.high


def test_groups_are_those_of_equal_width_and_hold_their_own_means() -> None:
    rng = np.random.default_rng(7)
    confidence = rng.uniform(0, 1, 500)
    correct = rng.random(500) < confidence

    found = reliability(confidence, correct)

    for one in found:
        inside = (confidence >= one.start) & (confidence < one.end)
        assert one.confidence == pytest.approx(confidence[inside].mean())
        assert one.right.value == pytest.approx(correct[inside].mean())


def test_the_surest_are_in_the_last_group_and_nothing_gives_none() -> None:
    [last] = reliability([1.0, 1.0], [1, 0])

    assert (last.start, last.end, last.right.n) == (0.9, 1.0, 2)
    assert reliability([], []) == []
    with pytest.raises(ValueError, match="0 bins"):
        reliability([0.5], [1], bins=0)
