"""Predictions: what a version answered on an item, immutable."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewapp import policy
from reviewapp.models.clock import ClockNow


class PredictionSource(models.TextChoices):
    """Where an answer was made."""

    WORKER = "worker", _("By workers")
    REALTIME = "realtime", _("On request")
    EDGE = "edge", _("At the edge")


class Prediction(models.Model):
    """One version's answer on one item.

    An invalid, late or failing answer is stored as such: ``error`` names what was
    wrong, and there is no class. ``probabilities`` follow the version's ``class_keys``.
    """

    item = models.ForeignKey(
        "reviewapp.Item",
        on_delete=models.PROTECT,
        related_name="predictions",
        db_index=False,
    )
    version = models.ForeignKey(
        "reviewapp.ModelVersion",
        on_delete=models.PROTECT,
        related_name="predictions",
        db_index=False,
    )
    label_class = models.ForeignKey(
        "reviewapp.LabelClass",
        null=True,
        on_delete=models.PROTECT,
        related_name="predictions",
        db_index=False,
    )
    confidence = models.FloatField(null=True)
    probabilities = ArrayField(models.FloatField(), null=True)
    stages = models.JSONField(default=dict)
    latency_ms = models.FloatField(null=True)
    error = models.CharField(max_length=40, blank=True)
    error_detail = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=8, choices=PredictionSource)
    predicted_at = models.DateTimeField(db_default=ClockNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "version"], name="a_version_answers_an_item_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    error="",
                    label_class__isnull=False,
                    confidence__range=(0, 1),
                    probabilities__isnull=False,
                )
                | (~Q(error="") & Q(label_class__isnull=True, confidence__isnull=True)),
                name="an_answer_is_valid_or_names_its_error",
            ),
        ]
        indexes = [BrinIndex(fields=["predicted_at"], name="prediction_by_time")]

    def __str__(self) -> str:
        if self.error:
            return self.error
        return f"{self.label_class} ({self.confidence:.3f})"

    def answer(self, fingerprint: str) -> policy.Prediction | None:
        """Give the answer as the value that ``reviewapp.policy`` routes by.

        ``None`` where it is invalid; ``fingerprint`` is that of the version it is of.
        """
        if self.error or self.label_class is None or self.confidence is None:
            return None
        return policy.Prediction(
            label_class=self.label_class.key,
            confidence=self.confidence,
            fingerprint=fingerprint,
        )

    @property
    def is_valid(self) -> bool:
        """Say whether there is an answer to route and compare."""
        return not self.error
