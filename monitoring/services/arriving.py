"""What arrives on a line: each input column by day, beside what was known before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite

from monitoring.catalogue import Amount, Family, Unit, metrics_for
from monitoring.models import Measurement
from monitoring.services.readings import newest_of
from monitoring.services.series import Point, Span, share_point
from monitoring.stats.sketch import Sketch, add
from monitoring.windows.days import columns_by_day
from reviewapp.models import ProductLine

# Half of a day's values lie between these.
LOW, HIGH = 0.25, 0.75
MOST_CATEGORIES = 6
DRIFT = "drift:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One category of a column: its share of the span, and its share by day."""

    name: str
    share: float
    count: int
    days: Sequence[Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One input column over a span."""

    key: str
    title: str
    unit: Unit
    days: Sequence[Point]
    categories: Sequence[Category]
    missing: Sequence[Point]
    missing_share: float
    count: int
    drift: Measurement | None

    @property
    def is_categorical(self) -> bool:
        """Say whether it holds categories and no numbers."""
        return bool(self.categories)


def arriving(line: ProductLine, span: Span) -> list[Column]:
    """Give each input column by day: a middle half, or the shares of categories."""
    wanted = _wanted(line)
    by_column: dict[str, dict[date, Sketch]] = {}
    for one in columns_by_day(
        line, span.first, span.end, zone=span.zone, columns=list(wanted)
    ):
        if one.version_id is None and not one.stage:
            by_column.setdefault(one.column, {})[one.day] = one.sketch
    drifts = newest_of(line, segment=span.segment)
    found = []
    for key, (title, unit, is_categorical) in wanted.items():
        days = dict(sorted(by_column.get(key, {}).items()))
        whole = add(days.values())
        name = key.removeprefix("value:")
        found.append(
            Column(
                key=name,
                title=title,
                unit=unit,
                days=[] if is_categorical else _middle_half(days),
                categories=_categories(days) if is_categorical else [],
                missing=_missing(days),
                missing_share=whole.missing_share if days else 0.0,
                count=whole.count,
                drift=drifts.get(DRIFT + name) or drifts.get(DRIFT + key),
            )
        )
    return found


def _wanted(line: ProductLine) -> dict[str, tuple[str, Unit, bool]]:
    """Name the line's columns, with title, unit and whether they hold categories."""
    wanted = {
        metric.reads.column: (metric.title, metric.unit, False)
        for metric in metrics_for(line.modality)
        if metric.family is Family.INPUT
        and isinstance(metric.reads, Amount)
        and metric.reads.statistic == "mean"
    }
    if line.schema is not None:
        for column in line.schema.columns:
            is_categorical = column["kind"] != "number"
            wanted[f"value:{column['name']}"] = (
                column["name"],
                Unit.PLAIN,
                is_categorical,
            )
    return wanted


def _middle_half(days: dict[date, Sketch]) -> list[Point]:
    return [
        Point(
            day=day,
            value=sketch.mean,
            low=sketch.quantile(LOW),
            high=sketch.quantile(HIGH),
            count=sketch.count,
        )
        for day, sketch in days.items()
        if isfinite(sketch.mean)
    ]


def _categories(days: dict[date, Sketch]) -> list[Category]:
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
        )
        for name, count in whole.most_common(MOST_CATEGORIES)
    ]


def _missing(days: dict[date, Sketch]) -> list[Point]:
    return [
        share_point(day, sketch.missing, sketch.count + sketch.missing)
        for day, sketch in days.items()
        if sketch.count + sketch.missing
    ]
