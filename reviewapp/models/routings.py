"""Routings: what the policy did with an item, and everything it rested on."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models.clock import ClockNow
from reviewapp.policy import Because, Route


class RouteChoices(models.TextChoices):
    """The routes as a person reads them."""

    BLIND = Route.BLIND.value, _("Blind")
    ASSISTED = Route.ASSISTED.value, _("Assisted")
    AUTOMATIC = Route.AUTOMATIC.value, _("Automatic")
    AUDIT = Route.AUDIT.value, _("Audit")


class BecauseChoices(models.TextChoices):
    """The reasons as a person reads them."""

    LEVEL_MANUAL = Because.LEVEL_MANUAL.value, _("the level is manual")
    LEVEL_SHADOW = Because.LEVEL_SHADOW.value, _("the level is shadow")
    LEVEL_ASSIST = Because.LEVEL_ASSIST.value, _("the level is assist")
    NO_PREDICTION = Because.NO_PREDICTION.value, _("there was no valid prediction")
    MONITOR_SILENT = Because.MONITOR_SILENT.value, _("the monitor was silent too long")
    NO_CERTIFICATE = Because.NO_CERTIFICATE.value, _("the class has no certificate")
    OTHER_VERSION = (
        Because.OTHER_VERSION.value,
        _("the certificate is of another version"),
    )
    NOT_COVERED = (
        Because.NOT_COVERED.value,
        _("the certificate covers only sure answers"),
    )
    UNSURE = Because.UNSURE.value, _("the confidence was below the threshold")
    OUTSIDE_CANARY = Because.OUTSIDE_CANARY.value, _("it fell outside the canary share")
    CERTIFIED = Because.CERTIFIED.value, _("the class is certified at this confidence")


class Routing(models.Model):
    """One answer of ``policy.route`` for one item, with all its inputs.

    Draws are the item's lottery numbers, shares those in force; from this row and the
    prediction anybody can replay the answer. ``inclusion`` weights rates. Only an
    assisted item has a ``style_draw``: when its reader meets the prediction.
    """

    item = models.ForeignKey(
        "reviewapp.Item", on_delete=models.PROTECT, related_name="routings"
    )
    policy = models.ForeignKey(
        "reviewapp.Policy",
        on_delete=models.PROTECT,
        related_name="routings",
        db_index=False,
    )
    version = models.ForeignKey(
        "reviewapp.ModelVersion",
        null=True,
        on_delete=models.PROTECT,
        related_name="routings",
        db_index=False,
    )
    prediction = models.ForeignKey(
        "reviewapp.Prediction",
        null=True,
        on_delete=models.PROTECT,
        related_name="routings",
        db_index=False,
    )
    route = models.CharField(max_length=10, choices=RouteChoices)
    may_decide = models.BooleanField()
    was_held = models.BooleanField(default=False)
    inclusion = models.FloatField()
    because = models.CharField(max_length=20, choices=BecauseChoices)
    look_draw = models.FloatField()
    look_share = models.FloatField(null=True)
    canary_draw = models.FloatField()
    canary_share = models.FloatField()
    candidate_draw = models.FloatField()
    candidate_share = models.FloatField()
    overlap_draw = models.FloatField()
    overlap_share = models.FloatField()
    style_draw = models.FloatField(null=True)
    routed_at = models.DateTimeField(db_default=ClockNow())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(inclusion__gt=0, inclusion__lte=1),
                name="every_item_could_be_looked_at",
            ),
            models.CheckConstraint(
                condition=Q(may_decide=False, route__in=["blind", "assisted"])
                | Q(
                    may_decide=True,
                    route__in=["automatic", "audit"],
                    prediction__isnull=False,
                ),
                name="only_a_permitted_prediction_decides",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_route_display()} because {self.get_because_display()}"
