"""Versions on trial, side by side; the canary share; and opening a locked line."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from reviewapp.models import Cause, LineState, ModelVersion, Policy, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import candidates
from reviewapp.services.routings import route_items
from tests import factories

BACKEND = "reviewapp.sessions.PersonBackend"
PASSWORD = "a-long-enough-password"


@pytest.fixture
def mia_browser(mia: User) -> Client:
    """Mia's signed-in browser."""
    browser = Client()
    browser.force_login(mia, backend=BACKEND)
    return browser


@pytest.fixture
def tried(line: ProductLine, mia: User) -> ModelVersion:
    """A version that has been on trial for two days on a line in shadow."""
    factories.put_at(line, AutomationLevel.SHADOW)
    fresh = factories.make_version(line, "fresh")
    ago = timezone.now() - timedelta(days=2)
    candidates.put_on_trial(line, fresh, by=mia, as_of=ago)
    return fresh


def better(line: ProductLine, tried: ModelVersion, ana: User, *, by: int) -> None:
    """Let the candidate alone be right on so many items."""
    live = line.in_force.live
    assert live is not None
    for _ in range(by):
        item = factories.make_item(line)
        factories.make_prediction(item, live, line.classes.get(key="ok"))
        factories.make_prediction(item, tried, line.classes.get(key="scratch"))
        factories.label_next(ana, line, "scratch")


def signed(line: ProductLine, **changes: object) -> dict[str, object]:
    given = {
        "reason": "it misses fewer",
        "password": PASSWORD,
        "seen_policy": line.in_force.number,
    }
    return given | changes


def test_a_version_is_put_on_trial_and_withdrawn_from_its_page(
    mia_browser: Client, line: ProductLine
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    fresh = factories.make_version(line, "fresh")
    address = f"/lines/{line.slug}/versions/"

    assert "Put on trial" in mia_browser.get(address).content.decode()
    mia_browser.post(f"{address}{fresh.pk}/try/", {"scored": "40"})

    page = mia_browser.get(address).content.decode()
    line.refresh_from_db()
    assert (line.in_force.candidate, line.in_force.scoring_share) == (fresh, 0.4)
    assert "fresh is on trial beside" in page
    assert "it answers 40 % of the items and decides none of them" in " ".join(
        page.split()
    )
    mia_browser.post(f"{address}withdraw/")
    line.refresh_from_db()
    assert line.in_force.cause == Cause.WITHDRAWN


@pytest.mark.parametrize("scored", ["0", "101", "many"])
def test_a_share_that_is_none_is_refused(
    mia_browser: Client, line: ProductLine, scored: str
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    fresh = factories.make_version(line)

    response = mia_browser.post(
        f"/lines/{line.slug}/versions/{fresh.pk}/try/", {"scored": scored}, follow=True
    )

    assert "from 1 to 100 percent" in response.content.decode()
    assert not Policy.objects.filter(cause=Cause.TRIAL).exists()


def test_without_a_candidate_the_comparison_says_what_it_would_show(
    mia_browser: Client, line: ProductLine
) -> None:
    page = mia_browser.get(f"/lines/{line.slug}/versions/rivals/")

    assert "No version is on trial" in page.content.decode()


def test_both_versions_stand_side_by_side(
    mia_browser: Client, line: ProductLine, ana: User, tried: ModelVersion
) -> None:
    better(line, tried, ana, by=5)

    page = mia_browser.get(f"/lines/{line.slug}/versions/rivals/").content.decode()

    text = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "fresh was right where" in text
    assert "only the candidate was right on 5, only the live version on 0 of 5" in text
    assert "evidence 10.5 of 20.0; 2 more that only the candidate has right" in text
    assert "To inherit: 3 of 4 gates are open" in text
    assert page.count("/items/") >= 5
    assert "Older items" not in page


def test_the_differences_are_filtered_by_class_and_paged(
    mia_browser: Client, line: ProductLine, ana: User, tried: ModelVersion
) -> None:
    better(line, tried, ana, by=26)
    address = f"/lines/{line.slug}/versions/rivals/"

    whole = mia_browser.get(address, {"class": "scratch"}).content.decode()

    older = re.search(r"before=(\d+)", whole)
    assert older is not None
    assert "class=scratch&amp;before=" in whole
    last = mia_browser.get(address, {"class": "scratch", "before": older[1]})
    assert last.content.decode().count("item-") == 1
    assert mia_browser.get(address, {"before": "x"}).status_code == 400


def test_the_comparison_asks_the_database_the_same_whatever_there_is(
    mia_browser: Client,
    line: ProductLine,
    ana: User,
    tried: ModelVersion,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    better(line, tried, ana, by=12)

    with django_assert_max_num_queries(20):
        mia_browser.get(f"/lines/{line.slug}/versions/rivals/")


def test_a_promotion_is_signed_and_leads_on(
    mia_browser: Client, line: ProductLine, ana: User, tried: ModelVersion
) -> None:
    better(line, tried, ana, by=8)
    address = f"/lines/{line.slug}/versions/promote/"
    assert "Promote fresh" in mia_browser.get(address).content.decode()

    response = mia_browser.post(address, signed(line))

    assert response.status_code == 302
    line.refresh_from_db()
    now = line.in_force
    assert (now.live, now.cause, now.level) == (
        tried,
        Cause.PROMOTED,
        AutomationLevel.SHADOW,
    )
    assert now.evidence is not None
    page = mia_browser.get(f"/lines/{line.slug}/versions/").content.decode()
    assert f"Roll back to {now.previous}" in page


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"password": "not-the-password"}, 422, "This is not your password"),
        ({"reason": ""}, 422, "This field is required"),
        ({"seen_policy": 1}, 409, "Reload it and look again"),
    ],
)
def test_a_promotion_without_its_signature_is_refused(
    mia_browser: Client,
    line: ProductLine,
    ana: User,
    tried: ModelVersion,
    change: dict[str, object],
    status: int,
    words: str,
) -> None:
    better(line, tried, ana, by=8)

    response = mia_browser.post(
        f"/lines/{line.slug}/versions/promote/", signed(line, **change)
    )

    assert response.status_code == status
    assert words in response.content.decode()
    line.refresh_from_db()
    assert line.in_force.candidate == tried


