"""How a line stands, in the few figures by which many lines are compared."""

from datetime import datetime, timedelta

from monitoring.models import HourlyCount
from monitoring.services.cockpit import errors_of
from monitoring.services.figures import decided_share
from reviewapp.models import Item, ProductLine, Review
from reviewapp.services.lines import Standing

COVERED_OVER = timedelta(days=7)
HOUR = timedelta(hours=1)
ESCAPES_OVER = timedelta(days=30)


def standing_of(line: ProductLine, *, at: datetime) -> Standing:
    """Measure how a line stands: who reads, what the model decides and lets out.

    The escape rate is that of the line's own page, with its upper bound (Clopper and
    Pearson, 95 % two-sided).
    """
    people, answers = Review.objects.of_last_hour(line, at=at)
    came = Item.objects.of_line(line).come_to_people(start=at - HOUR, end=at)
    coverage = decided_share(line, start=at - COVERED_OVER, end=at + HOUR)
    kept = errors_of(line, start=at - ESCAPES_OVER, end=at + HOUR)
    escapes = kept.escapes if kept else None
    newest = None
    if line.in_force.live is not None:
        pairs = HourlyCount.objects.of_line(line).blind_pairs(line.in_force.live)
        newest = pairs.order_by("-hour").values_list("hour", flat=True).first()
    return Standing(
        people_now=people,
        answers=answers,
        arrivals=came.count(),
        coverage=coverage.value if coverage else None,
        escape_upper=escapes.high if escapes else None,
        escape_of=escapes.of if escapes else 0,
        evidence_at=newest + timedelta(hours=1) if newest else None,
    )
