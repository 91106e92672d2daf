"""Spans in words: from when to when, and of which version the days are."""

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from monitoring.services.series import DAY
from monitoring.services.stages import Era

register = template.Library()


@register.simple_tag
def days_words(first: date, last: date) -> str:
    """Say from which day to which; of one day that day alone."""
    return _between(_day(first), _day(last))


@register.simple_tag
def window_words(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Say from when to when a window goes, by days where it holds whole ones."""
    start, end = start.astimezone(zone), end.astimezone(zone)
    if start.time() == end.time() == time.min:
        return days_words(start.date(), end.date() - DAY)
    ends = "TIME_FORMAT" if start.date() == end.date() else "DATETIME_FORMAT"
    return _between(date_format(start, "DATETIME_FORMAT"), date_format(end, ends))


@register.simple_tag
def eras_words(eras: Iterable[Era]) -> str:
    """Name the versions whose days are shown, each with its days."""
    return ", ".join(
        f"{era.version.name} ({days_words(era.first, era.last)})" for era in eras
    )


def _between(first: str, last: str) -> str:
    if first == last:
        return first
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
