"""Alarms: conditions that need a person, one a line and cause at a time."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models import Policy, ProductLine


class AlarmCause(models.TextChoices):
    """What rang."""

    DISAGREEMENT = "disagreement", _("People disagree with the model too often")


class AlarmQuerySet(models.QuerySet["Alarm"]):
    """Reads of alarms."""

    def open(self) -> Self:
        """Alarms that nobody has cleared."""
        return self.filter(cleared_at=None)


class Alarm(models.Model):
    """One condition on one line, from when it rang until a person cleared it.

    ``figures`` are those it rang on; ``lowered`` is the policy row by which it took
    the level down, if it did.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="alarms"
    )
    cause = models.CharField(max_length=20, choices=AlarmCause)
    figures = models.JSONField(default=dict)
    lowered = models.ForeignKey(
        Policy, null=True, on_delete=models.PROTECT, related_name="alarms"
    )
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    found = models.CharField(max_length=500, blank=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "cause"],
                condition=Q(cleared_at=None),
                name="a_cause_rings_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.get_cause_display()}"
