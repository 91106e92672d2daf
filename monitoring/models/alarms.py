"""Alarms: conditions that need a person, one a line and cause at a time."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models import Policy, ProductLine


class AlarmCause(models.TextChoices):
    """What rang."""

    DISAGREEMENT = "disagreement", _("People disagree with the model too often")
    ESCAPES = "escapes", _("The model passes what people reject")
    OVERKILL = "overkill", _("The model rejects what people pass")
    INSPECTOR = "inspector", _("One inspector differs from the others")
    INPUT_DRIFT = "input_drift", _("What arrives is no longer what the model knows")
    PREDICTION_DRIFT = "prediction_drift", _("The model answers otherwise than before")
    OUT_OF_BOUNDS = "out_of_bounds", _("A metric is out of its bounds")


class AlarmQuerySet(models.QuerySet["Alarm"]):
    """Reads of alarms."""

    def open(self) -> Self:
        """Alarms that nobody has cleared."""
        return self.filter(cleared_at=None)


class Alarm(models.Model):
    """One condition on one line, from when it rang until a person cleared it.

    ``subject`` says of what the cause is, where a line has several of a kind: the
    metric out of its bounds, the inspector's pseudonym. ``figures`` are those it rang
    on, ``began_at`` the estimate of when it began; ``lowered`` is the policy row by
    which it took the level down, if it did.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="alarms"
    )
    cause = models.CharField(max_length=20, choices=AlarmCause)
    subject = models.CharField(max_length=60, blank=True)
    figures = models.JSONField(default=dict)
    began_at = models.DateTimeField(null=True)
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
                fields=["line", "cause", "subject"],
                condition=Q(cleared_at=None),
                name="a_cause_rings_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.get_cause_display()}"
