"""Figures as every page writes them."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()

HOURS_A_DAY = 24


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
