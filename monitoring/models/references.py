"""References: what a version knew, frozen, so that today's items can be held to it."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewapp.models import ClockNow, ModelVersion, ProductLine


class ReferencePart(models.TextChoices):
    """What of the items a reference holds."""

    INPUTS = "inputs", _("What arrived")
    PREDICTIONS = "predictions", _("What the version answered")
    FEATURES = "features", _("What models see in what arrived")


class ReferenceSource(models.TextChoices):
    """Where a reference's items come from."""

    CALIBRATION = "calibration", _("The data it was trained and calibrated on")
    FIRST_ITEMS = "first_items", _("The first items it was asked about")


class ReferenceWindowQuerySet(models.QuerySet["ReferenceWindow"]):
    """Reads of references."""

    def of_version(self, line: ProductLine, version: ModelVersion) -> Self:
        """References of one version on one line."""
        return self.filter(line=line, version=version)


class ReferenceWindow(models.Model):
    """A sample of what one version knew, made once and never brought up to date.

    A reference that follows the line would hide whatever comes slowly. It has parts, as
    they may come from different items: a version is too sure of what it was trained on,
    so its answers are taken from the hold-out alone.

    ``columns`` holds, by the column's name, its ``kind`` and its ``values`` in the
    order of the sampled items, so that columns can also be compared together; a
    missing value is null. Of texts, ``out_of_vocabulary`` is null for the half that
    chose the words of the version's ``Vocabulary``. ``classes`` counts the
    predicted classes, ``probabilities`` are those of the version's classes, and
    ``joint`` counts the labelled ones: by predicted class in rows and settled class in
    columns.

    ``until`` is when the last of its items occurred: no window is held against it by
    items of its own. Of references from before that was kept it is null.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="references"
    )
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="references"
    )
    part = models.CharField(max_length=12, choices=ReferencePart)
    source = models.CharField(max_length=12, choices=ReferenceSource)
    items = models.PositiveIntegerField()
    columns = models.JSONField(default=dict)
    classes = models.JSONField(default=dict)
    probabilities = models.JSONField(default=list)
    joint = models.JSONField(null=True)
    embedding = models.BinaryField(null=True)
    until = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(db_default=ClockNow())

    objects = ReferenceWindowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "version", "part"],
                name="a_reference_is_taken_once",
            ),
            models.CheckConstraint(
                condition=models.Q(items__gt=0), name="a_reference_has_items"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.items} items, {self.get_part_display()}"

    def begin_after(self, start: datetime) -> datetime:
        """Say from when on what occurred since ``start`` is no part of it."""
        if self.until is None or self.until < start:
            return start
        return self.until + timedelta.resolution

    def reaches_into(self, start: datetime) -> bool:
        """Say whether items that occurred since ``start`` may be part of it."""
        return self.begin_after(start) > start
