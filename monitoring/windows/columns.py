"""Hourly columns of a span, added up to one sketch each."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from monitoring.models import HourlyColumn
from monitoring.stats.sketch import Sketch, add
from reviewapp.models import ModelVersion, ProductLine


def sketch(
    line: ProductLine,
    column: str,
    start: datetime,
    end: datetime,
    *,
    version: ModelVersion | None = None,
    stage: str = "",
) -> Sketch:
    """Add up a column over the hours in [start, end).

    ``version`` is ``None`` for what no model made.
    """
    rows = _rows(line, column, start, end, version=version, stage=stage)
    return add(map(_sketch, rows))


def _rows(
    line: ProductLine,
    column: str,
    start: datetime,
    end: datetime,
    *,
    version: ModelVersion | None,
    stage: str,
) -> QuerySet[HourlyColumn]:
    return (
        HourlyColumn.objects.of_line(line)
        .between(start, end)
        .filter(column=column, version=version, stage=stage)
        .order_by("hour")
    )


def _sketch(row: HourlyColumn) -> Sketch:
    return Sketch(
        count=row.count,
        missing=row.missing,
        total=row.total,
        squares=row.squares,
        buckets=row.buckets,
    )


def known_columns(
    line: ProductLine, start: datetime, end: datetime
) -> Iterable[tuple[str, str]]:
    """Name the columns, with their stages, that a line has counts of in a span."""
    return (
        HourlyColumn.objects.of_line(line)
        .between(start, end)
        .order_by("column", "stage")
        .values_list("column", "stage")
        .distinct()
    )
