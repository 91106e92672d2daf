"""Who is told: nobody who left, the deputy of a deputy, and what it probably is."""

import json
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from monitoring.diagnosis import Findings
from monitoring.models import AlarmCause, Delivery
from monitoring.sending import send_deliveries
from monitoring.services import alarms
from reviewapp.models import ProductLine, User
from reviewapp.services import people
from tests import factories
from tests.monitoring.receivers import Receiver
from tests.monitoring.test_deliveries import hooked, mailing, posts, reached, rung

__all__ = ["mailing", "posts"]


def test_who_left_or_lost_the_line_is_mailed_no_more(
    line: ProductLine, mia: User, mailing: None
) -> None:
    left, lost = (factories.make_manager(line, name) for name in ("left", "lost"))
    for person in (mia, left, lost):
        reached(person)
    rung(line)
    assert Delivery.objects.count() == 3
    User.objects.filter(pk=left.pk).update(is_active=False)
    people.take_role(lost.memberships.get(), by=mia)

    send_deliveries()

    assert [m.to for m in mail.outbox] == [["mia@example.com"]]
    dropped = Delivery.objects.exclude(given_up_at=None)
    assert {d.person for d in dropped} == {left, lost}


def test_after_quiet_hours_an_alarm_that_is_over_is_told_as_over(
    line: ProductLine, mia: User, mailing: None
) -> None:
    now = timezone.now()
    begins, ends = now - timedelta(hours=1), now + timedelta(hours=1)
    reached(mia, quiet_from=begins.time(), quiet_to=ends.time())
    alarm = rung(line)
    alarms.recover(alarm, figures={}, at=now)
    Delivery.objects.update(due_at=now)

    send_deliveries()

    assert [m.subject for m in mail.outbox] == [
        "Phone screens: Recovered by itself, A metric is out of its bounds"
    ]


def test_a_deputy_who_is_away_has_a_deputy(
    line: ProductLine, mia: User, ana: User, ben: User, mailing: None
) -> None:
    reached(ben)
    reached(ana, deputy=ben)
    reached(mia, deputy=ana)
    rung(line)
    reached(ben, deputy=mia)
    rung(line, AlarmCause.NO_DATA)

    # in a circle the last one who was not asked yet
    assert [d.person for d in Delivery.objects.order_by("pk")] == [ben, ben]


def test_the_mail_and_the_webhook_say_what_it_probably_is(
    line: ProductLine, mia: User, mailing: None, posts: Receiver
) -> None:
    hooked(line, mia, posts)
    reached(mia)
    found = Findings(escapes=True, misses=True, input_drift=True, classifier=True)
    alarms.ring(line, AlarmCause.ESCAPES, figures={}, findings=found, at=timezone.now())

    send_deliveries()

    [sent] = mail.outbox
    assert "What it probably is: Lighting or camera. Look at the bright" in sent.body
    assert "  + the inputs moved" in sent.body
    told = json.loads(posts.requests[0][2])["data"]
    assert (told["suspect"], told["act"]) == ("lighting", "look_at_brightness")
