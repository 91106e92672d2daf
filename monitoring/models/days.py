"""Finished days of a line: its hours added up, so that a year is read as 365 rows."""

from datetime import date
from typing import Self

from django.db import models

from monitoring.models.counts import Measure
from reviewapp.models import LabelClass, ModelVersion, ProductLine, RouteChoices


class DailyCountQuerySet(models.QuerySet["DailyCount"]):
    """Reads of days of counts."""

    def between(self, first: date, end: date) -> Self:
        """Counts of the days in [first, end)."""
        return self.filter(day__gte=first, day__lt=end)

    def of_segment(self, segment: str) -> Self:
        """Counts of one segment; of all of them where it is empty."""
        return self.filter(segment=segment) if segment else self


class DailyCount(models.Model):
    """How many of one kind fell into one finished day of the line's own zone.

    The sum of ``HourlyCount`` over the day's hours, whatever the attempt.
    """

    line = models.ForeignKey(
        ProductLine,
        on_delete=models.CASCADE,
        related_name="daily_counts",
        db_index=False,
    )
    day = models.DateField()
    measure = models.CharField(max_length=12, choices=Measure)
    version = models.ForeignKey(
        ModelVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    route = models.CharField(max_length=10, choices=RouteChoices, blank=True)
    is_blind = models.BooleanField(default=False)
    predicted = models.ForeignKey(
        LabelClass,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    answered = models.ForeignKey(
        LabelClass,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    segment = models.CharField(max_length=40, blank=True, db_default="")
    inclusion = models.FloatField(null=True)
    count = models.PositiveIntegerField()

    objects = DailyCountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "line",
                    "day",
                    "measure",
                    "version",
                    "route",
                    "is_blind",
                    "predicted",
                    "answered",
                    "segment",
                    "inclusion",
                ],
                name="a_day_is_summed_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}, {self.day}: {self.count} {self.measure}"


class DailyColumnQuerySet(models.QuerySet["DailyColumn"]):
    """Reads of days of columns."""

    def between(self, first: date, end: date) -> Self:
        """Columns of the days in [first, end)."""
        return self.filter(day__gte=first, day__lt=end)


class DailyColumn(models.Model):
    """The values that one number took in one finished day of the line's own zone.

    The sum of ``HourlyColumn`` over the day's hours, bucket by bucket.
    """

    line = models.ForeignKey(
        ProductLine,
        on_delete=models.CASCADE,
        related_name="daily_columns",
        db_index=False,
    )
    day = models.DateField()
    column = models.CharField(max_length=120)
    version = models.ForeignKey(
        ModelVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    stage = models.CharField(max_length=40, blank=True)
    count = models.PositiveIntegerField()
    missing = models.PositiveIntegerField(default=0)
    total = models.FloatField(default=0)
    squares = models.FloatField(default=0)
    buckets = models.JSONField(default=dict)

    objects = DailyColumnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "column", "day", "version", "stage"],
                name="a_column_is_summed_once_a_day",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}, {self.day}: {self.count} {self.column}"
