"""Segments: the parts of a line that its figures can be told apart by."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewapp.models import ClockNow, ProductLine, User


class SegmentKind(models.TextChoices):
    """What an item's segment is read from."""

    NONE = "none", _("Nothing: the line is one whole")
    SHIFT = "shift", _("The shift in which it occurred")
    GROUP = "group", _("The beginning of its group")


class SegmentationQuerySet(models.QuerySet["Segmentation"]):
    """Reads of segmentations."""

    def of_line(self, line: ProductLine) -> Self:
        """Segmentations that a line has had, the newest first."""
        return self.filter(line=line).order_by("-pk")


class Segmentation(models.Model):
    """By what a line's hours are counted apart, from ``set_at`` until the next row.

    ``names`` are fixed when it is set, so that an hour that is counted again falls into
    the same parts: shifts by their beginning ("06:00"), in the order of the day, or the
    beginnings of groups. An item of another group is in the segment ``other``.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="segmentations"
    )
    kind = models.CharField(max_length=8, choices=SegmentKind)
    names = models.JSONField(default=list)
    set_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField(db_default=ClockNow())

    objects = SegmentationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=SegmentKind.NONE, names=[])
                | (~models.Q(kind=SegmentKind.NONE) & ~models.Q(names=[])),
                name="a_segmentation_names_its_parts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.get_kind_display()}"
