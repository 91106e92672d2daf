"""The words of an alarm, made from its cause, its codes and its figures."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.catalogue import CATALOGUE
from monitoring.diagnosis import Act, Point, Trouble
from monitoring.models import Alarm, AlarmCause, AlarmEvent, AlarmEventKind, Verdict
from monitoring.services.deliveries import Away
from monitoring.services.detectors import Among
from monitoring.services.freshness import Gap, Missing
from monitoring.services.watching import Warned
from monitoring.templatetags.metric_words import DASH, amount, ends
from reviewapp.models import LevelChoices

register = template.Library()

TROUBLES = {
    Trouble.LIGHTING: gettext_noop("Lighting or camera"),
    Trouble.NEW_DEFECT: gettext_noop("A new or hidden defect"),
    Trouble.LOOK_ALIKE: gettext_noop("A look-alike, or dirt"),
    Trouble.PEOPLE: gettext_noop("People judge otherwise"),
    Trouble.PREVALENCE: gettext_noop("Defects come more or less often"),
    Trouble.CANNOT_SAY: gettext_noop("Cannot say"),
}
ACTS = {
    Act.LOOK_AT_BRIGHTNESS: gettext_noop(
        "Look at the brightness, the lamp and the camera of the station first."
    ),
    Act.SHOW_AUDITED_AND_LOWER: gettext_noop(
        "Look at the audited items together, and keep the line at shadow until then."
    ),
    Act.WARN_ONLY: gettext_noop(
        "It costs good items and lets none escape: warn the station, leave the level."
    ),
    Act.COMPARE_INSPECTORS: gettext_noop(
        "Compare the inspectors and call a calibration round. Do not lower the model."
    ),
    Act.CERTIFY_ANEW: gettext_noop(
        "Certify the classes anew: their thresholds rest on the former shares."
    ),
    Act.LOOK_AT_ITEMS: gettext_noop(
        "Look at the items that show it, and write down what you see."
    ),
}
POINTS = {
    Point.INPUTS_MOVED: gettext_noop("the inputs moved"),
    Point.INPUTS_STAYED: gettext_noop("the inputs stayed as they were"),
    Point.CLASSIFIER_SEES_IT: gettext_noop("new items can be told from old ones"),
    Point.FEW_LOOK_NEW: gettext_noop("only some of the new items look new"),
    Point.CLASSIFIER_SEES_NOTHING: gettext_noop(
        "new items cannot be told from old ones"
    ),
    Point.INPUTS_FIRST: gettext_noop("the inputs moved before the labels did"),
    Point.LABELS_FIRST: gettext_noop("the labels moved before the inputs did"),
    Point.ANSWERS_MOVED: gettext_noop("the model's answers moved"),
    Point.ANSWERS_STAYED: gettext_noop("the model answers as before"),
    Point.ESCAPES_ROSE: gettext_noop("it passes more that people reject"),
    Point.ESCAPES_STAYED: gettext_noop("it passes no more that people reject"),
    Point.OVERKILL_ROSE: gettext_noop("it rejects more that people pass"),
    Point.OVERKILL_STAYED: gettext_noop("it rejects no more that people pass"),
    Point.BOTH_ROSE: gettext_noop("both kinds of disagreement rose"),
    Point.INSPECTORS_DIFFER: gettext_noop("single inspectors differ from the others"),
    Point.PREVALENCE_ROSE: gettext_noop("the share of defects rose"),
    Point.PREVALENCE_FELL: gettext_noop("the share of defects fell"),
    Point.PREVALENCE_STAYED: gettext_noop("the share of defects stayed"),
    Point.MISSES_ROSE: gettext_noop("it passes a larger share of the defects"),
    Point.MISSES_STAYED: gettext_noop("it passes the same share of the defects"),
    Point.FEWER_CONFIRMED: gettext_noop("people confirm fewer of its rejects"),
    Point.REJECTS_MORE: gettext_noop("it rejects more of what people read"),
}
MISSING = {
    Missing.COMPARISONS: gettext_noop(
        "What arrives has not been compared since %(since)s."
    ),
    Missing.ITEMS: gettext_noop("No item has come since %(since)s."),
    Missing.COUNTS: gettext_noop("No hour has been counted since %(since)s."),
    Missing.MEASUREMENTS: gettext_noop("Nothing has been measured since %(since)s."),
    Missing.JUDGEMENT: gettext_noop("Nobody has judged this line since %(since)s."),
}
SHAPES = {
    "sudden": gettext_noop("sudden, from one day to the next"),
    "gradual": gettext_noop("gradual, over days"),
    "cannot tell": gettext_noop("cannot be told yet"),
    "none": gettext_noop("cannot be told yet"),
}


@register.filter
def sentence(alarm: Alarm) -> str:
    """Say what rang in one sentence, with its figures."""
    figures = alarm.figures
    if alarm.cause == AlarmCause.OUT_OF_BOUNDS and alarm.subject in CATALOGUE:
        return out_of_bounds(alarm.subject, figures)
    if alarm.cause == AlarmCause.NO_DATA:
        return missing(alarm.subject, moment(figures.get("since")))
    said = alarm.get_cause_display()
    if alarm.is_about_a_reader:
        # who it is, and by how much, is for managers, on the alarm's own page
        return said
    if alarm.subject:
        said = f"{said}: {alarm.subject}"
    if {"disagreed", "labels"} <= figures.keys():
        counted = _(
            "They disagreed on %(k)s of the last %(n)s blind items, before that on "
            "%(k0)s of %(n0)s."
        )
        if figures.get("among") == Among.SURE:
            counted = _(
                "They disagreed on %(k)s of the last %(n)s blind items that the model "
                "was sure of, before that on %(k0)s of %(n0)s."
            )
        said += ". " + counted % {
            "k": intcomma(figures["disagreed"]),
            "n": intcomma(figures["labels"]),
            "k0": intcomma(figures.get("disagreed_before", DASH)),
            "n0": intcomma(figures.get("labels_before", DASH)),
        }
    return said


def out_of_bounds(key: str, figures: dict[str, Any]) -> str:
    """Say which bound a metric has left, and by how much."""
    metric = CATALOGUE[key]
    is_high = figures.get("verdict") == Verdict.HIGH
    bound = figures.get("upper" if is_high else "lower")
    template_text = (
        _("%(title)s: %(value)s is above its upper bound of %(bound)s")
        if is_high
        else _("%(title)s: %(value)s is below its lower bound of %(bound)s")
    )
    said = template_text % {
        "title": _(metric.title),
        "value": amount(figures.get("value"), metric.unit),
        "bound": amount(bound, metric.unit),
    }
    if figures.get("low") is None:
        return said + "."
    low, high = ends(figures["value"], figures["low"], figures["high"], metric.unit)
    return (
        said
        + " "
        + _("(%(low)s to %(high)s, n = %(count)s).")
        % {"low": low, "high": high, "count": intcomma(figures.get("count", DASH))}
    )


def missing(kind: str, since: datetime | None) -> str:
    """Say what a line is without, and since when."""
    if kind not in {*MISSING}:
        return _("Data is missing.")
    return _(MISSING[Missing(kind)]) % {"since": written(since)}


@register.filter
def gap_words(gap: Gap) -> str:
    """Say what is missing on a line."""
    return missing(gap.missing, gap.since)


@register.filter
def warning_words(warned: Warned) -> str:
    """Say what is out of its bounds in one window."""
    found = warned.measurement
    return _("%(title)s: %(value)s (n = %(count)s), %(verdict)s") % {
        "title": _(warned.metric.title),
        "value": amount(found.value, warned.metric.unit),
        "count": intcomma(found.count),
        "verdict": Verdict(found.verdict).label.lower(),
    }


def written(at: datetime | None) -> str:
    """Write a moment in the reader's zone."""
    if at is None:
        return DASH
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


