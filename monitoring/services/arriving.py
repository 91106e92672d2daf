"""What arrives on a line: each input column by day, beside what its version knew."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import Any

from django.db.models import Sum

from monitoring.catalogue import Amount, Family, Unit, metrics_for
from monitoring.models import DriftState, DriftWindow, HourlyCount, Measure
from monitoring.services.bands import Band, Known, known_of
from monitoring.services.series import Point, Span, share_point
from monitoring.services.windowsizes import size_of
from monitoring.stats.sketch import ACCURACY, Sketch, add
from monitoring.windows.days import columns_by_day
from monitoring.windows.samples import VALUE
from reviewapp.models import ProductLine

OF_WORDS = "commonest_share"

# Half of a day's values lie between these.
LOW, HIGH = 0.25, 0.75
# What the catalogue has no metric of is counted in something all the same.
UNITS_BESIDES = {"height": Unit.PIXELS, "bytes": Unit.BYTES}
MOST_CATEGORIES = 6
# A window that ended so many lengths ago says nothing of what arrives now.
LENGTHS_KEPT = 2


class Standing(StrEnum):
    """What the newest window can say of the present."""

    CURRENT = "current"
    OLD = "old"
    NOT_ENOUGH = "not_enough"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One category of a column: its share of the span, by day, and of the reference.

    ``known`` is ``None`` where there is no reference, and 0 for one that is new.
    """

    name: str
    share: float
    count: int
    days: Sequence[Point]
    known: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One input column over a span.

    ``name`` is that of windows and references, ``key`` what stands in the page's
    addresses. ``band`` is the reference's; ``figures`` are those of the newest window
    that was compared.
    """

    name: str
    key: str
    title: str
    unit: Unit
    days: Sequence[Point]
    categories: Sequence[Category]
    missing: Sequence[Point]
    missing_share: float
    count: int
    band: Band | None
    figures: Mapping[str, Any]

    @property
    def is_compared(self) -> bool:
        """Say whether the newest compared window holds it against the reference."""
        return bool(self.figures) and self.figures["kind"] != "new"

    @property
    def has_moved(self) -> bool:
        """Say whether it is no longer what the version knew."""
        return bool(self.figures.get("moved"))

    @property
    def is_categorical(self) -> bool:
        """Say whether it holds categories and no numbers."""
        return bool(self.categories)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """A line's columns over a span, what its live version knew, and what moved.

    ``window`` is the newest that has ended, ``compared`` the newest of those that were
    held against the reference; only where ``standing`` is current do they speak of now.
    ``filling`` says how many items the next one holds so far.
    """

    columns: Sequence[Column]
    known: Known | None
    window: DriftWindow | None
    compared: DriftWindow | None
    standing: Standing
    filling: int

    @property
    def moved(self) -> list[Column]:
        """The columns that moved in the newest compared window."""
        return [column for column in self.columns if column.has_moved]

    @property
    def has_items(self) -> bool:
        """Say whether anything arrived in the span."""
        return any(column.count for column in self.columns)


def arriving(line: ProductLine, span: Span, *, at: datetime) -> Arriving:
    """Give each input column by day: a middle half, or the shares of categories."""
    live = line.in_force.live
    known = known_of(line, live) if live else None
    windows = DriftWindow.objects.none()
    if live is not None:
        windows = DriftWindow.objects.of_version(line, live).newest_first()
    compared = windows.judged().first()
    newest = windows.first()
    oldest = at - LENGTHS_KEPT * timedelta(hours=size_of(line).hours)
    return Arriving(
        columns=_columns(
            line,
            span,
            bands=known.bands if known else {},
            figures=compared.columns if compared else {},
        ),
        known=known,
        window=newest,
        compared=compared,
        standing=_standing(newest, compared, oldest=oldest),
        filling=_filling(line, newest),
    )


def _filling(line: ProductLine, newest: DriftWindow | None) -> int:
    if newest is None:
        return 0
    items = HourlyCount.objects.of_line(line).filter(measure=Measure.ITEM)
    held = items.filter(hour__gte=newest.end).aggregate(held=Sum("count"))["held"]
    return int(held or 0)


def _standing(
    newest: DriftWindow | None, compared: DriftWindow | None, *, oldest: datetime
) -> Standing:
    if newest is not None and compared is not None and newest.end < oldest:
        return Standing.OLD
    if newest is not None and newest.state == DriftState.NO_DATA:
        return Standing.NO_DATA
    if newest is not None and newest.state == DriftState.NOT_ENOUGH:
        return Standing.NOT_ENOUGH
    return Standing.CURRENT


def _columns(
    line: ProductLine,
    span: Span,
    *,
    bands: Mapping[str, Band],
    figures: Mapping[str, Mapping[str, Any]],
) -> list[Column]:
    wanted = _wanted(line)
    wanted |= {k: v for k, v in _known_besides(bands).items() if k not in wanted}
    by_column: dict[str, dict[date, Sketch]] = {}
    for one in columns_by_day(
        line, span.first, span.end, zone=span.zone, columns=list(wanted)
    ):
        if one.version_id is None and not one.stage:
            by_column.setdefault(one.column, {})[one.day] = one.sketch
    found = []
    for name, (title, unit, is_categorical) in wanted.items():
        days = dict(sorted(by_column.get(name, {}).items()))
        whole = add(days.values())
        band = bands.get(name)
        found.append(
            Column(
                name=name,
                key=name.removeprefix(VALUE),
                title=title,
                unit=unit,
                days=[] if is_categorical else _middle_half(days),
                categories=_categories(days, band) if is_categorical else [],
                missing=_missing(days),
                missing_share=whole.missing_share if days else 0.0,
                count=whole.count,
                band=band,
                figures=figures.get(name, {}),
            )
        )
    return found


def _wanted(line: ProductLine) -> dict[str, tuple[str, Unit, bool]]:
    """Name the line's columns, with title, unit and whether they hold categories."""
    wanted = {
        metric.reads.column: (
            metric.title,
            metric.unit,
            metric.reads.statistic == OF_WORDS,
        )
        for metric in metrics_for(line.modality)
        if metric.family is Family.INPUT
        and isinstance(metric.reads, Amount)
        and metric.reads.statistic in ("mean", OF_WORDS)
    }
    if line.schema is not None:
        for column in line.schema.columns:
            is_categorical = column["kind"] != "number"
            wanted[f"{VALUE}{column['name']}"] = (
                column["name"],
                Unit.PLAIN,
                is_categorical,
            )
    return wanted


