"""A line's metrics as they stand: newest measurement, days before it, and a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max

from monitoring.catalogue import Family, Metric, Present, Ratio, Statistic
from monitoring.models import (
    AlarmCause,
    AlarmEvent,
    Bound,
    Measurement,
    MetricState,
    Verdict,
)
from monitoring.services.bounds import Asked, asked_of
from monitoring.services.fates import ACTS
from monitoring.services.measurements import of_segment
from monitoring.services.series import Point, Span, series
from monitoring.stats.intervals import score_bounds
from reviewapp.models import ProductLine

UNUSED_FOR = timedelta(days=90)
# A line is measured at each full hour, so what ended longer ago is no news.
NEWS_FOR = timedelta(hours=2)
# The gates stand on these, whether or not anybody was ever alarmed by them.
NEVER_PROPOSED = frozenset({Family.AGREEMENT, Family.AUDIT, Family.CALIBRATION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One metric of a line: what is asked, what was measured last, and its days.

    It ``awaits_its_hour`` when data has come of which no full hour is measured yet.
    """

    asked: Asked
    newest: Measurement | None
    points: Sequence[Point]
    awaits_its_hour: bool = False
    is_proposed_for_retirement: bool = False

    @property
    def verdict(self) -> Verdict:
        """What the newest measurement says; no data where there is none."""
        return Verdict(self.newest.verdict) if self.newest else Verdict.NO_DATA

    @property
    def is_out(self) -> bool:
        """Say whether it is out of its bounds."""
        return self.verdict in {Verdict.LOW, Verdict.HIGH}

    @property
    def is_unjudged(self) -> bool:
        """Say whether it has bounds, and too little data to be held against them."""
        is_bounded = self.asked.lower is not None or self.asked.upper is not None
        return is_bounded and self.verdict in {Verdict.NO_DATA, Verdict.NOT_ENOUGH}

    @property
    def is_silent(self) -> bool:
        """Say whether there is nothing to show: no value now, and no day with one."""
        return not self.points and (self.newest is None or self.newest.value is None)

    @property
    def last_day(self) -> date | None:
        """The last day of the span that had data."""
        return self.points[-1].day if self.points else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How a metric of the last days stands against the days before them."""

    before: Point
    after: Point
    is_beyond_chance: bool | None

    @property
    def has_risen(self) -> bool:
        """Say whether the later value is the larger one."""
        return self.after.value > self.before.value


def readings(line: ProductLine, span: Span, *, at: datetime) -> list[Reading]:
    """Give every metric that the line measures; of a segment, every share."""
    measured = [
        asked
        for asked in asked_of(line)
        if asked.is_measured and (not span.segment or is_told_apart(asked.metric))
    ]
    points = series(line, [asked.metric for asked in measured], span, at=at)
    newest = newest_of(line, measured, segment=span.segment)
    proposed: set[str] = set()
    if not span.segment:
        proposed = proposed_for_retirement(line, measured, at=at)
    return [
        Reading(
            asked=asked,
            newest=newest.get(asked.metric.key),
            points=points.get(asked.metric.key, []),
            awaits_its_hour=awaits_its_hour(
                asked.metric,
                newest.get(asked.metric.key),
                points.get(asked.metric.key, []),
                zone=span.zone,
            ),
            is_proposed_for_retirement=asked.metric.key in proposed,
        )
        for asked in measured
    ]


def age_of(newest: Measurement | None, *, at: datetime) -> timedelta | None:
    """Say how long ago a measurement's window ended; ``None`` while it is of now."""
    if newest is None or at - newest.end <= NEWS_FOR:
        return None
    return at - newest.end


def awaits_its_hour(
    metric: Metric,
    newest: Measurement | None,
    points: Sequence[Point],
    *,
    zone: ZoneInfo,
) -> bool:
    """Say whether data has come since the last window, in an hour not measured yet.

    Only what is added up from counts can be ahead of its measurements.
    """
    if not points or isinstance(metric.reads, Present | Statistic):
        return False
    if newest is None:
        return True
    return not newest.count and points[-1].day >= newest.end.astimezone(zone).date()


