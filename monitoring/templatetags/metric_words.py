"""Values as pages write them: each in its unit, and what a verdict says."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from monitoring.catalogue import Unit
from monitoring.catalogue.metrics import Family
from monitoring.models import Verdict
from monitoring.services.events import Event, EventKind
from monitoring.services.figures import Share
from monitoring.services.readings import Reading, Shift
from monitoring.services.segments import OTHER
from monitoring.services.series import Point

register = template.Library()

DASH = "\N{EN DASH}"
MEBIBYTE = 1_048_576
GIBIBYTE = 1024 * MEBIBYTE
# Below this a share is written for each hundred thousand.
SMALL_SHARE = 0.001
SHIFT = re.compile(r"\d\d:\d\d$")
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
LARGE = 1_000

FAMILIES = {
    Family.SOFTWARE: gettext_noop("Machinery"),
    Family.INPUT: gettext_noop("What arrives"),
    Family.OUTPUT: gettext_noop("What is answered"),
    Family.AGREEMENT: gettext_noop("Agreement"),
    Family.AUDIT: gettext_noop("Audits"),
    Family.CALIBRATION: gettext_noop("Confidence"),
}
VERDICTS = {
    Verdict.WITHIN: gettext_noop("within bounds"),
    Verdict.LOW: gettext_noop("below its lower bound"),
    Verdict.HIGH: gettext_noop("above its upper bound"),
    Verdict.NOT_ENOUGH: gettext_noop("not enough data"),
    Verdict.NO_DATA: gettext_noop("no data"),
    Verdict.UNBOUNDED: gettext_noop("no bounds set"),
}
EVENTS = {
    EventKind.RAISED: gettext_noop("Raised to %(subject)s"),
    EventKind.LOWERED: gettext_noop("Lowered to %(subject)s"),
    EventKind.VERSION: gettext_noop("Version %(subject)s went live"),
    EventKind.ALARM: gettext_noop("Alarm: %(subject)s"),
    EventKind.BOUND: gettext_noop("Bounds set, %(subject)s"),
    EventKind.BOOK: gettext_noop("Label book, edition %(subject)s"),
}


@register.filter
def amount(value: float | Literal[""] | None, unit: Unit) -> str:
    """Write a value in its unit; a dash when it is not known, or not measured."""
    if value is None or value == "":
        return DASH
    write = WRITERS.get(unit, plain)
    return write(value)


def plain(value: float) -> str:
    """Write a number with three digits, or whole where it is large."""
    return f"{value:,.0f}" if round(abs(value)) >= LARGE else f"{value:.3g}"


def share(value: float) -> str:
    """Write a share in percent, or for each hundred thousand where it is small."""
    if 0 < value < SMALL_SHARE:
        return _("%(n).0f per 100 thousand") % {"n": value * 100_000}
    return in_percent(value)


def in_percent(value: float) -> str:
    """Write a share in percent, with one more digit where it is small."""
    return f"{value * 100:.{2 if 0 < value < SMALL_SHARE else 1}f} %"


def duration(seconds: float) -> str:
    """Write a time in the unit in which it is a small number."""
    if abs(seconds) < 1:
        return f"{plain(seconds * 1000)} ms" if seconds else "0 s"
    if abs(seconds) < MINUTE:
        return f"{seconds:.3g} s"
    if abs(seconds) < 2 * HOUR:
        return f"{seconds / MINUTE:.0f} min"
    if abs(seconds) < 2 * DAY:
        return f"{seconds / HOUR:.1f} h"
    return f"{seconds / DAY:.1f} d"


def size(value: float) -> str:
    """Write a size in memory."""
    if value >= GIBIBYTE:
        return f"{value / GIBIBYTE:.1f} GiB"
    return f"{value / MEBIBYTE:.1f} MiB" if value >= MEBIBYTE else f"{value:,.0f} B"


WRITERS: dict[Unit, Callable[[float], str]] = {
    Unit.SHARE: share,
    Unit.PER_HOUR: lambda value: _("%(n)s an hour") % {"n": plain(value)},
    Unit.SECONDS: duration,
    Unit.MILLISECONDS: lambda value: f"{plain(value)} ms",
    Unit.COUNT: lambda value: f"{value:,.0f}",
    Unit.BYTES: size,
    Unit.PIXELS: lambda value: f"{plain(value)} px",
    Unit.CHARACTERS: lambda value: _("%(n)s characters") % {"n": plain(value)},
    Unit.DECIBELS: lambda value: f"{value:.1f} dB",
}


@register.filter
def family(value: Family) -> str:
    """Name a family of metrics."""
    return _(FAMILIES[value])


@register.filter
def translated(text: str) -> str:
    """Give a text of the catalogue in the viewer's language."""
    return _(text) if text else ""


