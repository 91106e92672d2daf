"""The words of the figures that an alarm keeps, one row of a table for each."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.catalogue import CATALOGUE, Unit
from monitoring.models import Alarm, AlarmCause, Verdict
from monitoring.services.detectors import Among
from monitoring.templatetags.metric_words import amount

register = template.Library()

Write = Callable[[Any], str]
# Beyond it four digits would be written as a power of ten.
LARGE = 1_000


def _count(value: Any) -> str:  # noqa: ANN401 - a figure as it was kept
    return f"{value:,.0f}"


def _number(value: Any) -> str:  # noqa: ANN401 - likewise
    return f"{value:,.0f}" if abs(value) >= LARGE else f"{value:,.4g}"


def _share(value: Any) -> str:  # noqa: ANN401 - likewise
    return amount(value, Unit.SHARE)


def _moment(value: Any) -> str:  # noqa: ANN401 - likewise
    at = timezone.localtime(datetime.fromisoformat(value))
    return date_format(at, "DATETIME_FORMAT")


def _verdict(value: Any) -> str:  # noqa: ANN401 - likewise
    return str(Verdict(value).label)


def _place(value: Any) -> str:  # noqa: ANN401 - likewise
    # kept from 0, as programs count
    return f"{value + 1:,}"


def _baseline(value: Any) -> str:  # noqa: ANN401 - likewise
    return _("measured on this line") if value else _("the line's target")


def _among(value: Any) -> str:  # noqa: ANN401 - likewise
    is_sure = value == Among.SURE
    return _("answers that the model was sure of") if is_sure else _("all its answers")


# In the order in which a reader asks: what, how much, against what, since when.
FIGURES: dict[str, tuple[str, Write]] = {
    "among": (gettext_noop("Labels of"), _among),
    "disagreed": (gettext_noop("Disagreed, since the change"), _count),
    "labels": (gettext_noop("Blind labels, since the change"), _count),
    "disagreed_before": (gettext_noop("Disagreed, before"), _count),
    "labels_before": (gettext_noop("Blind labels, before"), _count),
    "rate_after": (gettext_noop("Rate since the change"), _share),
    "rate_before": (gettext_noop("Rate before"), _share),
    "rejected": (gettext_noop("Rejected since the change"), _share),
    "rejected_before": (gettext_noop("Rejected before"), _share),
    "rejected_ratio": (gettext_noop("Defects, times as many as before"), _number),
    "calibration_error": (gettext_noop("Calibration error since then"), _share),
    "calibration_z": (gettext_noop("Calibration z (Spiegelhalter)"), _number),
    "value": (gettext_noop("Detector, or measured value"), _number),
    "threshold": (gettext_noop("It rings at"), _number),
    "quiet": (gettext_noop("Rate that counts as quiet"), _share),
    "is_from_baseline": (gettext_noop("That rate is"), _baseline),
    "labels_between_false_alarms": (
        gettext_noop("Labels between false alarms"),
        _count,
    ),
    "windows_between_false_alarms": (
        gettext_noop("Windows between false alarms"),
        _count,
    ),
    "began": (gettext_noop("First changed label, counted from the start"), _place),
    "began_from": (gettext_noop("Change not before"), _moment),
    "began_to": (gettext_noop("Change not after"), _moment),
    "low": (gettext_noop("Interval from"), _number),
    "high": (gettext_noop("Interval to"), _number),
    "count": (gettext_noop("Counted"), _count),
    "lower": (gettext_noop("Lower bound"), _number),
    "upper": (gettext_noop("Upper bound"), _number),
    "verdict": (gettext_noop("Verdict"), _verdict),
    "start": (gettext_noop("Window from"), _moment),
    "end": (gettext_noop("Window to"), _moment),
    "since": (gettext_noop("Missing since"), _moment),
    "items": (gettext_noop("Items in the window"), _count),
    "chi2": (gettext_noop("Chi-square of the answers"), _number),
    "p": (gettext_noop("p"), _number),
    "tv": (gettext_noop("Answers that moved (total variation)"), _share),
}
IN_UNITS = ("value", "low", "high", "lower", "upper")


@register.filter
def rows(alarm: Alarm) -> list[tuple[str, str]]:
    """Give an alarm's figures as rows of a table, each in words and with its unit."""
    metric = (
        CATALOGUE.get(alarm.subject)
        if alarm.cause == AlarmCause.OUT_OF_BOUNDS
        else None
    )
    found = []
    for name, (words, write) in FIGURES.items():
        value = alarm.figures.get(name)
        if value is None or isinstance(value, dict | list):
            continue
        said = amount(value, metric.unit) if metric and name in IN_UNITS else None
        found.append((_(words), said or write(value)))
    return found
