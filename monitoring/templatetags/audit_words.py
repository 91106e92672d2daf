"""The words of audits: how often people look, and why."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.services.audit_shares import Because, Look
from monitoring.stats.acceptance import Severity

register = template.Library()

SEVERITIES = {
    Severity.TIGHTENED: gettext_noop("Tightened"),
    Severity.NORMAL: gettext_noop("Normal"),
    Severity.REDUCED: gettext_noop("Reduced"),
}
REASONS = {
    Because.CHANGED: gettext_noop("within 14 days of a change"),
    Because.REFUSED: gettext_noop("two of five days had too many errors"),
    Because.ALARM: gettext_noop("not reduced while an alarm is open"),
    Because.CLEAN: gettext_noop("ten clean days"),
    Because.NOTHING: gettext_noop("nothing speaks for more or less"),
}


@register.filter
def severity_words(look: Look) -> str:
    """Name how often people look."""
    return _(SEVERITIES[look.severity])


@register.filter
def look_reason(look: Look) -> str:
    """Say why people look so often."""
    reason = _(REASONS[look.because])
    if look.is_floor:
        return _("%(reason)s; raised to the line's floor") % {"reason": reason}
    return reason


@register.filter
def rare(share: float | None) -> str:
    """Write a rare rate in percent with two digits; a dash when it is not known."""
    if share is None or share != share:  # noqa: PLR0124 - NaN is not itself
        return "\N{EN DASH}"
    return f"{share * 100:.2f} %"
