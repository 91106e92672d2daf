"""Sessions: who asks, and who is somebody no more."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from reviewapp.models import Session, User
from reviewapp.sessions import PersonBackend, SessionStore
from tests import factories

BACKEND = "reviewapp.sessions.PersonBackend"


@pytest.fixture
def ana(db: None) -> User:
    return factories.make_inspector(factories.make_line(), "ana")


@pytest.fixture
def tab(client: Client, ana: User) -> Client:
    client.force_login(ana, backend=BACKEND)
    return client


def test_a_person_is_read_whole(ana: User) -> None:
    found = PersonBackend().get_user(ana.pk)

    assert found is not None
    stored = User.objects.get(pk=ana.pk)
    for name in [field.attname for field in User._meta.concrete_fields]:
        assert found.__dict__[name] == getattr(stored, name), name
    assert PersonBackend().get_user(ana.pk + 1) is None


def test_a_session_and_its_person_are_read_by_one_statement(
    tab: Client, ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert Session.objects.get().person == ana
    tab.get("/account/")
    store = SessionStore(tab.cookies["sid"].value)

    with django_assert_num_queries(1):
        assert store["_auth_user_id"] == str(ana.pk)
        assert PersonBackend().get_user(ana.pk) == ana


def test_who_is_named_in_the_signed_data_counts(tab: Client, ana: User) -> None:
    other = factories.make_inspector(factories.make_line("Other"), "ben")
    Session.objects.update(person=other)

    response = tab.get("/account/")

    assert response.context["user"] == ana


def test_a_session_from_before_is_still_somebodys(tab: Client, ana: User) -> None:
    Session.objects.update(person=None)

    assert tab.get("/account/").context["user"] == ana


def test_signing_in_and_out_keeps_whose_a_session_is(tab: Client, ana: User) -> None:
    tab.logout()
    assert not Session.objects.filter(person=ana).exists()

    tab.force_login(ana, backend=BACKEND)
    assert Session.objects.filter(person=ana).count() == 1


def test_an_expired_session_is_nobodys(tab: Client) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert tab.get("/account/").status_code == 302


@pytest.mark.parametrize("key", ["a" * 32, "", "x", "'; --", "a" * 500])
def test_an_unknown_key_is_nobodys_and_is_never_taken_over(
    client: Client, db: None, key: str
) -> None:
    client.cookies["sid"] = key

    response = client.get("/account/")

    assert response.status_code == 302
    assert not Session.objects.filter(session_key=key).exists()


def test_a_session_of_a_person_who_may_not_sign_in_is_nobodys(
    tab: Client, ana: User
) -> None:
    User.objects.filter(pk=ana.pk).update(is_active=False)

    assert tab.get("/account/").status_code == 302


def test_a_new_password_ends_other_sessions(tab: Client, ana: User) -> None:
    ana.set_password("another one that is long")
    ana.save()

    assert tab.get("/account/").status_code == 302


def test_what_a_session_holds_comes_back(db: None) -> None:
    store = SessionStore()
    store["held"] = {"a": 1}
    store.create()

    assert SessionStore(store.session_key)["held"] == {"a": 1}
    assert SessionStore("nothing").get("held") is None
