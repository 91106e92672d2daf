"""Deputies on the pages: who is away, until when, and who stands in."""

from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries

from monitoring.diagnosis import Findings
from monitoring.models import Reach
from monitoring.services import alarms
from reviewapp.models import ProductLine, User
from tests import factories
from tests.pages.test_alarms import address_of, browser_of, rung, text


def test_who_is_away_stands_on_the_alarm_with_who_stands_in(
    line: ProductLine, mia: User, ana: User, ben: User
) -> None:
    until = timezone.localdate() + timedelta(days=5)
    day = date_format(until, "DATE_FORMAT")
    Reach.objects.create(user=ana, deputy=mia, deputy_until=until)
    Reach.objects.create(user=mia, deputy=ben)
    alarm = rung(line)
    alarms.acknowledge(alarm, by=ana, seen=1)

    page = text(browser_of(mia), address_of(alarm))
    of_inspector = text(browser_of(ben), address_of(alarm))

    # the deputy is away as well, and has one of her own
    away = f"ana is away until {day}; ben stands in"
    assert f"<small>{away}</small>" in page
    assert f">{away}</option>" in page
    assert ">mia is away; ben stands in</option>" in page
    assert ">ben</option>" in page
    assert f"<small>{away}</small>" in of_inspector
    assert "</option>" not in of_inspector


def test_who_is_back_or_has_no_deputy_on_the_line_is_not_away(
    line: ProductLine, mia: User, ana: User, ben: User, zoe: User
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Reach.objects.create(user=ana, deputy=ben, deputy_until=yesterday)
    Reach.objects.create(user=mia, deputy=zoe)
    alarm = rung(line)
    alarms.acknowledge(alarm, by=ana, seen=1)

    assert "stands in" not in text(browser_of(mia), address_of(alarm))


def test_a_hand_over_without_anybody_says_again_who_is_away(
    line: ProductLine, mia: User, ana: User
) -> None:
    Reach.objects.create(user=ana, deputy=mia)
    alarm = rung(line)

    refused = browser_of(mia).post(address_of(alarm, "hand-over/"), {"seen": 1})

    assert refused.status_code == 422
    assert ">ana is away; mia stands in</option>" in refused.content.decode()


def test_an_alarms_page_costs_the_same_however_many_are_away(
    line: ProductLine, mia: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(8):
        person = factories.make_inspector(line, f"person-{number}")
        Reach.objects.create(user=person, deputy=mia)
    alarm = rung(line, findings=Findings(escapes=False, overkill=True))
    browser = browser_of(mia)

    with django_assert_max_num_queries(26):
        page = text(browser, address_of(alarm))

    assert page.count("mia stands in</option>") == 8
