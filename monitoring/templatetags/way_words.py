"""The two ways of showing a prediction: their words, and their intervals drawn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.services.figures import Share
from monitoring.services.ways import Asked, Beside, Part
from monitoring.stats.sequential import Difference

register = template.Library()

DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
LEFT, RIGHT, ROW, HEAD, FOOT = 12.0, 306.0, 48.0, 8.0, 22.0
TITLE, FIRST_BAR, SECOND_BAR = 10.0, 20.0, 31.0
PARTS = 4
STEPS = (0.01, 0.025, 0.05, 0.1)

QUESTIONS = {
    Asked.SAME: gettext_noop("The final answer is the model's"),
    Asked.CHANGED: gettext_noop("Changed after the reveal"),
    Asked.RIGHT: gettext_noop("Right"),
    Asked.RIGHT_WITH_MODEL: gettext_noop("Right where the model was right"),
    Asked.RIGHT_AGAINST_MODEL: gettext_noop("Right where the model was wrong"),
    Asked.FOLLOWED_WRONG: gettext_noop("The model's answer where it was wrong"),
}
DENOMINATORS = {
    Asked.SAME: gettext_noop("of all items answered"),
    Asked.CHANGED: gettext_noop("of the items whose first answer differed"),
    Asked.RIGHT: gettext_noop("of the items settled otherwise"),
    Asked.RIGHT_WITH_MODEL: gettext_noop("what is missing is under-reliance"),
    Asked.RIGHT_AGAINST_MODEL: gettext_noop("of the items settled otherwise"),
    Asked.FOLLOWED_WRONG: gettext_noop("over-reliance"),
}


@register.filter
def question(asked: Asked) -> str:
    """Say what is asked of both ways."""
    return _(QUESTIONS[asked])


@register.filter
def denominator(asked: Asked) -> str:
    """Say of which items, or what the rest of the share is."""
    return _(DENOMINATORS[asked])


@register.filter
def points(difference: Difference) -> str:
    """Write a difference of shares in percentage points with its interval."""
    low, high = _signed(difference.low * 100), _signed(difference.high * 100)
    return _("%(value)s points (%(low)s to %(high)s)") % {
        "value": _signed(difference.value * 100),
        "low": low,
        "high": high,
    }


@register.filter
def seconds_apart(difference: Difference) -> str:
    """Write a difference of times with its interval."""
    return _("%(value)s s (%(low)s to %(high)s)") % {
        "value": _signed(difference.value),
        "low": _signed(difference.low),
        "high": _signed(difference.high),
    }


@register.filter
def is_told(difference: Difference) -> bool:
    """Say whether an interval leaves out that there is no difference."""
    return difference.low > 0 or difference.high < 0


@register.inclusion_tag("lines/_ways_drawing.html")
def ways_drawing(rows: Sequence[Beside]) -> dict[str, Any]:
    """Draw each share that rests on enough as a mark on its interval, both ways."""
    drawn = [row for row in rows if _shares(row)]
    axis = _axis([share for row in drawn for share in _shares(row)])
    height = HEAD + len(drawn) * ROW
    return {
        "rows": [
            {
                "title": question(row.asked),
                "y": f"{HEAD + place * ROW + TITLE:.0f}",
                "first": _mark(axis, row.suggestion_first, place, FIRST_BAR),
                "second": _mark(axis, row.answer_first, place, SECOND_BAR),
            }
            for place, row in enumerate(drawn)
        ],
        "ticks": axis.ticks,
        "top": f"{HEAD:.0f}",
        "bottom": f"{height:.0f}",
        "foot": f"{height + 14:.0f}",
        "height": f"{height + FOOT:.0f}",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """A scale of shares in four equal parts, no wider than what is drawn needs."""

    start: float
    step: float

    def place_of(self, share: float) -> str:
        """Give where a share lies, in units of the drawing."""
        along = (share - self.start) / (PARTS * self.step)
        return f"{LEFT + along * (RIGHT - LEFT):.1f}"

    @property
    def ticks(self) -> list[dict[str, str]]:
        """The ends of the parts, and what they say."""
        shares = [self.start + n * self.step for n in range(PARTS + 1)]
        return [
            {"x": self.place_of(share), "text": f"{round(100 * share, 1):g} %"}
            for share in shares
        ]


def _axis(shares: Sequence[Share]) -> _Axis:
    low = min((share.low for share in shares), default=0.0)
    high = max((share.high for share in shares), default=1.0)
    for step in STEPS:
        start = min(math.floor(low / step) * step, 1 - PARTS * step)
        if start + PARTS * step >= high:
            return _Axis(start=start, step=step)
    return _Axis(start=0, step=1 / PARTS)


def _shares(row: Beside) -> list[Share]:
    """Give the shares of a row that are drawn."""
    both = (_share(row.suggestion_first), _share(row.answer_first))
    return [share for share in both if share is not None]


def _share(part: Part | None) -> Share | None:
    """Give a share that rests on enough."""
    return part.share if part is not None and not part.is_few else None


def _mark(
    axis: _Axis, part: Part | None, place: int, below: float
) -> dict[str, str] | None:
    share = _share(part)
    if share is None:
        return None
    return {
        "y": f"{HEAD + place * ROW + below:.0f}",
        "value": axis.place_of(share.value),
        "low": axis.place_of(share.low),
        "high": axis.place_of(share.high),
    }


def _signed(value: float) -> str:
    """Write a number with its sign; what rounds to nothing has none."""
    text = f"{abs(value):.1f}"
    if text == "0.0":
        return text
    return f"{MINUS if value < 0 else '+'}{text}"
