"""Metrics over time: one value a day, from counts that add up or from measurements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite
from typing import assert_never
from zoneinfo import ZoneInfo

from django.db.models import ExpressionWrapper, F
from django.db.models.fields import DateTimeField
from django.db.models.functions import TruncDate

from monitoring.catalogue import Amount, Metric, Pace, Present, Ratio, Rows, Statistic
from monitoring.models import Measurement
from monitoring.services.calendars import worktime_of
from monitoring.services.measurements import amount_of
from monitoring.stats.intervals import wilson
from monitoring.stats.sketch import Sketch
from monitoring.stats.weighting import Group, weighted_share
from monitoring.windows.counts import Counted, groups, total
from monitoring.windows.days import columns_by_day, counted_by_day, midnight
from monitoring.worktime import WorkTime
from reviewapp.models import ModelVersion, Policy, ProductLine

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
# Nothing is counted before; after, a calendar in which a day may overflow is near.
EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which days are shown, from ``first`` to ``last``, by which zone and segment."""

    first: date
    last: date
    zone: ZoneInfo
    segment: str = ""

    @property
    def end(self) -> date:
        """The day after the last one."""
        return self.last + DAY

    @property
    def start_at(self) -> datetime:
        """The moment at which it begins."""
        return midnight(self.first, self.zone)

    @property
    def end_at(self) -> datetime:
        """The moment at which it ends."""
        return midnight(self.end, self.zone)

    @property
    def length(self) -> int:
        """How many days it holds."""
        return (self.end - self.first).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A metric on one day, with its interval where it has one, and its count.

    Of a share ``part`` is how many of the count it is; where labels are weighted, of
    the ``effective`` number.
    """

    day: date
    value: float
    count: int
    low: float | None = None
    high: float | None = None
    part: float | None = None
    effective: float | None = None

    @property
    def weight(self) -> float:
        """How many even draws it is worth: of weighted labels fewer than there are."""
        return self.count if self.effective is None else self.effective


def series(
    line: ProductLine, metrics: Sequence[Metric], span: Span, *, at: datetime
) -> dict[str, list[Point]]:
    """Give each metric's days, oldest first; a day without data has no point.

    Shares, paces and amounts are those of each day alone, a pace by its working hours,
    so that a day without any has none. What cannot be added up is the last measurement
    of the day, whose window may be longer. A metric of a version is that of the version
    which was live when the day ended.
    """
    live = live_by_day(line, span)
    measures = sorted({m for metric in metrics for m in _measures(metric)})
    counts = (
        counted_by_day(
            line,
            span.first,
            span.end,
            zone=span.zone,
            measures=measures,
            segment=span.segment,
        )
        if measures
        else []
    )
    by_day: dict[date, list[Counted]] = {}
    for one in counts:
        if one.day is not None:
            by_day.setdefault(one.day, []).append(one)
    sketches = _sketches(line, metrics, span)
    found: dict[str, list[Point]] = {}
    others = []
    worktime: WorkTime | None = None
    for metric in metrics:
        reads = metric.reads
        match reads:
            case Ratio():
                found[metric.key] = _shares(reads, by_day, live)
            case Pace():
                worktime = worktime or worktime_of(line)
                found[metric.key] = _paces(reads, by_day, span, worktime, at=at)
            case Amount():
                found[metric.key] = _amounts(reads, sketches, live)
            case Present() | Statistic():
                others.append(metric.key)
            case never:
                assert_never(never)
    return found | (_measured(line, others, span) if others else {})


def _measures(metric: Metric) -> Iterable[str]:
    reads = metric.reads
    match reads:
        case Ratio():
            return (*reads.part.measures, *reads.whole.measures)
        case Pace():
            return reads.rows.measures
        case _:
            return ()


def live_by_day(line: ProductLine, span: Span) -> dict[date, ModelVersion | None]:
    """Say which version was live when each day ended."""
    moves = list(
        Policy.objects.filter(line=line, created_at__lt=span.end_at)
        .select_related("live")
        .order_by("created_at", "number")
    )
    live: dict[date, ModelVersion | None] = {}
    present: ModelVersion | None = None
    number = 0
    for count in range(span.length):
        day = span.first + count * DAY
        ends = midnight(day + DAY, span.zone)
        while number < len(moves) and moves[number].created_at < ends:
            present = moves[number].live
            number += 1
        live[day] = present
    return live


def _sketches(
    line: ProductLine, metrics: Iterable[Metric], span: Span
) -> dict[tuple[str, int | None], list[tuple[date, Sketch]]]:
    columns = {m.reads.column for m in metrics if isinstance(m.reads, Amount)}
    found: dict[tuple[str, int | None], list[tuple[date, Sketch]]] = {}
    if columns:
        days = columns_by_day(
            line, span.first, span.end, zone=span.zone, columns=columns
        )
        for one in days:
            if not one.stage:
                key = (one.column, one.version_id)
                found.setdefault(key, []).append((one.day, one.sketch))
    return found


def _shares(
    reads: Ratio,
    by_day: dict[date, list[Counted]],
    live: dict[date, ModelVersion | None],
) -> list[Point]:
    points = []
    for day, counts in sorted(by_day.items()):
        if reads.is_weighted:
            drawn = groups(counts, reads, live.get(day))
            points += [weighted_point(day, drawn)] if drawn else []
            continue
        whole = total(counts, reads.whole, live.get(day))
        if whole:
            part = total(counts, reads.part, live.get(day))
            points.append(share_point(day, part, whole))
    return points


def share_point(day: date, part: int, whole: int) -> Point:
    """Give a day's share with its interval, where the one is part of the other."""
    if part > whole:
        return Point(day=day, value=part / whole, count=whole, part=part)
    interval = wilson(part, whole)
    return Point(
        day=day,
        value=part / whole,
        count=whole,
        low=interval.low,
        high=interval.high,
        part=part,
    )


