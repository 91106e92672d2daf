"""An alarm's life: who may do what, in which order, and what stays of it."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from monitoring.diagnosis import Findings
from monitoring.models import Alarm, AlarmCause, AlarmEvent, AlarmState
from monitoring.services import alarm_terms, alarms, evidence
from monitoring.services.fates import fates_of
from monitoring.templatetags import gate_words
from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.gates import GateCode, gates
from reviewapp.models import ProductLine, Record, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import levels
from tests import factories

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def rung(line: ProductLine, cause: AlarmCause = AlarmCause.ESCAPES) -> Alarm:
    alarm = alarms.ring(line, cause, figures={}, at=NOW)
    assert alarm is not None
    return alarm


def kinds(alarm: Alarm) -> list[str]:
    return [event.kind for event in alarm.events.all()]


def test_an_alarm_goes_from_hand_to_hand_and_keeps_its_history(
    line: ProductLine, ana: User, mia: User
) -> None:
    alarm = rung(line)

    alarms.acknowledge(alarm, by=ana, seen=1)
    alarms.note(alarm, by=ana, words="the lamp flickers")
    alarms.hand_over(alarm, to=mia, by=mia, seen=3)
    alarms.note(alarm, by=mia, words="it is the cable")
    alarms.clear_alarm(alarm, by=mia, found="a loose cable", seen=5)
    alarms.note(alarm, by=ana, words="cable replaced")

    alarm.refresh_from_db()
    assert (alarm.state, alarm.owner, alarm.found) == (
        AlarmState.CLEARED,
        mia,
        "a loose cable",
    )
    acts = "raised acknowledged noted handed_over noted cleared noted"
    assert kinds(alarm) == acts.split()
    assert Record.objects.filter(line=line, action="alarm.cleared").count() == 1


def test_an_act_on_what_has_gone_on_is_refused(
    line: ProductLine, ana: User, mia: User
) -> None:
    alarm = rung(line)
    alarms.acknowledge(alarm, by=ana, seen=1)

    with pytest.raises(ConflictError, match="Look again"):
        alarms.acknowledge(alarm, by=mia, seen=1)

    alarm.refresh_from_db()
    assert alarm.owner == ana
    assert kinds(alarm) == ["raised", "acknowledged"]


def test_nothing_but_a_note_follows_the_end(line: ProductLine, mia: User) -> None:
    alarm = rung(line)
    alarms.clear_alarm(alarm, by=mia, found="nothing")

    with pytest.raises(ConflictError, match="over"):
        alarms.acknowledge(alarm, by=mia, seen=2)
    with pytest.raises(ConflictError, match="over"):
        alarms.clear_alarm(alarm, by=mia, found="again")
    with pytest.raises(ConflictError, match="over"):
        alarms.recover(alarm, figures={}, at=NOW)


def test_a_snoozed_alarm_rings_again_when_its_time_is_up(
    line: ProductLine, mia: User
) -> None:
    alarm = rung(line)
    until = datetime.now(UTC) + timedelta(hours=4)
    alarms.snooze(alarm, by=mia, until=until, seen=1, words="after the shift")

    assert alarms.wake_alarms(line, at=until - timedelta(seconds=1)) == 0
    assert alarms.wake_alarms(line, at=until) == 1

    alarm.refresh_from_db()
    assert (alarm.state, alarm.snoozed_until) == (AlarmState.RINGING, None)
    assert alarm.owner == mia
    with pytest.raises(InvalidInputError, match="later"):
        alarms.snooze(alarm, by=mia, until=NOW, seen=3)


def test_an_alarm_is_handed_only_to_who_works_on_the_line(
    line: ProductLine, mia: User, zoe: User
) -> None:
    alarm = rung(line)

    with pytest.raises(InvalidInputError, match="does not work"):
        alarms.hand_over(alarm, to=zoe, by=mia, seen=1)


def test_a_cause_rings_once_until_it_is_over(line: ProductLine, mia: User) -> None:
    first = rung(line)

    assert alarms.ring(line, AlarmCause.ESCAPES, figures={}, at=NOW) is None
    alarms.clear_alarm(first, by=mia, found="a new lamp")
    again = rung(line)

    assert again.pk != first.pk
    line.state.refresh_from_db()
    assert line.state.open_alarms == 1


def test_history_cannot_be_rewritten(line: ProductLine) -> None:
    rung(line)

    with pytest.raises(IntegrityError), transaction.atomic():
        AlarmEvent.objects.update(words="nothing happened")
    with pytest.raises(IntegrityError), transaction.atomic():
        AlarmEvent.objects.all().delete()


@pytest.mark.parametrize(
    ("cause", "level"),
    [
        (AlarmCause.ESCAPES, AutomationLevel.SHADOW),
        (AlarmCause.DISAGREEMENT, AutomationLevel.SHADOW),
        (AlarmCause.OVERKILL, AutomationLevel.PARTIAL),
        (AlarmCause.INSPECTOR, AutomationLevel.PARTIAL),
        (AlarmCause.INPUT_DRIFT, AutomationLevel.PARTIAL),
    ],
)
def test_by_default_only_what_lets_defects_out_lowers(
    line: ProductLine, cause: AlarmCause, level: AutomationLevel
) -> None:
    factories.put_at(line, AutomationLevel.PARTIAL)
    alarm = rung(line, cause)

    alarms.take_back(alarm, reason="it rang", at=NOW)

    line.refresh_from_db()
    assert line.in_force.level == level
    assert (alarm.lowered is not None) == (level == AutomationLevel.SHADOW)
    assert ("lowered" in kinds(alarm)) == (level == AutomationLevel.SHADOW)


def test_a_line_says_which_cause_lowers_to_which_rung(
    line: ProductLine, mia: User
) -> None:
    factories.put_at(line, AutomationLevel.PARTIAL)
    set_terms = partial(
        alarm_terms.set_terms, line, cool_down_h=1, fresh_labels=0, by=mia
    )
    set_terms(lowers_to={"overkill": 2})
    alarms.take_back(rung(line), reason="it rang", at=NOW)
    line.refresh_from_db()
    assert line.in_force.level == AutomationLevel.PARTIAL

    alarms.take_back(rung(line, AlarmCause.OVERKILL), reason="it rang", at=NOW)

    line.refresh_from_db()
    assert line.in_force.level == AutomationLevel.ASSIST
    with pytest.raises(InvalidInputError, match="inspector"):
        set_terms(lowers_to={"inspector": 1})


def test_a_cool_down_asks_for_hours_and_for_labels(line: ProductLine) -> None:
    factories.put_at(line, AutomationLevel.PARTIAL)
    assert alarm_terms.cool_down(line, at=NOW) is None
    alarms.take_back(rung(line), reason="it rang", at=NOW)
    line.refresh_from_db()

    left = alarm_terms.cool_down(line, at=NOW + timedelta(hours=25))

    assert left is not None
    assert left.ends_at == NOW + timedelta(hours=24)
    assert (left.fresh_labels, left.needed_labels) == (0, 500)
    early = evidence.gather(line, as_of=NOW + timedelta(hours=1))
    assert (early.cool_down_h, early.fresh_labels_needed) == (23, 500)
    gates_now = gates(line.in_force.terms(), AutomationLevel.ASSIST, early)
    [gate] = [gate for gate in gates_now if gate.code is GateCode.COOL_DOWN]
    assert gate_words.figures(gate) == "23 hours left; 0 of 500 fresh blind labels"


def test_a_line_that_rose_again_or_has_another_version_has_cooled_down(
    line: ProductLine, mia: User
) -> None:
    factories.put_at(line, AutomationLevel.PARTIAL)
    alarms.take_back(rung(line), reason="it rang", at=NOW)
    line.refresh_from_db()
    later = NOW + timedelta(hours=25)
    levels.put_live(line, factories.make_version(line), by=mia)
    line.refresh_from_db()

    early = alarm_terms.cool_down(line, at=NOW)
    assert early is not None
    assert early.needed_labels == 0
    assert alarm_terms.cool_down(line, at=later) is None
    factories.put_at(line, AutomationLevel.ASSIST)
    assert alarm_terms.cool_down(line, at=NOW) is None


def test_fates_count_what_led_to_an_act(line: ProductLine, ana: User) -> None:
    acted, looked = rung(line), rung(line, AlarmCause.OVERKILL)
    rung(line, AlarmCause.INPUT_DRIFT)
    alarms.acknowledge(acted, by=ana, seen=1)
    alarms.note(acted, by=ana, words="a scratch on the lens")
    alarms.acknowledge(looked, by=ana, seen=1)
    Alarm.objects.filter(pk=acted.pk).update(
        acknowledged_at=NOW + timedelta(minutes=10)
    )
    Alarm.objects.filter(pk=looked.pk).update(
        acknowledged_at=NOW + timedelta(minutes=20)
    )

    fates = fates_of(line.alarms.all(), at=NOW)

    assert (fates.total, fates.acted, fates.acknowledged) == (3, 1, 2)
    assert fates.median_to_acknowledge == timedelta(minutes=15)


def test_an_alarm_keeps_what_else_had_moved(line: ProductLine) -> None:
    found = Findings(escapes=True, input_drift=False, inspectors=("p-1",))

    alarm = alarms.ring(line, AlarmCause.ESCAPES, figures={}, findings=found, at=NOW)

    assert alarm is not None
    alarm.refresh_from_db()
    assert alarm.findings["escapes"] is True
    assert alarm.findings["inspectors"] == ["p-1"]
    assert alarm.findings["classifier"] is None
