"""Figures as every page writes them."""

from collections.abc import Mapping, Sequence

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviewapp.services.several import listed

register = template.Library()

HOURS_A_DAY = 24
MINUTES_AN_HOUR = 60
ONE_MINUTE_S = 60
# From which confidence on an answer is called so; whatever is below is unsure.
SURENESS = (
    (0.99, gettext_lazy("very sure")),
    (0.9, gettext_lazy("sure")),
    (0.7, gettext_lazy("fairly sure")),
)


@register.filter
def sureness(confidence: float | None) -> str:
    """Say in words how sure an answer is; digits would be taken for more."""
    for least, words in SURENESS:
        if confidence is not None and confidence >= least:
            return str(words)
    return _("unsure")


@register.filter
def percent(share: float | None, digits: int = 1) -> str:
    """Write a share in percent; a dash when it is not known."""
    return "\N{EN DASH}" if share is None else f"{share * 100:.{digits}f} %"


@register.filter
def hours(span: float) -> str:
    """Write hours in their largest fitting unit: minutes, hours, days."""
    if span < 1:
        return _("%(n).0f min") % {"n": span * 60}
    if span < 2 * HOURS_A_DAY:
        return _("%(n).1f h") % {"n": span}
    return _("%(n).0f days") % {"n": span / HOURS_A_DAY}


@register.filter
def span(seconds: int) -> str:
    """Write a length of time in hours and minutes; one below a minute in seconds."""
    if seconds < ONE_MINUTE_S:
        return _("%(n)d s") % {"n": seconds}
    minutes = round(seconds / ONE_MINUTE_S)
    if minutes < MINUTES_AN_HOUR:
        return _("%(n)d min") % {"n": minutes}
    whole, rest = divmod(minutes, MINUTES_AN_HOUR)
    return _("%(h)d h %(m)d min") % {"h": whole, "m": rest}


@register.filter
def named(keys: Sequence[str], names: Mapping[str, str]) -> str:
    """Write classes by their names, one after the other."""
    return listed(keys, names)
