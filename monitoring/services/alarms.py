"""Alarms: raised once a line and cause, able to lower, cleared by what was found."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from monitoring.models import Alarm, AlarmCause
from reviewapp.models import Policy, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import lines
from reviewapp.services.records import record


def ring(
    line: ProductLine,
    cause: AlarmCause,
    *,
    subject: str = "",
    figures: dict[str, Any],
    began_at: datetime | None = None,
    at: datetime,
) -> Alarm | None:
    """Raise an alarm; ``None`` when one of this cause and subject rings already."""
    alarm, is_new = Alarm.objects.get_or_create(
        line=line,
        cause=cause,
        subject=subject,
        cleared_at=None,
        defaults={"figures": figures, "began_at": began_at, "raised_at": at},
    )
    return alarm if is_new else None


def lower_by_alarm(
    alarm: Alarm,
    *,
    to: AutomationLevel = AutomationLevel.SHADOW,
    reason: str,
    at: datetime,
) -> Policy | None:
    """Take an alarm's line down to a rung, and note on the alarm that it did.

    ``None`` if the line stands there or lower already.
    """
    if alarm.line.in_force.automation_level <= to:
        return None
    lowered = lines.lower_level(alarm.line, to=to, by=None, reason=reason, as_of=at)
    Alarm.objects.filter(pk=alarm.pk).update(lowered=lowered)
    return lowered


@transaction.atomic
def clear_alarm(alarm: Alarm, *, by: User, found: str) -> None:
    """Close an alarm with what was found."""
    Alarm.objects.filter(pk=alarm.pk, cleared_at=None).update(
        cleared_at=timezone.now(), found=found
    )
    record(
        "alarm.cleared",
        actor=by.pseudonym,
        line=alarm.line,
        subject=alarm.cause,
        reason=found,
    )
