"""The two ways of showing a prediction: their words, and their intervals drawn."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.services.ways import Asked, Beside, Part
from monitoring.stats.sequential import Difference

register = template.Library()

DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
LEFT, RIGHT, ROW, HEAD, FOOT = 12.0, 306.0, 48.0, 8.0, 22.0
TITLE, FIRST_BAR, SECOND_BAR = 10.0, 20.0, 31.0

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
    drawn = [row for row in rows if _is_drawn(row.answer_first) or _drawn_first(row)]
    height = HEAD + len(drawn) * ROW
    return {
        "rows": [
            {
                "title": question(row.asked),
                "y": f"{HEAD + place * ROW + TITLE:.0f}",
                "first": _mark(row.suggestion_first, HEAD + place * ROW + FIRST_BAR),
                "second": _mark(row.answer_first, HEAD + place * ROW + SECOND_BAR),
            }
            for place, row in enumerate(drawn)
        ],
        "ticks": [{"x": f"{_x(n / 4):.1f}", "text": f"{n * 25} %"} for n in range(5)],
        "top": f"{HEAD:.0f}",
        "bottom": f"{height:.0f}",
        "foot": f"{height + 14:.0f}",
        "height": f"{height + FOOT:.0f}",
    }


def _drawn_first(row: Beside) -> bool:
    return row.suggestion_first is not None and _is_drawn(row.suggestion_first)


def _is_drawn(part: Part) -> bool:
    return part.share is not None and not part.is_few


def _mark(part: Part | None, y: float) -> dict[str, str] | None:
    if part is None or part.share is None or part.is_few:
        return None
    return {
        "y": f"{y:.0f}",
        "value": f"{_x(part.share.value):.1f}",
        "low": f"{_x(part.share.low):.1f}",
        "high": f"{_x(part.share.high):.1f}",
    }


def _x(share: float) -> float:
    return LEFT + share * (RIGHT - LEFT)


def _signed(value: float) -> str:
    """Write a number with its sign; what rounds to nothing has none."""
    text = f"{abs(value):.1f}"
    if text == "0.0":
        return text
    return f"{MINUS if value < 0 else '+'}{text}"
