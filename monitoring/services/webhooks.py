"""Webhooks: made with a secret that is shown once, and what is sent to them."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import digest

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from standardwebhooks import Webhook as Signer

from monitoring.diagnosis import diagnose_kept
from monitoring.models import AlarmEvent, Delivery, Webhook
from monitoring.outbound import TargetNotAllowedError, WhyNot, target_of
from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import ProductLine, User
from reviewapp.models.lines import new_salt
from reviewapp.services.records import record

# How long a former secret signs beside the new one.
BOTH_SIGN = timedelta(days=1)
WHY_NOT = {
    WhyNot.NO_ADDRESS: gettext_lazy("this is no address"),
    WhyNot.NAMED: gettext_lazy("an address carries no name or password"),
    WhyNot.NOT_HTTPS: gettext_lazy("only https is sent to"),
    WhyNot.OTHER_PORT: gettext_lazy("only the ports 443 and 8443 are sent to"),
    WhyNot.PRIVATE_ADDRESS: gettext_lazy("this is an address of a private network"),
    WhyNot.PRIVATE_NAME: gettext_lazy("this is a name of a private network"),
}


@transaction.atomic
def make_webhook(line: ProductLine, *, url: str, by: User) -> tuple[Webhook, str]:
    """Make a webhook; its secret is returned here and never again.

    Raises
    ------
    InvalidInputError
        With the code ``target_not_allowed`` and the reason.
    """
    try:
        target_of(url, allowed=settings.WEBHOOK_ORIGINS)
    except TargetNotAllowedError as refusal:
        raise InvalidInputError(
            _("Nothing is sent to this address: %(why)s.")
            % {"why": WHY_NOT[refusal.why]},
            code="target_not_allowed",
        ) from refusal
    webhook = Webhook.objects.create(line=line, url=url, made_by=by)
    record("webhook.made", actor=by.pseudonym, line=line, subject=str(webhook.pk))
    return webhook, secrets_of(webhook)[0]


@transaction.atomic
def end_webhook(webhook: Webhook, *, by: User) -> None:
    """Send nothing more to a webhook, and not what waits for it either."""
    now = timezone.now()
    if not Webhook.objects.standing().filter(pk=webhook.pk).update(ended_at=now):
        raise ConflictError(_("This webhook was ended already."))
    Delivery.objects.waiting().filter(webhook=webhook).update(given_up_at=now)
    record(
        "webhook.ended",
        actor=by.pseudonym,
        line=webhook.line,
        subject=str(webhook.pk),
    )


@transaction.atomic
def enable_webhook(webhook: Webhook, *, by: User) -> None:
    """Send to a webhook again that was disabled after too many failures."""
    Webhook.objects.standing().filter(pk=webhook.pk).update(
        failures=0, disabled_at=None
    )
    record(
        "webhook.enabled",
        actor=by.pseudonym,
        line=webhook.line,
        subject=str(webhook.pk),
    )


@transaction.atomic
def renew_secret(webhook: Webhook, *, by: User) -> str:
    """Give a webhook another secret, returned here and never again.

    For a day messages are signed by the former one as well.
    """
    now = timezone.now()
    renewed = Webhook.objects.standing().filter(pk=webhook.pk)
    salt = new_salt()
    if not renewed.update(
        former_salt=F("salt"), former_until=now + BOTH_SIGN, salt=salt
    ):
        raise ConflictError(_("This webhook was ended already."))
    webhook.refresh_from_db()
    record(
        "webhook.renewed",
        actor=by.pseudonym,
        line=webhook.line,
        subject=str(webhook.pk),
    )
    return secrets_of(webhook)[0]


def secrets_of(webhook: Webhook, *, at: datetime | None = None) -> list[str]:
    """Derive a webhook's secret from the server's key, and one from each former key.

    A receiver that keeps its secret goes on verifying while the server's key or its own
    secret changes: each request carries a signature by every one of them.
    """
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    salts = [webhook.salt]
    until = webhook.former_until
    if until is not None and (at or timezone.now()) < until:
        salts.append(webhook.former_salt)
    return [
        "whsec_"
        + b64encode(digest(key.encode(), f"webhook:{salt}".encode(), sha256)).decode()
        for salt in salts
        for key in keys
    ]


def body_of(event: AlarmEvent) -> bytes:
    """Say what happened in ids and states, the same however often it is sent.

    ``suspect`` is what the alarm was taken for when it rang, and ``act`` what is best
    done first; both are empty where nothing else was measured.
    """
    alarm = event.alarm
    # an inspector's pseudonym stands for a person, and stays inside
    subject = "" if alarm.is_about_a_reader else alarm.subject
    path = reverse("alarm", kwargs={"slug": alarm.line.slug, "alarm_id": alarm.pk})
    suspect = next(iter(diagnose_kept(alarm.findings)), None)
    told = {
        "type": f"alarm.{event.kind}",
        "timestamp": event.at.astimezone(UTC).isoformat(),
        "data": {
            "alarm": alarm.pk,
            "event": event.pk,
            "line": alarm.line.slug,
            "cause": alarm.cause,
            "subject": subject,
            "suspect": suspect.trouble.value if suspect else "",
            "act": suspect.act.value if suspect else "",
            "policy": event.details.get("policy"),
            "level": event.details.get("level"),
            "raised_at": alarm.raised_at.astimezone(UTC).isoformat(),
            "url": f"{settings.PUBLIC_URL}{path}",
        },
    }
    return json.dumps(told, separators=(",", ":"), sort_keys=True).encode()


def headers_of(
    webhook: Webhook, *, message_id: str, body: bytes, at: datetime
) -> dict[str, str]:
    """Sign a message by the Standard Webhooks: its id, the time, and its body."""
    signatures = [
        Signer(secret).sign(message_id, at.astimezone(UTC), body.decode())
        for secret in secrets_of(webhook, at=at)
    ]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Rung",
        "Webhook-Id": message_id,
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": " ".join(signatures),
    }
