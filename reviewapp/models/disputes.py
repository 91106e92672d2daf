"""Disputes: what a person holds against a settled answer, and what came of it."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models.clock import ClockNow
from reviewapp.models.labels import Label

if TYPE_CHECKING:
    from reviewapp.models.lines import ProductLine
    from reviewapp.models.people import User


class DisputeOutcome(models.TextChoices):
    """What became of a dispute."""

    UPHELD = "upheld", _("Upheld")
    DECLINED = "declined", _("Declined")


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Reads of disputes, in the words of the house."""

    def open(self) -> Self:
        """Disputes that nobody has answered yet."""
        return self.filter(answer=None)

    def answered(self) -> Self:
        """Disputes that have got their answer."""
        return self.filter(answer__isnull=False)

    def of(self, person: "User", line: "ProductLine") -> Self:
        """What one person has disputed on a line, the newest first."""
        return self.filter(raised_by=person, line=line).order_by("-pk")

    def answered_since(self, person: "User", since: datetime) -> Self:
        """What a person has disputed anywhere and got an answer to since then."""
        found = self.filter(raised_by=person, answer__answered_at__gte=since)
        return found.order_by("-answer__answered_at")

    def with_answer(self) -> Self:
        """With what they are about, and what was answered."""
        return self.select_related(
            "line", "answer", "item", "said", "stands", "gold_read"
        )

    def waiting_for(
        self, person: "User", line_ids: Collection[int]
    ) -> list[tuple[str, str, int]]:
        """Count, by slug and name of their lines, what a person may answer there."""
        has_read = Label.objects.filter(item=OuterRef("item"), inspector=person)
        rows = (
            self.open()
            .filter(~Exists(has_read), line__in=line_ids)
            .exclude(raised_by=person)
            .values_list("line__slug", "line__name")
            .annotate(n=models.Count("pk"))
        )
        return list(rows.order_by("line__name"))

    def with_judge(self, person: "User") -> Self:
        """With ``is_party``: whether the person has read the item or raised this.

        Whoever answered an item has taken a side, the adjudicator above all.
        """
        has_read = Label.objects.filter(item=OuterRef("item"), inspector=person)
        return self.annotate(is_party=Exists(has_read) | Q(raised_by=person))


class Dispute(models.Model):
    """One person's word, with a reason, against an answer that stands.

    It is about the decision of an adjudicator on an item that the person has read, or
    about the answer of gold that the person answered otherwise. ``said`` is what the
    person had said, ``stands`` what is disputed. The row is never changed.
    """

    line = models.ForeignKey(
        "reviewapp.ProductLine", on_delete=models.PROTECT, related_name="disputes"
    )
    item = models.ForeignKey(
        "reviewapp.Item", on_delete=models.PROTECT, related_name="disputes"
    )
    decision = models.ForeignKey(
        "reviewapp.Decision",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    gold_read = models.OneToOneField(
        "reviewapp.GoldRead",
        null=True,
        on_delete=models.PROTECT,
        related_name="dispute",
    )
    said = models.ForeignKey(
        "reviewapp.LabelClass", on_delete=models.PROTECT, related_name="+"
    )
    stands = models.ForeignKey(
        "reviewapp.LabelClass", on_delete=models.PROTECT, related_name="+"
    )
    raised_by = models.ForeignKey(
        "reviewapp.User", on_delete=models.PROTECT, related_name="disputes"
    )
    raised_at = models.DateTimeField(db_default=ClockNow())
    reason = models.CharField(_("reason"), max_length=500)
    # Set where a dispute was read ``with_judge``.
    is_party: bool

    objects = DisputeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__isnull=False, gold_read=None)
                | Q(decision=None, gold_read__isnull=False),
                name="a_dispute_is_about_a_decision_or_gold",
            ),
            models.UniqueConstraint(
                fields=["decision", "raised_by"],
                name="a_person_disputes_a_decision_once",
            ),
            models.CheckConstraint(
                condition=~Q(said=models.F("stands")),
                name="a_dispute_is_between_two_classes",
            ),
        ]

    def __str__(self) -> str:
        return f"dispute {self.pk}: {self.said} against {self.stands}"

    @property
    def is_open(self) -> bool:
        """Say whether nobody has answered it yet."""
        return not hasattr(self, "answer")


class DisputeAnswer(models.Model):
    """The one answer that a dispute gets, in words; it is never changed either."""

    dispute = models.OneToOneField(
        Dispute, primary_key=True, on_delete=models.PROTECT, related_name="answer"
    )
    outcome = models.CharField(max_length=8, choices=DisputeOutcome)
    words = models.CharField(_("answer"), max_length=500)
    answered_by = models.ForeignKey(
        "reviewapp.User", on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(db_default=ClockNow())

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: dispute {self.dispute_id}"
