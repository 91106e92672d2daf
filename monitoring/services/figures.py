"""Figures as pages show them: a value, its interval, and what it was counted from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db.models import Sum

from monitoring.catalogue import AGREED
from monitoring.models import HourlyCount, Measure
from monitoring.stats.intervals import wilson
from monitoring.stats.weighting import Group, weighted_share
from monitoring.windows.counts import groups
from monitoring.windows.days import counted_by_day
from reviewapp.models import ProductLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share in [0, 1] with its 95 % Wilson interval and both counts.

    Where it ``is_weighted`` it is not the one count over the other.
    """

    value: float
    low: float
    high: float
    count: int
    of: int
    is_weighted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DayShare:
    """The share of one day."""

    day: date
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Agreement over a span: day by day, and over all of it."""

    days: list[DayShare]
    whole: Share | None


def share(count: int, of: int) -> Share | None:
    """Give a share with its interval; ``None`` of nothing."""
    if of == 0:
        return None
    interval = wilson(count, of)
    return Share(
        value=count / of, low=interval.low, high=interval.high, count=count, of=of
    )


def weighed(drawn: Sequence[Group]) -> Share | None:
    """Give a share of all items, from labels drawn with unlike chances."""
    if not drawn:
        return None
    found = weighted_share(drawn)
    return Share(
        value=found.value,
        low=found.low,
        high=found.high,
        count=sum(group.part for group in drawn),
        of=found.n,
        is_weighted=len({group.inclusion for group in drawn}) > 1,
    )


def agreement_series(
    line: ProductLine, first: date, end: date, *, zone: ZoneInfo
) -> Series:
    """Give the live version's agreement with blind labels on the days in [first, end).

    Of all days that version's, whichever was live then.
    """
    live = line.in_force.live
    if live is None:
        return Series(days=[], whole=None)
    found = counted_by_day(line, first, end, zone=zone, measures=[Measure.PAIR])
    found.sort(key=lambda one: one.day or first)
    by_day = {
        day: weighed(groups(of_day, AGREED, live))
        for day, of_day in groupby(found, key=lambda one: one.day)
    }
    return Series(
        days=[DayShare(day=day, share=s) for day, s in by_day.items() if day and s],
        whole=weighed(groups(found, AGREED, live)),
    )


def decided_share(line: ProductLine, *, start: datetime, end: datetime) -> Share | None:
    """Give the coverage: items the model decided alone, of all that are decided."""
    sums = dict(
        HourlyCount.objects.of_line(line)
        .filter(measure__in=[Measure.MODEL_DECISION, Measure.PERSON_DECISION])
        .between(start, end)
        .values_list("measure")
        .annotate(n=Sum("count"))
        .order_by()
    )
    by_model = sums.get(Measure.MODEL_DECISION, 0)
    return share(by_model, by_model + sums.get(Measure.PERSON_DECISION, 0))
