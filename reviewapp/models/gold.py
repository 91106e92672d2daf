"""Gold: items whose answer is known, by which people see how they read."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, cast
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models.claims import DEAL_GOLD, claim_terms
from reviewapp.models.clock import ClockNow
from reviewapp.models.items import Item
from reviewapp.models.labels import AnswerKind, Encounter, Exposure, Label
from reviewapp.models.reviews import Review, read_one

if TYPE_CHECKING:
    from reviewapp.models.lines import ProductLine
    from reviewapp.models.people import User

ONE_DAY = timedelta(days=1)


class GoldUse(models.TextChoices):
    """What a person reads gold for."""

    HIDDEN = "hidden", _("Hidden in the work")
    WARM_UP = "warm_up", _("Warm-up")
    QUALIFICATION = "qualification", _("Qualification")


class GoldTerms(models.Model):
    """How a line deals its gold, and what qualifies a person for its work."""

    line = models.OneToOneField(
        "reviewapp.ProductLine",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="gold_terms",
    )
    rest_days = models.PositiveSmallIntegerField(
        _("days before a person meets an item again"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
    )
    most_reads = models.PositiveSmallIntegerField(
        _("times an item is shown, before it retires"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )
    least_hits = models.FloatField(
        _("defective items to be found, as a share"),
        default=0.9,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    most_false_alarms = models.FloatField(
        _("good items that may be rejected, as a share"),
        default=0.1,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    valid_days = models.PositiveSmallIntegerField(
        _("days a qualification holds"),
        default=180,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
    )

    def __str__(self) -> str:
        return f"gold terms of {self.line}"


class GoldItemQuerySet(models.QuerySet["GoldItem"]):
    """Reads of gold, in the words of the house."""

    def in_use(self) -> Self:
        """Gold that can still be dealt."""
        return self.filter(retired_at=None, dealt__lt=F("line__gold_terms__most_reads"))

    def deal(
        self, line: "ProductLine", *, by: "User", token: UUID, is_reserved: bool
    ) -> Review | None:
        """Put a gold item into a person's hand in place of work; ``None`` if none fits.

        It is no item that the person has labelled, whose prediction the person saw,
        that the person made gold, read in a study, or met within the days of rest;
        whoever manages the line sees its gold and gets none. The one dealt least comes
        first. One statement, as for any other review.
        """
        terms: dict[str, Any] = claim_terms(line, by=by, token=token)
        return read_one(
            DEAL_GOLD,
            terms | {"schema": line.schema_id, "is_reserved": is_reserved},
        )

    def unknown_to(self, person: "User") -> Self:
        """Gold that a person can be asked about: neither labelled, seen nor met."""
        rest = F("gold__line__gold_terms__rest_days") * ONE_DAY
        met = GoldRead.objects.filter(
            Q(dealt_at__gt=ClockNow() - rest) | Q(told_at__isnull=False),
            gold=OuterRef("pk"),
            inspector=person,
        )
        labelled = Label.objects.filter(item=OuterRef("item"), inspector=person)
        exposed = Exposure.objects.filter(item=OuterRef("item"), user=person)
        encountered = Encounter.objects.filter(item=OuterRef("item"), user=person)
        return (
            self.in_use()
            .filter(
                ~Exists(labelled),
                ~Exists(exposed),
                ~Exists(encountered),
                ~Exists(met),
                item__payload__isnull=False,
                label_class__retired_at=None,
            )
            .exclude(added_by=person)
        )


class GoldItem(models.Model):
    """An adjudicated item whose answer is taken as known.

    ``dealt`` counts how often it was put before somebody; beyond the line's most it is
    dealt no more. The answer is the class that stood when it became gold, with
    the further classes that stood beside it, as those of a label; the class decides
    what counts as found. Of one that is ``voided`` the answer was found wrong: no read
    of it counts for anybody.
    """

    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="gold")
    line = models.ForeignKey(
        "reviewapp.ProductLine", on_delete=models.PROTECT, related_name="gold_items"
    )
    label_class = models.ForeignKey(
        "reviewapp.LabelClass", on_delete=models.PROTECT, related_name="+"
    )
    also = ArrayField(models.CharField(max_length=60), default=list, db_default=[])
    added_by = models.ForeignKey(
        "reviewapp.User", on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(db_default=ClockNow())
    dealt = models.PositiveSmallIntegerField(default=0, db_default=0)
    retired_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    objects = GoldItemQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(voided_at=None) | Q(retired_at__isnull=False),
                name="gold_that_is_void_is_retired",
            ),
            models.CheckConstraint(
                condition=Q(also__len__lt=20),
                name="gold_has_at_most_twenty_classes",
            ),
        ]

    def __str__(self) -> str:
        return f"gold {self.label_class}"


class GoldRun(models.Model):
    """Gold read on purpose: a warm-up, which tells, or a qualification, which counts.

    Of a qualification that is over, ``is_passed`` says how it ended, and
    ``valid_until`` how long it holds.
    """

    line = models.ForeignKey(
        "reviewapp.ProductLine", on_delete=models.PROTECT, related_name="gold_runs"
    )
    inspector = models.ForeignKey(
        "reviewapp.User", on_delete=models.PROTECT, related_name="gold_runs"
    )
    use = models.CharField(max_length=13, choices=GoldUse)
    begun_at = models.DateTimeField(db_default=ClockNow())
    ended_at = models.DateTimeField(null=True)
    is_passed = models.BooleanField(null=True)
    valid_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "inspector"],
                condition=Q(ended_at=None),
                name="a_person_has_one_run_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(is_passed=True, use="qualification"),
                name="only_a_passed_qualification_holds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_use_display()} of {self.inspector}"


IS_DEFECT = Q(gold__label_class__meaning="reject")
IS_GOOD = Q(gold__label_class__meaning="pass")
IS_REJECTED = Q(label_class__meaning="reject")
IS_PASSED = Q(label_class__meaning="pass")
NAMES_CLASS = Q(kind=AnswerKind.CLASS)
COUNTED = {
    "answers": Count("pk", filter=NAMES_CLASS),
    "shown_defects": Count("pk", filter=IS_DEFECT),
    "shown_goods": Count("pk", filter=IS_GOOD),
    "defects": Count("pk", filter=IS_DEFECT & NAMES_CLASS),
    "hits": Count("pk", filter=IS_DEFECT & IS_REJECTED),
    "missed": Count("pk", filter=IS_DEFECT & IS_PASSED),
    "goods": Count("pk", filter=IS_GOOD & NAMES_CLASS),
    "false_alarms": Count("pk", filter=IS_GOOD & IS_REJECTED),
    "unsure": Count("pk", filter=Q(kind=AnswerKind.CANNOT_TELL)),
}


class GoldReadQuerySet(models.QuerySet["GoldRead"]):
    """Reads of gold reads, in the words of the house."""

    def open(self) -> Self:
        """Reads of a run without an answer whose item can still be shown."""
        return self.filter(
            answered_at=None, gold__item__payload__isnull=False
        ).select_related("gold__item__payload", "gold__label_class")

    def tally(self) -> dict[str, int]:
        """Count answers on defective and on good gold, and what they were.

        ``defects`` and ``goods`` are those answered with a class; "cannot tell" is
        ``unsure``, and among those ``shown``.
        """
        return self.filter(answered_at__isnull=False).aggregate(**COUNTED)

    def tally_by_inspector(self) -> dict[int, dict[str, int]]:
        """Count the same for each person by their id."""
        answered = self.filter(answered_at__isnull=False)
        rows = answered.order_by().values("inspector").annotate(**COUNTED)
        # the stubs know nothing of what is annotated by name
        return {row["inspector"]: cast("dict[str, int]", row) for row in rows}

    def hidden_on(self, line: "ProductLine", *, since: datetime) -> Self:
        """Reads of gold hidden in a line's work, answered since then, that count."""
        return self.filter(
            gold__line=line,
            gold__voided_at=None,
            use=GoldUse.HIDDEN,
            answered_at__gte=since,
        )

    def with_comment(self) -> Self:
        """Reads whose answer stands and came with words, the newest first."""
        return (
            self.filter(answered_at__isnull=False)
            .exclude(comment="")
            .order_by("-answered_at")
        )

    def remarks_on(self, line: "ProductLine") -> Self:
        """What was written beside answers to a line's gold, with the gold."""
        return (
            self.with_comment()
            .filter(gold__line=line)
            .select_related("gold__item", "gold__label_class")
        )

    def answered_otherwise(self) -> Self:
        """Reads that gave another class than the known one."""
        return self.filter(kind=AnswerKind.CLASS).exclude(
            label_class=F("gold__label_class")
        )

    def told_to(self, person: "User") -> Self:
        """Hidden reads whose answer the person was told, with all that a page shows."""
        return self.filter(inspector=person, told_at__isnull=False).select_related(
            "gold__item__payload", "gold__label_class", "label_class"
        )


