"""Alarms: raised once a line and cause, able to lower, gone through by people."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from monitoring.diagnosis import Findings
from monitoring.models import (
    Alarm,
    AlarmCause,
    AlarmEvent,
    AlarmEventKind,
    AlarmState,
)
from monitoring.services.alarm_terms import terms_of
from monitoring.services.deliveries import queue_deliveries
from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import Policy, ProductLine, User
from reviewapp.services import canaries, levels, lines
from reviewapp.services.policies import hold_policy
from reviewapp.services.records import actor_name, record


@transaction.atomic
def ring(
    line: ProductLine,
    cause: AlarmCause,
    *,
    subject: str = "",
    figures: dict[str, Any],
    findings: Findings | None = None,
    began_at: datetime | None = None,
    at: datetime,
) -> Alarm | None:
    """Raise an alarm; ``None`` when one of this cause and subject rings already."""
    alarm, is_new = Alarm.objects.get_or_create(
        line=line,
        cause=cause,
        subject=subject,
        cleared_at=None,
        defaults={
            "figures": figures,
            "findings": asdict(findings) if findings else {},
            "began_at": began_at,
            "raised_at": at,
        },
    )
    if not is_new:
        return None
    _happen(alarm, AlarmEventKind.RAISED, at=at)
    return alarm


@transaction.atomic
def take_back(alarm: Alarm, *, reason: str = "", at: datetime) -> Policy | None:
    """Take back what the line's terms say for an alarm of this cause, at once.

    Down to a rung, or the canary share one step; and note on the alarm that it did.
    ``None`` if the alarm only warns, or there is nothing left to take.
    """
    terms, line = terms_of(alarm.line), alarm.line
    rung, may_narrow = terms.rung_for(alarm.cause), alarm.cause in terms.narrows
    if rung is None and not may_narrow:
        return None
    before = hold_policy(line)
    reason = reason or _named(alarm)
    if rung is not None:
        taken = levels.lower_level(line, to=rung, by=None, reason=reason, as_of=at)
    elif before.automation_level.may_decide:
        taken = canaries.narrow_canary(line, by=None, reason=reason, as_of=at)
    else:
        return None
    if taken.number == before.number:
        return None
    is_lower = taken.level < before.level
    _happen(
        alarm,
        AlarmEventKind.LOWERED if is_lower else AlarmEventKind.NARROWED,
        at=at,
        words=reason,
        details={
            "policy": taken.number,
            "level": taken.level,
            "share": taken.canary_share,
        },
        lowered=taken,
    )
    return taken


def _named(alarm: Alarm) -> str:
    """Say in the line's history what rang."""
    cause = AlarmCause(alarm.cause).value.replace("_", " ")
    return f"Alarm: {cause}{f' of {alarm.subject}' if alarm.subject else ''}."


def acknowledge(alarm: Alarm, *, by: User, seen: int) -> None:
    """Take an alarm: from now on it has an owner."""
    now = timezone.now()
    _happen(
        alarm,
        AlarmEventKind.ACKNOWLEDGED,
        by=by,
        at=now,
        seen=seen,
        state=AlarmState.ACKNOWLEDGED,
        owner=by,
        acknowledged_at=alarm.acknowledged_at or now,
        snoozed_until=None,
    )


def snooze(
    alarm: Alarm, *, by: User, until: datetime, seen: int, words: str = ""
) -> None:
    """Let an alarm rest until a moment, when it rings again."""
    now = timezone.now()
    if until <= now:
        raise InvalidInputError(_("An alarm is snoozed until a later moment."))
    _happen(
        alarm,
        AlarmEventKind.SNOOZED,
        by=by,
        at=now,
        seen=seen,
        words=words,
        details={"until": until.isoformat()},
        state=AlarmState.SNOOZED,
        snoozed_until=until,
        owner=alarm.owner or by,
        acknowledged_at=alarm.acknowledged_at or now,
    )


