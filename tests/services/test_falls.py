"""Automatic falls: two a day at most, then a person looks; shares fall as levels do."""

from datetime import UTC, datetime, timedelta

import pytest

from reviewapp.errors import ConflictError, GateShutError, InvalidInputError
from reviewapp.evidence import Evidence
from reviewapp.models import Cause, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import canaries, levels
from reviewapp.services.falls import look_after_falls
from tests import factories

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OPEN = Evidence(
    version_is_ready=True,
    days_at_share=1.5,
    may_labels=400,
    may_errors=0,
    share_labels=150,
    certified_classes=1,
    breach_evidence=0.01,
    open_alarms=0,
    containments_proposed=0,
    containments_standing=0,
)


def put_at_full(line: ProductLine) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.FULL, canary_share=1.0)


def fall(line: ProductLine, to: AutomationLevel, *, at: datetime) -> int:
    return levels.lower_level(line, to=to, by=None, reason="alarm", as_of=at).level


def test_the_first_fall_goes_to_its_rung_and_the_second_to_people_and_locks(
    line: ProductLine,
) -> None:
    put_at_full(line)

    first = fall(line, AutomationLevel.PARTIAL, at=NOW)
    assert (first, line.in_force.is_locked) == (AutomationLevel.PARTIAL, False)
    second = fall(line, AutomationLevel.ASSIST, at=NOW + timedelta(hours=2))
    assert (second, line.in_force.is_locked) == (AutomationLevel.SHADOW, True)

    number = line.in_force.number
    fall(line, AutomationLevel.MANUAL, at=NOW + timedelta(hours=3))
    assert line.in_force.number == number, "a third fall of the day is none"


def test_a_day_later_the_count_begins_anew(line: ProductLine) -> None:
    put_at_full(line)
    fall(line, AutomationLevel.PARTIAL, at=NOW)

    fall(line, AutomationLevel.ASSIST, at=NOW + timedelta(hours=24))

    assert line.in_force.level == AutomationLevel.ASSIST
    assert not line.in_force.is_locked


def test_what_people_lower_is_no_automatic_fall(line: ProductLine, mia: User) -> None:
    put_at_full(line)
    levels.lower_level(line, to=AutomationLevel.PARTIAL, by=mia, as_of=NOW)

    fall(line, AutomationLevel.ASSIST, at=NOW + timedelta(minutes=1))

    assert not line.in_force.is_locked


def test_only_a_person_who_says_what_was_found_opens_the_line(
    line: ProductLine, mia: User
) -> None:
    put_at_full(line)
    with pytest.raises(ConflictError, match="not locked"):
        look_after_falls(line, by=mia, reason="just looking")
    fall(line, AutomationLevel.PARTIAL, at=NOW)
    fall(line, AutomationLevel.PARTIAL, at=NOW + timedelta(hours=1))
    fall(line, AutomationLevel.ASSIST, at=NOW + timedelta(hours=1))

    with pytest.raises(InvalidInputError, match="what was found"):
        look_after_falls(line, by=mia, reason=" ")
    looked = look_after_falls(line, by=mia, reason="a worn belt")

    assert (looked.is_locked, looked.cause, looked.set_by, looked.reason) == (
        False,
        Cause.LOOKED,
        mia,
        "a worn belt",
    )
    assert looked.level == AutomationLevel.SHADOW, "looking raises nothing"


def test_a_locked_line_is_raised_by_nobody(line: ProductLine, mia: User) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, is_locked=True)
    enough = Evidence(
        version_is_ready=True,
        blind_pairs=1200,
        agreement_evidence=1e4,
        days=9,
        shifts=1,
        drawn=1200,
        drawn_answered=1200,
        open_alarms=0,
        containments_proposed=0,
        containments_standing=0,
    )

    with pytest.raises(GateShutError, match="Somebody has looked"):
        levels.raise_level(line, enough, by=mia, reason="all is well", seen_policy=2)
    look_after_falls(line, by=mia, reason="all was well")
    raised = levels.raise_level(
        line, enough, by=mia, reason="all is well", seen_policy=3
    )

    assert raised.level == AutomationLevel.ASSIST


def test_the_share_widens_through_gates_and_narrows_at_once(
    line: ProductLine, mia: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.PARTIAL, canary_share=0.05)

    wider = canaries.widen_canary(line, OPEN, by=mia, reason="clean")
    assert wider.canary_share == 0.2
    with pytest.raises(GateShutError, match="No breach, Labels at this share"):
        canaries.widen_canary(line, Evidence(days_at_share=2), by=mia, reason="hope")
    with pytest.raises(InvalidInputError, match="why"):
        canaries.widen_canary(line, OPEN, by=mia, reason=" ")

    narrower = canaries.narrow_canary(line, by=mia)

    assert (narrower.canary_share, narrower.cause) == (0.05, Cause.NARROWED)
    assert canaries.narrow_canary(line, by=mia).canary_share == 0
    number = line.in_force.number
    assert canaries.narrow_canary(line, by=mia).number == number
    assert line.in_force.level == AutomationLevel.PARTIAL


def test_the_second_automatic_narrowing_of_a_day_leaves_nothing_and_locks(
    line: ProductLine,
) -> None:
    put_at_full(line)

    first = canaries.narrow_canary(line, by=None, reason="alarm", as_of=NOW)
    assert (first.canary_share, first.is_locked) == (0.5, False)
    later = NOW + timedelta(hours=1)
    second = canaries.narrow_canary(line, by=None, reason="alarm", as_of=later)

    assert (second.canary_share, second.is_locked) == (0, True)


@pytest.mark.parametrize(
    "steps", [[], [0.2, 0.05, 1], [0.5, 0.5, 1], [0, 1], [0.05, 0.5]]
)
def test_steps_that_do_not_rise_to_everything_are_refused(
    line: ProductLine, mia: User, steps: list[float]
) -> None:
    with pytest.raises(InvalidInputError, match="rise from above 0 to 1"):
        canaries.set_canary_steps(
            line,
            steps=steps,
            bake_days=1,
            bake_labels=100,
            advances=False,
            by=mia,
            reason="other steps",
            seen_policy=1,
        )


def test_steps_are_a_setting_of_the_line(line: ProductLine, mia: User) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.PARTIAL, requirements={"days": 7})

    changed = canaries.set_canary_steps(
        line,
        steps=[0.01, 0.1, 1],
        bake_days=2,
        bake_labels=300,
        advances=True,
        by=mia,
        reason="slower",
        seen_policy=3,
    )

    asked = changed.terms().requirements
    assert [*asked.canary_steps] == [0.01, 0.1, 1]
    assert (asked.bake_days, asked.bake_labels) == (2, 300)
    assert asked.canary_advances
    assert asked.days == 7, "what else the line asks for stays"
