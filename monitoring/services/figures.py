"""Figures as pages show them: a value, its interval, and what it was counted from."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from monitoring.models import HourlyCount, Measure
from monitoring.stats.intervals import wilson
from monitoring.windows import pairs
from reviewapp.models import ProductLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share in [0, 1] with its 95 % Wilson interval and both counts."""

    value: float
    low: float
    high: float
    count: int
    of: int


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


def agreement_series(line: ProductLine, *, start: datetime, end: datetime) -> Series:
    """Give the live version's agreement with blind labels, day by day."""
    live = line.in_force.live
    if live is None:
        return Series(days=[], whole=None)
    found = pairs.agreement_by_day(line, live, start=start, end=end)
    by_day = [(d.day, share(d.agreed, d.pairs)) for d in found]
    whole = share(sum(d.agreed for d in found), sum(d.pairs for d in found))
    return Series(
        days=[DayShare(day=day, share=s) for day, s in by_day if s is not None],
        whole=whole,
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