def test_a_shut_gate_stops_the_promotion_and_the_share(
    mia_browser: Client, line: ProductLine, tried: ModelVersion
) -> None:
    address = f"/lines/{line.slug}/versions/"

    promoted = mia_browser.post(f"{address}promote/", signed(line))
    shared = mia_browser.post(f"{address}share/", signed(line, share=20))

    assert (promoted.status_code, shared.status_code) == (409, 409)
    for response in (promoted, shared):
        assert "inherits nothing" in response.content.decode()
    line.refresh_from_db()
    assert (line.in_force.candidate, line.in_force.candidate_share) == (tried, 0)


def test_a_share_is_signed_too(
    mia_browser: Client, line: ProductLine, ana: User, tried: ModelVersion
) -> None:
    better(line, tried, ana, by=8)
    address = f"/lines/{line.slug}/versions/share/"

    refused = mia_browser.post(address, signed(line, share=20, password="wrong"))
    response = mia_browser.post(address, signed(line, share=20))

    assert (refused.status_code, response.status_code) == (422, 302)
    line.refresh_from_db()
    assert line.in_force.candidate_share == 0.2


@pytest.fixture
def partial(line: ProductLine, ana: User) -> ProductLine:
    """A line at PARTIAL for two days, with twelve labels of what it would decide."""
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    certificate = {
        "fingerprint": version.fingerprint,
        "threshold": 0.8,
        "max_error": 0.005,
        "delta": 0.05,
        "labels": 900,
        "errors": 0,
        "upper": 0.004,
        "covers_all": False,
    }
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        certificates={"ok": certificate},
        blind_share=1.0,
        audit_shares={"ok": 1.0},
        canary_share=0.2,
        requirements={"bake_labels": 10},
    )
    LineState.objects.filter(line=line).update(judged_at=timezone.now())
    for _ in range(12):
        item = factories.make_item(line)
        factories.make_prediction(item, version, line.classes.get(key="ok"))
        route_items(line.pk, [item.pk])
        factories.label_next(ana, line, "ok")
    return line


def bake(line: ProductLine) -> None:
    """Let the present share have begun two days ago."""
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        share_began_at=timezone.now() - timedelta(days=2),
    )


