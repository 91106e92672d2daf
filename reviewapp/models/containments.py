"""Containments: sending what the model decided since a change back to people."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models.clock import ClockNow
from reviewapp.models.decisions import DecidedBy
from reviewapp.models.items import Item
from reviewapp.models.labels import Label
from reviewapp.models.reviews import Review


class ContainmentState(models.TextChoices):
    """Where a containment is in its life."""

    PROPOSED = "proposed", _("Proposed")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class HeldOutcome(models.TextChoices):
    """What became of one item that was sent back."""

    WAITING = "waiting", _("Waiting")
    CONFIRMED = "confirmed", _("Confirmed")
    OVERRULED = "overruled", _("Overruled")
    LEFT_OPEN = "left_open", _("Left open")


class ContainmentQuerySet(models.QuerySet["Containment"]):
    """Reads of containments."""

    def proposed(self) -> Self:
        """Those of which nobody has said yet what becomes of them."""
        return self.filter(opened_at=None, closed_at=None)

    def standing(self) -> Self:
        """Those that hold items now."""
        return self.filter(opened_at__isnull=False, closed_at=None)

    def open_by_kind(self) -> dict[str, int]:
        """Count those that are proposed and those that stand, in one statement."""
        is_proposed = models.Q(opened_at=None)
        return self.filter(closed_at=None).aggregate(
            proposed=models.Count("pk", filter=is_proposed),
            standing=models.Count("pk", filter=~is_proposed),
        )

    def to_fill(self) -> Self:
        """Open ones whose items have not all been sent back yet."""
        return self.standing().filter(filled_at=None)

    def with_story(self) -> Self:
        """With what the pages show of each."""
        return self.select_related(
            "label_class", "version", "opened_by", "closed_by", "found__item"
        )


class Containment(models.Model):
    """Decisions of one version for one class, to be looked at again by people.

    It is proposed by an error that people confirmed (``found``), or by hand. Whoever
    opens it says from which time on (``since``, the items' own time) and whether only
    the ``group`` of the error is meant. ``filled_at`` says that every such item has
    been sent back. Its steps stand in the activity log, which refuses changes.
    """

    line = models.ForeignKey(
        "reviewapp.ProductLine", on_delete=models.CASCADE, related_name="containments"
    )
    version = models.ForeignKey(
        "reviewapp.ModelVersion", on_delete=models.PROTECT, related_name="containments"
    )
    label_class = models.ForeignKey(
        "reviewapp.LabelClass", on_delete=models.PROTECT, related_name="containments"
    )
    group = models.CharField(max_length=255, blank=True)
    found = models.ForeignKey(
        "reviewapp.Decision",
        null=True,
        on_delete=models.PROTECT,
        related_name="containments",
    )
    proposed_at = models.DateTimeField(db_default=ClockNow())
    since = models.DateTimeField(null=True)
    only_group = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True)
    opened_by = models.ForeignKey(
        "reviewapp.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField(null=True)
    filled_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        "reviewapp.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)

    objects = ContainmentQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "version", "label_class", "group"],
                condition=Q(opened_at=None, closed_at=None),
                name="a_containment_is_proposed_once",
            ),
            models.CheckConstraint(
                condition=Q(since=None, opened_by=None, opened_at=None, filled_at=None)
                | Q(
                    since__isnull=False,
                    opened_by__isnull=False,
                    opened_at__isnull=False,
                )
                & ~Q(reason=""),
                name="whoever_opens_a_containment_says_since_when_and_why",
            ),
            models.CheckConstraint(
                condition=Q(closed_by=None, closed_at=None)
                | Q(closed_by__isnull=False, closed_at__isnull=False) & ~Q(note=""),
                name="whoever_closes_a_containment_says_what_was_found",
            ),
        ]

    def __str__(self) -> str:
        return f"containment {self.pk}"

    @property
    def state(self) -> ContainmentState:
        """Say where it is in its life."""
        if self.closed_at is not None:
            return ContainmentState.CLOSED
        if self.opened_at is not None:
            return ContainmentState.OPEN
        return ContainmentState.PROPOSED


class ContainedItemQuerySet(models.QuerySet["ContainedItem"]):
    """Reads of items that were sent back."""

    def holding(self) -> Self:
        """Those that are held: the containment is open and a person still has to look.

        The decision stays in force until people overrule it; that it is held says that
        nobody should rely on it yet.
        """
        waiting = Review.objects.waiting().filter(item=OuterRef("item"))
        return self.filter(released_at=None).filter(Exists(waiting))


def outcome_so_far() -> models.Case:
    """Say of a contained item what became of it; an expression to annotate with."""
    waits = Exists(Review.objects.waiting().filter(item=OuterRef("item")))
    agreed = Exists(
        Label.objects.filter(
            item=OuterRef("item"),
            label_class=OuterRef("decision__label_class"),
            superseded_by=None,
        )
    )
    overruled = Q(item__decision__decided_by=DecidedBy.PERSON)
    return models.Case(
        models.When(waits, then=models.Value(HeldOutcome.WAITING.value)),
        models.When(overruled, then=models.Value(HeldOutcome.OVERRULED.value)),
        models.When(agreed, then=models.Value(HeldOutcome.CONFIRMED.value)),
        default=models.Value(HeldOutcome.LEFT_OPEN.value),
        output_field=models.CharField(),
    )


class ContainedItem(models.Model):
    """One item in a containment, with the model's decision that is in doubt.

    ``released_at`` is when its containment was closed.
    """

    containment = models.ForeignKey(
        Containment, on_delete=models.CASCADE, related_name="contained"
    )
    item = models.ForeignKey(
        Item, on_delete=models.PROTECT, related_name="contained", db_index=False
    )
    decision = models.ForeignKey(
        "reviewapp.Decision",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    sent_at = models.DateTimeField(db_default=ClockNow())
    released_at = models.DateTimeField(null=True)

    objects = ContainedItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(released_at=None),
                name="an_item_is_in_one_open_containment",
            ),
            models.UniqueConstraint(
                fields=["item", "containment"], name="an_item_is_contained_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} in containment {self.containment_id}"
