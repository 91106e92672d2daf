"""The words and drawings of thresholds: curves, certificates, routes and amounts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django import template
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from monitoring.services.proposals import ClassState
from monitoring.stats.operating import OperatingCurve
from monitoring.templatetags.gate_words import DASH
from reviewapp.models import LabelClass
from reviewapp.models.policies import VoidBecause
from reviewapp.models.routings import RouteChoices
from reviewapp.policy import Policy, Route
from reviewapp.templatetags.figures import percent

register = template.Library()

LEFT, RIGHT, TOP, BOTTOM = 44.0, 326.0, 14.0, 178.0
SHOWN_ROWS = 40
TOPS = (0.01, 0.02, 0.04, 0.1, 0.2, 0.4)
WIDE = 0.5  # beyond this a word stands left of its line


@register.filter
def per_100_thousand(value: float | None) -> str:
    """Write a rate so that small ones keep a digit."""
    if value is None:
        return DASH
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"  # noqa: PLR2004


@register.filter
def little(value: float) -> str:
    """Write hours or people so that a little is not nothing."""
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"


@register.filter
def money(value: float | None) -> str:
    """Write an amount of money without false exactness."""
    if value is None:
        return DASH
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"  # noqa: PLR2004


@register.filter
def route_word(route: Route) -> str:
    """Name a route."""
    return str(RouteChoices(route.value).label)


@register.filter
def class_word(key: str | None, names: Mapping[str, LabelClass]) -> str:
    """Name a class by its key; a dash where no answer was valid."""
    if not key:
        return DASH
    return names[key].name if key in names else key


@register.filter
def audit_of(terms: Policy, key: str) -> float:
    """Give the audit share of a class under a policy."""
    return terms.audit_share(key)


@register.simple_tag
def thresholds_finding(classes: Sequence[Mapping[str, Any]]) -> str:
    """Say in a sentence what is certified and what is not."""
    states: list[ClassState] = [one["state"] for one in classes]
    held = [state.label_class.name for state in states if state.certificate]
    if not held:
        return _("No class is certified, so the model decides nothing.")
    if len(held) == len(states):
        return _("Every class is certified.")
    return ngettext(
        "%(names)s is certified; the model decides nothing else.",
        "%(names)s are certified; the model decides nothing else.",
        len(held),
    ) % {"names": ", ".join(held)}


@register.filter
def certificate_words(state: ClassState) -> str:
    """Say whether a class is certified, until when, or what is in the way."""
    held, promise = state.certificate, state.promise
    if held is not None:
        return _valid(state)
    asked = _(
        "At most %(limit)s wrong, %(sure)s sure: that takes at least %(fewest)s labels "
        "without an error; there are %(labels)s."
    ) % {
        "limit": percent(promise.max_error, 2),
        "sure": percent(1 - promise.delta, 2),
        "fewest": f"{promise.fewest:,}",
        "labels": f"{state.labels:,}",
    }
    return " ".join(filter(None, [_void(state), asked, _missing(state)]))


def _valid(state: ClassState) -> str:
    held = state.certificate
    if held is None or state.valid_until is None:
        return ""
    words = [
        _(
            "Certified from %(threshold)s: at most %(limit)s wrong, %(sure)s sure "
            "(%(errors)s of %(labels)s labels were, upper bound %(upper)s)."
        )
        % {
            "threshold": f"{held.threshold:.4f}",
            "limit": percent(held.max_error, 2),
            "sure": percent(1 - held.delta, 2),
            "errors": f"{held.errors:,}",
            "labels": f"{held.labels:,}",
            "upper": percent(held.upper, 2),
        }
    ]
    if held.covers_all:
        words.append(_("It covers every answer of this class."))
    words.append(
        _("Valid until %(day)s, unless an alarm ends it.")
        % {"day": date_format(localtime(state.valid_until), "DATE_FORMAT")}
    )
    if state.granted is not None:
        words.append(
            _("Signed by %(who)s, attempt %(attempt)s, policy %(number)s.")
            % {
                "who": state.granted.set_by or _("the system"),
                "attempt": (state.granted.evidence or {}).get("attempt", 1),
                "number": state.granted.number,
            }
        )
    return " ".join(words)


def _void(state: ClassState) -> str:
    if state.voided is None or state.voided_at is None:
        return ""
    day = date_format(localtime(state.voided_at), "DATE_FORMAT")
    match state.voided:
        case VoidBecause.AGE:
            return _("Void since %(day)s: too old.") % {"day": day}
        case VoidBecause.ALARM:
            return _("Void since %(day)s: an alarm has rung.") % {"day": day}


def _missing(state: ClassState) -> str:
    if not state.missing:
        return _("There are labels enough to try.")
    return ngettext(
        "Needs at least %(n)s more error-free label.",
        "Needs at least %(n)s more error-free labels.",
        state.missing,
    ) % {"n": f"{state.missing:,}"}


@register.filter
def curve_rows(curve: OperatingCurve) -> list[dict[str, float]]:
    """Give the rows of a curve's table: evenly over its points, both ends kept."""
    last = curve.threshold.size - 1
    places = np.unique(np.linspace(0, last, min(SHOWN_ROWS, last + 1)).astype(int))
    return [
        {
            name: getattr(curve, name)[place].item()
            for name in (
                "threshold",
                "coverage",
                "wrong",
                "labels",
                "risk",
                "low",
                "high",
            )
        }
        for place in places
    ]


@register.inclusion_tag("lines/_curve.html")
def curve_drawing(state: ClassState, decides_from: float | None) -> dict[str, Any]:
    """Draw risk against coverage with its band, its target and its two thresholds."""
    curve = state.curve
    if curve is None:
        return {}
    limit = state.promise.max_error
    wanted = max(3 * limit, 1.3 * float(curve.risk[-1]))
    top = next((top for top in TOPS if top >= wanted), 1.0)

    def x(coverage: float) -> str:
        return f"{LEFT + coverage * (RIGHT - LEFT):.1f}"

    def y(risk: float) -> str:
        return f"{BOTTOM - min(risk / top, 1) * (BOTTOM - TOP):.1f}"

    def joined(risks: Sequence[float]) -> list[str]:
        return [f"{x(c)},{y(r)}" for c, r in zip(curve.coverage, risks, strict=True)]

    def coverage_at(threshold: float) -> float:
        covered = np.flatnonzero(curve.threshold >= threshold)
        return float(curve.coverage[covered[-1]]) if covered.size else 0.0

    held = state.certificate
    return {
        "line": " ".join(joined(list(curve.risk))),
        "band": " ".join([*joined(list(curve.high)), *joined(list(curve.low))[::-1]]),
        "thresholds": " ".join(repr(float(t)) for t in curve.threshold),
        "places": " ".join(x(c) for c in curve.coverage),
        "least": held.threshold if held else 0,
        "label": _(
            "Risk against coverage of %(name)s; the table below has the numbers."
        )
        % {"name": state.label_class.name},
        "y_ticks": [
            {"y": y(top * n / 2), "text": percent(top * n / 2, 1)} for n in range(3)
        ],
        "x_ticks": [{"x": x(n / 4), "text": f"{n * 25} %"} for n in range(5)],
        "target": {
            "y": y(limit),
            "text": _("target %(limit)s") % {"limit": percent(limit)},
        },
        "certified": (
            {
                "x": x(coverage_at(held.threshold)),
                "text": _("certified"),
                "anchor": "end" if coverage_at(held.threshold) > WIDE else "start",
            }
            if held
            else None
        ),
        "chosen": None if decides_from is None else x(coverage_at(decides_from)),
    }
