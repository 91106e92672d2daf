"""Drift: how each window of a line compares with what its version knew."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from monitoring.models.references import ReferenceWindow
from reviewapp.models import ClockNow, ModelVersion, ProductLine, User


class DriftState(models.TextChoices):
    """What a window says; only a window that was compared can be quiet."""

    QUIET = "quiet", _("As the version knows it")
    MOVED = "moved", _("Something has moved")
    NOT_ENOUGH = "not_enough", _("Not enough items")
    NO_DATA = "no_data", _("No items")
    NO_REFERENCE = "no_reference", _("Nothing to compare with yet")


# A window that ended longer ago says nothing of the present one.
REMEMBERED = timedelta(days=28)
JUDGED = (DriftState.QUIET, DriftState.MOVED)


class DriftWindowQuerySet(models.QuerySet["DriftWindow"]):
    """Reads of compared windows."""

    def of_version(self, line: ProductLine, version: ModelVersion) -> Self:
        """Windows of one version on one line."""
        return self.filter(line=line, version=version)

    def judged(self) -> Self:
        """Windows that were compared."""
        return self.filter(state__in=JUDGED)

    def newest_first(self) -> Self:
        """The latest windows first."""
        return self.order_by("-end")

    def ended_in(self, start: datetime, end: datetime) -> Self:
        """Windows that ended in (start, end]."""
        return self.filter(end__gt=start, end__lte=end)


class DriftWindow(models.Model):
    """One window of a line, held against its version's references; never changed.

    Windows follow each other without a gap. ``columns`` holds each column's figures
    and whether it moved; ``whole`` the tests of all columns at once, ``predictions``
    that of the predicted classes, with the classes' shares as label shift would have
    them; ``estimate`` what the version claims of itself, with what that takes for
    granted. ``compared`` items of ``items`` were read.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="drift_windows"
    )
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="drift_windows"
    )
    reference = models.ForeignKey(
        ReferenceWindow, null=True, on_delete=models.PROTECT, related_name="windows"
    )
    start = models.DateTimeField()
    end = models.DateTimeField()
    items = models.PositiveIntegerField()
    compared = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=12, choices=DriftState)
    columns = models.JSONField(default=dict)
    whole = models.JSONField(default=dict)
    predictions = models.JSONField(default=dict)
    estimate = models.JSONField(default=dict)
    measured_at = models.DateTimeField(db_default=ClockNow())

    objects = DriftWindowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "version", "start"],
                name="a_window_is_compared_once",
            ),
            models.CheckConstraint(
                condition=Q(start__lt=models.F("end")),
                name="a_compared_window_has_a_length",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=JUDGED) | Q(reference__isnull=False),
                name="only_a_compared_window_is_quiet",
            ),
        ]
        indexes = [
            models.Index(fields=["line", "version", "-end"], name="drift_of_version")
        ]

    def __str__(self) -> str:
        return f"{self.line} until {self.end:%Y-%m-%d %H}: {self.get_state_display()}"

    def judged_before(self) -> "DriftWindow | None":
        """Give the window judged before this one, unless that is long ago."""
        return self._before().first()

    def tried_before(self) -> "DriftWindow | None":
        """Give the last window before this one that a classifier tried to tell."""
        return self._before().exclude(whole={}).first()

    def _before(self) -> DriftWindowQuerySet:
        of_version = DriftWindow.objects.of_version(self.line, self.version).judged()
        return of_version.ended_in(self.start - REMEMBERED, self.start).newest_first()

    @property
    def moved(self) -> list[str]:
        """The columns that moved, in the order of their names."""
        return sorted(name for name, found in self.columns.items() if found["moved"])

    @property
    def is_told_apart(self) -> bool | None:
        """Whether a classifier tells the window from the reference; may be untested."""
        verdicts = [found["moved"] for found in self.whole.values() if "moved" in found]
        return any(verdicts) if verdicts else None

    @property
    def has_other_answers(self) -> bool | None:
        """Whether the predicted classes' shares moved; may be untested."""
        moved: bool | None = self.predictions.get("moved")
        return moved

    @property
    def keeps_input_drift(self) -> bool:
        """Whether a drift of inputs goes on: it takes less than to ring."""
        return bool(self.moved or self.is_told_apart)

    @property
    def keeps_answer_drift(self) -> bool:
        """Whether a drift of answers goes on, if only in the share of defects."""
        is_other_share = self.predictions.get("rejected_ratio_is_sure")
        return bool(self.has_other_answers or is_other_share)


class WindowSizeQuerySet(models.QuerySet["WindowSize"]):
    """Reads of window sizes."""

    def of_line(self, line: ProductLine) -> Self:
        """Sizes that a line has had, the newest first."""
        return self.filter(line=line).order_by("-pk")


class WindowSize(models.Model):
    """How long a line's windows are, from ``set_at`` until the next row.

    A window lasts ``hours`` or as long as it takes to hold ``items``, whichever is
    longer; below ``judged_from`` items it gets no verdict, and after ``longest_days``
    it ends with what there is.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="window_sizes"
    )
    hours = models.PositiveIntegerField(default=24)
    items = models.PositiveIntegerField(default=400)
    judged_from = models.PositiveIntegerField(default=200)
    longest_days = models.PositiveIntegerField(default=14)
    set_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField(db_default=ClockNow())
    reason = models.CharField(max_length=300, blank=True)

    objects = WindowSizeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(hours__gte=1, judged_from__gte=30)
                & Q(items__gte=models.F("judged_from"))
                & Q(longest_days__gte=1),
                name="a_window_can_be_judged",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.hours} hours or {self.items} items"
