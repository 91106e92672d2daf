"""Decisions: the outcomes in force, and the feed by which they leave."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models.clock import ClockNow


class DecidedBy(models.TextChoices):
    """Who or what settled an item."""

    PERSON = "person", _("A person")
    MODEL = "model", _("The model")
    RETRACTION = "retraction", _("Taken back")


class Decision(models.Model):
    """One outcome of one item; a later one supersedes it and nothing is overwritten.

    A retraction is a row too: after it no decision stands until the next one. The item
    points at the newest row of its chain.
    """

    item = models.ForeignKey(
        "reviewapp.Item", on_delete=models.PROTECT, related_name="decisions"
    )
    decided_by = models.CharField(max_length=12, choices=DecidedBy)
    label_class = models.ForeignKey(
        "reviewapp.LabelClass",
        null=True,
        on_delete=models.PROTECT,
        related_name="decisions",
        db_index=False,
    )
    label = models.ForeignKey(
        "reviewapp.Label",
        null=True,
        on_delete=models.PROTECT,
        related_name="decisions",
        db_index=False,
    )
    routing = models.ForeignKey(
        "reviewapp.Routing",
        null=True,
        on_delete=models.PROTECT,
        related_name="decisions",
        db_index=False,
    )
    policy = models.ForeignKey(
        "reviewapp.Policy",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    decided_at = models.DateTimeField(db_default=ClockNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(supersedes=None),
                name="an_item_has_one_first_decision",
            ),
            models.CheckConstraint(
                condition=Q(
                    decided_by=DecidedBy.PERSON,
                    label__isnull=False,
                    label_class__isnull=False,
                )
                | Q(
                    decided_by=DecidedBy.MODEL,
                    routing__isnull=False,
                    label_class__isnull=False,
                    label=None,
                )
                | Q(
                    decided_by=DecidedBy.RETRACTION,
                    label_class=None,
                    supersedes__isnull=False,
                ),
                name="a_decision_names_what_it_rests_on",
            ),
        ]
        indexes = [BrinIndex(fields=["decided_at"], name="decision_by_time")]

    def __str__(self) -> str:
        return str(self.label_class or self.get_decided_by_display())

    @property
    def also(self) -> list[str]:
        """Keys of the item's other classes; those of a label that a person gave."""
        return self.label.also if self.label and self.label_class_id else []


class FeedEntry(models.Model):
    """A decision's place in the feed that consumers read.

    Written with the decision, and numbered afterwards by one sealer: whoever has read
    up to a number has missed nothing below it.
    """

    decision = models.OneToOneField(
        Decision, primary_key=True, on_delete=models.PROTECT, related_name="feed_entry"
    )
    line = models.ForeignKey(
        "reviewapp.ProductLine", on_delete=models.PROTECT, related_name="feed"
    )
    number = models.PositiveBigIntegerField(null=True, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["line", "number"], name="feed_of_line"),
            models.Index(
                fields=["decision"], condition=Q(number=None), name="feed_to_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}/{self.number}"
