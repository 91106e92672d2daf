"""Who is told that a signature is waited for: those who may give it, nobody else."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from monitoring.models import Delivery
from monitoring.sending import send_deliveries
from monitoring.services.reaches import set_reach
from monitoring.services.seconding import move
from reviewapp.models import Act, Motion, ProductLine, Role, User
from reviewapp.services import people
from tests import factories


@pytest.fixture(autouse=True)
def mailing(settings: Settings) -> None:
    """A server that has a mail server."""
    settings.EMAIL_HOST = "mail.example.com"
    settings.PUBLIC_URL = "https://rung.example.com"


def reached(person: User, **changes: object) -> None:
    values = {
        "email": f"{person.username}@example.com",
        "is_told": True,
        "by_mail": True,
        "quiet_from": None,
        "quiet_to": None,
        "deputy": None,
        "deputy_until": None,
    }
    set_reach(person, **(values | changes))  # type: ignore[arg-type]  # keywords of several types


@pytest.fixture
def max_(line: ProductLine) -> User:
    """Max manages the line too."""
    return factories.make_manager(line, "max")


@pytest.fixture(autouse=True)
def all_reached(line: ProductLine, mia: User, max_: User, ana: User, ada: User) -> None:
    for person in (mia, max_, ana, ada):
        reached(person)


def moved(line: ProductLine, act: Act, by: User) -> Motion:
    return move(
        line,
        act,
        {},
        by=by,
        reason="three clean weeks",
        seen_policy=line.in_force.number,
        evidence=None,
    )


def told() -> set[str]:
    return {str(delivery.person) for delivery in Delivery.objects.all()}


def test_another_manager_gets_a_mail_that_leads_to_it(
    line: ProductLine, mia: User
) -> None:
    motion = moved(line, Act.RAISE, mia)

    assert send_deliveries() == 1

    [letter] = mail.outbox
    assert letter.to == ["max@example.com"]
    assert "Raise the level waits for your signature" in letter.subject
    assert "signed by mia" in letter.body
    assert "three clean weeks" in letter.body
    address = f"https://rung.example.com/lines/{line.slug}/motions/{motion.pk}/"
    assert address in letter.body


def test_an_override_by_a_manager_is_told_to_admins_and_the_other_way_round(
    line: ProductLine, mia: User, ada: User
) -> None:
    moved(line, Act.OVERRIDE, mia)
    assert told() == {"ada"}
    Delivery.objects.all().delete()

    moved(line, Act.OVERRIDE, ada)

    assert told() == {"mia", "max"}


def test_who_was_shut_out_or_wants_no_mail_is_not_told(
    line: ProductLine, mia: User, max_: User, ada: User
) -> None:
    people.set_active(max_, is_active=False, by=ada)
    moe = factories.make_manager(line, "moe")
    reached(moe, by_mail=False)

    moved(line, Act.RAISE, mia)

    assert not Delivery.objects.exists()


def test_quiet_hours_put_it_off(line: ProductLine, mia: User, max_: User) -> None:
    now = timezone.now()
    begins, ends = now - timedelta(hours=1), now + timedelta(hours=1)
    reached(max_, quiet_from=begins.time(), quiet_to=ends.time())

    moved(line, Act.RAISE, mia)

    assert timedelta(minutes=58) < Delivery.objects.get().due_at - now


def test_a_deputy_who_may_not_answer_is_not_told_instead(
    line: ProductLine, mia: User, max_: User, ana: User
) -> None:
    reached(max_, deputy=ana)
    moved(line, Act.RAISE, mia)
    assert told() == {"max"}
    Delivery.objects.all().delete()

    people.give_role(ana, line, Role.MANAGER, by=None)
    moved(line, Act.RAISE, mia)

    assert told() == {"ana"}


def test_without_a_mail_server_nothing_is_queued(
    line: ProductLine, mia: User, settings: Settings
) -> None:
    settings.EMAIL_HOST = ""

    moved(line, Act.RAISE, mia)

    assert not Delivery.objects.exists()
