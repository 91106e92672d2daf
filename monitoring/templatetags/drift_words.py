"""Drift in words: how far a column has moved, and what a window could say."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from monitoring.models import ReferenceSource, WindowSize
from monitoring.services.arriving import Column
from monitoring.services.farthest import Far
from monitoring.services.unlabelled import Shifted, Tested, Told, Trial, Turn
from monitoring.services.windowsizes import Size, Suggestion
from monitoring.templatetags.metric_words import DASH, amount, in_percent

register = template.Library()

SOURCES = {
    ReferenceSource.CALIBRATION: gettext_noop("what it was trained and calibrated on"),
    ReferenceSource.FIRST_ITEMS: gettext_noop("the first items it was asked about"),
}
STATES = {
    "constant": gettext_noop("has one value only, as before"),
    "no_values": gettext_noop("has no value to compare"),
    "too_many_words": gettext_noop("has too many different words to compare"),
}
TRIALS = {
    Trial.INPUTS: gettext_noop("All columns together"),
    Trial.FEATURES: gettext_noop("What models see in the items"),
    Trial.PROBABILITIES: gettext_noop("All probabilities together"),
    Trial.ANSWERS: gettext_noop("The answers"),
}
TOLD = {
    Told.UNTESTED: gettext_noop("not tested yet"),
    Told.AS_KNOWN: gettext_noop("as the version knows it"),
    Told.MOVED: gettext_noop("moved in one window: a warning"),
    Told.MOVED_AGAIN: gettext_noop("moved in two windows: it rings"),
}
SINCE = {
    Told.UNTESTED: gettext_noop("not tested yet"),
    Told.AS_KNOWN: gettext_noop("stayed"),
    Told.MOVED: gettext_noop("moved"),
    Told.MOVED_AGAIN: gettext_noop("moved"),
}
VERDICTS = {
    Told.UNTESTED: "not_enough",
    Told.AS_KNOWN: "within",
    Told.MOVED: "warning",
    Told.MOVED_AGAIN: "high",
}
TURNS = {
    Turn.UNKNOWN: gettext_noop("cannot be told"),
    Turn.IMPOSSIBLE: gettext_noop("impossible: its classes look otherwise"),
    Turn.SAME: gettext_noop("within chance"),
    Turn.MORE: gettext_noop("more common"),
    Turn.LESS: gettext_noop("less common"),
}
SMALLEST_P = 0.0001
SUGGESTIONS = {
    "no_traffic": gettext_noop(
        "Nothing has arrived in the last 28 days, so there is nothing to go by. A day, "
        "or 400 items, suits most lines."
    ),
    "fast": gettext_noop(
        "The line is fast: a window of one shift already holds as many items as the "
        "test of all columns together wants, and sees a change the same day."
    ),
    "usual": gettext_noop(
        "The usual window suits it: a day is full, or full soon enough, and a change "
        "shows after two windows."
    ),
    "slow": gettext_noop(
        "The line is slow: within two weeks a window would not fill. It needs to go "
        "on for longer, and a slow change shows later."
    ),
    "very_slow": gettext_noop(
        "The line is very slow: not even 60 days bring 200 items. Windows of a month "
        "with fewer still show a large move; a smaller one stays unseen."
    ),
    "too_slow": gettext_noop(
        "The line is too slow: not even 60 days bring the 30 items that a verdict "
        "takes. Its inputs are shown, and drift is not judged."
    ),
}


@register.filter
def hours_words(size: Size | WindowSize) -> str:
    """Say how long a window lasts at least."""
    days, hours = divmod(size.hours, 24)
    if days and not hours:
        return ngettext("a day", "%(n)d days", days) % {"n": days}
    return ngettext("an hour", "%(n)d hours", size.hours) % {"n": size.hours}


@register.filter
def suggestion_words(suggested: Suggestion) -> str:
    """Say why a size is suggested."""
    return _(SUGGESTIONS[suggested.code])


@register.filter
def source_words(source: str) -> str:
    """Say what a reference was taken from."""
    return _(SOURCES[ReferenceSource(source)])


@register.filter
def moved_words(figures: Mapping[str, Any]) -> str:
    """Say how far a column of a compared window lies from the reference."""
    if not figures.get("moved"):
        state = STATES.get(figures.get("state", ""))
        return _(state) if state else _("as the version knows it")
    said = []
    if "missing" in figures["moved"]:
        said.append(_missing(figures))
    if "values" in figures["moved"]:
        said.append(_values(figures))
    return _("moved: %(how)s") % {"how": ", ".join(said)}


@register.filter
def trial_words(test: Tested) -> str:
    """Name what was tested of a whole window."""
    return _(TRIALS[test.trial])


@register.filter
def told_words(test: Tested) -> str:
    """Say what a test of a whole window says."""
    return _(TOLD[test.told])


@register.filter
def told_verdict(test: Tested) -> str:
    """Give the mark that stands before it."""
    return VERDICTS[test.told]


@register.filter
def since_words(test: Tested) -> str:
    """Say what a test says of what came since a change; that is no verdict yet."""
    return _(SINCE[test.told])


@register.filter
def since_verdict(test: Tested) -> str:
    """Give the mark that stands before it."""
    return VERDICTS[Told.MOVED_AGAIN if test.told is Told.MOVED else test.told]


@register.filter
def effect_words(test: Tested, effect: float | None) -> str:
    """Write an effect, or its limit, in the test's own unit."""
    if effect is None:
        return DASH
    if test.trial is Trial.ANSWERS:
        return in_percent(effect)
    return f"AUC {effect:.2f}"


@register.filter
def p_words(p: float | None) -> str:
    """Write a p-value with two digits that count."""
    if p is None:
        return DASH
    return f"< {SMALLEST_P}" if p < SMALLEST_P else f"{p:.2g}"


@register.filter
def turn_words(shift: Shifted) -> str:
    """Say which way a class's share has turned."""
    return _(TURNS[shift.turn])


def _missing(figures: Mapping[str, Any]) -> str:
    difference = figures["missing_difference"]
    points = f"{abs(difference) * 100:.1f}"
    if difference > 0:
        return _("%(n)s percentage points more are missing") % {"n": points}
    return _("%(n)s percentage points fewer are missing") % {"n": points}


def _values(figures: Mapping[str, Any]) -> str:
    """Give the distance in the unit that was judged, and new words by their names."""
    if figures.get("unseen"):
        return _("%(words)s not seen before") % {"words": ", ".join(figures["unseen"])}
    if figures.get("shift") is not None:
        return _("by %(n)s standard deviations") % {"n": f"{figures['shift']:.2f}"}
    return _("%(share)s of the items would have to change") % {
        "share": in_percent(figures["tv"])
    }


@register.simple_tag
def far_words(far: Far, column: Column) -> str:
    """Say what an item holds in a column."""
    if far.value is None:
        return _("missing")
    if isinstance(far.value, str):
        return far.value
    return amount(far.value, column.unit)


@register.simple_tag
def distance_words(far: Far, column: Column) -> str:
    """Say how far out of the reference an item lies."""
    if far.is_new_gap:
        return _("never missing before")
    if column.is_categorical:
        return _("%(share)s of the reference holds it") % {
            "share": in_percent(1 - far.distance)
        }
    return _("%(n)s standard deviations from the median") % {"n": f"{far.distance:.1f}"}
