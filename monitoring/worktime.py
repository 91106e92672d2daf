"""Working time: the hours in which a line is expected to have items.

Plain values. A week of shifts in the line's zone, holidays as dates, and pauses that
were planned; a line without shifts works round the clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
NOTHING = timedelta(0)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A span of every week; one that ends at or before its start runs over midnight."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTime:
    """When a line works; ``pauses`` are half-open spans of UTC."""

    zone: ZoneInfo
    shifts: tuple[Shift, ...] = ()
    holidays: frozenset[date] = frozenset()
    pauses: tuple[Span, ...] = ()

    def length(self, start: datetime, end: datetime) -> timedelta:
        """Add up the working time in [start, end)."""
        return sum((to - since for since, to in self.spans(start, end)), NOTHING)

    def spans(self, start: datetime, end: datetime) -> list[Span]:
        """Give the working spans in [start, end), in order, none touching another.

        A shift belongs to the day on which it begins: a holiday takes the whole of
        it away, and nothing of the night shift that began the day before.
        """
        # moments of one zone would be subtracted by its clock, also when that is put on
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        cut = [
            (max(since, start), min(to, end))
            for since, to in self._planned(start, end)
            if since < end and to > start
        ]
        return _without(_merged(cut), _merged(list(self.pauses)))

    def _planned(self, start: datetime, end: datetime) -> Iterator[Span]:
        day = start.astimezone(self.zone).date() - DAY
        last = end.astimezone(self.zone).date()
        while day <= last:
            if day not in self.holidays:
                yield from self._of_day(day)
            day += DAY

    def _of_day(self, day: date) -> Iterator[Span]:
        if not self.shifts:
            yield self._at(day, time()), self._at(day + DAY, time())
        for shift in self.shifts:
            if shift.weekday == day.weekday():
                ends = day if shift.end > shift.start else day + DAY
                yield self._at(day, shift.start), self._at(ends, shift.end)

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for since, to in sorted(spans):
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], to))
        elif since < to:
            merged.append((since, to))
    return merged


def _without(spans: list[Span], gaps: list[Span]) -> list[Span]:
    left: list[Span] = []
    for since, to in spans:
        inside = [
            (max(gap_from, since), min(gap_to, to))
            for gap_from, gap_to in gaps
            if gap_from < to and gap_to > since
        ]
        edges = [(since, since), *inside, (to, to)]
        left += [
            (before[1], after[0])
            for before, after in pairwise(edges)
            if before[1] < after[0]
        ]
    return left
