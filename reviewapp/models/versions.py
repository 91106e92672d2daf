"""Model versions: immutable trained pipelines with their hashes."""

from hashlib import sha256
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

if TYPE_CHECKING:
    from reviewapp.models.people import User


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    """Reads of versions."""

    def visible_to(self, user: "User") -> Self:
        """Versions of lines the person works on."""
        return self.filter(line__memberships__user=user).distinct()


class ModelVersion(models.Model):
    """One trained pipeline of a line, never changed.

    ``class_keys`` is the order of the model's probabilities. ``fingerprint`` is the
    hash of file, calibrator and preprocessing together; certificates are bound to it.
    ``stages`` are those of ``runtimes.stages``, with a file each; it is empty where one
    file is the whole version.
    """

    line = models.ForeignKey(
        "reviewapp.ProductLine", on_delete=models.PROTECT, related_name="versions"
    )
    name = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    preprocessing = models.CharField(max_length=40)
    stages = models.JSONField(default=list)
    class_keys = ArrayField(models.CharField(max_length=60))
    schema = models.ForeignKey(
        "reviewapp.TableSchema", null=True, on_delete=models.PROTECT, related_name="+"
    )
    fingerprint = models.CharField(max_length=64)
    card = models.JSONField(default=dict)
    trained_until = models.DateTimeField(null=True)
    snapshot = models.ForeignKey(
        "reviewapp.DatasetSnapshot",
        null=True,
        on_delete=models.PROTECT,
        related_name="versions",
    )
    registered_by = models.ForeignKey(
        "reviewapp.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ["line", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "name"], name="a_version_name_is_used_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


def fingerprint_of(*, file_sha256: str, preprocessing: str) -> str:
    """Hash what a certificate is bound to; the calibrator is part of the file."""
    return sha256(f"{file_sha256}:{preprocessing}".encode()).hexdigest()
