"""Pages of containments: counts first, one act, and only for the line's managers."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from monitoring.models import AlarmCause
from monitoring.services import alarms
from monitoring.services.containing import SinceWhat, beginning_of
from reviewapp.models import (
    Containment,
    Item,
    LineState,
    ModelVersion,
    ProductLine,
    Review,
    Scope,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import decisions, tokens
from reviewapp.services.routings import route_items
from tests import factories

BACKEND = "reviewapp.sessions.PersonBackend"


@pytest.fixture
def mia_browser(mia: User) -> Client:
    browser = Client()
    browser.force_login(mia, backend=BACKEND)
    return browser


@pytest.fixture
def version(line: ProductLine) -> ModelVersion:
    """The version that decides OK by itself on the line."""
    made = factories.put_at(line, AutomationLevel.SHADOW)
    assert made is not None
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        certificates=factories.certified(made, "ok"),
        canary_share=1.0,
        audit_shares={"ok": 1e-9},
    )
    LineState.objects.filter(line=line).update(judged_at=timezone.now())
    return made


def decided(line: ProductLine, version: ModelVersion, group: str = "") -> Item:
    item = factories.make_item(line, group=group)
    factories.make_prediction(item, version, line.classes.get(key="ok"))
    route_items(line.pk, [item.pk])
    item.refresh_from_db()
    return item


def proposed(
    line: ProductLine, version: ModelVersion, error: Item | None = None
) -> Containment:
    """Propose a containment of what the version decided as OK."""
    return Containment.objects.create(
        line=line,
        version=version,
        label_class=line.classes.get(key="ok"),
        group=error.group if error else "",
        found=error.decision if error else None,
    )


def address(line: ProductLine, containment: Containment, act: str = "") -> str:
    return f"/lines/{line.slug}/containments/{containment.pk}/{act}"


def test_a_proposal_counts_both_scopes_and_changes_nothing(
    mia_browser: Client, line: ProductLine, version: ModelVersion
) -> None:
    error = decided(line, version, "lot 7")
    for group in ("lot 7", "lot 8", "lot 8"):
        decided(line, version, group)
    found = proposed(line, version, error)

    content = mia_browser.get(address(line, found)).content.decode()

    assert "2 items would go back to people" in content
    assert "The first item of the group" in content
    wider = mia_browser.get(
        address(line, found), {"since": "2026-01-01T00:00:00", "only_group": "all"}
    )
    assert "4 items would go back to people" in wider.content.decode()
    assert not Review.objects.exists()
    found.refresh_from_db()
    assert found.opened_at is None


def test_what_was_counted_is_what_goes_back(
    mia_browser: Client, line: ProductLine, version: ModelVersion
) -> None:
    error = decided(line, version, "lot 7")
    decided(line, version, "lot 7")
    decided(line, version, "lot 8")
    found = proposed(line, version, error)
    form = mia_browser.get(address(line, found)).context["open_form"]

    response = mia_browser.post(
        address(line, found, "open/"),
        {
            "since": f"{form.initial['since']:%Y-%m-%dT%H:%M:%S}",
            "only_group": form.initial["only_group"],
            "reason": "a scratch left the door",
        },
        follow=True,
    )

    assert "0 of 2 items settled" in response.content.decode()
    assert "2 items are on their way to people." in response.content.decode()


def test_nothing_goes_back_without_a_reason_or_from_the_future(
    mia_browser: Client, line: ProductLine, version: ModelVersion
) -> None:
    decided(line, version)
    found = proposed(line, version)
    tomorrow = f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M:%S}"

    silent = mia_browser.post(
        address(line, found, "open/"), {"since": "2026-01-01T00:00:00"}
    )
    early = mia_browser.post(
        address(line, found, "open/"), {"since": tomorrow, "reason": "an escape"}
    )

    assert (silent.status_code, early.status_code) == (422, 422)
    assert "Choose a time that has passed." in early.content.decode()
    assert not Review.objects.exists()


def test_a_containment_is_closed_with_a_note_and_shows_it(
    mia_browser: Client, line: ProductLine, version: ModelVersion
) -> None:
    found = proposed(line, version)

    response = mia_browser.post(
        address(line, found, "close/"), {"note": "a slip of two people"}, follow=True
    )

    assert "a slip of two people" in response.content.decode()
    again = mia_browser.post(address(line, found, "close/"), {"note": "once more"})
    assert again.status_code == 409


def test_a_manager_proposes_by_hand_after_an_alarm(
    mia_browser: Client, line: ProductLine, version: ModelVersion
) -> None:
    decided(line, version)
    ok = line.classes.get(key="ok")

    response = mia_browser.post(
        f"/lines/{line.slug}/containments/propose/",
        {"version": version.pk, "label_class": ok.pk},
        follow=True,
    )

    assert "1 item would go back to people" in response.content.decode()


def test_an_open_alarm_says_since_when(
    line: ProductLine, version: ModelVersion
) -> None:
    error = decided(line, version)
    found = proposed(line, version, error)
    assert beginning_of(line, found).since is SinceWhat.DAY
    began: datetime = error.occurred_at - timedelta(hours=5)

    alarm = alarms.ring(line, AlarmCause.ESCAPES, figures={}, at=timezone.now())
    assert alarm is not None
    alarm.began_at = began
    alarm.save(update_fields=["began_at"])

    beginning = beginning_of(line, found)
    assert (beginning.since, beginning.at) == (SinceWhat.ALARM, began)


def test_a_containment_of_another_line_is_not_there(
    mia_browser: Client, line: ProductLine, mia: User, version: ModelVersion
) -> None:
    other = factories.make_line("Other line")
    there = factories.make_version(other)
    theirs = proposed(other, there)

    for act, given in (
        ("", None),
        ("open/", {"since": "2026-01-01T00:00:00", "reason": "mine"}),
        ("close/", {"note": "mine"}),
    ):
        for slug in (line.slug, other.slug):
            place = f"/lines/{slug}/containments/{theirs.pk}/{act}"
            response = (
                mia_browser.get(place)
                if given is None
                else mia_browser.post(place, given)
            )
            assert response.status_code == 404, place
    foreign = mia_browser.post(
        f"/lines/{line.slug}/containments/propose/",
        {"version": there.pk, "label_class": other.classes.get(key="ok").pk},
    )
    assert foreign.status_code == 422
    theirs.refresh_from_db()
    assert (theirs.opened_at, theirs.closed_at) == (None, None)


def test_what_is_held_says_so_to_other_systems_until_it_is_settled(
    client: Client,
    mia_browser: Client,
    line: ProductLine,
    version: ModelVersion,
    ana: User,
) -> None:
    item = decided(line, version)
    decisions.number_feed()
    _token, secret = tokens.create_token(
        line, name="consumer", scopes=[Scope.DECISIONS], by=None
    )
    found = proposed(line, version)

    def read(part: str) -> dict[str, Any]:
        place = f"/api/lines/{line.slug}/{part}"
        bearer = {"authorization": f"Bearer {secret}"}
        answer: dict[str, Any] = client.get(place, headers=bearer).json()
        return answer

    def told() -> list[tuple[object, object]]:
        [entry] = read("decisions")["decisions"]
        one = read(f"items/{item.public_id}")
        held = read("held")["held"]
        assert len(held) == entry["held"]
        return [(each["held"], each["containment"]) for each in (entry, one)]

    assert told() == [(False, None)] * 2
    mia_browser.post(
        address(line, found, "open/"),
        {"since": "2026-01-01T00:00:00", "reason": "an alarm"},
    )
    assert told() == [(True, found.pk)] * 2
    factories.label_next(ana, line, "ok")
    assert told() == [(False, None)] * 2


def test_the_api_tells_nothing_of_another_lines_items(
    client: Client, line: ProductLine
) -> None:
    other = factories.make_line("Other line")
    theirs = factories.make_item(other)
    _token, secret = tokens.create_token(
        line, name="consumer", scopes=[Scope.DECISIONS], by=None
    )
    _token, narrow = tokens.create_token(
        line, name="camera", scopes=[Scope.INGEST], by=None
    )

    def status(place: str, secret: str) -> int:
        bearer = {"authorization": f"Bearer {secret}"}
        return client.get(f"/api/lines/{place}", headers=bearer).status_code

    assert status(f"{line.slug}/items/{theirs.public_id}", secret) == 404
    assert status(f"{other.slug}/items/{theirs.public_id}", secret) == 404
    assert status(f"{other.slug}/held", secret) == 404
    assert status(f"{line.slug}/held", narrow) == 403
    assert status(f"{line.slug}/held?after=x", secret) == 400
