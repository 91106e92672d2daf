"""What people's answers make of an item."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.settlements import (
    MOST_READS,
    Settlement,
    Settling,
    adjudicated,
    settle,
)

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


@pytest.mark.parametrize(
    ("given_answers", "by_model", "wanted", "expected"),
    [
        (["ok"], None, 2, ("read_again", None)),
        (["ok", "ok"], None, 2, ("decide", "ok")),
        (["ok", "scratch"], None, 2, ("adjudicate", None)),
        (["ok", None], None, 2, ("read_again", None)),
        (["ok", None, "ok"], None, 2, ("decide", "ok")),
        (["ok", None, "scratch"], None, 2, ("adjudicate", None)),
        (["ok", "scratch"], None, 3, ("read_again", None)),
        (["ok", "scratch", "ok"], None, 3, ("adjudicate", None)),
        ([None], None, 1, ("read_again", None)),
        ([None, None], None, 1, ("adjudicate", None)),
        ([None, "ok"], None, 1, ("decide", "ok")),
        (["scratch"], "ok", 1, ("read_again", None)),
        (["scratch", "dust"], "ok", 1, ("adjudicate", None)),
        (["scratch", "scratch"], "ok", 1, ("decide", "scratch")),
        ([None] * MOST_READS, None, 1, ("adjudicate", None)),
    ],
)
def test_where_somebody_may_adjudicate_nobody_else_breaks_a_tie(
    given_answers: list[str | None],
    by_model: str | None,
    wanted: int,
    expected: tuple[str, str | None],
) -> None:
    settled = settle(
        given_answers,
        decided_by_model=by_model,
        reads_wanted=wanted,
        may_adjudicate=True,
    )

    assert settled == Settlement(
        settling=Settling(expected[0]), label_class=expected[1]
    )


def test_an_adjudicator_decides_alone_or_leaves_it_to_the_manager() -> None:
    assert adjudicated("ok") == Settlement(settling=Settling.DECIDE, label_class="ok")
    assert adjudicated(None) == Settlement(settling=Settling.GIVE_UP)


@given(found=answers, wanted=st.integers(1, 3))
def test_fewer_reads_than_wanted_decide_nothing(
    found: list[str | None], wanted: int
) -> None:
    settled = settle(
        found, decided_by_model=None, reads_wanted=wanted, may_adjudicate=True
    )

    if settled.settling is Settling.DECIDE:
        assert found.count(settled.label_class) >= wanted


@given(found=answers, wanted=st.integers(1, 2))
def test_one_person_alone_never_overrules_the_model(
    found: list[str | None], wanted: int
) -> None:
    settled = settle(found, decided_by_model="bubble", reads_wanted=wanted)

    if settled.settling is Settling.DECIDE:
        assert found.count(settled.label_class) >= 2


@given(found=answers, by_model=st.none() | st.just("ok"), wanted=st.integers(1, 3))
def test_reading_ends(
    found: list[str | None], by_model: str | None, wanted: int
) -> None:
    settled = settle(found, decided_by_model=by_model, reads_wanted=wanted)

    if len(found) >= MOST_READS:
        assert settled.settling is not Settling.READ_AGAIN
