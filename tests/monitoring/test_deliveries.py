"""Deliveries: who is told, when, at least once, signed, and no longer when it fails."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import Webhook as Reader
from standardwebhooks.webhooks import WebhookVerificationError

from monitoring.models import Alarm, AlarmCause, Delivery, Reach, Webhook
from monitoring.sending import send_deliveries
from monitoring.services import alarms, webhooks
from monitoring.services.deliveries import WAITS, after_quiet_hours, take_due
from monitoring.services.reaches import set_reach
from reviewapp.errors import InvalidInputError
from reviewapp.models import ProductLine, Role, User
from reviewapp.services import people
from tests import factories
from tests.monitoring.receivers import Receiver, receiver

UTC_ZONE = ZoneInfo("UTC")


@pytest.fixture
def posts(settings: Settings) -> Iterator[Receiver]:
    """A receiver that the server's settings list."""
    with receiver() as heard:
        settings.WEBHOOK_ORIGINS = [f"http://127.0.0.1:{heard.port}"]
        yield heard


@pytest.fixture
def mailing(settings: Settings) -> None:
    """A server that has a mail server."""
    settings.EMAIL_HOST = "mail.example.com"
    settings.PUBLIC_URL = "https://rung.example.com"


def rung(line: ProductLine, cause: AlarmCause = AlarmCause.OUT_OF_BOUNDS) -> Alarm:
    alarm = alarms.ring(line, cause, subject="agreement", figures={}, at=timezone.now())
    assert alarm is not None
    return alarm


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


def hooked(line: ProductLine, mia: User, heard: Receiver) -> tuple[Webhook, str]:
    return webhooks.make_webhook(
        line, url=f"http://127.0.0.1:{heard.port}/rung", by=mia
    )


def test_a_webhook_is_signed_so_that_the_reference_library_reads_it(
    line: ProductLine, mia: User, posts: Receiver
) -> None:
    _webhook, secret = hooked(line, mia, posts)
    alarm = rung(line)

    assert send_deliveries() == 1

    [(path, headers, body)] = posts.requests
    told = Reader(secret).verify(body, headers)
    assert path == "/rung"
    assert told["type"] == "alarm.raised"
    assert told["data"]["alarm"] == alarm.pk
    assert told["data"]["cause"] == "out_of_bounds"
    for spoilt in (body[:-1] + b" ", body.replace(b"raised", b"lifted")):
        with pytest.raises(WebhookVerificationError):
            Reader(secret).verify(spoilt, headers)
    stamp = int(headers["Webhook-Timestamp"]) - 360
    with pytest.raises(WebhookVerificationError):
        Reader(secret).verify(body, headers | {"Webhook-Timestamp": str(stamp)})
    delivery = Delivery.objects.get()
    assert headers["Webhook-Id"] == f"msg_{delivery.public_id.hex}"
    assert delivery.sent_at is not None
    assert send_deliveries() == 0


def test_a_receiver_goes_on_verifying_while_the_servers_key_changes(
    line: ProductLine, mia: User, posts: Receiver, settings: Settings
) -> None:
    _webhook, secret = hooked(line, mia, posts)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-0123456789-abcdefghijklmnopqrstuvwxyz"
    rung(line)

    send_deliveries()

    [(_path, headers, body)] = posts.requests
    assert Reader(secret).verify(body, headers)["type"] == "alarm.raised"


def test_the_secret_is_nowhere_in_the_database(
    line: ProductLine, mia: User, posts: Receiver
) -> None:
    webhook, secret = hooked(line, mia, posts)

    stored = Webhook.objects.filter(pk=webhook.pk).values().get()

    assert secret.removeprefix("whsec_") not in json.dumps(stored, default=str)


def test_an_inspectors_name_does_not_leave(
    line: ProductLine, ana: User, mia: User, posts: Receiver
) -> None:
    hooked(line, mia, posts)
    alarms.ring(
        line,
        AlarmCause.INSPECTOR,
        subject=ana.pseudonym,
        figures={},
        at=timezone.now(),
    )

    send_deliveries()

    assert ana.pseudonym.encode() not in posts.requests[0][2]


def test_a_failure_is_tried_again_later_with_the_same_id_and_body(
    line: ProductLine, mia: User, posts: Receiver
) -> None:
    hooked(line, mia, posts)
    rung(line)
    posts.status = 503

    assert send_deliveries() == 0
    delivery = Delivery.objects.get()
    assert delivery.trouble == "answered 503"
    assert delivery.due_at > timezone.now() + WAITS[0] - timedelta(seconds=4)
    Delivery.objects.update(due_at=timezone.now())
    posts.status = 204
    assert send_deliveries() == 1

    first, second = posts.requests
    assert first[1]["Webhook-Id"] == second[1]["Webhook-Id"]
    assert first[2] == second[2]
    assert Webhook.objects.get().failures == 0


def test_after_eight_failures_a_webhook_is_off_until_somebody_looks(
    line: ProductLine, mia: User, posts: Receiver
) -> None:
    webhook, _secret = hooked(line, mia, posts)
    rung(line)
    posts.status = 500

    for _ in range(8):
        Delivery.objects.update(due_at=timezone.now())
        send_deliveries()

    webhook.refresh_from_db()
    assert webhook.disabled_at is not None
    assert Delivery.objects.get().given_up_at is not None
    rung(line, AlarmCause.NO_DATA)
    assert Delivery.objects.waiting().count() == 0
    webhooks.enable_webhook(webhook, by=mia)
    posts.status = 200
    rung(line, AlarmCause.INPUT_DRIFT)
    assert send_deliveries() == 1
    assert len(posts.requests) == 9


