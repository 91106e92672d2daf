"""People who err just as often as they are said to."""

import doctest
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from reviewapp.simulation import people
from reviewapp.simulation.people import SimulatedInspector

BEN = SimulatedInspector(name="Ben", passing=("ok",), rejecting=("defect",))
DIGITS = tuple("0123456789")
N = 20_000


def share_of(answer: str, who: SimulatedInspector, truth: str, **seen: str) -> float:
    rng = np.random.default_rng(1)
    shown = seen.get("shown")
    answers = [who.answer(truth, shown=shown, rng=rng) for _ in range(N)]
    return answers.count(answer) / N


def close_to(share: float) -> object:
    return pytest.approx(share, abs=3.5 * (share * (1 - share) / N) ** 0.5)


def test_misses_and_overkill_come_as_often_as_stated() -> None:
    assert share_of("ok", BEN, "defect") == close_to(0.05)
    assert share_of("defect", BEN, "ok") == close_to(0.01)


def test_a_lax_inspector_passes_what_was_seen_and_rejects_nothing_more() -> None:
    lax = replace(BEN, lax=0.3)

    assert share_of("ok", lax, "defect") == close_to(1 - 0.95 * 0.7)
    assert share_of("defect", lax, "ok") == close_to(0.01)


def test_whoever_has_no_fault_is_never_wrong() -> None:
    expert = replace(BEN, miss=0.0, overkill=0.0)

    assert share_of("defect", expert, "defect") == 1
    assert share_of("ok", expert, "ok") == 1


def test_digits_are_confused_with_every_other_digit_alike() -> None:
    reader = SimulatedInspector(name="Ana", neutral=DIGITS, confusion=0.09)

    assert share_of("7", reader, "7") == close_to(0.91)
    for other in set(DIGITS) - {"7"}:
        assert share_of(other, reader, "7") == close_to(0.01)


def test_a_confused_inspector_still_tells_good_from_bad() -> None:
    graded = SimulatedInspector(
        name="Ben",
        passing=("ok",),
        rejecting=("scratch", "dent"),
        miss=0.1,
        confusion=0.2,
    )

    assert share_of("ok", graded, "scratch") == close_to(0.1)
    assert share_of("dent", graded, "scratch") == close_to(0.9 * 0.2)


def test_case_e15_following_raises_agreement_and_lowers_what_leaves_the_line() -> None:
    # two classes, the model right in 92 of 100 and the person in 97
    rng, blind = np.random.default_rng(15), np.random.default_rng(16)
    person = SimulatedInspector(name="Ana", neutral=("0", "1"), confusion=0.03)
    expected = {0.0: 0.8948, 0.3: 0.92636, 0.6: 0.95792, 0.9: 0.98948}
    correct = {}
    for follow, agreement in expected.items():
        anchored = replace(person, follow=follow)
        shown = np.where(rng.random(N) < 0.92, "0", "1").tolist()
        answers = [anchored.answer("0", shown=s, rng=rng) for s in shown]
        agreed = np.mean([a == s for a, s in zip(answers, shown, strict=True)])
        correct[follow] = answers.count("0") / N

        assert agreed == close_to(agreement)
        unseen = [anchored.answer("0", shown=None, rng=blind) for _ in shown]
        agreed_blind = [a == s for a, s in zip(unseen, shown, strict=True)]
        assert np.mean(agreed_blind) == close_to(0.8948)

    assert correct[0.0] == close_to(0.97)
    assert correct[0.9] == close_to(0.925)


def test_without_a_prediction_in_sight_nobody_follows() -> None:
    anchored = replace(BEN, follow=1.0)

    assert share_of("defect", anchored, "defect") == close_to(0.95)
    assert share_of("ok", anchored, "defect", shown="ok") == 1


def test_a_revealed_prediction_changes_an_answer_as_often_as_one_follows() -> None:
    rng = np.random.default_rng(2)
    anchored = replace(BEN, follow=0.3)
    kept = [anchored.reconsider("defect", shown="ok", rng=rng) for _ in range(N)]

    assert kept.count("ok") / N == close_to(0.3)
    assert anchored.reconsider("ok", shown="ok", rng=rng) == "ok"


def test_items_take_the_stated_time_in_the_middle_and_never_none() -> None:
    rng = np.random.default_rng(3)
    taken = [replace(BEN, seconds_per_item=3.0).seconds(rng) for _ in range(N)]

    assert np.median(taken) == pytest.approx(3.0, rel=0.02)
    assert min(taken) > 0
    assert max(taken) > 6


def test_a_class_that_the_line_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="'dent'"):
        BEN.answer("dent", shown=None, rng=np.random.default_rng(0))


def test_shares_and_paces_that_cannot_be_are_refused() -> None:
    faulty: dict[str, Callable[[], SimulatedInspector]] = {
        "miss": lambda: replace(BEN, miss=1.5),
        "lax": lambda: replace(BEN, lax=1.5),
        "overkill": lambda: replace(BEN, overkill=1.5),
        "confusion": lambda: replace(BEN, confusion=1.5),
        "follow": lambda: replace(BEN, follow=1.5),
    }
    for fault, call in faulty.items():
        with pytest.raises(ValueError, match=f"{fault} is 1.5"):
            call()
    with pytest.raises(ValueError, match="0 s an item"):
        replace(BEN, seconds_per_item=0)


def test_the_examples_give_what_they_say() -> None:
    found = doctest.testmod(people)

    assert (found.attempted > 0, found.failed) == (True, 0)
