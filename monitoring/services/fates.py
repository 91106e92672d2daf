"""Fates: what became of alarms, so that those nobody needs can be seen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from monitoring.models import Alarm, AlarmEvent, AlarmEventKind
from monitoring.models.alarms import AlarmQuerySet

DAYS = 90
# What somebody did, or the alarm itself; to have looked is no act.
ACTS = (
    AlarmEventKind.LOWERED,
    AlarmEventKind.NARROWED,
    AlarmEventKind.HANDED_OVER,
    AlarmEventKind.NOTED,
    AlarmEventKind.CLEARED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """Alarms of the last days: how many led to an act, and how fast somebody came."""

    days: int
    total: int
    acted: int
    acknowledged: int
    median_to_acknowledge: timedelta | None


def fates_of(alarms: AlarmQuerySet, *, at: datetime, days: int = DAYS) -> Fates:
    """Count what became of the alarms that rang in the last days."""
    rang = alarms.filter(raised_at__gt=at - timedelta(days=days), raised_at__lte=at)
    acted = AlarmEvent.objects.filter(alarm__in=rang, kind__in=ACTS)
    waits = [
        (acknowledged - raised).total_seconds()
        for acknowledged, raised in rang.values_list("acknowledged_at", "raised_at")
        if acknowledged is not None
    ]
    return Fates(
        days=days,
        total=rang.count(),
        acted=acted.values("alarm").distinct().count(),
        acknowledged=len(waits),
        median_to_acknowledge=timedelta(seconds=median(waits)) if waits else None,
    )


def story_of(alarm: Alarm) -> list[AlarmEvent]:
    """Give what happened to an alarm, the first first."""
    return list(alarm.events.select_related("by"))
