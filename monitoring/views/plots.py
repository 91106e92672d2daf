"""Plots as pages hand them to the browser: numbers, marks, and words for each point."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from monitoring.catalogue import Unit
from monitoring.services.bands import Band
from monitoring.services.events import Event
from monitoring.services.series import DAY, Point, Span
from monitoring.templatetags.metric_words import amount, happened, interval
from monitoring.views.scales import scale_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One plot: its name on the page, its points, its bounds and its marks.

    ``band`` is where the reference lies, where there is one. What lies around the line
    is how sure it is, unless it ``is_zone``: then it is where the line may be.
    """

    is_zone: ClassVar[bool] = False

    name: str
    label: str
    unit: Unit
    points: Sequence[Point]
    span: Span
    lower: float | None = None
    upper: float | None = None
    events: Sequence[Event] = field(default=())
    who: str = "model"
    height: int = 240
    lists_marks: bool = True
    band: Band | None = None

    @property
    def data_id(self) -> str:
        """The id under which the page carries the numbers."""
        return f"plot-{self.name}"

    @property
    def value_heading(self) -> str:
        """Say what the value of a day is."""
        return _("Value")

    @property
    def heading(self) -> str:
        """Say what stands beside each value in the table."""
        if any(point.low is not None for point in self.points):
            return _("95 %% interval, count") % {}
        return _("Count")

    def as_json(self) -> dict[str, Any]:
        """Give what the browser draws: every day, and a gap where one has no data."""
        largest = max((abs(p.value) for p in self.points), default=0.0)
        factor, suffix = scale_of(self.unit, largest)
        zone = self.span.zone
        by_day = {point.day: point for point in self.points}
        days = [self.span.first + n * DAY for n in range(self.span.length)]
        found = [by_day.get(day) for day in days]
        return {
            "at": [noon(day, zone) for day in days],
            "value": [p and p.value for p in found],
            "low": [p and (p.value if p.low is None else p.low) for p in found],
            "high": [p and (p.value if p.high is None else p.high) for p in found],
            "words": [
                self.words(point) if point else without(day)
                for day, point in zip(days, found, strict=True)
            ],
            "from": self.span.start_at.timestamp(),
            "to": self.span.end_at.timestamp(),
            "lower": self.lower,
            "upper": self.upper,
            "band": [self.band.low, self.band.middle, self.band.high]
            if self.band
            else None,
            # a number that hardly moves is drawn as one
            "room": largest * 0.2 if self.who == "ink" else 0,
            "factor": factor,
            "suffix": suffix,
            "who": self.who,
            "is_zone": self.is_zone,
            "zone": zone.key,
            "marks": [
                {
                    "at": event.at.timestamp(),
                    "kind": event.kind.value,
                    "text": happened(event),
                }
                for event in self.events
            ],
        }

    def words(self, point: Point) -> str:
        """Say what stands under the cursor."""
        return _("%(day)s: %(value)s (%(interval)s)") % {
            "day": date_format(point.day, "DATE_FORMAT"),
            "value": amount(point.value, self.unit),
            "interval": interval(point, self.unit),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPlot(Plot):
    """A smoothed curve and the zone in which it stays while nothing changes."""

    is_zone: ClassVar[bool] = True

    @property
    def heading(self) -> str:
        """Say what stands beside each value in the table."""
        return _("Zone of a quiet line, count")

    def words(self, point: Point) -> str:
        """Say what stands under the cursor."""
        return _("%(day)s: smoothed %(value)s (quiet: %(interval)s)") % {
            "day": date_format(point.day, "DATE_FORMAT"),
            "value": amount(point.value, self.unit),
            "interval": interval(point, self.unit),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadPlot(Plot):
    """The mean of each day's values, amid the middle half of them."""

    @property
    def value_heading(self) -> str:
        """Say what the value of a day is."""
        return _("Mean")

    @property
    def heading(self) -> str:
        """Say what stands beside each value in the table."""
        return _("Middle half of the day's values, count")

    def words(self, point: Point) -> str:
        """Say what stands under the cursor."""
        return _("%(day)s: mean %(value)s (middle half %(interval)s)") % {
            "day": date_format(point.day, "DATE_FORMAT"),
            "value": amount(point.value, self.unit),
            "interval": interval(point, self.unit),
        }


def without(day: date) -> str:
    """Say what stands under the cursor on a day without data."""
    return _("%(day)s: no data") % {"day": date_format(day, "DATE_FORMAT")}


def noon(day: date, zone: ZoneInfo) -> float:
    """Give the noon of a day, in seconds since 1970."""
    return datetime.combine(day, time(12), tzinfo=zone).timestamp()
