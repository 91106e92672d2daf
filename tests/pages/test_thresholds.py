"""The thresholds page: what may be tried out, and what it takes to sign."""

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from monitoring.models import CostMatrix
from monitoring.services import counts
from monitoring.services.dry_run import replay, sample_last_week
from monitoring.services.proposals import present, proposed_terms
from reviewapp.models import Cause, ProductLine, Record, User
from reviewapp.policy import AutomationLevel, Route
from tests import factories
from tests.monitoring import days

BACKEND = "reviewapp.sessions.PersonBackend"


@pytest.fixture
def shadow(line: ProductLine, ana: User) -> ProductLine:
    """A line in shadow whose model passed 400 items this week, all rightly."""
    factories.put_at(line, AutomationLevel.SHADOW, requirements={"escape": 0.02})
    at = timezone.now() - timedelta(days=2)
    received = days.receive(
        line, [{"width": 1.0, "height": 2.0}] * 400, at=at, within=timedelta(hours=2)
    )
    answered = at + timedelta(hours=3)
    sure = np.linspace(0.6, 0.99, 400)
    days.answer(line, received, ["ok"] * 400, at=answered, confidence=sure)
    said = ["scratch"] + ["ok"] * 399
    days.label_all(line, ana, received, said, at=at + timedelta(hours=4))
    counts.recount(line, at=timezone.now())
    return line


@pytest.fixture
def mia_browser(client: Client, mia: User) -> Client:
    client.force_login(mia, backend=BACKEND)
    return client


def signature(line: ProductLine, **changes: object) -> dict[str, object]:
    given = {
        "reason": "labels enough",
        "password": "a-long-enough-password",
        "seen_policy": line.in_force.number,
    }
    return given | changes


def address(line: ProductLine, rest: str = "") -> str:
    return f"/lines/{line.slug}/thresholds/{rest}"


def test_a_line_without_a_model_says_what_it_needs(
    mia_browser: Client, line: ProductLine
) -> None:
    text = mia_browser.get(address(line)).content.decode()

    assert "There is no model yet" in text


def test_the_page_shows_curves_and_what_is_missing(
    mia_browser: Client, shadow: ProductLine
) -> None:
    text = mia_browser.get(address(shadow)).content.decode()

    assert "No class is certified" in text
    assert "There are labels enough to try" in text
    assert "Needs at least 183 more error-free labels" in text
    assert "Risk against coverage of OK" in text


def test_a_typed_threshold_says_at_once_what_would_follow(
    mia_browser: Client, shadow: ProductLine
) -> None:
    asked = {
        "level": "3",
        "threshold-ok": "0.8",
        "canary_share": "100",
        "blind_share": "1",
    }

    text = mia_browser.get(address(shadow), asked).content.decode()

    assert "of 400 items would change hands" in text
    assert "195 of 400 items; now 0.0 %" in text
    assert "0 of 195 labels" in text
    assert "the line counted 400 items" in text


