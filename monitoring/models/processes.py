"""The installation's processes: how they do, and when each sweep last succeeded."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewapp.models import ProductLine


class ProcessKind(models.TextChoices):
    """What a process is there for."""

    WEB = "web", _("Web")
    WORKER = "worker", _("Worker")
    MODEL_HOST = "model_host", _("Model host")


class ProcessSampleQuerySet(models.QuerySet["ProcessSample"]):
    """Reads of samples."""

    def between(self, start: datetime, end: datetime) -> Self:
        """Samples taken in [start, end)."""
        return self.filter(at__gte=start, at__lt=end)

    def last_of_each(self) -> Self:
        """The newest of these samples of each process."""
        return self.order_by("kind", "name", "-at").distinct("kind", "name")


class ProcessSample(models.Model):
    """What one process has used and served since it began, as of one moment.

    All but the resident bytes only grow, so a span is the difference of two samples:
    a sample that is lost or thinned out loses nothing but its moment. ``name`` is a
    hash of machine, number and beginning, so that no process is taken for an earlier
    one. ``buckets`` are those of ``monitoring.stats.sketch``, of milliseconds a page or
    a task took; a page of a probe is not counted.
    """

    kind = models.CharField(max_length=12, choices=ProcessKind)
    name = models.CharField(max_length=12)
    began_at = models.DateTimeField()
    at = models.DateTimeField()
    resident_bytes = models.PositiveBigIntegerField()
    cpu_s = models.FloatField()
    requests = models.PositiveBigIntegerField(default=0)
    errors = models.PositiveBigIntegerField(default=0)
    buckets = models.JSONField(default=dict)

    objects = ProcessSampleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name", "at"],
                name="a_process_is_sampled_once_a_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(errors__lte=models.F("requests")),
                name="no_more_errors_than_requests",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="sample_by_moment")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}, {self.at:%Y-%m-%d %H:%M:%S}"


class PageHour(models.Model):
    """The pages of one line that one process has served in one hour of UTC.

    A process writes all of its hour each time, so that what is written twice counts
    once. ``process`` is the name that its samples have; ``buckets`` are those of
    ``monitoring.stats.sketch``, of milliseconds.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="page_hours", db_index=False
    )
    hour = models.DateTimeField()
    process = models.CharField(max_length=12)
    count = models.PositiveIntegerField()
    total = models.FloatField()
    squares = models.FloatField()
    buckets = models.JSONField(default=dict)
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "hour", "process"],
                name="a_process_writes_an_hour_of_pages_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}, {self.hour:%Y-%m-%d %H}: {self.count} pages"


class TaskPulse(models.Model):
    """When a task of the workers last succeeded and last failed, and how long it took.

    One row a task, written at most every ten seconds by each worker.
    """

    task = models.CharField(max_length=120, primary_key=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    took_s = models.FloatField(default=0)

    class Meta:
        ordering = ["task"]

    def __str__(self) -> str:
        return f"{self.task}, succeeded {self.succeeded_at}"
