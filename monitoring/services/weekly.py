"""A line's week: its figures beside those of the week before, and what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from monitoring.catalogue import Metric, Ratio, Rows, metrics_for
from monitoring.services.events import Event, events
from monitoring.services.fates import Rang, rang_between
from monitoring.services.figures import Share, share, weighed
from monitoring.services.series import EARLIEST, LATEST, Span, live_by_day
from monitoring.windows.counts import Counted, groups, total
from monitoring.windows.days import counted_by_day
from reviewapp.models import ModelVersion, ProductLine

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFigure:
    """One share this week and the week before."""

    metric: Metric
    now: Share | None
    before: Share | None

    @property
    def has_moved(self) -> bool:
        """Say whether both weeks are further apart than chance explains."""
        if self.now is None or self.before is None:
            return False
        return self.now.low > self.before.high or self.now.high < self.before.low

    @property
    def has_risen(self) -> bool:
        """Say whether the share is larger this week."""
        return (
            self.now is not None
            and self.before is not None
            and self.now.value > self.before.value
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One week of a line; people only as totals."""

    span: Span
    items: int
    items_before: int
    labels: int
    labels_before: int
    decided_by_model: Share | None
    figures: list[WeekFigure]
    events: list[Event]
    alarms: Rang

    @property
    def moved(self) -> list[WeekFigure]:
        """Figures that moved beyond chance."""
        return [figure for figure in self.figures if figure.has_moved]


def week_of(text: str) -> date | None:
    """Read a week as 2026-W10 and give its Monday; ``None`` if it is none.

    The week before it must be one as well, since a report holds them side by side.
    """
    year, _dash, week = text.partition("-W")
    try:
        monday = date.fromisocalendar(int(year), int(week), 1)
    except ValueError:
        return None
    return monday if EARLIEST + WEEK <= monday <= LATEST - WEEK else None


def report(
    line: ProductLine, monday: date, *, zone: ZoneInfo, as_of: datetime | None = None
) -> Report:
    """Report a week of a line from its days."""
    now = Span(first=monday, last=monday + timedelta(days=6), zone=zone)
    before = Span(first=monday - WEEK, last=monday - timedelta(days=1), zone=zone)
    weeks = [_Week(line, now), _Week(line, before)]
    shares = [m for m in metrics_for(line.modality) if isinstance(m.reads, Ratio)]
    figures = [
        WeekFigure(
            metric=metric, now=weeks[0].share(metric), before=weeks[1].share(metric)
        )
        for metric in shares
    ]
    by_model = weeks[0].number("by_model")
    return Report(
        span=now,
        items=weeks[0].number("item"),
        items_before=weeks[1].number("item"),
        labels=weeks[0].number("label"),
        labels_before=weeks[1].number("label"),
        decided_by_model=share(by_model, by_model + weeks[0].number("by_person")),
        figures=[f for f in figures if f.now or f.before],
        events=events(line, now),
        alarms=rang_between(
            line.alarms.all(),
            now.start_at,
            now.end_at,
            at=as_of or timezone.now(),
        ),
    )


class _Week:
    """The counts of one week, each day's with the version that was live then."""

    def __init__(self, line: ProductLine, span: Span) -> None:
        live = live_by_day(line, span)
        days: dict[date, list[Counted]] = {}
        for one in counted_by_day(line, span.first, span.end, zone=span.zone):
            if one.day is not None:
                days.setdefault(one.day, []).append(one)
        self.days: Sequence[tuple[list[Counted], ModelVersion | None]] = [
            (counts, live.get(day)) for day, counts in days.items()
        ]

    def share(self, metric: Metric) -> Share | None:
        reads = metric.reads
        if not isinstance(reads, Ratio):
            return None
        if reads.is_weighted:
            return weighed(
                [
                    group
                    for counts, live in self.days
                    for group in groups(counts, reads, live)
                ]
            )
        part, whole = self._total(reads.part), self._total(reads.whole)
        return share(part, whole) if part <= whole else None

    def number(self, measure: str) -> int:
        return self._total(Rows(measures=(measure,), of_version=False))

    def _total(self, rows: Rows) -> int:
        return sum(total(counts, rows, live) for counts, live in self.days)


def last_monday(at: datetime, zone: ZoneInfo) -> date:
    """Give the Monday of the last week that is over."""
    today = at.astimezone(zone).date()
    return today - timedelta(days=today.weekday()) - WEEK
