"""The one source of chance."""

from hypothesis import given
from hypothesis import strategies as st

from reviewapp.lottery import lottery


def test_published_draws_come_out() -> None:
    drawn = [lottery("line-A:v7", i) for i in range(10_000)]

    below = [sum(d < share for d in drawn) for share in (0.01, 0.05, 0.1, 0.2, 0.5)]

    assert below == [92, 486, 973, 1959, 4990]
    assert [round(d, 9) for d in drawn[:3]] == [0.842651142, 0.347353411, 0.474951981]


@given(salt=st.text(), key=st.integers())
def test_a_draw_is_a_share_and_always_the_same(salt: str, key: int) -> None:
    assert 0 <= lottery(salt, key) < 1
    assert lottery(salt, key) == lottery(salt, key)
