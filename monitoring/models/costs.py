"""Cost matrices: what an error and a review cost on a line, in its own money."""

from django.db import models
from django.db.models import Q

from reviewapp.models import ClockNow, ProductLine, User


class CostMatrix(models.Model):
    """What things cost on a line, from ``set_at`` until the next row.

    ``currency`` is a word for people; nothing is converted.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="cost_matrices"
    )
    escape = models.DecimalField(max_digits=14, decimal_places=4)
    overkill = models.DecimalField(max_digits=14, decimal_places=4)
    review = models.DecimalField(max_digits=14, decimal_places=4)
    currency = models.CharField(max_length=12)
    set_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField(db_default=ClockNow())

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(escape__gte=0, overkill__gte=0, review__gte=0),
                name="nothing_costs_less_than_nothing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}: cost matrix {self.pk}"