def weighted_point(day: date, drawn: Sequence[Group]) -> Point:
    """Give a day's share of all items, from labels drawn with unlike chances."""
    found = weighted_share(drawn)
    return Point(
        day=day,
        value=found.value,
        count=found.n,
        low=found.low,
        high=found.high,
        part=found.value * found.effective,
        effective=found.effective,
    )


def _paces(
    reads: Pace,
    by_day: dict[date, list[Counted]],
    span: Span,
    worktime: WorkTime,
    *,
    at: datetime,
) -> list[Point]:
    points = []
    rows: Rows = reads.rows
    for day, counts in sorted(by_day.items()):
        begins = midnight(day, span.zone)
        ends = max(begins, min(at, midnight(day + DAY, span.zone)))
        hours = worktime.length(begins, ends) / HOUR
        number = total(counts, rows, None)
        if number and hours > 0:
            points.append(Point(day=day, value=number / max(hours, 1.0), count=number))
    return points


def _amounts(
    reads: Amount,
    sketches: dict[tuple[str, int | None], list[tuple[date, Sketch]]],
    live: dict[date, ModelVersion | None],
) -> list[Point]:
    points = []
    for (column, version_id), days in sketches.items():
        if column != reads.column:
            continue
        for day, found in days:
            version = live.get(day) if reads.of_version else None
            if version_id != (version.pk if version else None):
                continue
            value = amount_of(found, reads.statistic)
            if isfinite(value):
                points.append(Point(day=day, value=value, count=found.count))
    return sorted(points, key=lambda point: point.day)


def _measured(
    line: ProductLine, keys: Sequence[str], span: Span
) -> dict[str, list[Point]]:
    """Give the last measurement of each day; one at midnight is the day's before."""
    ended = ExpressionWrapper(
        F("end") - timedelta(seconds=1), output_field=DateTimeField()
    )
    rows = (
        Measurement.objects.of_line(line)
        .filter(metric__in=keys, value__isnull=False)
        .filter(end__gt=span.start_at, end__lte=span.end_at)
        .annotate(day=TruncDate(ended, tzinfo=span.zone))
        .order_by("metric", "day", "-end", "-pk")
        .distinct("metric", "day")
        .values_list("metric", "day", "value", "count", "low", "high")
    )
    found: dict[str, list[Point]] = {key: [] for key in keys}
    for key, day, value, count, low, high in rows:
        if value is not None:
            point = Point(day=day, value=value, count=count, low=low, high=high)
            found[key].append(point)
    return found
