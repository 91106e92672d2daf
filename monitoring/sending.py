"""Sending: what is due goes out as a mail or a signed request, outside transactions."""

import time
from dataclasses import dataclass
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from monitoring.diagnosis import diagnose_kept
from monitoring.models import Delivery
from monitoring.outbound import (
    SendFailedError,
    TargetNotAllowedError,
    post,
    target_of,
)
from monitoring.services.deliveries import (
    is_wanted,
    note_dropped,
    note_failed,
    note_sent,
    take_due,
    zone_of,
)
from monitoring.services.webhooks import body_of, headers_of
from reviewapp.models import ProductLine, User

LONGEST_RUN_S = 40.0


def send_deliveries() -> int:
    """Send what is due, one after the other; return how many got there."""
    ends = time.monotonic() + LONGEST_RUN_S
    sent = 0
    while time.monotonic() < ends:
        delivery = take_due()
        if delivery is None:
            break
        if not is_wanted(delivery):
            note_dropped(delivery)
            continue
        try:
            _send(delivery)
        except (SendFailedError, TargetNotAllowedError, SMTPException, OSError) as why:
            note_failed(delivery, _said(why))
        else:
            note_sent(delivery)
            sent += 1
    return sent


def _said(why: Exception) -> str:
    """Say what went wrong; what a mail server answers may hold addresses."""
    own = (SendFailedError, TargetNotAllowedError)
    return str(why) if isinstance(why, own) else type(why).__name__


def _send(delivery: Delivery) -> None:
    if delivery.webhook is not None and delivery.event is not None:
        body = body_of(delivery.event)
        target = target_of(delivery.webhook.url, allowed=settings.WEBHOOK_ORIGINS)
        headers = headers_of(
            delivery.webhook,
            message_id=f"msg_{delivery.public_id.hex}",
            body=body,
            at=timezone.now(),
        )
        post(target, body, headers)
    elif delivery.person is not None:
        mail_of(delivery, delivery.person).send()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mail is written of: its templates, and the page that it leads to."""

    line: ProductLine
    template: str
    path: str
    context: dict[str, object]


def _letter_of(delivery: Delivery) -> Letter:
    event, motion = delivery.event, delivery.motion
    if event is not None:
        alarm = event.alarm
        given = {"slug": alarm.line.slug, "alarm_id": alarm.pk}
        return Letter(
            line=alarm.line,
            template="alarms/mail",
            path=reverse("alarm", kwargs=given),
            context={
                "alarm": alarm,
                "event": event,
                "suspects": diagnose_kept(alarm.known) if alarm.is_open else (),
            },
        )
    if motion is None:
        raise RuntimeError(f"Delivery {delivery.pk} tells of nothing.")
    given = {"slug": motion.line.slug, "motion_id": motion.pk}
    return Letter(
        line=motion.line,
        template="lines/motion_mail",
        path=reverse("motion", kwargs=given),
        context={"motion": motion},
    )


def mail_of(delivery: Delivery, person: User) -> EmailMessage:
    """Write the mail of a delivery in its reader's language and zone."""
    letter = _letter_of(delivery)
    context = letter.context | {"address": f"{settings.PUBLIC_URL}{letter.path}"}
    language = person.language or settings.LANGUAGE_CODE
    with (
        translation.override(language),
        timezone.override(zone_of(person, letter.line)),
    ):
        subject = render_to_string(f"{letter.template}_subject.txt", context)
        body = render_to_string(f"{letter.template}.txt", context)
    domain = settings.PUBLIC_URL.rpartition("/")[2].partition(":")[0]
    return EmailMessage(
        " ".join(subject.split()),
        body,
        to=[person.email],
        headers={"Message-ID": f"<{delivery.public_id.hex}@{domain}>"},
    )
