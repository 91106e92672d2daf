"""Measuring: every metric of a line over its last window, held against its bounds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, assert_never

from django.db import transaction
from django.utils import timezone

from monitoring.catalogue import Amount, Metric, Pace, Present, Ratio, Statistic
from monitoring.models import CountRun, HourlyCount, Measure, Measurement, Verdict
from monitoring.services.attribution import measure_stages
from monitoring.services.bounds import Asked, asked_of
from monitoring.services.calendars import worktime_of
from monitoring.services.window_statistics import STATISTICS
from monitoring.services.windowsizes import size_of
from monitoring.stats.intervals import wilson
from monitoring.stats.sketch import Sketch
from monitoring.stats.weighting import weighted_share
from monitoring.windows.columns import sketch
from monitoring.windows.counts import Counted, counted, groups, total
from monitoring.worktime import WorkTime
from reviewapp.models import LineState, ModelVersion, ProductLine
from reviewapp.services.locks import Sweep, try_sweep

HOUR = timedelta(hours=1)
QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open span of a line, with its counts, for the version that is live."""

    line: ProductLine
    start: datetime
    end: datetime
    version: ModelVersion | None
    counts: list[Counted] = field(repr=False)
    worktime: WorkTime = field(repr=False)

    @property
    def hours(self) -> float:
        """Working time in hours: at night and on holidays no pace is expected."""
        return self.worktime.length(self.start, self.end) / HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a metric came to; ``value`` is ``None`` where it is not defined."""

    value: float | None
    count: int
    low: float | None = None
    high: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def measure_lines(*, as_of: datetime | None = None) -> int:
    """Measure the lines whose last finished hour is not measured yet; say how many."""
    at = as_of or timezone.now()
    measured = 0
    for line in ProductLine.objects.in_use().select_related("policy__live"):
        with transaction.atomic():
            if not try_sweep(Sweep.MEASURE):
                return measured
            rows = measure_line(line, at=at)
        measured += bool(rows)
        if rows:
            # outside of the transaction: it asks the model host
            measure_stages(line, start=rows[0].start, end=rows[0].end)
    return measured


def measure_line(line: ProductLine, *, at: datetime) -> list[Measurement]:
    """Measure every active metric of a line, once for each finished hour.

    The window ends with the last hour that is finished and counted. It is as long as
    the line says: where it says nothing a day, or as long as it takes to hold 400
    items, but no longer than two weeks.
    """
    end = at.replace(minute=0, second=0, microsecond=0)
    run = CountRun.objects.filter(line=line).first()
    if run is None or run.counted_to < end:
        return []
    if Measurement.objects.of_line(line).filter(end=end).exists():
        return []
    window = window_of(line, end=end)
    rows = [
        _judged(window, asked, measure(window, asked.metric))
        for asked in asked_of(line)
        if asked.is_measured
    ]
    return Measurement.objects.bulk_create(rows)


def window_of(line: ProductLine, *, end: datetime, segment: str = "") -> Window:
    """Give the window that ends at a full hour, of a segment if one is named."""
    start = window_start(line, end=end, segment=segment)
    return Window(
        line=line,
        start=start,
        end=end,
        version=line.in_force.live,
        counts=counted(line, start, end, segment=segment),
        worktime=worktime_of(line),
    )


def window_start(line: ProductLine, *, end: datetime, segment: str = "") -> datetime:
    """Go back as far as the line's windows reach, by their hours and their items."""
    size = size_of(line)
    shortest, longest = timedelta(hours=size.hours), timedelta(days=size.longest_days)
    hours = (
        HourlyCount.objects.of_line(line)
        .of_segment(segment)
        .filter(measure=Measure.ITEM)
        .between(end - longest, end)
        .order_by("-hour")
        .values_list("hour", "count")
    )
    held = 0
    for hour, count in hours:
        held += count
        if held >= size.items:
            return min(hour, end - shortest)
    return end - (longest if held else shortest)


def measure(window: Window, metric: Metric) -> Value:
    """Compute one metric over a window from what it reads."""
    reads = metric.reads
    match reads:
        case Ratio():
            return _ratio(window, reads)
        case Pace():
            return _pace(window, reads)
        case Amount():
            return _amount(window, reads)
        case Present():
            return _present(window, reads)
        case Statistic():
            if window.version is None:
                return Value(value=None, count=0)
            found = STATISTICS[reads.name](
                window.line, window.version, window.start, window.end, window.counts
            )
            return Value(**found)
        case never:
            assert_never(never)


