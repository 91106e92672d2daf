"""Motions: signed changes that wait for a second person."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models.lines import ProductLine
from reviewapp.models.people import Membership, Role, User


class Act(models.TextChoices):
    """What can be moved."""

    RAISE = "raise", _("Raise the level")
    WIDEN = "widen", _("Widen the canary share")
    PROMOTE = "promote", _("Promote the candidate")
    SHARE = "share", _("Let the candidate decide more")
    CERTIFY = "certify", _("Certify the classes")
    CERTIFY_NEXT = "certify_next", _("Certify the candidate")
    THRESHOLDS = "thresholds", _("Change thresholds and shares")
    GATES = "gates", _("Ask less of the gates")
    STEPS = "steps", _("Change the canary's steps")
    AUDITS = "audits", _("Change how audits are read")
    OVERRIDE = "override", _("Override shut gates")


class Outcome(models.TextChoices):
    """What became of a motion."""

    OPEN = "open", _("Waits for a second person")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class MotionQuerySet(models.QuerySet["Motion"]):
    """Reads of motions."""

    def waiting(self, *, at: datetime) -> Self:
        """Motions that can be answered: open, in time, and not overtaken."""
        return self.filter(
            outcome=Outcome.OPEN,
            expires_at__gt=at,
            seen_policy=F("line__policy__number"),
        )

    def answerable_by(self, person: User) -> Self:
        """Motions that a person may approve or refuse; nobody answers their own.

        A manager of the line answers what another manager has signed. An override
        takes an admin and a manager, whichever of them signs first.
        """
        managed = Membership.objects.filter(role=Role.MANAGER, line=OuterRef("line"))
        is_manager = Q(Exists(managed.filter(user=person)))
        by_admin = Q(act=Act.OVERRIDE, moved_by__is_superuser=True)
        may_answer = is_manager & (~Q(act=Act.OVERRIDE) | by_admin)
        if person.is_admin:
            by_manager = Q(Exists(managed.filter(user=OuterRef("moved_by"))))
            may_answer |= Q(act=Act.OVERRIDE) & by_manager
        return self.exclude(moved_by=person).filter(may_answer)

    def approved_for(self, line: ProductLine, *, by_id: int, seen_policy: int) -> Self:
        """Motions that a second person approved, and that are not in force yet."""
        return self.filter(
            line=line,
            moved_by_id=by_id,
            seen_policy=seen_policy,
            outcome=Outcome.APPROVED,
            policy=None,
        )


class Motion(models.Model):
    """One signed change, as its mover asked for it, on the evidence of that moment.

    It is for the policy of the number ``seen_policy`` and for no other. ``policy`` is
    what it became.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="motions"
    )
    act = models.CharField(max_length=12, choices=Act)
    arguments = models.JSONField(default=dict)
    reason = models.CharField(max_length=500)
    moved_by = models.ForeignKey(
        "reviewapp.User", on_delete=models.PROTECT, related_name="motions"
    )
    seen_policy = models.PositiveIntegerField()
    evidence = models.JSONField(null=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    moved_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    answered_by = models.ForeignKey(
        "reviewapp.User",
        null=True,
        on_delete=models.PROTECT,
        related_name="motions_answered",
    )
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    policy = models.OneToOneField(
        "reviewapp.Policy", null=True, on_delete=models.PROTECT, related_name="motion"
    )

    objects = MotionQuerySet.as_manager()

    class Meta:
        ordering = ["line", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=[Outcome.OPEN, Outcome.WITHDRAWN])
                | (Q(answered_by__isnull=False) & ~Q(answered_by=F("moved_by"))),
                name="a_motion_is_answered_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(policy=None) | Q(outcome=Outcome.APPROVED),
                name="only_an_approved_motion_is_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.get_act_display()} ({self.get_outcome_display()})"