def titles_of(line: ProductLine, names: Iterable[str]) -> list[str]:
    """Give the titles of columns, as windows and references name them."""
    wanted = _wanted(line)
    return [wanted[name][0] if name in wanted else _plain(name) for name in names]


def _plain(name: str) -> str:
    if name.startswith(VALUE):
        return name.removeprefix(VALUE)
    return name.replace("_", " ").capitalize()


def _known_besides(bands: Mapping[str, Band]) -> dict[str, tuple[str, Unit, bool]]:
    """Name what is held against a reference, whether or not the catalogue has it.

    A column that moved and stands nowhere would be a false calm.
    """
    return {
        name: (
            _plain(name),
            _unit_besides(name),
            bool(band.shares),
        )
        for name, band in bands.items()
    }


def _unit_besides(name: str) -> Unit:
    if name.endswith("_share") and not name.startswith(VALUE):
        return Unit.SHARE
    return UNITS_BESIDES.get(name, Unit.PLAIN)


def _middle_half(days: dict[date, Sketch]) -> list[Point]:
    points = []
    for day, sketch in days.items():
        if isfinite(sketch.mean):
            low, high = _held_around(
                sketch.mean, sketch.quantile(LOW), sketch.quantile(HIGH)
            )
            points.append(
                Point(
                    day=day, value=sketch.mean, low=low, high=high, count=sketch.count
                )
            )
    return points


def _held_around(mean: float, low: float, high: float) -> tuple[float, float]:
    """Draw an end to the mean where a sketch cannot tell the two apart.

    Of values that lie close together it would round both ends to one side of the mean.
    """
    if mean < low <= mean + ACCURACY * abs(low):
        low = mean
    if mean > high >= mean - ACCURACY * abs(high):
        high = mean
    return low, high


def _categories(days: dict[date, Sketch], band: Band | None) -> list[Category]:
    whole: Counter[str] = Counter()
    for sketch in days.values():
        whole.update(sketch.buckets)
    total = whole.total()
    return [
        Category(
            name=name,
            share=count / total,
            count=count,
            days=[
                share_point(day, sketch.buckets.get(name, 0), sketch.count)
                for day, sketch in days.items()
                if sketch.count
            ],
            known=band.shares.get(name, 0.0) if band else None,
        )
        for name, count in whole.most_common(MOST_CATEGORIES)
    ]


def _missing(days: dict[date, Sketch]) -> list[Point]:
    return [
        share_point(day, sketch.missing, sketch.count + sketch.missing)
        for day, sketch in days.items()
        if sketch.count + sketch.missing
    ]
