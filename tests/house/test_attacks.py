"""What an attacker tries first: forged ways back, forms, hosts, and doors shut late."""

import pytest
from django.test import Client

from reviewapp.models import LabelClass, Policy, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import people
from tests import factories
from tests.conftest import PASSWORD


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "http://testserver@evil.example/",
        "\thttps://evil.example/",
    ],
)
def test_signing_in_leads_nowhere_else(client: Client, ana: User, target: str) -> None:
    given = {"username": ana.username, "password": PASSWORD, "next": target}

    response = client.post("/sign-in/", given)

    assert (response.status_code, response["Location"]) == (302, "/")


def test_signing_in_leads_back_to_the_page_that_was_asked_for(
    client: Client, ana: User, line: ProductLine
) -> None:
    asked = client.get(f"/lines/{line.slug}/review/")
    given = {"username": ana.username, "password": PASSWORD}

    response = client.post(
        asked["Location"], given | {"next": f"/lines/{line.slug}/review/"}
    )

    assert response["Location"] == f"/lines/{line.slug}/review/"


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "a b"])
def test_a_foreign_host_is_not_understood(ana_browser: Client, host: str) -> None:
    response = ana_browser.get("/", headers={"host": host})

    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()


def test_a_forwarded_host_changes_no_address(client: Client, ada: User) -> None:
    client.force_login(ada, backend="reviewapp.sessions.PersonBackend")

    page = client.post(
        "/people/",
        {"username": "new", "full_name": "New"},
        headers={"x-forwarded-host": "evil.example"},
        follow=True,
    )

    assert User.objects.filter(username="new").exists()
    assert "evil.example" not in page.content.decode()


@pytest.mark.parametrize("address", ["lower/", "roll-back/", "tokens/", "people/"])
def test_a_form_without_its_key_changes_nothing(
    line: ProductLine, mia: User, address: str
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mia, backend="reviewapp.sessions.PersonBackend")
    before = Policy.objects.count()

    response = strict.post(
        f"/lines/{line.slug}/{address}",
        {"level": "manual", "policy": "1", "name": "x", "scopes": "ingest"},
        headers={"hx-request": "true"},
    )

    assert response.status_code == 403
    assert Policy.objects.count() == before
    assert not line.tokens.exists()


def test_a_person_who_was_shut_out_is_out_at_once(
    ana_browser: Client, ana: User, ada: User, line: ProductLine
) -> None:
    assert ana_browser.get(f"/lines/{line.slug}/").status_code == 200

    people.set_active(ana, is_active=False, by=ada)

    response = ana_browser.get(f"/lines/{line.slug}/")
    assert (response.status_code, response["Location"][:9]) == (302, "/sign-in/")


def test_a_role_that_was_taken_is_gone_at_once(
    ana_browser: Client, ana: User, ada: User, line: ProductLine
) -> None:
    people.take_role(ana.memberships.get(), by=ada)

    assert ana_browser.get(f"/lines/{line.slug}/").status_code == 404


def test_a_new_password_ends_the_other_sessions(ana_browser: Client, ana: User) -> None:
    ana.set_password("another-long-password")
    ana.save()

    assert ana_browser.get("/").status_code == 302


def test_an_inspector_stops_nothing_where_the_line_says_no(
    ana_browser: Client, line: ProductLine
) -> None:
    factories.put_at(line, AutomationLevel.ASSIST)
    ProductLine.objects.update(inspectors_may_stop=False)

    response = ana_browser.post(f"/lines/{line.slug}/lower/", {"level": "shadow"})

    assert response.status_code == 403
    line.refresh_from_db()
    assert line.in_force.automation_level is AutomationLevel.ASSIST


def test_no_class_of_another_line_is_in_a_managers_hands(
    client: Client, mia: User, line: ProductLine
) -> None:
    client.force_login(mia, backend="reviewapp.sessions.PersonBackend")
    other = factories.make_line("Other line")
    foreign = other.classes.earliest("pk")

    response = client.post(f"/lines/{line.slug}/settings/classes/{foreign.pk}/retire/")

    assert response.status_code == 404
    assert LabelClass.objects.get(pk=foreign.pk).retired_at is None
