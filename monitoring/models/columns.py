"""Hours of numbers: inputs, latencies and confidences as counts that add up."""

from datetime import datetime
from typing import Self

from django.db import models

from reviewapp.models import ModelVersion, ProductLine


class HourlyColumnQuerySet(models.QuerySet["HourlyColumn"]):
    """Reads of hourly columns."""

    def of_line(self, line: ProductLine) -> Self:
        """Columns of one line."""
        return self.filter(line=line)

    def between(self, start: datetime, end: datetime) -> Self:
        """Columns of the hours in [start, end)."""
        return self.filter(hour__gte=start, hour__lt=end)


class HourlyColumn(models.Model):
    """The values that one number took in one hour of one line, as a sketch.

    Hours are UTC. ``column`` names the number: an input metric (``brightness``), a
    column of table rows (``value:width``), or a time (``prediction_ms``). ``buckets``
    are those of ``monitoring.stats.sketch``; where the column holds categories they
    are the categories themselves. ``version`` and ``stage`` are set where a model made
    the number.
    """

    line = models.ForeignKey(
        ProductLine,
        on_delete=models.CASCADE,
        related_name="hourly_columns",
        db_index=False,
    )
    hour = models.DateTimeField()
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

    objects = HourlyColumnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "column", "hour", "version", "stage"],
                name="a_column_is_counted_once_an_hour",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}, {self.hour:%Y-%m-%d %H}: {self.count} {self.column}"
