"""Drawings made on the server: small lines that need no script."""

from collections.abc import Sequence
from math import sqrt
from typing import Any

from django import template

from monitoring.services.bands import Band
from monitoring.services.series import DAY, Point, Span
from monitoring.stats.reliability import ReliabilityBin

register = template.Library()

WIDTH, HEIGHT, EDGE, DOT = 240.0, 48.0, 3.0, 1.5


@register.inclusion_tag("shared/_sparkline.html")
def sparkline(
    points: Sequence[Point],
    span: Span,
    lower: float | None = None,
    upper: float | None = None,
    who: str = "model",
    *,
    band: Band | None = None,
) -> dict[str, Any]:
    """Draw days as a line with its interval, and the bounds that lie in its range.

    A day without data breaks the line, and one between two of them is a dot. The band
    of a reference is always in the picture: what lies outside is the finding.
    """
    if not points:
        return {"runs": []}
    lows = [ends(point)[0] for point in points]
    highs = [ends(point)[1] for point in points]
    bounds = [bound for bound in (lower, upper) if bound is not None]
    values = [point.value for point in points]
    # Bounds far away would press the line flat: then the line is what is wanted.
    wide = 4 * (max(values) - min(values)) or abs(max(values)) / 5 or 1.0
    near = [b for b in bounds if min(values) - wide <= b <= max(values) + wide]
    # A few days of three items have intervals that would press the rest flat too.
    lowest = max(min(lows), min(values) - wide / 2)
    highest = min(max(highs), max(values) + wide / 2)
    known = [band.low, band.high] if band else []
    bottom, top = min([lowest, *near, *known]), max([highest, *near, *known])
    if top == bottom:
        bottom, top = bottom - 1, top + 1
    height = top - bottom

    def x(point: Point) -> float:
        days = max(span.length - 1, 1)
        return EDGE + (point.day - span.first).days / days * (WIDTH - 2 * EDGE)

    def y(value: float) -> float:
        held = min(max(value, bottom), top)
        return HEIGHT - EDGE - (held - bottom) / height * (HEIGHT - 2 * EDGE)

    def joined(pairs: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in pairs)

    def drawn(run: Sequence[Point]) -> dict[str, Any]:
        sides = [(x(p), y(p.value), *map(y, ends(p))) for p in run]
        if len(run) == 1:
            # as wide as the dot is, or the interval of a day would have no width
            (at, value, low, high) = sides[0]
            sides = [(at - DOT, value, low, high), (at + DOT, value, low, high)]
        above = [(at, high) for at, _value, _low, high in sides]
        below = [(at, low) for at, _value, low, _high in sides]
        return {
            "line": joined([(at, value) for at, value, _low, _high in sides]),
            "band": joined([*above, *below[::-1]]),
            "dot": (f"{x(run[0]):.1f}", f"{y(run[0].value):.1f}"),
            "is_alone": len(run) == 1,
        }

    last = points[-1]
    return {
        "width": f"{WIDTH:.0f}",
        "height": f"{HEIGHT:.0f}",
        "runs": [drawn(run) for run in runs_of(points)],
        "bounds": [f"{y(bound):.1f}" for bound in near],
        "known": {
            "top": f"{y(band.high):.1f}",
            "middle": f"{y(band.middle):.1f}",
            "height": f"{y(band.low) - y(band.high):.1f}",
        }
        if band
        else None,
        "last": (f"{x(last):.1f}", f"{y(last.value):.1f}"),
        "who": who,
    }


def ends(point: Point) -> tuple[float, float]:
    """Give a day's interval; of a value without one, the value."""
    low = point.value if point.low is None else point.low
    return low, point.value if point.high is None else point.high


def runs_of(points: Sequence[Point]) -> list[list[Point]]:
    """Break days, oldest first, where one between them has no data."""
    runs: list[list[Point]] = []
    for point in points:
        if runs and point.day - runs[-1][-1].day == DAY:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


@register.inclusion_tag("lines/_reliability.html")
def reliability_drawing(bins: Sequence[ReliabilityBin]) -> dict[str, Any]:
    """Draw how often the model was right by how sure it was."""
    most = max(one.right.n for one in bins)

    def x(share: float) -> str:
        return f"{40 + share * 270:.1f}"

    def y(share: float) -> str:
        return f"{210 - share * 200:.1f}"

    return {
        "ticks": [
            {"x": x(n / 4), "y": y(n / 4), "text": f"{n * 25} %"} for n in range(5)
        ],
        "dots": [
            {
                "x": x(one.confidence),
                "y": y(one.right.value),
                "low": y(one.right.low),
                "high": y(one.right.high),
                "r": f"{3 + 5 * sqrt(one.right.n / most):.1f}",
            }
            for one in bins
        ],
    }
