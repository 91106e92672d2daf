"""Counts that add up: whole hours of items, predictions, answers and decisions."""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models import LabelClass, ModelVersion, Policy, ProductLine, RouteChoices


class Measure(models.TextChoices):
    """What is counted."""

    ITEM = "item", _("Items")
    PREDICTION = "prediction", _("Predictions")
    PREDICTION_ERROR = "error", _("Predictions without an answer")
    PAIR = "pair", _("Predictions with a label, by the item's hour")
    ANSWER = "answer", _("Predictions with a label, by the hour of the label")
    PERMITTED = "permitted", _("Items that the model might decide")
    AUDITED = "audited", _("Audits with an answer, by the item's hour")
    MODEL_DECISION = "by_model", _("Decisions by the model")
    PERSON_DECISION = "by_person", _("Decisions by people")
    SHOWN = "shown", _("Labels given with the prediction in sight")
    LABEL = "label", _("Labels, by the hour of the label")
    UNDONE = "undone", _("Labels taken back")
    SKIP = "skip", _("Reviews passed on")
    READERS = "readers", _("Two people's blind labels of one item")


class HourlyCountQuerySet(models.QuerySet["HourlyCount"]):
    """Reads of counts."""

    def of_line(self, line: ProductLine) -> Self:
        """Counts of one line."""
        return self.filter(line=line)

    def between(self, start: datetime, end: datetime) -> Self:
        """Counts of the hours in [start, end)."""
        return self.filter(hour__gte=start, hour__lt=end)

    def of_segment(self, segment: str) -> Self:
        """Counts of one segment; of all of them where it is empty."""
        return self.filter(segment=segment) if segment else self

    def blind_pairs(self, version: ModelVersion) -> Self:
        """Blind pairs of a version by the item's hour, as charts show them."""
        return self.filter(measure=Measure.PAIR, is_blind=True, version=version)

    def evidence(self, version: ModelVersion, *, attempt: int) -> Self:
        """Blind pairs of a version in one epoch by the hour of the label, for gates."""
        return self.filter(
            measure=Measure.ANSWER, is_blind=True, version=version, attempt=attempt
        )

    def evidence_of(self, policies: Iterable[Policy]) -> Self:
        """Blind pairs of the live version of each policy in its epoch, for gates."""
        each = [
            Q(line=one.line_id, version=one.live_id, attempt=one.attempt)
            for one in policies
            if one.live_id is not None
        ]
        if not each:
            return self.none()
        return self.filter(reduce(or_, each), measure=Measure.ANSWER, is_blind=True)


class HourlyCount(models.Model):
    """How many of one kind fell into one hour of one line.

    Hours are UTC. Every figure over any span is a sum of these, so a year costs what a
    day costs. ``predicted`` and ``answered`` are the classes of a pair; nobody could
    tell where a pair has no ``answered``. ``is_blind`` says that the lottery drew a
    blind label and that nothing was in sight; ``inclusion`` is the chance, before that
    draw, that it would, of what is weighed by it, else null. ``attempt`` is that of the
    policy under which the label was given, where the version was live then, else 0. For
    two readers ``predicted`` is the first reader's class and ``answered`` the second's.
    ``segment`` is the item's part of the line, empty where the line is one whole.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="hourly_counts"
    )
    hour = models.DateTimeField()
    measure = models.CharField(max_length=12, choices=Measure)
    version = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    attempt = models.PositiveIntegerField(default=0)
    route = models.CharField(max_length=10, choices=RouteChoices, blank=True)
    is_blind = models.BooleanField(default=False)
    predicted = models.ForeignKey(
        LabelClass, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answered = models.ForeignKey(
        LabelClass, null=True, on_delete=models.PROTECT, related_name="+"
    )
    segment = models.CharField(max_length=40, blank=True, db_default="")
    inclusion = models.FloatField(null=True)
    count = models.PositiveIntegerField()

    objects = HourlyCountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "line",
                    "measure",
                    "hour",
                    "version",
                    "attempt",
                    "route",
                    "is_blind",
                    "predicted",
                    "answered",
                    "segment",
                    "inclusion",
                ],
                name="an_hour_is_counted_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}, {self.hour:%Y-%m-%d %H}: {self.count} {self.measure}"


class CountRun(models.Model):
    """How far a line's counts reach: all that was committed before ``counted_to``.

    What was touched is known up to ``looked_to``; where that is later, ``waiting``
    names the hours still to be counted, each with what is counted by it. Hours in
    ``anew`` count already, and are counted once more by what a later release counts of
    items. Its days are summed up to, and without, ``summed_before``, by
    ``summed_zone``.
    """

    line = models.OneToOneField(
        ProductLine, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    counted_to = models.DateTimeField()
    looked_to = models.DateTimeField(null=True)
    waiting = models.JSONField(default=list)
    anew = models.JSONField(default=list)
    summed_before = models.DateField(null=True)
    summed_zone = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.line} counted to {self.counted_to}"

    def is_whole_before(self, at: datetime) -> bool:
        """Say whether all that occurred before is counted, and none of it anew."""
        return self.counted_to >= at and not self.anew
