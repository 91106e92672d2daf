"""Items that left the queue for the manager, and what readers flagged."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models.clock import ClockNow


class SkipPolicy(models.TextChoices):
    """Where a skipped review goes."""

    OTHERS = "others", _("To somebody else")
    END = "end", _("To the end of the queue, for anybody")
    OUT = "out", _("Out of the queue, to the manager")


class SkipReason(models.TextChoices):
    """Why a review is skipped, on a line that has no list of its own."""

    BAD_IMAGE = "bad_image", _("Bad image")
    WRONG_LINE = "wrong_line", _("Wrong line")
    UNCLEAR_BOOK = "unclear_book", _("The rules do not say")
    OTHER = "other", _("Something else")


class AsideBecause(models.TextChoices):
    """Why an item was set aside."""

    SKIPPED = "skipped", _("Skipped")
    UNSETTLED = "unsettled", _("Its readers could not settle it")


class AsideOutcome(models.TextChoices):
    """What the manager did with an item that was set aside."""

    RETURNED = "returned", _("Sent back to the queue")
    CLOSED = "closed", _("Closed without a decision")


class SetAsideQuerySet(models.QuerySet["SetAside"]):
    """Reads of what was set aside."""

    def open_on(self, line: object) -> Self:
        """What waits for the manager of a line, the oldest first."""
        return (
            self.filter(line=line, settled_at=None)
            .select_related("item", "by")
            .order_by("pk")
        )


class SetAside(models.Model):
    """An item that has left the queue, until a manager sends it back or closes it.

    Its open reviews are closed without a label meanwhile, so that nobody gets them.
    ``by`` is who skipped it; ``None`` where its answers ran out.
    """

    line = models.ForeignKey(
        "reviewapp.ProductLine", on_delete=models.PROTECT, related_name="asides"
    )
    item = models.ForeignKey(
        "reviewapp.Item", on_delete=models.PROTECT, related_name="asides"
    )
    because = models.CharField(max_length=10, choices=AsideBecause)
    by = models.ForeignKey(
        "reviewapp.User",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    reason = models.CharField(max_length=80, blank=True)
    set_aside_at = models.DateTimeField(db_default=ClockNow())
    outcome = models.CharField(max_length=10, choices=AsideOutcome, blank=True)
    settled_by = models.ForeignKey(
        "reviewapp.User",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    settled_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)

    objects = SetAsideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(settled_at=None),
                name="an_item_is_set_aside_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None, outcome="")
                | (
                    Q(settled_at__isnull=False, settled_by__isnull=False)
                    & ~Q(outcome="")
                ),
                name="what_is_settled_names_who_and_how",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=AsideOutcome.CLOSED) | ~Q(note=""),
                name="what_is_closed_has_a_note",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} set aside"

    @property
    def reason_in_words(self) -> str:
        """The reason as a person reads it: one of the usual, or the line's own."""
        return reason_in_words(self.reason)


def reason_in_words(reason: str) -> str:
    """Give a reason as a person reads it: one of the usual, or the line's own."""
    if reason in SkipReason.values:
        return str(SkipReason(reason).label)
    return reason


class FlagKind(models.TextChoices):
    """What a reader says is wrong with an item, apart from its class."""

    BAD_IMAGE = "bad_image", _("Bad image")
    WRONG_LINE = "wrong_line", _("Wrong line")


class Flag(models.Model):
    """A reader's word that something is wrong with an item; its review goes on."""

    item = models.ForeignKey(
        "reviewapp.Item", on_delete=models.PROTECT, related_name="flags"
    )
    user = models.ForeignKey(
        "reviewapp.User",
        on_delete=models.PROTECT,
        related_name="flags",
        db_index=False,
    )
    kind = models.CharField(max_length=12, choices=FlagKind)
    flagged_at = models.DateTimeField(db_default=ClockNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "user", "kind"], name="a_flag_is_raised_once"
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
