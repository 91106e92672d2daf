"""The alarms of a week in its report: which rang, which led to an act, and too many."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from monitoring.models import Alarm, AlarmCause
from monitoring.services import alarms
from reviewapp.models import ProductLine, User
from tests import factories
from tests.pages.test_alarms import address_of, browser_of, rung, text

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def rang(line: ProductLine, subject: str, *, days: float) -> Alarm:
    at = MONDAY + days * DAY
    return rung(line, cause=AlarmCause.OUT_OF_BOUNDS, subject=subject, at=at)


def report(line: ProductLine, person: User) -> str:
    return text(browser_of(person), f"/lines/{line.slug}/report/?week=2026-W11")


def test_a_report_lists_the_weeks_alarms_and_what_became_of_them(
    line: ProductLine, mia: User, ana: User
) -> None:
    noted = rang(line, "was-noted", days=0)
    found = rang(line, "was-found", days=3)
    looked_at = rang(line, "was-looked-at", days=6.9)
    other = rang(line, "of-next-week", days=7)
    elsewhere = rang(factories.make_line("Other line"), "elsewhere", days=1)
    alarms.note(noted, by=ana, words="a lamp?")
    alarms.clear_alarm(found, by=mia, found="the lens was dirty")
    alarms.acknowledge(looked_at, by=mia, seen=1)

    page = report(line, ana)

    assert "3 alarms rang, and 2 led to an act." in page
    for alarm in (noted, found, looked_at):
        assert f'href="{address_of(alarm)}"' in page
    for alarm in (other, elsewhere):
        assert f'href="{address_of(alarm)}"' not in page
    assert "the lens was dirty" in page
    assert page.count("<td>yes</td>") == 2
    assert page.count("<td>no</td>") == 1


def test_a_week_without_alarms_says_so(line: ProductLine, mia: User) -> None:
    page = report(line, mia)

    assert "No alarm rang." in page
    assert "In the 30 days up to the end of this week: 0." in page


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-22.9, "3 alarms in the 30 days up to the end of this week."),
        (-23.1, "In the 30 days up to the end of this week: 2."),
    ],
)
def test_a_report_says_when_people_were_called_too_often_in_30_days(
    line: ProductLine, mia: User, days: float, said: str
) -> None:
    for number, rang_on in enumerate((days, 0, 6.9)):
        rang(line, f"metric-{number}", days=rang_on)

    page = report(line, mia)

    assert said in page
    assert ('data-kind="warning"' in page) is said.startswith("3")


def test_a_report_does_not_say_whom_an_alarm_is_about(
    line: ProductLine, mia: User, ben: User
) -> None:
    at = MONDAY + DAY
    alarm = rung(line, cause=AlarmCause.INSPECTOR, subject=ben.pseudonym, at=at)

    page = report(line, mia)

    assert f'href="{address_of(alarm)}"' in page
    assert ben.pseudonym not in page
    assert f"{ben}<" not in page


def test_a_report_costs_the_same_for_more_alarms(
    line: ProductLine, mia: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        rang(line, f"metric-{number}", days=number / 4)
    browser = browser_of(mia)

    with django_assert_max_num_queries(22):
        page = text(browser, f"/lines/{line.slug}/report/?week=2026-W11")

    assert "20 alarms rang, and 0 led to an act." in page