def test_a_target_that_lost_its_permission_is_not_connected_to(
    line: ProductLine, mia: User, posts: Receiver, settings: Settings
) -> None:
    hooked(line, mia, posts)
    settings.WEBHOOK_ORIGINS = []
    rung(line)

    assert send_deliveries() == 0

    assert posts.requests == []
    with pytest.raises(InvalidInputError) as refused:
        hooked(line, mia, posts)
    assert refused.value.code == "target_not_allowed"


def test_nothing_that_waits_is_sent_to_a_webhook_that_was_ended(
    line: ProductLine, mia: User, posts: Receiver
) -> None:
    webhook, _secret = hooked(line, mia, posts)
    rung(line)

    webhooks.end_webhook(webhook, by=mia)

    assert send_deliveries() == 0
    assert posts.requests == []


def test_managers_and_the_owner_are_mailed_once_each(
    line: ProductLine, mia: User, ana: User, mailing: None
) -> None:
    people.give_role(mia, line, Role.INSPECTOR, by=None)
    max_, quit_ = (factories.make_manager(line, name) for name in ("max", "quit"))
    for person in (mia, max_, ana):
        reached(person)
    reached(quit_, is_told=False)

    alarm = rung(line)
    send_deliveries()

    assert sorted(m.to[0] for m in mail.outbox) == [
        "max@example.com",
        "mia@example.com",
    ]
    sent = mail.outbox[0]
    address = f"https://rung.example.com/lines/{line.slug}/alarms/{alarm.pk}/"
    assert address in sent.body
    assert sent.subject == "Phone screens: Raised, A metric is out of its bounds"
    mail.outbox.clear()
    ana.refresh_from_db()
    alarms.hand_over(alarm, to=ana, by=mia, seen=1)
    send_deliveries()
    assert [m.to for m in mail.outbox] == [["ana@example.com"]]
    mail.outbox.clear()
    alarms.recover(alarm, figures={}, at=timezone.now())
    send_deliveries()
    assert len(mail.outbox) == 3


def test_without_a_mail_server_nothing_is_queued(line: ProductLine, mia: User) -> None:
    reached(mia)

    rung(line)

    assert not Delivery.objects.exists()


def test_a_deputy_is_told_instead_up_to_the_date(
    line: ProductLine, mia: User, ana: User, zoe: User, mailing: None
) -> None:
    today = timezone.now().date()
    reached(ana)
    reached(zoe)
    reached(mia, deputy=ana, deputy_until=today)
    rung(line)
    reached(mia, deputy=ana, deputy_until=today - timedelta(days=1))
    rung(line, AlarmCause.NO_DATA)
    reached(mia, deputy=zoe, deputy_until=today)
    rung(line, AlarmCause.INPUT_DRIFT)

    told = [d.person for d in Delivery.objects.order_by("pk")]

    assert told == [ana, mia, mia]


def test_quiet_hours_put_off_all_but_what_lets_defects_out(
    line: ProductLine, mia: User, mailing: None
) -> None:
    now = timezone.now()
    begins, ends = now - timedelta(hours=1), now + timedelta(hours=1)
    reached(mia, quiet_from=begins.time(), quiet_to=ends.time())

    rung(line)
    rung(line, AlarmCause.ESCAPES)

    plain, critical = Delivery.objects.order_by("pk")
    assert timedelta(minutes=59) < plain.due_at - now < timedelta(minutes=61)
    assert critical.due_at <= timezone.now()


@pytest.mark.parametrize(
    ("hour", "ends"),
    [(21, None), (22, (3, 7)), (3, (2, 7)), (7, None), (12, None)],
)
def test_quiet_hours_run_over_midnight_in_ones_own_zone(
    hour: int, ends: tuple[int, int] | None
) -> None:
    reach = Reach(quiet_from=time(22), quiet_to=time(7))
    from_utc = datetime(2026, 3, 2, hour, tzinfo=UTC)

    later = after_quiet_hours(reach, UTC_ZONE, from_utc)

    expected = datetime(2026, 3, *ends, tzinfo=UTC) if ends else from_utc
    assert later == expected


def test_a_delivery_whose_worker_died_is_taken_again(
    line: ProductLine, mia: User, mailing: None
) -> None:
    reached(mia)
    rung(line)
    now = timezone.now()

    taken = take_due(as_of=now)

    assert taken is not None
    assert take_due(as_of=now) is None
    again = take_due(as_of=now + timedelta(minutes=3))
    assert again is not None
    assert (again.pk, again.attempts) == (taken.pk, 2)


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_no_delivery_twice(mailing: None) -> None:
    line = factories.make_line()
    for name in ("mia", "max", "may", "moe"):
        reached(factories.make_manager(line, name))
    rung(line)
    taken: list[int] = []
    together = Barrier(2)

    def work() -> None:
        together.wait()
        while (delivery := take_due()) is not None:
            taken.append(delivery.pk)
        connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(taken) == len(set(taken)) == 4
