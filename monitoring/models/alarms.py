"""Alarms: conditions that need a person, one a line, cause and subject at a time."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models import ClockNow, Policy, ProductLine, User
from reviewapp.policy import AutomationLevel


class AlarmCause(models.TextChoices):
    """What rang."""

    DISAGREEMENT = "disagreement", _("People disagree with the model too often")
    ESCAPES = "escapes", _("The model passes what people reject")
    OVERKILL = "overkill", _("The model rejects what people pass")
    INSPECTOR = "inspector", _("One inspector differs from the others")
    INPUT_DRIFT = "input_drift", _("What arrives is no longer what the model knows")
    PREDICTION_DRIFT = "prediction_drift", _("The model answers otherwise than before")
    OUT_OF_BOUNDS = "out_of_bounds", _("A metric is out of its bounds")
    NO_DATA = "no_data", _("There is no data to judge by")


class AlarmState(models.TextChoices):
    """Where an alarm is in its life."""

    RINGING = "ringing", _("Ringing")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    SNOOZED = "snoozed", _("Snoozed")
    RECOVERED = "recovered", _("Recovered by itself")
    CLEARED = "cleared", _("Cleared")


OPEN = (AlarmState.RINGING, AlarmState.ACKNOWLEDGED, AlarmState.SNOOZED)
CLOSED = (AlarmState.RECOVERED, AlarmState.CLEARED)


class AlarmQuerySet(models.QuerySet["Alarm"]):
    """Reads of alarms."""

    def open(self) -> Self:
        """Alarms that have neither recovered nor been cleared."""
        return self.filter(cleared_at=None)

    def visible_to(self, user: User) -> Self:
        """Alarms of the lines that the person may see."""
        return self.filter(line__in=ProductLine.objects.visible_to(user))

    def overslept(self, at: datetime) -> Self:
        """Snoozed alarms whose time is up."""
        return self.filter(state=AlarmState.SNOOZED, snoozed_until__lte=at)

    def with_story(self) -> Self:
        """With the line, the owner and the policy row they lowered."""
        return self.select_related(
            "line__policy__live", "line__state", "owner", "lowered"
        )


class Alarm(models.Model):
    """One condition on one line, from when it rang until it was over.

    ``subject`` says of what the cause is, where a line has several of a kind: the
    metric out of its bounds, the inspector's pseudonym. ``figures`` are those it rang
    on, ``findings`` what else had moved then, for the diagnosis, and ``latest`` what is
    known since ``latest_at``, while it is open. ``early_look`` holds what came since it
    began against the references, before a window does. ``began_at`` is the estimate of
    when it began; ``lowered`` the policy row by which it took the level or the canary
    share down, if it did. ``turn`` counts its events: an act that saw fewer is stale.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="alarms"
    )
    cause = models.CharField(max_length=20, choices=AlarmCause)
    subject = models.CharField(max_length=60, blank=True)
    figures = models.JSONField(default=dict)
    findings = models.JSONField(default=dict)
    latest = models.JSONField(default=dict)
    latest_at = models.DateTimeField(null=True)
    early_look = models.JSONField(default=dict)
    began_at = models.DateTimeField(null=True)
    lowered = models.ForeignKey(
        Policy, null=True, on_delete=models.PROTECT, related_name="alarms"
    )
    state = models.CharField(
        max_length=12, choices=AlarmState, default=AlarmState.RINGING
    )
    turn = models.PositiveIntegerField(default=0)
    owner = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="alarms"
    )
    raised_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
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
            ),
            models.CheckConstraint(
                condition=Q(cleared_at=None, state__in=OPEN)
                | Q(cleared_at__isnull=False, state__in=CLOSED),
                name="an_alarm_that_is_over_says_since_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="snoozed") | Q(snoozed_until__isnull=False),
                name="a_snoozed_alarm_wakes_again",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.get_cause_display()}"

    @property
    def is_open(self) -> bool:
        """Say whether it still needs somebody."""
        return self.cleared_at is None

    @property
    def is_about_a_reader(self) -> bool:
        """Say whether its subject and its figures are those of one person."""
        return self.cause == AlarmCause.INSPECTOR

    @property
    def known(self) -> dict[str, Any]:
        """What had moved beside it, as far as is known by now."""
        found: dict[str, Any] = self.latest or self.findings
        return found


class AlarmEventKind(models.TextChoices):
    """What happened to an alarm."""

    RAISED = "raised", _("Raised")
    LOWERED = "lowered", _("Lowered the level")
    NARROWED = "narrowed", _("Narrowed the canary share")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    SNOOZED = "snoozed", _("Snoozed")
    WOKEN = "woken", _("Rings again")
    HANDED_OVER = "handed_over", _("Handed over")
    NOTED = "noted", _("Noted")
    RECOVERED = "recovered", _("Recovered by itself")
    CLEARED = "cleared", _("Cleared")


class AlarmEvent(models.Model):
    """One thing that happened to an alarm; the database refuses to change it.

    ``by`` is nobody where the alarm did it by itself. ``details`` holds what a kind
    needs beside words: until when it is snoozed, to whom it was handed.
    """

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=AlarmEventKind)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=ClockNow())
    words = models.CharField(max_length=1000, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.alarm}: {self.get_kind_display()}"


def default_lowers_to() -> dict[str, int]:
    """Which causes lower the level where a line has not said otherwise.

    Overkill costs good items and lets none escape, and what one person does is no
    fault of the model.
    """
    return {
        AlarmCause.ESCAPES.value: int(AutomationLevel.SHADOW),
        AlarmCause.DISAGREEMENT.value: int(AutomationLevel.SHADOW),
    }


class AlarmTerms(models.Model):
    """What alarms may do on a line by themselves, from ``set_at`` until the next row.

    ``lowers_to`` gives the rung for each cause that lowers; ``narrows`` are the causes
    that only take the canary share back one step. ``cool_down_h`` and ``fresh_labels``
    must both have passed after that before anything widens. A cause in neither warns,
    and while it rings nothing widens.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="alarm_terms"
    )
    lowers_to = models.JSONField(default=default_lowers_to)
    narrows = models.JSONField(default=list)
    cool_down_h = models.PositiveIntegerField(default=24)
    fresh_labels = models.PositiveIntegerField(default=500)
    set_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField(db_default=ClockNow())
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.line}: alarm terms {self.pk}"
