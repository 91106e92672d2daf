"""Shifts: how long a person works on a line at a stretch, and what came of it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from reviewapp.models.clock import ClockNow
from reviewapp.models.gold import GoldRead, GoldUse
from reviewapp.models.labels import Label

# The bounds of a line's terms, and of what people set for themselves.
LONGEST_MIN = 240
MOST_ITEMS = 5000

if TYPE_CHECKING:
    from reviewapp.models.lines import ProductLine
    from reviewapp.models.people import User


class ShiftEnd(models.TextChoices):
    """What ended a shift."""

    ENDED = "ended", _("You ended it")
    SIGNED_OUT = "signed_out", _("You signed out")
    IDLE = "idle", _("Nothing was answered any more")


class ShiftQuerySet(models.QuerySet["Shift"]):
    """Reads of shifts, in the words of the house."""

    def open(self) -> Self:
        """Shifts that have not ended."""
        return self.filter(ended_at=None)

    def ended(self) -> Self:
        """Shifts that have ended, the newest first."""
        return self.filter(ended_at__isnull=False).order_by("-pk")

    def of(self, inspector: "User", line: "ProductLine") -> Self:
        """One person's shifts on a line."""
        return self.filter(inspector=inspector, line=line)

    def newest_by_line(self) -> Self:
        """Of each line the open shift, and the newest that has ended."""
        return (
            self.annotate(is_open=Q(ended_at=None))
            .order_by("line_id", "is_open", "-pk")
            .distinct("line_id", "is_open")
        )

    def with_last_sign(self) -> Self:
        """With ``last_sign``, when the person last began, paused or answered, and now.

        The newest rows are read by the index of the person's own.
        """
        said = Label.objects.filter(
            inspector=OuterRef("inspector"), review__line=OuterRef("line")
        ).order_by("-pk")
        read = GoldRead.objects.filter(
            inspector=OuterRef("inspector"),
            gold__line=OuterRef("line"),
            use=GoldUse.HIDDEN,
            answered_at__isnull=False,
        ).order_by("-answered_at")
        return self.annotate(
            now=ClockNow(),
            last_sign=Greatest(
                F("resumed_at"),
                F("paused_at"),
                Subquery(said.values("labelled_at")[:1]),
                Subquery(read.values("answered_at")[:1]),
            ),
        )

    def idle_for(self, span: timedelta) -> Self:
        """Open shifts of which no sign has come for so long."""
        return self.open().with_last_sign().filter(last_sign__lt=F("now") - span)


class Shift(models.Model):
    """One stretch of one person's work on a line.

    It is made when the line is opened and not where an answer is stored: what belongs
    to it is what the person answered on the line between its two ends. Its figures are
    worked out once, when it ends. ``active_s`` is the time somebody was at an item that
    was in view, as the browser measured it; ``untimed`` answers came without it. Its
    labels come behind ``after_label``, the newest there was when it began, so that they
    are found without reading all that the person has ever said. While it is open,
    ``break_due_at`` is when a break is to be suggested sooner, and ``break_told_at``
    when one was; neither is kept beyond its end.
    """

    line = models.ForeignKey(
        "reviewapp.ProductLine", on_delete=models.PROTECT, related_name="shifts"
    )
    inspector = models.ForeignKey(
        "reviewapp.User",
        on_delete=models.PROTECT,
        related_name="shifts",
        db_index=False,
    )
    began_at = models.DateTimeField(db_default=ClockNow())
    after_label = models.PositiveBigIntegerField(db_default=0)
    resumed_at = models.DateTimeField(db_default=ClockNow())
    paused_at = models.DateTimeField(null=True)
    break_due_at = models.DateTimeField(null=True)
    break_told_at = models.DateTimeField(null=True)
    break_s = models.PositiveIntegerField(db_default=0)
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=10, choices=ShiftEnd, blank=True)
    answers = models.PositiveIntegerField(db_default=0)
    untimed = models.PositiveIntegerField(db_default=0)
    skips = models.PositiveIntegerField(db_default=0)
    active_s = models.PositiveIntegerField(db_default=0)
    # Set where a shift was read ``with_last_sign``.
    now: datetime
    last_sign: datetime

    objects = ShiftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "inspector"],
                condition=Q(ended_at=None),
                name="a_person_has_one_shift_at_a_time_on_a_line",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="")
                | (Q(ended_at__gte=F("began_at")) & ~Q(end="")),
                name="a_shift_that_has_ended_says_how",
            ),
        ]
        indexes = [
            models.Index(fields=["inspector", "-id"], name="shift_of_inspector"),
        ]

    def __str__(self) -> str:
        return f"shift {self.pk} on {self.line}"

    @property
    def until(self) -> datetime:
        """When it ended; a question for shifts that have."""
        if self.ended_at is None:
            raise ValueError(f"{self} has not ended.")
        return self.ended_at

    @property
    def idle_s(self) -> int:
        """Seconds that were neither active nor a break."""
        length = (self.until - self.began_at).total_seconds()
        return max(round(length) - self.active_s - self.break_s, 0)


class ShiftTerms(models.Model):
    """When a line's inspectors are asked to take a break; 0 asks for none."""

    line = models.OneToOneField(
        "reviewapp.ProductLine",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="shift_terms",
    )
    break_after_min = models.PositiveSmallIntegerField(
        _("minutes before a break is suggested"),
        default=50,
        validators=[MaxValueValidator(LONGEST_MIN)],
    )
    break_after_items = models.PositiveSmallIntegerField(
        _("items before a break is suggested"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(MOST_ITEMS)],
    )

    def __str__(self) -> str:
        return f"shift terms of {self.line}"


class OwnBreaks(models.Model):
    """When a person wants a break suggested sooner than a line does.

    What is absent is as the line says. It is one's own affair: no page shows it to
    anybody else.
    """

    person = models.OneToOneField(
        "reviewapp.User",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="own_breaks",
    )
    break_after_min = models.PositiveSmallIntegerField(
        _("minutes before a break is suggested"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MIN)],
    )
    break_after_items = models.PositiveSmallIntegerField(
        _("items before a break is suggested"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_ITEMS)],
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(break_after_min=None)
                | Q(break_after_min__range=(1, LONGEST_MIN)),
                name="own_minutes_are_within_those_of_a_line",
            ),
            models.CheckConstraint(
                condition=Q(break_after_items=None)
                | Q(break_after_items__range=(1, MOST_ITEMS)),
                name="own_items_are_within_those_of_a_line",
            ),
        ]

    def __str__(self) -> str:
        return f"breaks of {self.person}"


class LinePace(models.Model):
    """The middle half of the active seconds that an item of a line usually takes.

    There is none before several people have answered: of one person it would tell how
    fast that one is.
    """

    line = models.OneToOneField(
        "reviewapp.ProductLine",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="pace",
    )
    low_s = models.FloatField()
    high_s = models.FloatField()
    answers = models.PositiveIntegerField()
    kept_at = models.DateTimeField(db_default=ClockNow())

    def __str__(self) -> str:
        return f"{self.low_s:.1f} to {self.high_s:.1f} s on {self.line}"
