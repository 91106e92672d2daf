"""Judging: a rise of disagreement rings once, lowers the level, and needs a person."""

from django.test import Client

from monitoring.models import Alarm, AlarmCause
from monitoring.services import judging
from reviewapp.models import ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services.routings import route_items
from tests import factories


def blind_pairs(line: ProductLine, ana: User, *, agree: int, differ: int) -> None:
    version = line.in_force.live
    assert version is not None
    ok = line.classes.get(key="ok")
    for number in range(agree + differ):
        item = factories.make_item(line)
        factories.make_prediction(item, version, ok)
        route_items(line.pk, [item.pk])
        factories.label_next(ana, line, "ok" if number < agree else "scratch")


def put_at_assist(line: ProductLine) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.ASSIST, blind_share=1.0)


def test_a_quiet_line_is_judged_and_stays(line: ProductLine, ana: User) -> None:
    put_at_assist(line)
    blind_pairs(line, ana, agree=40, differ=1)

    assert judging.judge_lines() == 0

    line.refresh_from_db()
    assert line.in_force.level == AutomationLevel.ASSIST
    assert line.state.judged_at is not None


def test_a_rise_of_disagreement_rings_once_and_lowers_to_shadow(
    line: ProductLine, ana: User
) -> None:
    put_at_assist(line)
    before = line.in_force
    blind_pairs(line, ana, agree=30, differ=12)

    # what the model passes and people reject differs, too
    assert judging.judge_lines() == 2
    assert judging.judge_lines() == 0

    line.refresh_from_db()
    alarm = Alarm.objects.get(lowered__isnull=False)
    now = line.in_force
    assert (now.level, now.set_by, now.attempt) == (
        AutomationLevel.SHADOW,
        None,
        before.attempt + 1,
    )
    assert alarm.lowered == now
    assert alarm.figures["disagreed"] >= 5
    assert (alarm.figures["labels_before"], alarm.figures["began"]) == (30, 30)


def test_clearing_an_alarm_needs_what_was_found(
    line: ProductLine, ana: User, mia: User
) -> None:
    put_at_assist(line)
    blind_pairs(line, ana, agree=5, differ=12)
    judging.judge_lines()
    alarm = Alarm.objects.get(cause=AlarmCause.DISAGREEMENT)
    browser = Client()
    browser.force_login(mia, backend="reviewapp.sessions.PersonBackend")
    address = f"/lines/{line.slug}/alarms/{alarm.pk}/clear/"
    assert "disagreed on" in browser.get(f"/lines/{line.slug}/").content.decode()

    browser.post(address, {"found": " ", "seen": alarm.turn})
    assert Alarm.objects.open().exists()
    browser.post(address, {"found": "the lamp was broken", "seen": alarm.turn})

    alarm.refresh_from_db()
    assert alarm.cleared_at is not None
    assert alarm.found == "the lamp was broken"
