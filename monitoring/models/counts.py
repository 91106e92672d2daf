"""Counts that add up: whole hours of items, predictions, labels and decisions."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewapp.models import LabelClass, ModelVersion, ProductLine, RouteChoices


class Measure(models.TextChoices):
    """What is counted."""

    ITEM = "item", _("Items received")
    PREDICTION = "prediction", _("Predictions")
    PREDICTION_ERROR = "error", _("Predictions without an answer")
    PAIR = "pair", _("Predictions with a label")
    DECISION = "decision", _("Decisions")


class HourlyCountQuerySet(models.QuerySet["HourlyCount"]):
    """Reads of counts."""

    def of_line(self, line: ProductLine) -> Self:
        """Counts of one line."""
        return self.filter(line=line)

    def between(self, start: datetime, end: datetime) -> Self:
        """Counts of the hours in [start, end)."""
        return self.filter(hour__gte=start, hour__lt=end)

    def blind_pairs(self) -> Self:
        """Pairs whose label was drawn blind: the only ones that are evidence."""
        return self.filter(measure=Measure.PAIR, is_blind=True)


class HourlyCount(models.Model):
    """How many of one kind fell into one hour of one line.

    The hour is the item's own (``occurred_at``), in UTC. Every figure over any span is
    a sum of these, so a year costs what a day costs. ``predicted`` and ``answered``
    are the classes of a pair; ``is_blind`` says that the route drew a blind label and
    that nothing was in sight.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="hourly_counts"
    )
    hour = models.DateTimeField()
    measure = models.CharField(max_length=12, choices=Measure)
    version = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    route = models.CharField(max_length=10, choices=RouteChoices, blank=True)
    is_blind = models.BooleanField(default=False)
    predicted = models.ForeignKey(
        LabelClass, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answered = models.ForeignKey(
        LabelClass, null=True, on_delete=models.PROTECT, related_name="+"
    )
    count = models.PositiveIntegerField()

    objects = HourlyCountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "line",
                    "hour",
                    "measure",
                    "version",
                    "route",
                    "is_blind",
                    "predicted",
                    "answered",
                ],
                name="an_hour_is_counted_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(fields=["line", "measure", "hour"], name="count_of_line")
        ]

    def __str__(self) -> str:
        return f"{self.line}, {self.hour:%Y-%m-%d %H}: {self.count} {self.measure}"


class CountRun(models.Model):
    """How far a line's counts reach: everything committed before ``counted_to``."""

    line = models.OneToOneField(
        ProductLine, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    counted_to = models.DateTimeField()
    ran_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.line} counted to {self.counted_to}"
