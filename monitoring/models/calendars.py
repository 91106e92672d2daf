"""Calendars: when a line is expected to work, and when it was planned not to."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from reviewapp.models import ClockNow, ProductLine, User


class WorkWeek(models.Model):
    """The week of a line in its own zone, and its holidays.

    ``shifts`` holds weekday (0 is Monday), ``from`` and ``to`` as "HH:MM"; without any
    the line works round the clock. ``holidays`` holds dates.
    """

    line = models.OneToOneField(
        ProductLine, primary_key=True, on_delete=models.CASCADE, related_name="week"
    )
    shifts = models.JSONField(default=list)
    holidays = models.JSONField(default=list)
    set_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField(db_default=ClockNow())

    def __str__(self) -> str:
        return f"{self.line}: {len(self.shifts)} shifts"


class PlannedPauseQuerySet(models.QuerySet["PlannedPause"]):
    """Reads of planned pauses."""

    def standing(self) -> Self:
        """Pauses that nobody has withdrawn."""
        return self.filter(withdrawn_at=None)

    def not_over(self, at: datetime) -> Self:
        """Pauses that go on or are still to come."""
        return self.standing().filter(ends_at__gt=at).order_by("starts_at")

    def in_force(self, at: datetime) -> Self:
        """Pauses that go on now."""
        return self.not_over(at).filter(starts_at__lte=at)


class PlannedPause(models.Model):
    """A span in which a line was meant to stand still, so that silence is no alarm."""

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="pauses"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    planned_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+"
    )
    planned_at = models.DateTimeField(db_default=ClockNow())
    withdrawn_at = models.DateTimeField(null=True)

    objects = PlannedPauseQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="a_pause_has_a_length"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"
