"""Measurements: what a metric was in a window, and the limits it is held against."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models import ClockNow, ModelVersion, ProductLine, User


class Verdict(models.TextChoices):
    """What a measurement says against its bound."""

    WITHIN = "within", _("Within its bounds")
    LOW = "low", _("Below its lower bound")
    HIGH = "high", _("Above its upper bound")
    NOT_ENOUGH = "not_enough", _("Not enough data")
    NO_DATA = "no_data", _("No data")
    UNBOUNDED = "unbounded", _("Shown, not judged")


class MeasurementQuerySet(models.QuerySet["Measurement"]):
    """Reads of measurements."""

    def of_line(self, line: ProductLine) -> Self:
        """Measurements of one line."""
        return self.filter(line=line)

    def newest_first(self) -> Self:
        """The latest windows first."""
        return self.order_by("-end", "-pk")


class Measurement(models.Model):
    """One metric's value on one line in one window, with its interval and its count.

    ``formula`` is the version of the metric's formula, so that an old value is never
    taken for one of another meaning. ``value`` is ``None`` where the metric was not
    defined; ``verdict`` then says why.
    """

    line = models.ForeignKey(
        ProductLine,
        on_delete=models.CASCADE,
        related_name="measurements",
        db_index=False,
    )
    metric = models.CharField(max_length=60)
    formula = models.PositiveSmallIntegerField(default=1)
    version = models.ForeignKey(
        ModelVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    start = models.DateTimeField()
    end = models.DateTimeField()
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    count = models.PositiveIntegerField(default=0)
    verdict = models.CharField(max_length=12, choices=Verdict)
    details = models.JSONField(default=dict)
    measured_at = models.DateTimeField(db_default=ClockNow())

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "metric", "version", "end", "start"],
                name="a_window_is_measured_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(start__lt=models.F("end")), name="a_window_has_a_length"
            ),
        ]
        indexes = [
            models.Index(fields=["line", "metric", "-end"], name="measurement_of_line"),
            models.Index(fields=["line", "-end", "-id"], name="newest_of_line"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.metric} {self.value} ({self.get_verdict_display()})"


class MetricState(models.TextChoices):
    """How far a metric is in its life on a line."""

    PROPOSED = "proposed", _("Proposed")
    ACTIVE = "active", _("Active")
    MUTED = "muted", _("Muted")
    RETIRED = "retired", _("Retired")


class BoundQuerySet(models.QuerySet["Bound"]):
    """Reads of bounds."""

    def in_force(self, line: ProductLine) -> Self:
        """The newest row of each metric of a line."""
        return self.filter(line=line).order_by("metric", "-pk").distinct("metric")


class Bound(models.Model):
    """What a line asks of one metric, from ``set_at`` until the next row.

    Lower and upper limits, the fewest observations for a verdict, and whether the
    metric is active, muted (measured, and rings no alarm) or retired (not measured;
    its history stays). Where a line has no row, the catalogue's defaults hold.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="bounds"
    )
    metric = models.CharField(max_length=60)
    state = models.CharField(
        max_length=8, choices=MetricState, default=MetricState.ACTIVE
    )
    lower = models.FloatField(null=True)
    upper = models.FloatField(null=True)
    fewest = models.PositiveIntegerField(default=200)
    set_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField(db_default=ClockNow())
    reason = models.CharField(max_length=300, blank=True)

    objects = BoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lower=None)
                | Q(upper=None)
                | Q(lower__lte=models.F("upper")),
                name="a_lower_bound_is_not_above_the_upper",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.metric} {self.get_state_display()}"
