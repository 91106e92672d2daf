"""The page of webhooks: made and changed with the password, and what was sent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.models import AlarmCause, Delivery, Webhook
from monitoring.services import alarms, webhooks
from monitoring.services.deliveries import drop_old
from monitoring.services.webhooks import secrets_of
from reviewapp.models import ProductLine, Record, User
from tests.pages.test_alarms import browser_of, text

PASSWORD = {"password": "a-long-enough-password"}
URL = "https://example.com/rung"


@pytest.fixture
def webhook(line: ProductLine, mia: User) -> Webhook:
    made, _secret = webhooks.make_webhook(line, url=URL, by=mia)
    return made


def base(line: ProductLine) -> str:
    return f"/lines/{line.slug}/alarms/webhooks/"


@pytest.mark.parametrize("who", ["mia", "ada"])
def test_a_webhooks_secret_is_shown_once(
    line: ProductLine, who: str, request: pytest.FixtureRequest
) -> None:
    browser = browser_of(request.getfixturevalue(who))
    address = base(line)
    assert "sent nowhere yet" in text(browser, address)

    unsigned = browser.post(f"{address}make/", {"url": URL, "password": "wrong"})
    assert (unsigned.status_code, Webhook.objects.count()) == (422, 0)
    made = browser.post(f"{address}make/", {"url": URL} | PASSWORD)

    assert "whsec_" in made.content.decode()
    page = text(browser, address)
    assert URL in page
    assert "whsec_" not in page


@pytest.mark.parametrize(
    ("url", "why"),
    [("https://10.0.0.1/", "private network"), ("http://example.com/", "only https")],
)
def test_an_address_that_nothing_is_sent_to_is_refused(
    line: ProductLine, mia: User, url: str, why: str
) -> None:
    refused = browser_of(mia).post(f"{base(line)}make/", {"url": url} | PASSWORD)

    assert refused.status_code == 422
    assert why in refused.content.decode()


def test_for_a_day_both_secrets_sign(
    line: ProductLine, mia: User, webhook: Webhook
) -> None:
    [former] = secrets_of(webhook)
    address = f"{base(line)}{webhook.pk}/renew/"
    browser = browser_of(mia)
    assert browser.post(address, {"password": "wrong"}).status_code == 422

    renewed = browser.post(address, PASSWORD).content.decode()

    webhook.refresh_from_db()
    new, still = secrets_of(webhook)
    assert still == former
    assert new in renewed
    assert former not in renewed
    later = timezone.now() + timedelta(days=1, minutes=1)
    assert secrets_of(webhook, at=later) == [new]
    assert Record.objects.filter(action="webhook.renewed").count() == 1


def test_a_webhook_is_ended_and_switched_on_with_the_password(
    line: ProductLine, mia: User, webhook: Webhook
) -> None:
    browser, address = browser_of(mia), f"{base(line)}{webhook.pk}/"
    Webhook.objects.update(disabled_at=timezone.now(), failures=8)
    assert "Switch on again" in text(browser, base(line))

    assert browser.post(f"{address}enable/", PASSWORD).status_code == 302
    assert Webhook.objects.working().exists()
    assert browser.post(f"{address}end/", PASSWORD).status_code == 302
    assert not Webhook.objects.standing().exists()
    assert browser.post(f"{address}end/", PASSWORD).status_code == 409
    assert browser.post(f"{address}renew/", PASSWORD).status_code == 409


def test_what_was_sent_is_listed_for_two_weeks(
    line: ProductLine, mia: User, webhook: Webhook
) -> None:
    now = timezone.now()
    alarms.ring(line, AlarmCause.ESCAPES, figures={}, at=now)
    alarms.ring(line, AlarmCause.OVERKILL, figures={}, at=now)
    first, second = Delivery.objects.filter(webhook=webhook).order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(sent_at=now, attempts=1)
    Delivery.objects.filter(pk=second.pk).update(given_up_at=now, trouble="no answer")

    page = text(browser_of(mia), base(line))

    assert page.count("Raised</a>") == 2
    assert "given up" in page
    assert "no answer" in page
    assert drop_old(as_of=now + timedelta(days=13)) == 0
    assert drop_old(as_of=now + timedelta(days=15)) == 2