def hand_over(alarm: Alarm, *, to: User, by: User, seen: int, words: str = "") -> None:
    """Give an alarm to somebody else who works on the line."""
    if not ProductLine.objects.visible_to(to).filter(pk=alarm.line_id).exists():
        raise InvalidInputError(
            _("%(person)s does not work on %(line)s.")
            % {"person": to, "line": alarm.line}
        )
    now = timezone.now()
    _happen(
        alarm,
        AlarmEventKind.HANDED_OVER,
        by=by,
        at=now,
        seen=seen,
        words=words,
        details={"to": to.pseudonym},
        state=AlarmState.ACKNOWLEDGED,
        owner=to,
        acknowledged_at=alarm.acknowledged_at or now,
        snoozed_until=None,
    )


def note(alarm: Alarm, *, by: User, words: str) -> None:
    """Add what somebody thinks or found; also after the alarm is over."""
    _happen(alarm, AlarmEventKind.NOTED, by=by, at=timezone.now(), words=words)


def clear_alarm(alarm: Alarm, *, by: User, found: str, seen: int | None = None) -> None:
    """Close an alarm with what was found."""
    now = timezone.now()
    _happen(
        alarm,
        AlarmEventKind.CLEARED,
        by=by,
        at=now,
        seen=seen,
        words=found,
        state=AlarmState.CLEARED,
        cleared_at=now,
        snoozed_until=None,
        found=found,
    )


def recover(alarm: Alarm, *, figures: dict[str, Any], at: datetime) -> None:
    """Close an alarm whose condition is over by itself."""
    _happen(
        alarm,
        AlarmEventKind.RECOVERED,
        at=at,
        details=figures,
        state=AlarmState.RECOVERED,
        cleared_at=at,
        snoozed_until=None,
    )


def diagnose_anew(alarm: Alarm, found: dict[str, Any], *, at: datetime) -> bool:
    """Keep what is found beside an open alarm by now; say whether that is news."""
    found["inspectors"] = list(found["inspectors"])
    if found == alarm.known:
        return False
    alarm.latest, alarm.latest_at = found, at
    alarm.save(update_fields=["latest", "latest_at"])
    return True


def wake_alarms(line: ProductLine, *, at: datetime) -> int:
    """Let the snoozed alarms of a line ring again when their time is up."""
    overslept = list(line.alarms.overslept(at))
    for alarm in overslept:
        _happen(
            alarm,
            AlarmEventKind.WOKEN,
            at=at,
            state=AlarmState.RINGING,
            snoozed_until=None,
        )
    return len(overslept)


def note_open_alarms(line: ProductLine) -> None:
    """Note on the line how many of its alarms are open, and since when."""
    open_ones = line.alarms.open()
    oldest = open_ones.order_by("raised_at").first()
    lines.note_alarms(
        line,
        open_alarms=open_ones.count(),
        alarm_since=oldest.raised_at if oldest else None,
    )


@transaction.atomic
def _happen(
    alarm: Alarm,
    kind: AlarmEventKind,
    *,
    by: User | None = None,
    at: datetime,
    seen: int | None = None,
    words: str = "",
    details: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Let one thing happen to an alarm: its columns, its history, who is told.

    Refused when the alarm went on since the page was made (``seen``), or is over;
    only a note may still follow then.
    """
    locked = Alarm.objects.select_for_update(of=("self",)).get(pk=alarm.pk)
    if seen is not None and locked.turn != seen:
        raise ConflictError(
            _("Something happened to this alarm since this page was made. Look again."),
            code="stale_alarm",
        )
    if not locked.is_open and kind is not AlarmEventKind.NOTED:
        raise ConflictError(_("This alarm is over already."), code="stale_alarm")
    changes["turn"] = locked.turn + 1
    for name, value in changes.items():
        setattr(alarm, name, value)
    alarm.save(update_fields=[*changes])
    event = AlarmEvent.objects.create(
        alarm=alarm, kind=kind, by=by, at=at, words=words, details=details or {}
    )
    queue_deliveries(event)
    record(
        f"alarm.{kind.value}",
        actor=actor_name(by),
        line=alarm.line,
        subject=alarm.cause,
        details={"alarm": alarm.pk},
        reason=words[:500],
    )
    if kind in {
        AlarmEventKind.RAISED,
        AlarmEventKind.RECOVERED,
        AlarmEventKind.CLEARED,
    }:
        note_open_alarms(alarm.line)
