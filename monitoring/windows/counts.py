"""Hourly counts of a span, added up by everything that a metric may ask for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Sum, Value
from django.db.models.fields import DateField
from django.db.models.functions import Cast, TruncDate

from monitoring.catalogue import Ratio, Rows
from monitoring.models import HourlyCount
from monitoring.stats.weighting import Group
from reviewapp.models import ModelVersion, ProductLine

NOBODY_COULD_TELL = "none"
# What counts are told apart by, in the order of ``Counted``.
FIELDS = (
    "day",
    "measure",
    "version_id",
    "route",
    "is_blind",
    "predicted__key",
    "predicted__meaning",
    "answered__key",
    "answered__meaning",
    "inclusion",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many of one kind fell into a span, or into one day of it."""

    day: date | None
    measure: str
    version_id: int | None
    route: str
    is_blind: bool
    predicted: str | None
    predicted_meaning: str | None
    answered: str | None
    answered_meaning: str | None
    inclusion: float | None
    count: int


def counted(
    line: ProductLine,
    start: datetime,
    end: datetime,
    *,
    by_day: bool = False,
    measures: Sequence[str] = (),
    segment: str = "",
) -> list[Counted]:
    """Add up a line's counts of the hours in [start, end), also by the line's days.

    Of all measures and segments, unless some are named.
    """
    day = TruncDate("hour", tzinfo=ZoneInfo(line.time_zone))
    hours = HourlyCount.objects.of_line(line).of_segment(segment).between(start, end)
    if measures:
        hours = hours.filter(measure__in=measures)
    rows = (
        hours.annotate(day=day if by_day else Cast(Value(None), DateField()))
        .values_list(*FIELDS)
        .annotate(n=Sum("count"))
        .order_by("day")
    )
    return [as_counted(row) for row in rows]


def as_counted(row: Sequence[Any]) -> Counted:
    """Read a row of ``FIELDS`` and how many there are."""
    return Counted(
        day=row[0],
        measure=row[1],
        version_id=row[2],
        route=row[3],
        is_blind=row[4],
        predicted=row[5],
        predicted_meaning=row[6],
        answered=row[7],
        answered_meaning=row[8],
        inclusion=row[9],
        count=row[10],
    )


def total(found: Iterable[Counted], rows: Rows, version: ModelVersion | None) -> int:
    """Add up those of the counts that a metric asks for."""
    return sum(one.count for one in found if _is_asked(one, rows, version))


def groups(
    found: Iterable[Counted], reads: Ratio, version: ModelVersion | None
) -> list[Group]:
    """Give part and whole of a share for each chance that its labels were drawn by."""
    sums: dict[float, list[int]] = {}
    for one in found:
        if _is_asked(one, reads.whole, version):
            of_chance = sums.setdefault(one.inclusion or 1.0, [0, 0])
            of_chance[0] += one.count * _is_asked(one, reads.part, version)
            of_chance[1] += one.count
    return [
        Group(part=part, whole=whole, inclusion=inclusion)
        for inclusion, (part, whole) in sums.items()
    ]


def _is_asked(one: Counted, rows: Rows, version: ModelVersion | None) -> bool:
    is_of_version = version is not None and one.version_id == version.pk
    return (
        one.measure in rows.measures
        and (is_of_version or not rows.of_version)
        and (not rows.routes or one.route in rows.routes)
        and (rows.is_blind is None or one.is_blind is rows.is_blind)
        and (rows.agreed is None or (one.predicted == one.answered) is rows.agreed)
        and _is_class(rows.predicted, one.predicted, one.predicted_meaning)
        and _is_class(rows.answered, one.answered, one.answered_meaning)
    )


def _is_class(wanted: str | None, key: str | None, meaning: str | None) -> bool:
    """Say whether a class is the one wanted, by its key or by its meaning."""
    if wanted is None:
        return True
    return key is None if wanted == NOBODY_COULD_TELL else wanted in {key, meaning}
