"""Sessions: who asks, and who is somebody no more."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from reviewapp.models import User
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
