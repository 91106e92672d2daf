"""How often blind labels differ, smoothed: a curve for people, acting on nothing."""

from collections.abc import Mapping, Sequence
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
    since_live: Mapping[date, tuple[int, int]], *, shown_from: date
) -> SmoothedDays:
    """Smooth the days of a version, each with the pairs that agree and all its pairs.

    The curve runs on from the version's first days, whatever days are shown.
    """
    by_day = sorted(since_live.items())
    labels = differ = first = 0
    while labels < FEWEST_BASELINE and first < len(by_day):
        _day, (agreed, n) = by_day[first]
        labels, differ, first = labels + n, differ + n - agreed, first + 1
    if labels < FEWEST_BASELINE:
        return SmoothedDays(labels=labels, usual=None, points=[])
    usual = max(differ, 1) / labels
    totals = [n for _day, (_agreed, n) in by_day[first:]]
    rates = [1 - agreed / n for _day, (agreed, n) in by_day[first:]]
    curve = ewma(rates, start=usual).values.tolist()
    limits = ewma_limits(totals, start=usual, start_n=labels)
    points = [
        Point(day=day, value=value, count=n, low=low, high=high)
        for (day, (_agreed, n)), value, low, high in zip(
            by_day[first:],
            curve,
            limits.low.tolist(),
            limits.high.tolist(),
            strict=True,
        )
        if day >= shown_from
    ]
    return SmoothedDays(labels=labels, usual=usual, points=points)
