"""Labels: inspectors' immutable answers, and what they had in sight."""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models.clock import ClockNow
from reviewapp.policy import Shown

# What a page sends in place of a class; no class can have it as its key.
CANNOT_TELL = "cannot-tell"


class AnswerKind(models.TextChoices):
    """What an inspector said."""

    CLASS = "class", _("A class")
    CANNOT_TELL = "cannot_tell", _("Cannot tell")
    RETRACTION = "retraction", _("Taken back")


class ShownChoices(models.TextChoices):
    """What was in sight, as a person reads it."""

    NOTHING = Shown.NOTHING.value, _("Nothing")
    SUGGESTION = Shown.SUGGESTION.value, _("The prediction, before the answer")
    REVEAL = Shown.REVEAL.value, _("The prediction, after a first answer")


class Label(models.Model):
    """One answer of one inspector to one review.

    A later answer supersedes the earlier one; nothing is overwritten. Taking an answer
    back is a row too. ``answer_key`` makes repeats harmless: it is the token of the
    claim under which the answer was first shown. ``active_ms`` is the time the page
    was in view, as the browser measured it. ``edition`` is the one of the label book
    that was in force when the item was shown. ``sight`` is how a picture was looked at,
    if not whole and as it is; ``boxes`` are the places that were marked on it.
    ``label_class`` is the class that decides. Where a line allows several at once,
    ``also`` holds the keys of the others, in the order of the line's classes.
    """

    review = models.ForeignKey(
        "reviewapp.Review",
        on_delete=models.PROTECT,
        related_name="labels",
        db_index=False,
    )
    item = models.ForeignKey(
        "reviewapp.Item", on_delete=models.PROTECT, related_name="labels"
    )
    inspector = models.ForeignKey(
        "reviewapp.User",
        on_delete=models.PROTECT,
        related_name="labels",
        db_index=False,
    )
    kind = models.CharField(max_length=12, choices=AnswerKind)
    label_class = models.ForeignKey(
        "reviewapp.LabelClass",
        null=True,
        on_delete=models.PROTECT,
        related_name="labels",
        db_index=False,
    )
    shown = models.CharField(max_length=10, choices=ShownChoices)
    prediction = models.ForeignKey(
        "reviewapp.Prediction",
        null=True,
        on_delete=models.PROTECT,
        related_name="labels",
        db_index=False,
    )
    policy = models.ForeignKey(
        "reviewapp.Policy",
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
    answer_key = models.UUIDField(unique=True, default=uuid4)
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    claimed_at = models.DateTimeField(null=True)
    labelled_at = models.DateTimeField(db_default=ClockNow())
    active_ms = models.PositiveIntegerField(null=True)
    comment = models.CharField(max_length=500, blank=True)
    sight = models.JSONField(null=True)
    boxes = models.JSONField(null=True)
    also = ArrayField(models.CharField(max_length=60), default=list, db_default=[])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review"],
                condition=Q(supersedes=None),
                name="a_review_has_one_first_answer",
            ),
            models.UniqueConstraint(
                fields=["item", "inspector"],
                condition=Q(supersedes=None),
                name="a_person_reads_an_item_once",
            ),
            models.CheckConstraint(
                condition=Q(kind=AnswerKind.CLASS, label_class__isnull=False)
                | (~Q(kind=AnswerKind.CLASS) & Q(label_class__isnull=True)),
                name="a_class_answer_names_its_class",
            ),
            models.CheckConstraint(
                condition=Q(shown=Shown.NOTHING.value) | Q(prediction__isnull=False),
                name="what_was_shown_is_named",
            ),
            models.CheckConstraint(
                condition=Q(also__len=0) | Q(kind=AnswerKind.CLASS, also__len__lt=20),
                name="further_classes_stand_beside_one_that_decides",
            ),
        ]
        indexes = [
            BrinIndex(fields=["labelled_at"], name="label_by_time"),
            models.Index(fields=["inspector", "-id"], name="label_of_inspector"),
        ]

    def __str__(self) -> str:
        return str(self.label_class or self.get_kind_display())


class Exposure(models.Model):
    """A person saw an item's prediction, and is no independent witness any more."""

    item = models.ForeignKey(
        "reviewapp.Item", on_delete=models.PROTECT, related_name="exposures"
    )
    user = models.ForeignKey(
        "reviewapp.User", on_delete=models.PROTECT, related_name="exposures"
    )
    prediction = models.ForeignKey(
        "reviewapp.Prediction", on_delete=models.PROTECT, related_name="exposures"
    )
    exposed_at = models.DateTimeField(db_default=ClockNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "user", "prediction"], name="an_exposure_is_noted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} saw prediction {self.prediction_id}"


class Encounter(models.Model):
    """A person has met an item elsewhere than in the queue, as in a study.

    It is no item that can be put before the person as gold.
    """

    item = models.ForeignKey(
        "reviewapp.Item", on_delete=models.PROTECT, related_name="encounters"
    )
    user = models.ForeignKey(
        "reviewapp.User",
        on_delete=models.PROTECT,
        related_name="encounters",
        db_index=False,
    )
    met_at = models.DateTimeField(db_default=ClockNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "item"], name="an_encounter_is_noted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} met item {self.item_id}"


class LateAnswer(models.Model):
    """An answer that came after the claim was lost: kept, and never evidence."""

    review = models.ForeignKey(
        "reviewapp.Review", on_delete=models.PROTECT, related_name="late_answers"
    )
    inspector = models.ForeignKey(
        "reviewapp.User", on_delete=models.PROTECT, related_name="late_answers"
    )
    answer_key = models.UUIDField()
    kind = models.CharField(max_length=12, choices=AnswerKind)
    label_class = models.ForeignKey(
        "reviewapp.LabelClass", null=True, on_delete=models.PROTECT, related_name="+"
    )
    also = ArrayField(models.CharField(max_length=60), default=list, db_default=[])
    arrived_at = models.DateTimeField(db_default=ClockNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "answer_key"], name="a_late_answer_is_kept_once"
            )
        ]

    def __str__(self) -> str:
        return f"late answer to review {self.review_id}"