def test_the_page_asks_the_database_a_stated_number_of_times(
    mia_browser: Client,
    shadow: ProductLine,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(17):
        mia_browser.get(address(shadow), {"threshold-ok": "0.8"})


def test_htmx_gets_what_would_follow_and_nothing_else(
    mia_browser: Client, shadow: ProductLine
) -> None:
    response = mia_browser.get(
        address(shadow), {"threshold-ok": "0.8"}, headers={"HX-Request": "true"}
    )

    text = response.content.decode()
    assert text.lstrip().startswith('<section id="consequences"')
    assert "<html" not in text


def test_a_threshold_that_is_no_share_is_named(
    mia_browser: Client, shadow: ProductLine
) -> None:
    text = mia_browser.get(address(shadow), {"threshold-ok": "7"}).content.decode()

    assert "less than or equal to 1" in text


def test_certifying_takes_a_reason_and_the_password(
    mia_browser: Client, shadow: ProductLine
) -> None:
    refused = mia_browser.post(
        address(shadow, "certify/"), signature(shadow, password="wrong")
    )
    assert refused.status_code == 422
    assert not shadow.policies.filter(cause=Cause.CERTIFIED).exists()

    accepted = mia_browser.post(address(shadow, "certify/"), signature(shadow))

    assert accepted.status_code == 302
    text = mia_browser.get(address(shadow)).content.decode()
    assert "Certified from 0.6" in text
    assert "Signed by mia, attempt 1" in text


def test_a_page_of_an_earlier_policy_certifies_nothing(
    mia_browser: Client, shadow: ProductLine
) -> None:
    response = mia_browser.post(
        address(shadow, "certify/"), signature(shadow, seen_policy=1)
    )

    assert response.status_code == 409
    assert "Reload it and look again" in response.content.decode()


def test_a_stricter_threshold_is_signed_and_a_looser_one_refused(
    mia_browser: Client, shadow: ProductLine
) -> None:
    mia_browser.post(address(shadow, "certify/"), signature(shadow))
    shadow.refresh_from_db()
    looser = mia_browser.post(
        address(shadow, "sign/"), signature(shadow, **{"threshold-ok": "0.1"})
    )
    assert looser.status_code == 422
    assert "never looser" in looser.content.decode()

    signed = mia_browser.post(
        address(shadow, "sign/"), signature(shadow, **{"threshold-ok": "0.9"})
    )

    assert signed.status_code == 302
    shadow.refresh_from_db()
    in_force = shadow.in_force
    assert in_force.terms().certificates["ok"].decides_from == 0.9
    assert in_force.evidence is not None
    assert in_force.evidence["replayed"] == 400
    assert len(in_force.evidence_sha256) == 64


def test_what_would_be_signed_is_what_was_tried_out(
    mia_browser: Client, shadow: ProductLine
) -> None:
    asked = {"blind_share": "30", "canary_share": "2", "audit-ok": "20"}
    page = mia_browser.get(address(shadow, "sign/"), asked).content.decode()
    assert '<input type="hidden" name="audit-ok" value="20">' in page

    mia_browser.post(address(shadow, "sign/"), signature(shadow, **asked))

    shadow.refresh_from_db()
    terms = shadow.in_force.terms()
    assert (terms.blind_share, terms.canary_share) == (0.3, 0.02)
    assert terms.audit_share("ok") == 0.2
    assert terms.level is AutomationLevel.SHADOW


def test_what_is_left_out_of_an_address_stays_as_it_is(
    mia_browser: Client, shadow: ProductLine
) -> None:
    text = mia_browser.get(address(shadow), {"level": "3"}).content.decode()

    assert 'name="blind_share" value="10.0"' in text


def test_money_is_shown_once_it_is_known_what_things_cost(
    mia_browser: Client, shadow: ProductLine
) -> None:
    assert "Cost a day" not in mia_browser.get(address(shadow)).content.decode()
    costs = {"escape": "50", "overkill": "2", "review": "0.4", "currency": "EUR"}

    mia_browser.post(address(shadow, "costs/"), costs)

    assert "Cost a day" in mia_browser.get(address(shadow)).content.decode()
    assert CostMatrix.objects.filter(line=shadow, currency="EUR").exists()
    assert Record.objects.filter(action="costs.set", line=shadow).exists()


def test_a_cost_below_nothing_is_refused(
    mia_browser: Client, shadow: ProductLine
) -> None:
    costs = {"escape": "-1", "overkill": "2", "review": "0.4", "currency": "EUR"}

    response = mia_browser.post(address(shadow, "costs/"), costs)

    assert response.status_code == 422
    assert not CostMatrix.objects.exists()


def test_looking_writes_nothing(mia_browser: Client, shadow: ProductLine) -> None:
    before = (Record.objects.count(), shadow.policies.count())

    mia_browser.get(address(shadow), {"level": "4", "threshold-ok": "0.7"})

    assert (Record.objects.count(), shadow.policies.count()) == before


def test_the_present_policy_played_through_changes_nothing(
    shadow: ProductLine,
) -> None:
    sample = sample_last_week(shadow, at=timezone.now())
    assert sample is not None
    terms = shadow.in_force.terms()

    run = replay(sample, terms, terms)

    assert (run.replayed, run.changed, run.decided.total()) == (400, 0, 0)


def test_items_that_wait_for_somebody_are_counted_and_not_named(
    line: ProductLine,
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    at = timezone.now() - timedelta(hours=5)
    received = days.receive(
        line, [{"width": 1.0, "height": 2.0}] * 30, at=at, within=timedelta(hours=1)
    )
    days.answer(line, received, ["ok"] * 30, at=at + timedelta(hours=2))
    sample = sample_last_week(line, at=timezone.now())
    assert sample is not None
    terms = line.in_force.terms()

    run = replay(sample, terms, proposed_terms(terms, present(line)))

    assert run.changed > 0
    assert {change.after for change in run.changes} == {Route.ASSISTED}
    assert (run.named, run.held_back) == ((), run.changed)
