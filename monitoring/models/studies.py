"""Studies: the same items, read blind and more than once by the same people."""

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from reviewapp.models.clock import ClockNow
from reviewapp.models.lines import new_salt

if TYPE_CHECKING:
    from reviewapp.models import ProductLine, User


class StudyQuerySet(models.QuerySet["Study"]):
    """Reads of studies, in the words of the house."""

    def of_line(self, line: "ProductLine") -> Self:
        """Studies of one line, newest first."""
        return self.filter(line=line).order_by("-number")

    def taken_by(self, person: "User") -> Self:
        """Studies in which a person takes part."""
        return self.filter(reads__inspector=person).distinct()

    def asking(self, person: "User") -> Self:
        """Open studies in which a person still has something to read."""
        return self.filter(
            closed_at=None, reads__inspector=person, reads__answered_at=None
        ).distinct()


class Study(models.Model):
    """One attribute agreement study: parts, by inspectors, by trials.

    Its answers are about people and never about items: they are no labels, decide
    nothing and enter no dataset. ``salt`` is secret: it sets the order in which each
    person meets the parts.
    """

    line = models.ForeignKey(
        "reviewapp.ProductLine",
        on_delete=models.PROTECT,
        related_name="studies",
        db_index=False,
    )
    number = models.PositiveIntegerField()
    trials = models.PositiveSmallIntegerField()
    salt = models.CharField(max_length=64, default=new_salt, editable=False)
    planned_by = models.ForeignKey(
        "reviewapp.User",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    planned_at = models.DateTimeField(db_default=ClockNow())
    closed_at = models.DateTimeField(null=True)

    objects = StudyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "number"], name="a_study_has_its_number_on_a_line"
            ),
            models.CheckConstraint(
                condition=Q(trials__gte=1, trials__lte=5),
                name="a_study_has_one_to_five_trials",
            ),
        ]

    def __str__(self) -> str:
        return f"Study {self.number}"


class StudyPart(models.Model):
    """One item of a study, and whether it is good by the decision that stands.

    The truth is kept as it was when the study was planned: a later decision about the
    item must not change what people were measured against.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="parts")
    item = models.ForeignKey(
        "reviewapp.Item",
        on_delete=models.PROTECT,
        related_name="study_parts",
        db_index=False,
    )
    is_good = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "item"], name="an_item_is_one_part_of_a_study"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id} in {self.study_id}"


class StudyReadQuerySet(models.QuerySet["StudyRead"]):
    """Reads of reads, in the words of the house."""

    def of(self, study: Study, person: "User") -> Self:
        """One person's reads in a study, in the order in which they are shown."""
        return self.filter(study=study, inspector=person).order_by("place")

    def open(self) -> Self:
        """Reads without an answer whose item can still be shown."""
        return self.filter(
            answered_at=None, part__item__payload__isnull=False
        ).select_related("part__item__payload")


class StudyRead(models.Model):
    """One look of one inspector at one part, in a place drawn for it.

    A person reads all parts once before any comes again, each trial in an order of its
    own, so that no answer is remembered from the one before. ``also`` are the further
    classes of an answer, as those of a label.
    """

    study = models.ForeignKey(
        Study, on_delete=models.PROTECT, related_name="reads", db_index=False
    )
    part = models.ForeignKey(
        StudyPart, on_delete=models.PROTECT, related_name="reads", db_index=False
    )
    inspector = models.ForeignKey(
        "reviewapp.User", on_delete=models.PROTECT, related_name="study_reads"
    )
    trial = models.PositiveSmallIntegerField()
    place = models.PositiveIntegerField()
    label_class = models.ForeignKey(
        "reviewapp.LabelClass",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    also = ArrayField(models.CharField(max_length=60), default=list, db_default=[])
    answered_at = models.DateTimeField(null=True)

    objects = StudyReadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["part", "inspector", "trial"],
                name="a_part_is_read_once_a_trial",
            ),
            models.UniqueConstraint(
                fields=["study", "inspector", "place"], name="a_place_has_one_read"
            ),
            models.CheckConstraint(
                condition=Q(label_class=None, answered_at=None)
                | Q(label_class__isnull=False, answered_at__isnull=False),
                name="an_answer_has_its_class_and_time",
            ),
            models.CheckConstraint(
                condition=Q(also__len=0)
                | Q(label_class__isnull=False, also__len__lt=20),
                name="a_study_names_further_classes_beside_one",
            ),
        ]

    def __str__(self) -> str:
        return f"Read {self.place} of {self.inspector_id} in {self.study_id}"
