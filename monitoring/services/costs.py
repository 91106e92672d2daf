"""Costs: what an escape, an overkill and a review cost on a line."""

from decimal import Decimal

from django.db import transaction

from monitoring.models import CostMatrix
from reviewapp.models import ProductLine, User
from reviewapp.services.records import actor_name, record


def costs_of(line: ProductLine) -> CostMatrix | None:
    """Give the cost matrix in force; ``None`` where the line has set none."""
    return CostMatrix.objects.filter(line=line).first()


@transaction.atomic
def set_costs(
    line: ProductLine,
    *,
    escape: Decimal,
    overkill: Decimal,
    review: Decimal,
    currency: str,
    by: User | None,
) -> CostMatrix:
    """Say what things cost from now on; what held before stays a row."""
    made = CostMatrix.objects.create(
        line=line,
        escape=escape,
        overkill=overkill,
        review=review,
        currency=currency,
        set_by=by,
    )
    record(
        "costs.set",
        actor=actor_name(by),
        line=line,
        details={
            "escape": str(escape),
            "overkill": str(overkill),
            "review": str(review),
            "currency": currency,
        },
    )
    return made