def is_told_apart(metric: Metric) -> bool:
    """Say whether a metric can be read for one segment: shares can, by their counts."""
    return isinstance(metric.reads, Ratio)


def newest_of(
    line: ProductLine, measured: Sequence[Asked], *, segment: str = ""
) -> dict[str, Measurement]:
    """Give each metric's measurement of the last window that was measured at all."""
    of_line = Measurement.objects.of_line(line)
    if segment:
        end = of_line.aggregate(end=Max("end"))["end"]
        return of_segment(line, measured, segment, end=end) if end else {}
    rows = of_line.order_by("metric", "-end", "-pk").distinct("metric")
    return {row.metric: row for row in rows}


def unmeasured_of(line: ProductLine) -> dict[MetricState, list[Asked]]:
    """Give the metrics that the line may add, and those that it has retired."""
    asked = asked_of(line)
    return {
        state: [one for one in asked if one.state is state]
        for state in (MetricState.PROPOSED, MetricState.RETIRED)
    }


def proposed_for_retirement(
    line: ProductLine, measured: Sequence[Asked], *, at: datetime
) -> set[str]:
    """Name the metrics on which nobody acted in ninety days.

    To act is to set its bounds or state, or to act on an alarm of it: one that rings
    and is never heeded is the first to go. A line that is younger proposes none, and
    what the gates stand on is never proposed.
    """
    since = at - UNUSED_FOR
    first = (
        line.policies.order_by("number").values_list("created_at", flat=True).first()
    )
    if first is None or first > since:
        return set()
    used = set(
        Bound.objects.filter(line=line, set_at__gte=since).values_list(
            "metric", flat=True
        )
    )
    used |= set(
        AlarmEvent.objects.filter(
            alarm__line=line,
            alarm__cause=AlarmCause.OUT_OF_BOUNDS,
            kind__in=ACTS,
            at__gte=since,
        ).values_list("alarm__subject", flat=True)
    )
    return {
        asked.metric.key
        for asked in measured
        if asked.metric.family not in NEVER_PROPOSED and asked.metric.key not in used
    }


def shift_of(points: Sequence[Point], *, last_days: int = 7) -> Shift | None:
    """Hold the last days against the days before; ``None`` without either.

    Shares are added up from their counts, and differ beyond chance where their 95 %
    intervals do not touch. Of other metrics the mean of the days is given, and
    nothing is claimed about chance.
    """
    if not points:
        return None
    border = points[-1].day - timedelta(days=last_days)
    before = [point for point in points if point.day <= border]
    after = [point for point in points if point.day > border]
    if not before or not after:
        return None
    pooled = (_pool(before), _pool(after))
    earlier, later = pooled
    beyond = None
    if None not in {earlier.low, earlier.high, later.low, later.high}:
        beyond = _is_apart(earlier, later)
    return Shift(before=earlier, after=later, is_beyond_chance=beyond)


def _pool(points: Sequence[Point]) -> Point:
    last, count = points[-1].day, sum(point.count for point in points)
    parts = [point.part for point in points if point.part is not None]
    weight = sum(point.weight for point in points)
    if len(parts) == len(points) and sum(parts) <= weight:
        value = min(sum(parts) / weight, 1.0)
        low, high = score_bounds(value, weight)
        return Point(
            day=last,
            value=value,
            count=count,
            low=low,
            high=high,
            part=sum(parts),
            effective=weight,
        )
    mean = sum(point.value for point in points) / len(points)
    return Point(day=last, value=mean, count=count)


def _is_apart(earlier: Point, later: Point) -> bool:
    if None in {earlier.low, earlier.high, later.low, later.high}:
        return False
    return bool(
        (later.low or 0) > (earlier.high or 0) or (later.high or 0) < (earlier.low or 0)
    )
