"""Plots as pages hand them to the browser: numbers, marks, and words for each point."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from monitoring.catalogue import Unit
from monitoring.services.bands import Band
from monitoring.services.events import Event
from monitoring.services.series import Point, Span
from monitoring.templatetags.metric_words import (
    MEBIBYTE,
    amount,
    happened,
    interval,
)

SCALES: dict[Unit, tuple[float, str]] = {
    Unit.SHARE: (100, " %"),
    Unit.MILLISECONDS: (1, " ms"),
    Unit.SECONDS: (1, " s"),
    Unit.BYTES: (1 / 1_048_576, " MiB"),
    Unit.PIXELS: (1, " px"),
    Unit.DECIBELS: (1, " dB"),
}


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

    def as_json(self) -> dict[str, Any]:
        """Give what the browser draws; a day without data is a gap."""
        factor, suffix = SCALES.get(self.unit, (1, ""))
        largest = max((abs(p.value) for p in self.points), default=0.0)
        if self.unit is Unit.BYTES and largest < MEBIBYTE:
            factor, suffix = 1 / 1024, " KiB"
        zone = self.span.zone
        return {
            "at": [seconds(p, zone) for p in self.points],
            "value": [p.value for p in self.points],
            "low": [p.value if p.low is None else p.low for p in self.points],
            "high": [p.value if p.high is None else p.high for p in self.points],
            "words": [self.words(p) for p in self.points],
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

    def words(self, point: Point) -> str:
        """Say what stands under the cursor."""
        return _("%(day)s: smoothed %(value)s (quiet: %(interval)s)") % {
            "day": date_format(point.day, "DATE_FORMAT"),
            "value": amount(point.value, self.unit),
            "interval": interval(point, self.unit),
        }


def seconds(point: Point, zone: ZoneInfo) -> float:
    """Give the noon of a point's day, in seconds since 1970."""
    return datetime.combine(point.day, time(12), tzinfo=zone).timestamp()