@register.filter
def verdict(reading: Reading) -> str:
    """Say what the newest measurement says, with the figures that make it plain."""
    match reading.verdict:
        case Verdict.NO_DATA | Verdict.NOT_ENOUGH if reading.awaits_its_hour:
            return _("its first hour with data is not measured yet")
        case Verdict.NOT_ENOUGH if reading.newest:
            return _("not enough data: %(n)s of %(fewest)s") % {
                "n": f"{reading.newest.count:,}",
                "fewest": f"{reading.asked.fewest:,}",
            }
        case Verdict.NO_DATA if reading.newest is None and not reading.points:
            return _("not measured yet")
        case Verdict.NO_DATA if reading.last_day:
            return _("no data since %(day)s") % {
                "day": date_format(reading.last_day, "DATE_FORMAT")
            }
        case found:
            return _(VERDICTS[found])


@register.filter
def segment_words(segment: str) -> str:
    """Name a segment: a shift by its beginning, a group by its own."""
    if segment == OTHER:
        return _("other groups")
    return _("shift from %(at)s") % {"at": segment} if SHIFT.match(segment) else segment


@register.filter
def verdict_words(value: str) -> str:
    """Say a verdict by itself."""
    return _(VERDICTS[Verdict(value)])


@register.filter
def interval(point: Point, unit: Unit) -> str:
    """Write a point's interval and count: what stands behind its value."""
    if point.low is None or point.high is None:
        return f"n = {point.count:,}"
    return f"{bounds(point, unit)}, n = {point.count:,}"


@register.filter
def bounds(found: Point | Share, unit: Unit) -> str:
    """Write an interval, both ends in the unit of the value between them."""
    if found.low is None or found.high is None:
        return DASH
    low, high = ends(found.value, found.low, found.high, unit)
    return f"{low} {DASH} {high}"


def ends(value: float, low: float, high: float, unit: Unit) -> tuple[str, str]:
    """Write both ends of an interval as the value between them is written."""
    if unit != Unit.SHARE:
        return amount(low, unit), amount(high, unit)
    if 0 < value < SMALL_SHARE:
        return f"{low * 100_000:.0f}", f"{high * 100_000:.0f}"
    return in_percent(low), in_percent(high)


@register.filter
def happened(event: Event) -> str:
    """Say what a mark on a plot stands for."""
    return _(EVENTS[event.kind]) % {"subject": event.subject}


@register.simple_tag
def finding(reading: Reading, shift: Shift | None) -> str:
    """Say in one sentence what a metric has done."""
    unit, name = reading.asked.metric.unit, _(reading.asked.metric.title)
    if not reading.points:
        return _("%(name)s: no day of this span has data.") % {"name": name}
    last = reading.points[-1]
    if shift is None:
        return _("%(name)s was %(value)s on %(day)s.") % {
            "name": name,
            "value": amount(last.value, unit),
            "day": date_format(last.day, "MONTH_DAY_FORMAT"),
        }
    said = {
        "name": name,
        "before": amount(shift.before.value, unit),
        "after": amount(shift.after.value, unit),
    }
    if shift.is_beyond_chance is None:
        text = _("%(name)s: %(before)s before, %(after)s in the last seven days.")
    elif not shift.is_beyond_chance:
        text = _(
            "%(name)s has held: %(before)s before, %(after)s in the last seven days, "
            "no more apart than chance explains."
        )
    elif shift.has_risen:
        text = _("%(name)s rose from %(before)s to %(after)s in the last seven days.")
    else:
        text = _("%(name)s fell from %(before)s to %(after)s in the last seven days.")
    return text % said


@register.filter
def ago(span: timedelta | float) -> str:
    """Write how long something has been."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    return duration(seconds)


@register.filter
def out_of(count: int, total: int) -> str:
    """Say how many of all metrics are out of their bounds."""
    return ngettext(
        "%(count)d of %(total)d metrics is out of its bounds",
        "%(count)d of %(total)d metrics are out of their bounds",
        count,
    ) % {"count": count, "total": total}
