"""What people's answers make of an item."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.policy import MOST_READS, Settlement, Settling, settle

answers = st.lists(st.none() | st.sampled_from(["ok", "scratch", "dust"]), min_size=1)


@pytest.mark.parametrize(
    ("given_answers", "by_model", "wanted", "expected"),
    [
        (["ok"], None, 1, ("decide", "ok")),
        ([None], None, 1, ("read_again", None)),
        ([None, "ok"], None, 1, ("decide", "ok")),
        (["ok"], None, 2, ("read_again", None)),
        (["ok", "ok"], None, 2, ("decide", "ok")),
        (["ok", "scratch"], None, 2, ("read_again", None)),
        (["ok", "scratch", "ok"], None, 2, ("decide", "ok")),
        (["ok"], "ok", 1, ("stand", None)),
        (["scratch"], "ok", 1, ("read_again", None)),
        (["scratch", "scratch"], "ok", 1, ("decide", "scratch")),
        (["scratch", "ok"], "ok", 1, ("stand", None)),
        ([None] * MOST_READS, None, 1, ("give_up", None)),
    ],
)
def test_the_table_of_settlements(
    given_answers: list[str | None],
    by_model: str | None,
    wanted: int,
    expected: tuple[str, str | None],
) -> None:
    settled = settle(given_answers, decided_by_model=by_model, reads_wanted=wanted)

    assert settled == Settlement(
        settling=Settling(expected[0]), label_class=expected[1]
    )


@given(found=answers, wanted=st.integers(1, 2))
def test_one_person_alone_never_overrules_the_model(
    found: list[str | None], wanted: int
) -> None:
    settled = settle(found, decided_by_model="bubble", reads_wanted=wanted)

    if settled.settling is Settling.DECIDE:
        assert found.count(settled.label_class) >= 2


@given(found=answers, by_model=st.none() | st.just("ok"), wanted=st.integers(1, 2))
def test_reading_ends(
    found: list[str | None], by_model: str | None, wanted: int
) -> None:
    settled = settle(found, decided_by_model=by_model, reads_wanted=wanted)

    if len(found) >= MOST_READS:
        assert settled.settling is not Settling.READ_AGAIN
