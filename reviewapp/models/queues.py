"""How a line puts its queue in order, and how long a claim on it lasts."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models.clock import ClockNow
from reviewapp.models.lines import new_salt
from reviewapp.order import Order, OrderRule

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models.expressions import CombinedExpression

    from reviewapp.models.lines import ProductLine

LONGEST_DUE_MIN = 30 * 24 * 60


class OrderChoices(models.TextChoices):
    """The rules as a person reads them."""

    OLDEST = OrderRule.OLDEST.value, _("Oldest first")
    UNSURE = OrderRule.UNSURE.value, _("Least certain first")
    MIXED = OrderRule.MIXED.value, _("Least certain first, and a share by age")


class QueueTermsQuerySet(models.QuerySet["QueueTerms"]):
    """Reads of lines' terms."""

    def of_line(self, line: "ProductLine") -> "QueueTerms":
        """Give a line's terms; the usual ones where nobody has set any."""
        return getattr(line, "queue_terms", None) or QueueTerms(line=line)


class QueueTerms(models.Model):
    """What of a line comes to people first, when it is due, and how long a claim is.

    The ``salt`` is secret, as those of the line are. Unless ``claim_is_fixed``, the
    length of a claim follows ``handling_s``, in which 99 of 100 of the last
    ``handling_of`` answers were given.
    """

    line = models.OneToOneField(
        "reviewapp.ProductLine",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="queue_terms",
    )
    rule = models.CharField(
        _("what comes first"),
        max_length=8,
        choices=OrderChoices,
        default=OrderChoices.OLDEST,
    )
    age_share = models.FloatField(
        _("share by age"),
        default=0.2,
        validators=[MinValueValidator(0.05), MaxValueValidator(1)],
    )
    due_after_min = models.PositiveIntegerField(
        _("due after, in minutes"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_DUE_MIN)],
    )
    salt = models.CharField(max_length=64, default=new_salt, editable=False)
    claim_is_fixed = models.BooleanField(default=False)
    handling_s = models.FloatField(null=True)
    handling_of = models.PositiveIntegerField(default=0)

    objects = QueueTermsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(age_share__gt=0, age_share__lte=1),
                name="a_mixed_queue_keeps_a_share_by_age",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.get_rule_display()}"

    @property
    def due_after(self) -> timedelta | None:
        """When a review is due after it was queued; ``None`` if never."""
        return timedelta(minutes=self.due_after_min) if self.due_after_min else None

    @property
    def order(self) -> Order:
        """The order as plain Python knows it."""
        return Order(
            rule=OrderRule(self.rule),
            age_share=self.age_share,
            due_after=self.due_after,
        )

    def due_at(
        self, queued_at: "datetime | ClockNow"
    ) -> "datetime | CombinedExpression | None":
        """Say when a review that was queued then is due; ``None`` if never."""
        return queued_at + self.due_after if self.due_after else None