@register.filter
def moment(text: str | None) -> datetime | None:
    """Read a moment that stands among figures."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


@register.filter
def shape_words(shape: str) -> str:
    """Say how a change went."""
    return _(SHAPES.get(shape, SHAPES["none"]))


@register.filter
def trouble_words(trouble: Trouble) -> str:
    """Name what may lie behind a change."""
    return _(TROUBLES[trouble])


@register.filter
def act_words(act: Act) -> str:
    """Say what is best done first."""
    return _(ACTS[act])


@register.filter
def away_words(away: Away) -> str:
    """Say that somebody is away, until when, and who stands in."""
    if away.until is None:
        text = _("%(person)s is away; %(deputy)s stands in")
        return text % {"person": away.person, "deputy": away.deputy}
    return _("%(person)s is away until %(day)s; %(deputy)s stands in") % {
        "person": away.person,
        "day": date_format(away.until, "DATE_FORMAT"),
        "deputy": away.deputy,
    }


@register.filter
def point_words(point: Point) -> str:
    """Say one thing that speaks for a cause or against it."""
    return _(POINTS[point])


@register.filter
def event_words(event: AlarmEvent) -> str:
    """Say what a kind of event needs beside its name."""
    match event.kind:
        case AlarmEventKind.SNOOZED:
            until = moment(event.details.get("until"))
            return _("until %(at)s") % {"at": written(until)}
        case AlarmEventKind.LOWERED:
            level = LevelChoices(event.details.get("level", 0)).label
            return _("to %(level)s, by policy %(number)s") % {
                "level": level.lower(),
                "number": event.details.get("policy", DASH),
            }
        case AlarmEventKind.NARROWED:
            return _("to %(share)s, by policy %(number)s") % {
                "share": f"{event.details.get('share', 0):.0%}",
                "number": event.details.get("policy", DASH),
            }
        case _:
            return ""


LISTS = {
    "open": gettext_noop("Open"),
    "over": gettext_noop("Over"),
    "all": gettext_noop("All"),
}


@register.filter
def state_words(listed: str) -> str:
    """Name a list of alarms."""
    return _(LISTS[listed])


@register.filter
def span_words(span: timedelta) -> str:
    """Write a length of time in its largest fitting unit."""
    minutes = span.total_seconds() / 60
    if minutes < 120:  # noqa: PLR2004 - two hours are still easy to read in minutes
        return _("%(n).0f min") % {"n": minutes}
    if minutes < 2 * 24 * 60:
        return _("%(n).1f h") % {"n": minutes / 60}
    return _("%(n).1f days") % {"n": minutes / 1440}
