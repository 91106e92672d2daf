"""Watching bounds: one window out of bounds warns, two rings, two well within end it.

Windows are measured each hour and overlap, so two that follow each other are almost
the same evidence. Two count as two when they share at most a quarter of the newer one:
three quarters of what the newer one holds were then not yet in the older. Everything
measured in between must say the same. What is read at a moment, as the backlog, has no
window; there two readings in a row are two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitoring.catalogue import CATALOGUE, Metric, Pace, Present, Unit
from monitoring.models import AlarmCause, Measurement, Verdict
from monitoring.services.alarms import (
    note_open_alarms,
    recover,
    ring,
    take_back,
    wake_alarms,
)
from monitoring.services.bounds import Asked, asked_of
from monitoring.services.calendars import worktime_of
from monitoring.services.freshness import ring_gaps
from monitoring.services.windowsizes import size_of
from monitoring.worktime import WorkTime
from reviewapp.models import ProductLine

HOUR = timedelta(hours=1)
OLDEST_NEWS = timedelta(hours=3)
LARGEST_SHARED = 0.25
# To count as well within, a value keeps this share of its room from the bound.
MARGIN = 0.1
OUT = frozenset({Verdict.LOW.value, Verdict.HIGH.value})
SILENT = frozenset({Verdict.NOT_ENOUGH.value, Verdict.NO_DATA.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A metric that is out of its bounds, and does not ring yet."""

    metric: Metric
    measurement: Measurement


def watch(line: ProductLine, *, at: datetime) -> int:
    """Ring for what is out of bounds or missing, and end what is over; say how many."""
    wake_alarms(line, at=at)
    rung = watch_bounds(line, at=at) + ring_gaps(line, at=at)
    note_open_alarms(line)
    return rung


def watch_bounds(line: ProductLine, *, at: datetime) -> int:
    """Hold the newest windows of a line against the ones before; say how many rang."""
    newest = newest_measurements(line, at=at)
    if not newest:
        return 0
    asked = {one.metric.key: one for one in asked_of(line)}
    ringing = {
        alarm.subject: alarm
        for alarm in line.alarms.open().filter(cause=AlarmCause.OUT_OF_BOUNDS)
    }
    worktime = worktime_of(line)
    rung = 0
    for measurement in newest:
        one = asked.get(measurement.metric)
        if one is None or not _is_judged(one.metric, measurement.end, worktime):
            continue
        alarm = ringing.get(measurement.metric)
        if alarm is None:
            rung += one.may_ring and _ring(measurement, one, worktime, at=at)
        elif _keeps_on(measurement, one.metric, worktime, _well_within(one)):
            recover(alarm, figures=figures_of(measurement, one), at=at)
    return rung


def newest_measurements(line: ProductLine, *, at: datetime) -> list[Measurement]:
    """Give what was measured last, unless that is too long ago to say anything."""
    of_line = Measurement.objects.of_line(line).filter(end__lte=at)
    last = of_line.newest_first().first()
    if last is None or last.end < at - OLDEST_NEWS:
        return []
    return list(of_line.filter(end=last.end))


def warned(line: ProductLine, *, at: datetime) -> list[Warned]:
    """Give the metrics that are out of their bounds and ring no alarm yet."""
    ringing = set(
        line.alarms.open()
        .filter(cause=AlarmCause.OUT_OF_BOUNDS)
        .values_list("subject", flat=True)
    )
    may_ring = {one.metric.key for one in asked_of(line) if one.may_ring}
    return [
        Warned(metric=CATALOGUE[measurement.metric], measurement=measurement)
        for measurement in newest_measurements(line, at=at)
        if measurement.verdict in OUT
        if measurement.metric in may_ring - ringing
    ]


def figures_of(measurement: Measurement, asked: Asked) -> dict[str, object]:
    """Give the figures that an alarm rings on, or ends with."""
    return {
        "value": measurement.value,
        "low": measurement.low,
        "high": measurement.high,
        "count": measurement.count,
        "lower": asked.lower,
        "upper": asked.upper,
        "verdict": measurement.verdict,
        "start": measurement.start.isoformat(),
        "end": measurement.end.isoformat(),
    }


def _ring(
    measurement: Measurement, asked: Asked, worktime: WorkTime, *, at: datetime
) -> bool:
    if measurement.verdict not in OUT:
        return False
    first = _keeps_on(
        measurement,
        asked.metric,
        worktime,
        lambda earlier: earlier.verdict == measurement.verdict,
    )
    if first is None:
        return False
    alarm = ring(
        measurement.line,
        AlarmCause.OUT_OF_BOUNDS,
        subject=measurement.metric,
        figures=figures_of(measurement, asked),
        began_at=first.start,
        at=at,
    )
    if alarm is None:
        return False
    take_back(alarm, at=at)
    return True


def _keeps_on(
    newest: Measurement,
    metric: Metric,
    worktime: WorkTime,
    says_so: Callable[[Measurement], bool],
) -> Measurement | None:
    """Give the first of a row of windows that all say so, if it holds two of them.

    Windows without enough data, and hours in which the line does not work, say nothing
    and break no row.
    """
    row: list[Measurement] = []
    for earlier in _history(newest):
        if earlier.verdict in SILENT or not _is_judged(metric, earlier.end, worktime):
            continue
        if not says_so(earlier):
            break
        row.append(earlier)
    if not row or row[0].pk != newest.pk:
        return None
    first = row[-1]
    if isinstance(metric.reads, Present):
        return first if len(row) > 1 else None
    shared = (first.end - newest.start) / (newest.end - newest.start)
    return first if shared <= LARGEST_SHARED else None


def _history(newest: Measurement) -> list[Measurement]:
    # two windows that share little lie within twice the longest
    longest = timedelta(days=2 * size_of(newest.line).longest_days)
    return list(
        Measurement.objects.filter(
            line=newest.line_id,
            metric=newest.metric,
            version=newest.version_id,
            formula=newest.formula,
            end__lte=newest.end,
            end__gt=newest.end - longest,
        ).newest_first()
    )


def _is_judged(metric: Metric, end: datetime, worktime: WorkTime) -> bool:
    """Say whether a metric means anything in the hour that has just ended."""
    if isinstance(metric.reads, Pace | Present):
        return worktime.length(end - HOUR, end) == HOUR
    return True


def _well_within(asked: Asked) -> Callable[[Measurement], bool]:
    """Make the question whether a value is clear of its bounds, and not just back."""
    lower, upper = asked.lower, asked.upper
    least = None if lower is None else lower + MARGIN * _room(asked, lower)
    most = None if upper is None else upper - MARGIN * _room(asked, upper)

    def is_well_within(measurement: Measurement) -> bool:
        value = measurement.value
        if value is None or measurement.verdict in OUT:
            return False
        return (least is None or value >= least) and (most is None or value <= most)

    return is_well_within


def _room(asked: Asked, bound: float) -> float:
    """Give the width that a bound leaves for values: to the other bound or the end."""
    if asked.lower is not None and asked.upper is not None:
        return asked.upper - asked.lower
    is_floor_of_a_share = asked.metric.unit is Unit.SHARE and asked.upper is None
    return 1 - bound if is_floor_of_a_share else abs(bound)
