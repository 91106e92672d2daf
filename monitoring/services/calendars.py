"""Calendars: the week of a line, its holidays, and pauses that were planned."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from monitoring.models import PlannedPause, WorkWeek
from monitoring.worktime import Shift, WorkTime
from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import ProductLine, User
from reviewapp.services.records import actor_name, record


def worktime_of(line: ProductLine) -> WorkTime:
    """Give when a line works; round the clock where nobody has said otherwise."""
    week = WorkWeek.objects.filter(line=line).first()
    return WorkTime(
        zone=ZoneInfo(line.time_zone),
        shifts=tuple(map(_shift, week.shifts)) if week else (),
        holidays=frozenset(map(date.fromisoformat, week.holidays if week else [])),
        pauses=tuple(
            PlannedPause.objects.standing()
            .filter(line=line)
            .values_list("starts_at", "ends_at")
        ),
    )


def _shift(stored: dict[str, object]) -> Shift:
    return Shift(
        weekday=int(str(stored["weekday"])),
        start=time.fromisoformat(str(stored["from"])),
        end=time.fromisoformat(str(stored["to"])),
    )


@transaction.atomic
def set_week(
    line: ProductLine, *, shifts: list[Shift], holidays: list[date], by: User
) -> WorkWeek:
    """Say when a line works from now on."""
    stored = [
        {
            "weekday": shift.weekday,
            "from": shift.start.isoformat("minutes"),
            "to": shift.end.isoformat("minutes"),
        }
        for shift in shifts
    ]
    days = sorted({day.isoformat() for day in holidays})
    week, _is_new = WorkWeek.objects.update_or_create(
        line=line,
        defaults={
            "shifts": stored,
            "holidays": days,
            "set_by": by,
            "set_at": timezone.now(),
        },
    )
    record(
        "week.set",
        actor=actor_name(by),
        line=line,
        details={"shifts": stored, "holidays": days},
    )
    return week


@transaction.atomic
def plan_pause(
    line: ProductLine, *, starts_at: datetime, ends_at: datetime, reason: str, by: User
) -> PlannedPause:
    """Plan that a line stands still for a while."""
    if starts_at >= ends_at:
        raise InvalidInputError(_("A pause ends after it begins."), code="bad_range")
    pause = PlannedPause.objects.create(
        line=line, starts_at=starts_at, ends_at=ends_at, reason=reason, planned_by=by
    )
    record(
        "pause.planned",
        actor=actor_name(by),
        line=line,
        subject=str(pause.pk),
        details={"from": starts_at.isoformat(), "to": ends_at.isoformat()},
        reason=reason,
    )
    return pause


@transaction.atomic
def withdraw_pause(pause: PlannedPause, *, by: User) -> None:
    """Take a planned pause back; the row stays."""
    withdrawn = PlannedPause.objects.standing().filter(pk=pause.pk)
    if not withdrawn.update(withdrawn_at=timezone.now()):
        raise ConflictError(_("This pause was withdrawn already."))
    record(
        "pause.withdrawn", actor=actor_name(by), line=pause.line, subject=str(pause.pk)
    )
