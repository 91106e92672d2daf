"""Days of a line: finished ones from their sums, the rest from their hours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.db.models.functions import TruncDate

from monitoring.models import (
    CountRun,
    DailyColumn,
    DailyCount,
    HourlyColumn,
    HourlyCount,
)
from monitoring.stats.sketch import Sketch, add
from monitoring.windows.counts import FIELDS, Counted, as_counted
from reviewapp.models import ModelVersion, ProductLine


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfColumn:
    """One column on one day, for the version and the stage that made it."""

    day: date
    column: str
    version_id: int | None
    stage: str
    sketch: Sketch


def counted_by_day(
    line: ProductLine,
    first: date,
    end: date,
    *,
    zone: ZoneInfo,
    measures: Sequence[str] = (),
    segment: str = "",
) -> list[Counted]:
    """Add up a line's counts, or a segment's, by the days in [first, end) of a zone.

    In the line's own zone finished days are read as their sums, so that a year costs
    little; in any other zone all is added up from hours.
    """
    border = _border(line, first, end, zone)
    days = DailyCount.objects.filter(line=line).of_segment(segment)
    days = days.between(first, border)
    hours = (
        HourlyCount.objects.of_line(line)
        .of_segment(segment)
        .between(midnight(border, zone), midnight(end, zone))
        .annotate(day=TruncDate("hour", tzinfo=zone))
    )
    if measures:
        days, hours = (
            days.filter(measure__in=measures),
            hours.filter(measure__in=measures),
        )
    rows = [
        *(days.values_list(*FIELDS, "count") if first < border else ()),
        *hours.values_list(*FIELDS).annotate(n=Sum("count")).order_by(),
    ]
    return [as_counted(row) for row in rows]


def columns_by_day(
    line: ProductLine,
    first: date,
    end: date,
    *,
    zone: ZoneInfo,
    columns: Iterable[str],
) -> list[DayOfColumn]:
    """Add up columns of a line by the days in [first, end) of a zone."""
    wanted = list(columns)
    border = _border(line, first, end, zone)
    found = [
        DayOfColumn(
            day=row.day,
            column=row.column,
            version_id=row.version_id,
            stage=row.stage,
            sketch=_sketch(row),
        )
        for row in DailyColumn.objects.filter(line=line, column__in=wanted).between(
            first, border
        )
    ]
    by_day: dict[tuple[date, str, int | None, str], list[Sketch]] = {}
    hours = (
        HourlyColumn.objects.of_line(line)
        .filter(column__in=wanted)
        .between(midnight(border, zone), midnight(end, zone))
    )
    for hour in hours:
        day = hour.hour.astimezone(zone).date()
        key = (day, hour.column, hour.version_id, hour.stage)
        by_day.setdefault(key, []).append(_sketch(hour))
    found += [
        DayOfColumn(
            day=day, column=column, version_id=version, stage=stage, sketch=add(hours)
        )
        for (day, column, version, stage), hours in by_day.items()
    ]
    return found


def first_day(
    line: ProductLine, column: str, *, version: ModelVersion, zone: ZoneInfo
) -> date | None:
    """Say on which day of a zone a column of a version begins, if it does."""
    hours = HourlyColumn.objects.of_line(line).filter(column=column, version=version)
    first = hours.order_by("hour").values_list("hour", flat=True).first()
    return first.astimezone(zone).date() if first else None


def _border(line: ProductLine, first: date, end: date, zone: ZoneInfo) -> date:
    """Say before which day the sums stand; ``first`` where none of them can serve."""
    run = CountRun.objects.filter(line=line).first()
    if run is None or run.summed_before is None or run.summed_zone != zone.key:
        return first
    return max(first, min(run.summed_before, end))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which a day of a zone begins."""
    return datetime.combine(day, time.min, tzinfo=zone)


def _sketch(row: DailyColumn | HourlyColumn) -> Sketch:
    return Sketch(
        count=row.count,
        missing=row.missing,
        total=row.total,
        squares=row.squares,
        buckets=row.buckets,
    )
