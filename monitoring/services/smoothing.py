"""How often blind labels differ, smoothed: a curve for people, acting on nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.services.comparing import ROWS, Sight, agreed_by_day
from monitoring.services.detectors import FEWEST_BASELINE
from monitoring.services.references import went_live_at
from monitoring.services.series import Point, Span
from monitoring.stats.charts import ewma, ewma_limits
from monitoring.windows.days import counted_by_day
from reviewapp.models import ProductLine


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


def smoothed_disagreement(line: ProductLine, span: Span) -> SmoothedDays | None:
    """Smooth the days of a span; ``None`` without a version.

    The curve runs on from the version's first days, whatever days are shown.
    """
    version = line.in_force.live
    if version is None:
        return None
    counts = counted_by_day(
        line,
        went_live_at(line, version).astimezone(span.zone).date(),
        span.end,
        zone=span.zone,
        measures=ROWS[Sight.BLIND].measures,
        segment=span.segment,
    )
    by_day = list(agreed_by_day(counts, ROWS[Sight.BLIND], version).items())
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
        if day >= span.first
    ]
    return SmoothedDays(labels=labels, usual=usual, points=points)
