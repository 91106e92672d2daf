"""Deliveries: who is told of an alarm or a motion, and whether it got there."""

from datetime import datetime
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Q

from monitoring.models.alarms import AlarmEvent
from reviewapp.models import ClockNow, Motion, ProductLine, User
from reviewapp.models.lines import new_salt

FAILURES_TO_DISABLE = 8


class Reach(models.Model):
    """How one person wants to be told: by mail or not, when not, and who instead.

    The quiet hours are in the person's own zone and may run over midnight. The deputy
    is told instead up to and with ``deputy_until``.
    """

    user = models.OneToOneField(
        User, primary_key=True, on_delete=models.CASCADE, related_name="reach"
    )
    is_told = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    deputy = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    deputy_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="quiet_hours_have_both_ends",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}"


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Reads of webhooks."""

    def standing(self) -> Self:
        """Webhooks that nobody has ended."""
        return self.filter(ended_at=None)

    def working(self) -> Self:
        """Webhooks that are sent to."""
        return self.standing().filter(disabled_at=None)


class Webhook(models.Model):
    """An address of a line that is told of its alarms.

    No secret is kept: it is derived from the server's key and ``salt``, so that the
    database alone signs nothing. Until ``former_until`` each message is signed by the
    secret of ``former_salt`` as well, so that a receiver can be given the new one.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="webhooks"
    )
    url = models.CharField(max_length=300)
    salt = models.CharField(max_length=64, default=new_salt, editable=False)
    former_salt = models.CharField(max_length=64, blank=True, editable=False)
    former_until = models.DateTimeField(null=True)
    made_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(db_default=ClockNow())
    failures = models.PositiveIntegerField(default=0)
    disabled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.line}: {self.url}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Reads of deliveries."""

    def waiting(self) -> Self:
        """Deliveries that are neither sent nor given up."""
        return self.filter(sent_at=None, given_up_at=None)

    def due(self, at: datetime) -> Self:
        """Deliveries to be sent now, the longest due first."""
        return self.waiting().filter(due_at__lte=at).order_by("due_at", "pk")


class Delivery(models.Model):
    """One event of an alarm for a person or a webhook, or one motion for a person.

    It is sent at least once, and written in the transaction of what it tells of.
    ``public_id`` stays the same however often it is sent, so that a receiver can tell a
    repetition.
    """

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    event = models.ForeignKey(
        AlarmEvent, null=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    motion = models.ForeignKey(
        Motion, null=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    person = models.ForeignKey(
        User, null=True, on_delete=models.CASCADE, related_name="+"
    )
    webhook = models.ForeignKey(
        Webhook, null=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=100, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, webhook=None)
                | Q(person=None, webhook__isnull=False),
                name="a_delivery_goes_to_a_person_or_a_webhook",
            ),
            models.UniqueConstraint(
                fields=["event", "motion", "person", "webhook"],
                name="each_is_told_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(event__isnull=False, motion=None)
                | Q(event=None, motion__isnull=False, webhook=None),
                name="a_delivery_tells_of_an_event_or_a_motion",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at=None, given_up_at=None),
                name="delivery_that_waits",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event or self.motion} to {self.person or self.webhook}"