def _ratio(window: Window, reads: Ratio) -> Value:
    if reads.is_weighted:
        return _weighted(window, reads)
    whole = total(window.counts, reads.whole, window.version)
    part = total(window.counts, reads.part, window.version)
    if not whole:
        return Value(value=None, count=0)
    if part > whole:
        # the one is no part of the other, as reviews passed on for each label
        return Value(value=part / whole, count=whole)
    interval = wilson(part, whole)
    return Value(
        value=part / whole,
        count=whole,
        low=interval.low,
        high=interval.high,
        details={"part": part},
    )


def _weighted(window: Window, reads: Ratio) -> Value:
    drawn = groups(window.counts, reads, window.version)
    if not drawn:
        return Value(value=None, count=0)
    found = weighted_share(drawn)
    return Value(
        value=found.value,
        count=found.n,
        low=found.low,
        high=found.high,
        details={
            "part": sum(group.part for group in drawn),
            "effective": round(found.effective, 1),
        },
    )


def _pace(window: Window, reads: Pace) -> Value:
    rows = total(window.counts, reads.rows, window.version)
    return Value(value=rows / window.hours if window.hours else None, count=rows)


def _amount(window: Window, reads: Amount) -> Value:
    version = window.version if reads.of_version else None
    found = sketch(window.line, reads.column, window.start, window.end, version=version)
    value = amount_of(found, reads.statistic)
    return Value(value=value if isfinite(value) else None, count=found.count)


def amount_of(found: Sketch, statistic: str) -> float:
    """Read a statistic off a sketch; NaN where it has none."""
    match statistic:
        case "mean":
            return found.mean
        case "missing_share":
            return found.missing_share
        case "commonest_share":
            return found.commonest_share
        case _:
            return found.quantile(QUANTILES[statistic])


def _present(window: Window, reads: Present) -> Value:
    state = LineState.objects.filter(line=window.line).first()
    if state is None:
        return Value(value=None, count=0)
    match reads.name:
        case "waiting":
            return Value(value=state.waiting, count=state.waiting)
        case "unrouted":
            return Value(value=state.unrouted, count=state.unrouted)
        case "oldest_waiting_s":
            return _waited(state.oldest_waiting_at, window)
        case "judged_age_s":
            return _age(state.judged_at, window.end)
        case other:
            raise ValueError(f"No line has a state {other!r}.")


def _waited(since: datetime | None, window: Window) -> Value:
    """Say how long something has waited while people were to be there."""
    if since is None or since >= window.end:
        return Value(value=0.0, count=int(since is not None))
    waited = window.worktime.length(since, window.end)
    return Value(value=waited.total_seconds(), count=1)


def _age(since: datetime | None, now: datetime) -> Value:
    if since is None:
        return Value(value=None, count=0)
    return Value(value=max((now - since).total_seconds(), 0.0), count=1)


def of_segment(
    line: ProductLine, wanted: Iterable[Asked], segment: str, *, end: datetime
) -> dict[str, Measurement]:
    """Measure the shares of a segment, as its counts stand; nothing is stored.

    Counts add up by segment, so that a share is measured when somebody asks; no alarm
    hangs on it.
    """
    window = window_of(line, end=end, segment=segment)
    return {
        asked.metric.key: _judged(window, asked, _ratio(window, asked.metric.reads))
        for asked in wanted
        if isinstance(asked.metric.reads, Ratio)
    }


def _judged(window: Window, asked: Asked, found: Value) -> Measurement:
    return Measurement(
        line=window.line,
        metric=asked.metric.key,
        formula=asked.metric.formula,
        version=window.version,
        start=window.start,
        end=window.end,
        value=found.value,
        low=found.low,
        high=found.high,
        count=found.count,
        verdict=verdict_of(asked, found),
        details=dict(found.details),
    )


def verdict_of(asked: Asked, found: Value) -> Verdict:
    """Hold a value against its bounds.

    Where it has an interval the whole interval must lie outside: a share of few
    observations is not condemned by chance. No data is never within.
    """
    if found.value is None:
        return Verdict.NO_DATA
    if found.count < asked.fewest:
        return Verdict.NOT_ENOUGH
    if asked.lower is None and asked.upper is None:
        return Verdict.UNBOUNDED
    high = found.value if found.high is None else found.high
    low = found.value if found.low is None else found.low
    if asked.lower is not None and high < asked.lower:
        return Verdict.LOW
    if asked.upper is not None and low > asked.upper:
        return Verdict.HIGH
    return Verdict.WITHIN
