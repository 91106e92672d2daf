"""Records: who did what, kept for good."""

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from reviewapp.models.clock import ClockNow

if TYPE_CHECKING:
    from reviewapp.models.lines import ProductLine


class RecordQuerySet(models.QuerySet["Record"]):
    """Reads of the activity log."""

    def of_line(self, line: "ProductLine") -> Self:
        """What was done on one line, newest first."""
        return self.filter(line=line).order_by("-pk")


class Record(models.Model):
    """One act of one actor; the database refuses to change or remove it.

    ``actor`` is a pseudonym, a token's prefix or ``system``; the row keeps no key to
    the person, so that a person can be erased and the log still stands.
    """

    at = models.DateTimeField(db_default=ClockNow())
    actor = models.CharField(max_length=40)
    line = models.ForeignKey(
        "reviewapp.ProductLine",
        null=True,
        on_delete=models.PROTECT,
        related_name="records",
    )
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=120, blank=True)
    details = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=36, blank=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["line", "-id"], name="record_of_line"),
            BrinIndex(fields=["at"], name="record_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject}".rstrip()
