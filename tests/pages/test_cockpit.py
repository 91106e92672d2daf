"""The line's page: what it says in ten seconds, and what it costs to say it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from monitoring.models import HourlyCount, Measure
from monitoring.services import counts
from monitoring.services.audit_rates import keep_audit_rates, kept_rates
from monitoring.services.cockpit import errors_of
from monitoring.services.slow_figures import kept_figures, refresh_figures, work_out
from reviewapp.evidence import Evidence
from reviewapp.models import LineState, ModelVersion, Policy, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import levels
from reviewapp.services.routings import route_items
from tests import factories
from tests.pages.test_levels import browser_of

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def mia_browser(mia: User) -> Client:
    return browser_of(mia)


@pytest.fixture
def version(line: ProductLine) -> ModelVersion:
    found = factories.put_at(line, AutomationLevel.SHADOW)
    assert found is not None
    return found


def pairs(
    line: ProductLine, said: str, answered: str, n: int, route: str = "audit"
) -> None:
    HourlyCount.objects.create(
        line=line,
        hour=NOW - timedelta(hours=2),
        measure=Measure.PAIR,
        version=line.in_force.live,
        is_blind=True,
        route=route,
        predicted=line.classes.get(key=said),
        answered=line.classes.get(key=answered),
        count=n,
    )


def test_escapes_and_overkill_stand_with_both_counts(
    mia_browser: Client, line: ProductLine, version: ModelVersion
) -> None:
    factories.put_at(line, AutomationLevel.PARTIAL)
    pairs(line, "ok", "ok", 392)
    pairs(line, "ok", "scratch", 8)
    pairs(line, "scratch", "scratch", 45)
    pairs(line, "scratch", "ok", 5)
    pairs(line, "ok", "scratch", 999, route="blind")

    page = mia_browser.get(f"/lines/{line.slug}/").content.decode()

    assert "Escapes 2.00 % (0.87 %" in page
    assert "3.90 %) of what it passes" in page
    assert "That is more than the line allows" in page
    assert "of 400 passed, of 53 defective" in page
    assert "of 50 rejected, of 397 good" in page


def test_what_audits_say_is_weighted_and_kept_by_a_sweep(
    mia_browser: Client, line: ProductLine, version: ModelVersion, ana: User, ben: User
) -> None:
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        certificates=factories.certified(version, "ok"),
        audit_shares={"ok": 1.0},
        canary_share=1.0,
    )
    LineState.objects.update_or_create(
        line=line, defaults={"judged_at": timezone.now()}
    )
    for _ in range(4):
        item = factories.make_item(line)
        factories.make_prediction(item, version, line.classes.get(key="ok"))
        route_items(line.pk, [item.pk])
        factories.label_next(ana, line, "ok")
    address = f"/lines/{line.slug}/"
    assert "weighted, 7 days" not in mia_browser.get(address).content.decode()

    later = timezone.now() + timedelta(minutes=1)
    counts.roll_up_hours(as_of=later)
    assert keep_audit_rates(as_of=later) == 1

    rates = kept_rates(line)
    assert rates is not None
    assert rates.escape is not None
    assert (rates.escape.value, rates.escape.low, rates.escape.n) == (0, 0, 4)
    assert rates.overkill is None, "nothing was rejected"
    page = " ".join(mia_browser.get(address).content.decode().split())
    assert "weighted, 7 days" in page
    assert "n = 4)" in page
    assert "no audit of a reject" in page


def test_below_partial_it_says_what_the_model_would_have_done(
    mia_browser: Client, line: ProductLine, version: ModelVersion
) -> None:
    pairs(line, "ok", "ok", 100, route="blind")

    page = mia_browser.get(f"/lines/{line.slug}/").content.decode()

    assert "Escapes, had it decided" in page
    assert "not enough evidence: no blind label" in page, "nothing was rejected"


def test_without_a_version_nobody_errs_but_people(line: ProductLine) -> None:
    assert errors_of(line, start=NOW, end=NOW + timedelta(days=1)) is None


def test_a_span_that_is_not_offered_is_said_aloud(
    mia_browser: Client, line: ProductLine
) -> None:
    address = f"/lines/{line.slug}/?days=77"

    assert "is no span that is offered" in mia_browser.get(address).content.decode()
    by_machine = mia_browser.get(address, headers={"accept": "application/json"})
    assert by_machine.status_code == 400


def test_the_page_asks_as_much_with_a_long_history_as_with_a_short_one(
    mia_browser: Client, line: ProductLine, version: ModelVersion
) -> None:
    factories.put_at(line, AutomationLevel.PARTIAL)
    pairs(line, "ok", "ok", 400)
    address = f"/lines/{line.slug}/"
    mia_browser.get(address)
    with CaptureQueriesContext(connection) as few:
        mia_browser.get(address)
    for number in range(30):
        factories.put_at(line, AutomationLevel.PARTIAL, blind_share=0.2 + number / 100)
    with CaptureQueriesContext(connection) as many:
        mia_browser.get(address)

    assert len(many) <= len(few)
    assert len(many) <= 33


def test_what_was_signed_is_shown_with_its_hash(
    mia_browser: Client, line: ProductLine, version: ModelVersion, mia: User
) -> None:
    levels.lower_level(line, to=AutomationLevel.MANUAL, by=mia)
    ready = Evidence(version_is_ready=True, open_alarms=0)
    raised = levels.raise_level(
        line, ready, by=mia, reason="it loads", seen_policy=line.in_force.number
    )

    page = mia_browser.get(f"/lines/{line.slug}/history/{raised.number}/")

    said = page.content.decode()
    assert "Unchanged since it was signed" in said
    assert raised.evidence_sha256 in said
    assert "it loads" in said
    assert "A version is live, loads, and fits the line" in said


def test_evidence_that_is_not_what_was_signed_is_called_so(
    mia_browser: Client, line: ProductLine, version: ModelVersion
) -> None:
    last = line.in_force
    Policy.objects.bulk_create(
        [
            Policy(
                line=line,
                number=last.number + 1,
                level=last.level,
                live=version,
                evidence={"measured": {"blind_pairs": 9_999}, "gates": []},
                evidence_sha256="0" * 64,
                **dict.fromkeys(
                    (
                        "epoch_began_at",
                        "level_began_at",
                        "share_began_at",
                        "created_at",
                    ),
                    last.created_at,
                ),
            )
        ]
    )

    page = mia_browser.get(f"/lines/{line.slug}/history/{last.number + 1}/")

    assert "Not what was signed" in page.content.decode()


def test_all_policies_can_be_paged_through(
    mia_browser: Client, line: ProductLine, version: ModelVersion
) -> None:
    for number in range(12):
        factories.put_at(line, AutomationLevel.SHADOW, blind_share=0.2 + number / 100)

    page = mia_browser.get(f"/lines/{line.slug}/history/?before=4").content.decode()

    assert page.count("<tr>") == 4, "three policies and the head"
    assert mia_browser.get(f"/lines/{line.slug}/history/99/").status_code == 404


def test_slow_figures_are_kept_until_they_are_minutes_old(
    line: ProductLine, version: ModelVersion, ana: User
) -> None:
    factories.put_at(line, AutomationLevel.ASSIST, blind_share=1.0)
    at = datetime.now(UTC)
    assert refresh_figures(line, at=at)
    nothing = kept_figures(line, line.in_force)
    item = factories.make_item(line)
    factories.make_prediction(item, version, line.classes.get(key="ok"))
    route_items(line.pk, [item.pk])
    factories.label_next(ana, line, "ok")

    assert not refresh_figures(line, at=at + timedelta(minutes=4))
    assert kept_figures(line, line.in_force) == nothing
    assert work_out(line, line.in_force) != nothing, "who signs gets it fresh"
    assert refresh_figures(line, at=at + timedelta(minutes=6))
    assert kept_figures(line, line.in_force) == work_out(line, line.in_force)
