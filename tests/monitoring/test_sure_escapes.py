"""Escapes of answers that the model was sure of: looked for apart, and shown so."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from monitoring.models import Alarm, AlarmCause
from monitoring.services.detectors import Among, detect
from monitoring.services.findings import findings
from monitoring.templatetags.alarm_words import sentence
from reviewapp.models import Cause, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services.policies import append_policy
from tests import factories
from tests.monitoring.days import answer, label_all, receive
from tests.monitoring.test_detectors import DAY, MONDAY, judge_at, put_live_at
from tests.pages.test_boards import browser_of, text


def certify(line: ProductLine, *, as_of: datetime) -> None:
    """Certify the live version to pass from a confidence of 0.9 on."""
    version, number = line.in_force.live, line.in_force.number + 1
    assert version is not None
    granted = factories.certified(version, "ok", threshold=0.9, granted_by=number)
    append_policy(
        line,
        cause=Cause.CERTIFIED,
        by=None,
        changes={"certificates": granted},
        as_of=as_of,
    )


def label_sure_and_unsure(
    line: ProductLine, ana: User, day: int, *, sure_escapes: int, unsure_escapes: int
) -> None:
    """Play a day of 400 passed items; of half of them the model is sure."""
    at = MONDAY + day * DAY
    received = receive(line, [{"width": 1.0, "height": 1.0}] * 400, at=at)
    escapes = [
        place in np.linspace(0, 199, n).astype(int)
        for n in (sure_escapes, unsure_escapes)
        for place in range(200)
    ]
    # one of each in turn
    order = [place + half for place in range(200) for half in (0, 200)]
    confidence = [(0.95, 0.6)[place // 200] for place in order]
    evening = at + timedelta(hours=11)
    answer(line, received, ["ok"] * 400, at=evening, confidence=confidence)
    said = [("ok", "scratch")[escapes[place]] for place in order]
    label_all(line, ana, received, said, at=at + timedelta(hours=12))


@pytest.fixture
def certified(line: ProductLine, ana: User) -> ProductLine:
    """A line whose version is certified to pass from 0.9 on, with three quiet days."""
    put_live_at(line, AutomationLevel.ASSIST)
    certify(line, as_of=MONDAY)
    line.refresh_from_db()
    for day in range(3):
        label_sure_and_unsure(line, ana, day, sure_escapes=1, unsure_escapes=12)
    assert judge_at(line, 3) == []
    return line


def test_escapes_of_sure_answers_do_not_drown_in_those_of_others(
    certified: ProductLine, ana: User
) -> None:
    label_sure_and_unsure(certified, ana, 3, sure_escapes=16, unsure_escapes=10)
    looks = {
        one.among: one
        for one in detect(certified, at=MONDAY + 4 * DAY)
        if one.cause is AlarmCause.ESCAPES
    }

    assert judge_at(certified, 4) == ["escapes"]

    assert looks[Among.ALL].is_ringing is False
    assert looks[Among.SURE].is_ringing is True
    assert looks[Among.SURE].labels == 800
    alarm = Alarm.objects.get()
    assert alarm.figures["among"] == "sure"
    assert "that the model was sure of, before that on" in sentence(alarm)
    assert findings(certified, at=MONDAY + 4 * DAY).escapes is True
    assert certified.in_force.level == AutomationLevel.SHADOW
    assert alarm.lowered is not None
    assert "blind items that it was sure of, before on" in alarm.lowered.reason
    assert alarm.began_at is not None
    assert abs(alarm.began_at - (MONDAY + 3 * DAY)) < timedelta(hours=6)
    # its certificate is void now, and still says what the model was sure of
    assert certified.in_force.terms().certificates == {}
    states = [one.is_ringing for one in detect(certified, at=MONDAY + 4 * DAY)]
    assert states == [False, True, False, False]


def test_two_looks_at_one_cause_share_its_false_alarms(certified: ProductLine) -> None:
    found = detect(certified, at=MONDAY + 3 * DAY)

    assert [(one.cause, one.among) for one in found] == [
        (AlarmCause.ESCAPES, Among.ALL),
        (AlarmCause.ESCAPES, Among.SURE),
        (AlarmCause.DISAGREEMENT, Among.ALL),
        (AlarmCause.OVERKILL, Among.ALL),
    ]
    for one in found[:3]:
        assert one.quiet is not None
        shared = 2 if one.cause is AlarmCause.ESCAPES else 1
        assert one.threshold == pytest.approx(shared * one.quiet * 100_000 / 2)


def test_the_pages_say_which_answers_a_detector_reads(
    certified: ProductLine, ana: User, mia: User
) -> None:
    def shown(path: str) -> str:
        page = text(browser_of(mia), f"/lines/{certified.slug}/{path}/")
        return " ".join(page.split())

    assert "Escapes it was sure about" in shown("agreement")
    label_sure_and_unsure(certified, ana, 3, sure_escapes=16, unsure_escapes=10)
    judge_at(certified, 4)

    told = shown(f"alarms/{Alarm.objects.get().pk}")
    assert "answers that the model was sure of" in told