class GoldRead(models.Model):
    """One look of one person at a gold item, counted from when it was dealt.

    Its answer is no label: it decides nothing, is evidence for no gate and enters no
    dataset. One that is hidden in the work belongs to a review; the others to a run.
    From ``told_at`` on the reader knows what a hidden one was: at the end of a shift.
    An answer without its time was taken back. ``comment``, ``sight``, ``boxes`` and
    ``also`` are as those of a label.
    """

    gold = models.ForeignKey(GoldItem, on_delete=models.PROTECT, related_name="reads")
    inspector = models.ForeignKey(
        "reviewapp.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    use = models.CharField(max_length=13, choices=GoldUse)
    review = models.OneToOneField(
        Review, null=True, on_delete=models.PROTECT, related_name="gold_read"
    )
    run = models.ForeignKey(
        GoldRun, null=True, on_delete=models.PROTECT, related_name="reads"
    )
    place = models.PositiveSmallIntegerField(null=True)
    dealt_at = models.DateTimeField(db_default=ClockNow())
    kind = models.CharField(max_length=12, choices=AnswerKind, null=True)  # noqa: DJ001 - absent until answered
    label_class = models.ForeignKey(
        "reviewapp.LabelClass",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    edition = models.ForeignKey(
        "reviewapp.BookEdition",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    answer_key = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    active_ms = models.PositiveIntegerField(null=True)
    told_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=500, blank=True, default="", db_default="")
    sight = models.JSONField(null=True)
    boxes = models.JSONField(null=True)
    also = ArrayField(models.CharField(max_length=60), default=list, db_default=[])

    objects = GoldReadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "place"], name="a_place_of_a_run_is_read_once"
            ),
            models.CheckConstraint(
                condition=Q(use="hidden", review__isnull=False, run=None)
                | (~Q(use="hidden") & Q(review=None, run__isnull=False)),
                name="hidden_gold_has_a_review_and_other_gold_a_run",
            ),
            models.CheckConstraint(
                condition=Q(kind=None, label_class=None, answered_at=None)
                | Q(kind="class", label_class__isnull=False)
                | Q(kind="cannot_tell", label_class=None),
                name="an_answer_to_gold_is_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["inspector", "-answered_at"], name="gold_read_of_inspector"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_use_display()} read of {self.gold_id}"