def test_the_lines_page_shows_the_step_and_the_next_ones_gates(
    mia_browser: Client, partial: ProductLine
) -> None:
    page = mia_browser.get(f"/lines/{partial.slug}/").content.decode()

    text = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "Canary share 20 %, next step 50 %" in text
    assert "0 of 12 blind labels of what the model would have decided differ" in text
    assert "Back to 5 %" in text


def test_a_step_is_signed(mia_browser: Client, partial: ProductLine) -> None:
    address = f"/lines/{partial.slug}/canary/"
    early = mia_browser.post(address, signed(partial))
    bake(partial)

    unsigned = mia_browser.post(address, signed(partial, password="wrong"))
    response = mia_browser.post(address, signed(partial))

    assert (early.status_code, unsigned.status_code, response.status_code) == (
        409,
        422,
        302,
    )
    assert "stays at 20%" in early.content.decode()
    partial.refresh_from_db()
    assert (partial.in_force.canary_share, partial.in_force.cause) == (
        0.5,
        Cause.CANARY,
    )


def test_one_click_goes_back_a_step(mia_browser: Client, partial: ProductLine) -> None:
    mia_browser.post(f"/lines/{partial.slug}/narrow/")

    partial.refresh_from_db()
    assert partial.in_force.canary_share == 0.05


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": "20, 5, 100"}, "Each step is more than the one before"),
        ({"steps": "5, 20"}, "The last step is 100"),
        ({"steps": "5, some, 100"}, "Write the steps as numbers"),
        ({"steps": "nan, 100"}, "Each step is more than the one before"),
        ({"bake_days": "0.5"}, "greater than or equal to 1"),
        ({"bake_labels": "5"}, "greater than or equal to 30"),
        ({"password": "wrong"}, "This is not your password"),
    ],
)
def test_steps_that_lead_nowhere_are_refused(
    mia_browser: Client, line: ProductLine, change: dict[str, str], words: str
) -> None:
    steps = {"steps": "5, 20, 50, 100", "bake_days": "1", "bake_labels": "100"}
    given = signed(line, **steps | change)

    response = mia_browser.post(f"/lines/{line.slug}/canary/steps/", given)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert Policy.objects.filter(line=line).count() == 1


def test_steps_are_signed_into_the_policy(
    mia_browser: Client, line: ProductLine
) -> None:
    steps = {"steps": "1, 10, 100 %", "bake_days": "2", "bake_labels": "200"}

    response = mia_browser.post(
        f"/lines/{line.slug}/canary/steps/", signed(line, **steps, advances="on")
    )

    assert response.status_code == 302
    line.refresh_from_db()
    asked = line.in_force.terms().requirements
    assert [*asked.canary_steps] == [0.01, 0.1, 1]
    assert asked.canary_advances


def test_a_locked_line_says_so_and_opens_when_somebody_has_looked(
    mia_browser: Client, line: ProductLine
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, is_locked=True)
    address = f"/lines/{line.slug}/"
    assert "alarms took back twice within a day" in (
        mia_browser.get(address).content.decode()
    )

    locked = [
        mia_browser.post(f"{address}look/", {"reason": reason}, follow=True)
        for reason in ("", "a worn belt")
    ]

    assert "Say what was found" in locked[0].content.decode()
    assert "is open again" in locked[1].content.decode()
    line.refresh_from_db()
    assert not line.in_force.is_locked
    assert "I have looked" not in mia_browser.get(address).content.decode()


def test_an_alarm_may_be_told_to_narrow_the_share(
    mia_browser: Client, line: ProductLine
) -> None:
    given = dict.fromkeys(["disagreement", "overkill", "input_drift"], "none")
    given |= dict.fromkeys(["prediction_drift", "out_of_bounds"], "none")
    given |= {"escapes": "1", "no_data": "narrows"}

    mia_browser.post(
        f"/lines/{line.slug}/alarms/settings/terms/",
        given | {"cool_down_h": "24", "fresh_labels": "500"},
    )

    terms = line.alarm_terms.get()
    assert (terms.lowers_to, terms.narrows) == ({"escapes": 1}, ["no_data"])
    page = mia_browser.get(f"/lines/{line.slug}/alarms/settings/").content.decode()
    assert "takes the canary share back one step" in page
