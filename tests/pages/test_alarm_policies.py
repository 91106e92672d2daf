"""An alarm's page, its list and its line lead to the policy by which it took back."""

from django.utils import timezone

from monitoring.services import alarms
from reviewapp.models import ProductLine, User
from reviewapp.policy import AutomationLevel
from tests import factories
from tests.pages.test_alarms import address_of, browser_of, rung, text


def test_what_an_alarm_did_to_the_level_links_to_the_policy_that_did_it(
    line: ProductLine, mia: User
) -> None:
    factories.put_at(line, AutomationLevel.PARTIAL)
    alarm = rung(line)
    alarms.take_back(alarm, reason="it rang", at=timezone.now())
    assert alarm.lowered is not None
    browser = browser_of(mia)
    address = f"/lines/{line.slug}/history/{alarm.lowered.number}/"
    link = f'<a href="{address}">'

    of_alarm = text(browser, address_of(alarm))
    listed = text(browser, "/alarms/?state=all")
    of_line = text(browser, f"/lines/{line.slug}/")

    number = alarm.lowered.number
    assert f"{link}to shadow, by policy {number}</a>" in of_alarm
    assert of_alarm.count(link) == 1
    assert f"{link}lowered by policy {number}</a>" in listed
    assert f"{link}The alarm lowered the level by policy {number}.</a>" in of_line
    assert "it rang" in text(browser, address)


def test_an_alarm_that_only_warned_leads_to_no_policy(
    line: ProductLine, mia: User
) -> None:
    alarm = rung(line)

    assert "/history/" not in text(browser_of(mia), address_of(alarm))
