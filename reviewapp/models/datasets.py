"""Dataset snapshots: immutable, hashed sets of labels handed to training."""

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from reviewapp.models.people import User


class DatasetSnapshotQuerySet(models.QuerySet["DatasetSnapshot"]):
    """Reads of snapshots."""

    def visible_to(self, user: "User") -> Self:
        """Snapshots of lines the person works on."""
        return self.filter(line__memberships__user=user).distinct()


class DatasetSnapshot(models.Model):
    """A frozen set of a line's labels: what it was asked for, and its hash."""

    line = models.ForeignKey(
        "reviewapp.ProductLine", on_delete=models.PROTECT, related_name="snapshots"
    )
    number = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True)
    selection = models.JSONField(default=dict)
    rows = models.PositiveIntegerField()
    root_sha256 = models.CharField(max_length=64)
    taken_by = models.ForeignKey(
        "reviewapp.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField()

    objects = DatasetSnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["line", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "number"], name="a_snapshot_number_is_used_once"
            )
        ]

    def __str__(self) -> str:
        return f"snapshot {self.number}"


class SnapshotRow(models.Model):
    """One label's place in a snapshot, and the hash of the row it gave."""

    snapshot = models.ForeignKey(
        DatasetSnapshot, on_delete=models.PROTECT, related_name="entries"
    )
    position = models.PositiveIntegerField()
    label = models.ForeignKey(
        "reviewapp.Label", on_delete=models.PROTECT, related_name="+"
    )
    decision = models.ForeignKey(
        "reviewapp.Decision", null=True, on_delete=models.PROTECT, related_name="+"
    )
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "position"], name="a_snapshot_place_is_taken_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id}/{self.position}"
