"""Jobs: long work that workers do, with its progress and its outcome."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models.clock import ClockNow

if TYPE_CHECKING:
    from reviewapp.models.people import User


class JobKind(models.TextChoices):
    """The long work there is."""

    SNAPSHOT = "snapshot", _("Take a dataset snapshot")
    TRAINING = "training", _("Train a version")
    DEMO_HISTORY = "demo_history", _("Play the demo's history")
    PLACING = "placing", _("Put what waits in order")


class JobState(models.TextChoices):
    """How far a job is."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class JobQuerySet(models.QuerySet["Job"]):
    """Reads of jobs."""

    def visible_to(self, user: "User") -> Self:
        """Jobs of lines the person works on."""
        return self.filter(line__memberships__user=user).distinct()

    def unfinished(self) -> Self:
        """Jobs that wait or run."""
        return self.filter(state__in=[JobState.WAITING, JobState.RUNNING])


class Job(models.Model):
    """One piece of long work; ``heartbeat_at`` tells a running job from a dead one."""

    kind = models.CharField(max_length=16, choices=JobKind)
    line = models.ForeignKey(
        "reviewapp.ProductLine",
        null=True,
        on_delete=models.PROTECT,
        related_name="jobs",
    )
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=JobState, default=JobState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True)
    result = models.JSONField(default=dict)
    asked_by = models.ForeignKey(
        "reviewapp.User", null=True, on_delete=models.PROTECT, related_name="jobs"
    )
    created_at = models.DateTimeField(db_default=ClockNow())
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "line"],
                condition=Q(state__in=["waiting", "running"]),
                name="a_line_has_one_such_job_at_a_time",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state__in=["waiting", "running"]),
                name="job_to_do",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_state_display()}"
