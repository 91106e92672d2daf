"""The pages of alarms: what stands there, who may act, and what a late act gets."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from monitoring.diagnosis import Findings
from monitoring.models import (
    Alarm,
    AlarmCause,
    AlarmTerms,
    Measurement,
    PlannedPause,
    Reach,
    Verdict,
    WorkWeek,
)
from monitoring.services import alarms
from monitoring.services.changes import Change
from monitoring.services.detectors import Detected, Detection
from monitoring.templatetags.figure_words import FIGURES
from reviewapp.models import ProductLine, Record, Role, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import people
from reviewapp.services.routings import route_items
from tests import factories

BACKEND = "reviewapp.sessions.PersonBackend"


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    return browser


def text(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def rung(line: ProductLine, **values: object) -> Alarm:
    given = {"cause": AlarmCause.ESCAPES, "figures": {}, "at": timezone.now()}
    alarm = alarms.ring(line, **(given | values))  # type: ignore[arg-type]  # keywords of several types
    assert alarm is not None
    return alarm


def address_of(alarm: Alarm, act: str = "") -> str:
    return f"/lines/{alarm.line.slug}/alarms/{alarm.pk}/{act}"


def test_an_alarms_page_says_what_since_when_and_what_it_probably_is(
    line: ProductLine, mia: User
) -> None:
    began = datetime(2026, 3, 2, 13, 40, tzinfo=UTC)
    figures = {
        "value": 0.81,
        "low": 0.78,
        "high": 0.84,
        "count": 412,
        "lower": 0.9,
        "upper": None,
        "verdict": "low",
        "shape": "sudden",
        "began_from": "2026-03-02T11:00:00+00:00",
        "began_to": "2026-03-02T15:30:00+00:00",
    }
    found = Findings(input_drift=True, classifier=True, escapes=True, first="inputs")
    alarm = rung(
        line,
        cause=AlarmCause.OUT_OF_BOUNDS,
        subject="agreement",
        figures=figures,
        findings=found,
        began_at=began,
    )

    page = text(browser_of(mia), address_of(alarm))

    for words in (
        "Agreement on blind items: 81.0 % is below its lower bound of 90.0 %",
        "(78.0 % to 84.0 %, n = 412)",
        "2 Mar 2026, 13:40",
        "(2 Mar, 11:00 \N{EN DASH} 2 Mar, 15:30)",
        "sudden, from one day to the next",
        "Lighting or camera",
        "Look at the brightness",
        "the inputs moved before the labels did",
        '<th scope="row">Lower bound</th><td class="number">90.0 %</td>',
        '<th scope="row">Change not before</th>',
    ):
        assert words in page, words
    assert "began_" not in page


def test_where_two_causes_fit_alike_it_says_that_it_cannot_say_yet(
    line: ProductLine, mia: User
) -> None:
    several = rung(line, findings=Findings(escapes=False, overkill=True))
    none = rung(line, cause=AlarmCause.INPUT_DRIFT, findings=Findings())

    of_several = text(browser_of(mia), address_of(several))
    of_none = text(browser_of(mia), address_of(none))

    assert "Cannot say yet; what speaks for each stands below" in of_several
    assert "A look-alike, or dirt" in of_several
    assert "People judge otherwise" in of_several
    assert "Cannot say yet" not in of_none


def test_every_figure_that_a_detector_keeps_has_words() -> None:
    differs = np.array([False, False, True])
    change = Change.counted(differs, seen=3, began=2, began_at=timezone.now())
    found = Detection(cause=AlarmCause.ESCAPES, state=Detected.ALARM, change=change)

    assert found.figures.keys() <= FIGURES.keys()


def test_anybody_of_the_line_takes_an_alarm_and_notes_what_they_think(
    line: ProductLine, ana: User
) -> None:
    alarm = rung(line)
    browser = browser_of(ana)

    taken = browser.post(address_of(alarm, "acknowledge/"), {"seen": 1})
    noted = browser.post(address_of(alarm, "note/"), {"words": "a <b>lamp</b>?"})

    assert (taken.status_code, noted.status_code) == (302, 302)
    page = text(browser, address_of(alarm))
    assert "a &lt;b&gt;lamp&lt;/b&gt;?" in page
    assert "Acknowledged, ana" in page
    assert "Clear the alarm" not in page


@pytest.mark.parametrize(
    ("act", "given"),
    [
        ("acknowledge/", {}),
        ("snooze/", {"hours": 4, "words": "a lamp?"}),
        ("clear/", {"found": "a lamp?"}),
    ],
)
def test_a_late_act_is_refused_with_the_alarm_as_it_is_now(
    line: ProductLine, mia: User, ana: User, act: str, given: dict[str, object]
) -> None:
    alarm = rung(line)
    alarms.acknowledge(alarm, by=ana, seen=1)
    browser = browser_of(mia)

    late = browser.post(address_of(alarm, act), given | {"seen": 1})

    assert late.status_code == 409
    assert "Look again" in late.content.decode()
    assert "Acknowledged, ana" in " ".join(late.content.decode().split())
    again = late.content.decode()
    for written in {*given.values()} - {4}:
        assert str(written) in again, "what was written is there, to be sent again"
    assert ('name="seen" value="1"' in again) is False
    assert browser.post(address_of(alarm, act), given | {"seen": 2}).status_code == 302


def test_an_alarm_is_not_cleared_without_saying_what_was_seen(
    line: ProductLine, mia: User
) -> None:
    alarm = rung(line)

    blind = browser_of(mia).post(address_of(alarm, "clear/"), {"found": "a lamp"})

    assert blind.status_code == 422
    alarm.refresh_from_db()
    assert alarm.cleared_at is None


def test_a_manager_snoozes_hands_over_and_clears(
    line: ProductLine, mia: User, ana: User
) -> None:
    alarm = rung(line)
    browser = browser_of(mia)

    for act, given in (
        ("snooze/", {"hours": 24, "seen": 1}),
        ("hand-over/", {"to": ana.pk, "seen": 2, "words": "you know the lamp"}),
        ("clear/", {"found": "a lamp", "seen": 3}),
    ):
        assert browser.post(address_of(alarm, act), given).status_code == 302, act

    page = text(browser, address_of(alarm))
    assert "you know the lamp" in page
    assert "Cleared" in page
    assert "What can be done now" not in page


def test_the_items_that_show_it_are_for_those_who_may_see_items(
    line: ProductLine, ana: User, mia: User
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    ok = line.classes.get(key="ok")
    for name, answer in (("passed-well", "ok"), ("escaped", "scratch")):
        item = factories.make_item(line, name)
        factories.make_prediction(item, version, ok)
        route_items(line.pk, [item.pk])
        factories.label_next(ana, line, answer)
    alarm = rung(line)

    page = text(browser_of(mia), address_of(alarm))
    seen_by_ana = text(browser_of(ana), address_of(alarm))

    assert "escaped" in page
    assert "passed-well" not in page
    assert "Items that show it" not in seen_by_ana


def test_lists_say_what_became_of_alarms(line: ProductLine, mia: User) -> None:
    browser = browser_of(mia)
    own = f"/lines/{line.slug}/alarms/"
    assert "No alarm has rung yet" in text(browser, own)
    alarm = rung(line)

    assert "The model passes what people reject" in text(browser, own)
    alarms.clear_alarm(alarm, by=mia, found="the lens was dirty")

    assert "No alarm is in this list" in text(browser, own)
    for address in (f"{own}?state=over", "/alarms/?state=all"):
        assert "the lens was dirty" in text(browser, address), address


def test_alarms_of_other_lines_are_not_listed(line: ProductLine, mia: User) -> None:
    other = factories.make_line("Other line")
    alarm = rung(other)
    browser = browser_of(mia)

    assert "Other line" not in text(browser, "/alarms/?state=all")
    assert browser.get(address_of(alarm)).status_code == 404
    at_own_line = f"/lines/{line.slug}/alarms/{alarm.pk}/clear/"
    assert browser.post(at_own_line, {"found": "x"}).status_code == 404


def test_a_list_asks_the_database_no_more_for_more_alarms(
    line: ProductLine, mia: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        rung(line, cause=AlarmCause.OUT_OF_BOUNDS, subject=f"metric-{number}")
    browser = browser_of(mia)

    with django_assert_max_num_queries(12):
        assert "metric-19" in text(browser, "/alarms/")


def test_the_board_begins_with_lines_that_ring(mia: User, line: ProductLine) -> None:
    calm = factories.make_line("A calm line")
    people.give_role(mia, calm, Role.MANAGER, by=None)
    browser = browser_of(mia)
    board = text(browser, "/")
    assert board.index("A calm line") < board.index("Phone screens")
    rung(line)

    board = text(browser, "/")

    assert "1 open" in board
    assert board.index("Phone screens") < board.index("A calm line")
    assert "1 alarm" in text(browser, f"/lines/{line.slug}/")


def test_a_warning_and_a_pause_stand_on_the_lines_page(
    line: ProductLine, mia: User
) -> None:
    end = timezone.now().replace(minute=0, second=0, microsecond=0)
    Measurement.objects.create(
        line=line,
        metric="agreement",
        start=end - timedelta(days=1),
        end=end,
        value=0.8,
        count=400,
        verdict=Verdict.LOW,
    )
    PlannedPause.objects.create(
        line=line,
        starts_at=end,
        ends_at=end + timedelta(days=2),
        reason="new lamp",
    )

    page = text(browser_of(mia), f"/lines/{line.slug}/")

    assert "Out of bounds in one window" in page
    assert "Agreement on blind items: 80.0 % (n = 400), below its lower bound" in page
    assert "new lamp" in page


def test_a_manager_sets_what_alarms_do_and_when_the_line_works(
    line: ProductLine, mia: User
) -> None:
    browser = browser_of(mia)
    base = f"/lines/{line.slug}/alarms/settings/"
    terms = {
        cause.value: "none" for cause in AlarmCause if cause is not AlarmCause.INSPECTOR
    } | {"escapes": "0", "cool_down_h": 48, "fresh_labels": 100}

    saved = browser.post(f"{base}terms/", terms)
    week = {"mon": "06:00-14:00, 22:00-06:00", "holidays": "2026-12-25\n2026-12-26"}
    worked = browser.post(f"{base}week/", week)
    pause = {
        "starts_at": "2099-03-02T08:00",
        "ends_at": "2099-03-02T16:00",
        "reason": "new lamp",
    }
    paused = browser.post(f"{base}pauses/", pause)

    assert {saved.status_code, worked.status_code, paused.status_code} == {302}
    assert AlarmTerms.objects.get().lowers_to == {"escapes": 0}
    assert [shift["from"] for shift in WorkWeek.objects.get().shifts] == [
        "06:00",
        "22:00",
    ]
    page = text(browser, base)
    assert "06:00-14:00, 22:00-06:00" in page
    assert "new lamp" in page


@pytest.mark.parametrize(
    ("part", "given", "words"),
    [
        ("week/", {"mon": "six to two"}, "06:00-14:00"),
        ("week/", {"mon": "25:00-26:00"}, "06:00-14:00"),
        ("week/", {"holidays": "2026-02-30"}, "no date"),
        (
            "pauses/",
            {"starts_at": "2099-03-02T08:00", "ends_at": "2099-03-01T08:00"}
            | {"reason": "x"},
            "ends after it begins",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused_with_the_reason(
    line: ProductLine, mia: User, part: str, given: dict[str, str], words: str
) -> None:
    refused = browser_of(mia).post(f"/lines/{line.slug}/alarms/settings/{part}", given)

    assert refused.status_code == 422
    assert words in refused.content.decode()


def test_a_pause_is_read_in_the_lines_zone(mia: User, line: ProductLine) -> None:
    ProductLine.objects.filter(pk=line.pk).update(time_zone="Asia/Seoul")
    User.objects.filter(pk=mia.pk).update(time_zone="Europe/Berlin")
    given = {"starts_at": "2099-03-02T09:00", "ends_at": "2099-03-02T10:00"}

    browser_of(mia).post(
        f"/lines/{line.slug}/alarms/settings/pauses/", given | {"reason": "x"}
    )

    assert PlannedPause.objects.get().starts_at == datetime(2099, 3, 2, tzinfo=UTC)


def test_people_set_how_they_are_told(line: ProductLine, mia: User, ana: User) -> None:
    browser = browser_of(mia)
    assert "sends no mail" in text(browser, "/account/alarms/")
    given = {
        "email": "mia@example.com",
        "by_mail": "on",
        "quiet_from": "22:00",
        "quiet_to": "06:00",
        "deputy": ana.pk,
        "deputy_until": "2099-01-01",
    }

    unsigned = browser.post("/account/alarms/", given)
    assert unsigned.status_code == 422
    assert "This is not your password." in unsigned.content.decode()
    given["password"] = "a-long-enough-password"
    saved = browser.post("/account/alarms/", given)
    del given["password"]
    half = browser.post("/account/alarms/", given | {"quiet_to": ""})
    lone = browser.post("/account/alarms/", given | {"email": ""})

    assert (saved.status_code, half.status_code, lone.status_code) == (302, 422, 422)
    reach = Reach.objects.get()
    mia.refresh_from_db()
    assert browser.post("/account/alarms/", given).status_code == 302
    moved = Record.objects.filter(action="reach.set").order_by("pk")
    assert [one.details["address_changed"] for one in moved] == [True, False]
    assert (mia.email, reach.is_told, reach.deputy) == ("mia@example.com", False, ana)


def test_a_deputy_is_a_colleague(mia: User, zoe: User) -> None:
    given = {"email": "mia@example.com", "deputy": zoe.pk}

    assert browser_of(mia).post("/account/alarms/", given).status_code == 422
