"""Detectors in words: what each looks for, and what it says."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.models import AlarmCause
from monitoring.services.detectors import FEWEST_READS, Among, Detected, Detection
from monitoring.services.quiet_rates import FEWEST_BASELINE
from monitoring.templatetags.metric_words import plain

register = template.Library()

MANY = 1e7
LOOKS_FOR = {
    (AlarmCause.ESCAPES, Among.ALL): gettext_noop("Escapes"),
    (AlarmCause.ESCAPES, Among.SURE): gettext_noop("Escapes it was sure about"),
    (AlarmCause.DISAGREEMENT, Among.ALL): gettext_noop("Any disagreement"),
    (AlarmCause.OVERKILL, Among.ALL): gettext_noop("Overkill"),
}
STATES = {
    Detected.NO_DATA: gettext_noop("no blind label since it began"),
    Detected.NO_RATE: gettext_noop("cannot look: the usual rate takes %(n)s labels"),
    Detected.QUIET: gettext_noop("quiet"),
    Detected.WARNING: gettext_noop("warns: a change may have begun"),
    Detected.ALARM: gettext_noop("past its threshold"),
}
VERDICTS = {
    Detected.NO_DATA: "no_data",
    Detected.NO_RATE: "not_enough",
    Detected.QUIET: "within",
    Detected.WARNING: "warning",
    Detected.ALARM: "high",
}


@register.filter
def detector_words(one: Detection) -> str:
    """Name what a detector looks for."""
    return _(LOOKS_FOR[one.cause, one.among])


@register.filter
def detected_words(one: Detection, at: datetime) -> str:
    """Say what a detector says, of labels that are not of long ago."""
    if one.has_fallen_silent(at=at):
        since = timezone.localtime(one.newest_at)
        return _("no labelled item since %(since)s") % {
            "since": date_format(since, "DATETIME_FORMAT")
        }
    takes = FEWEST_READS if one.cause == AlarmCause.INSPECTOR else FEWEST_BASELINE
    return _(STATES[one.state]) % {"n": f"{takes:,}"}


@register.filter
def detector_verdict(one: Detection, at: datetime) -> str:
    """Give the mark that stands before it."""
    is_silent = one.has_fallen_silent(at=at)
    return VERDICTS[Detected.NO_DATA if is_silent else one.state]


@register.filter
def large(value: float) -> str:
    """Write a detector's value, which has no end once a change is plain."""
    return plain(value) if value < MANY else f"> {MANY:,.0f}"
