"""The one source of chance."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reviewapp.lottery import lottery
from reviewapp.policy import (
    AutomationLevel,
    Certificate,
    Draws,
    Policy,
    Prediction,
    route,
)

SURE = Prediction(label_class="ok", confidence=0.99, fingerprint="live")
CERTIFIED = Certificate(
    fingerprint="live",
    threshold=0.95,
    max_error=0.005,
    delta=0.05,
    labels=900,
    errors=0,
    upper=0.004,
)
PARTIAL = Policy(
    level=AutomationLevel.PARTIAL, live="live", certificates={"ok": CERTIFIED}
)


def test_published_draws_come_out() -> None:
    drawn = [lottery("line-A:v7", i) for i in range(10_000)]

    below = [sum(d < share for d in drawn) for share in (0.01, 0.05, 0.1, 0.2, 0.5)]

    assert below == [92, 486, 973, 1959, 4990]
    assert [round(d, 9) for d in drawn[:3]] == [0.842651142, 0.347353411, 0.474951981]


def test_case_f12_every_item_in_a_canary_of_5_percent_is_in_one_of_20() -> None:
    drawn = [lottery("line-A:v7", i) for i in range(10_000)]

    def decided(share: float) -> set[int]:
        policy = replace(PARTIAL, canary_share=share)
        return {
            i
            for i, draw in enumerate(drawn)
            if route(policy, SURE, Draws(look=0.5, canary=draw)).may_decide
        }

    narrow, wide = decided(0.05), decided(0.20)
    assert (len(narrow), len(wide)) == (486, 1959)
    assert narrow <= wide


@given(salt=st.text(), key=st.integers())
def test_a_draw_is_a_share_and_always_the_same(salt: str, key: int) -> None:
    assert 0 <= lottery(salt, key) < 1
    assert lottery(salt, key) == lottery(salt, key)
