"""Fates: what became of alarms, so that those nobody needs can be seen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from monitoring.models import Alarm, AlarmEvent, AlarmEventKind
from monitoring.models.alarms import AlarmQuerySet

DAYS = 90
MONTH = timedelta(days=30)
# By the rule of thumb: whoever is called more often for one line stops coming.
MOST_A_MONTH = 2
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """An alarm, and whether it led to an act."""

    alarm: Alarm
    has_led_to_act: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """The alarms of a span, newest first, and how many rang in the 30 days to its end.

    ``most`` is how many that should be at most, by the rule of thumb.
    """

    each: list[Fate]
    in_month: int
    most: int = MOST_A_MONTH

    @property
    def acted(self) -> int:
        """How many led to an act."""
        return sum(fate.has_led_to_act for fate in self.each)

    @property
    def is_too_much(self) -> bool:
        """Say whether people are called more often than they should be."""
        return self.in_month > self.most


def rang_between(
    alarms: AlarmQuerySet, start: datetime, end: datetime, *, at: datetime
) -> Rang:
    """Give the alarms that rang in [start, end), and count those of the 30 days.

    Of a week that is not over those of the last 30 days.
    """
    month = min(end, at) - MONTH
    since = min(start, month)
    found = list(alarms.filter(raised_at__gte=since, raised_at__lt=end).with_story())
    acts = AlarmEvent.objects.filter(alarm__in=found, kind__in=ACTS)
    acted = set(acts.values_list("alarm", flat=True))
    return Rang(
        each=[
            Fate(alarm=alarm, has_led_to_act=alarm.pk in acted)
            for alarm in found
            if alarm.raised_at >= start
        ],
        in_month=sum(alarm.raised_at >= month for alarm in found),
    )


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
