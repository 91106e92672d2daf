"""How often blind labels differ, smoothed: a curve for people, acting on nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.services.quiet_rates import FEWEST_BASELINE
from monitoring.services.series import Point
from monitoring.stats.charts import ewma, ewma_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class SmoothedDays:
    """The smoothed share of blind labels that differ from the live version.

    ``usual`` is the share among the ``labels`` of the version's first days, which make
    up a thousand, and at least one of them; each point's interval is where a quiet line
    keeps its curve. Without a thousand labels there is no usual share, and no point.
    """

    labels: int
    usual: float | None
    points: Sequence[Point]


def smooth_disagreement(
    since_live: Sequence[Point], *, shown_from: date
) -> SmoothedDays:
    """Smooth a version's agreement by day, each day by what its labels are worth.

    The curve runs on from the version's first days, whatever days are shown.
    """
    labels = first = 0
    worth = differ = 0.0
    while labels < FEWEST_BASELINE and first < len(since_live):
        day = since_live[first]
        differ += (1 - day.value) * day.weight
        labels, worth, first = labels + day.count, worth + day.weight, first + 1
    if labels < FEWEST_BASELINE:
        return SmoothedDays(labels=labels, usual=None, points=[])
    usual = max(differ, 1) / worth
    later = since_live[first:]
    curve = ewma([1 - day.value for day in later], start=usual).values.tolist()
    limits = ewma_limits([day.weight for day in later], start=usual, start_n=worth)
    points = [
        Point(day=day.day, value=value, count=day.count, low=low, high=high)
        for day, value, low, high in zip(
            later,
            curve,
            limits.low.tolist(),
            limits.high.tolist(),
            strict=True,
        )
        if day.day >= shown_from
    ]
    return SmoothedDays(labels=labels, usual=usual, points=points)
