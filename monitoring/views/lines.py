"""The line's page: what is decided by whom, whether that holds, what allows more."""

from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from monitoring.catalogue import Unit
from monitoring.models import CountRun, HourlyCount
from monitoring.services import evidence
from monitoring.services.audit_rates import kept_rates
from monitoring.services.cockpit import errors_of
from monitoring.services.events import events
from monitoring.services.figures import Series, agreement_series, decided_share
from monitoring.services.freshness import gaps
from monitoring.services.series import share_point
from monitoring.services.watching import warned
from monitoring.views.canaries import canary_context
from monitoring.views.motions import motions_on
from monitoring.views.overrides import override_context
from monitoring.views.plots import Plot
from monitoring.views.signing import signed, signing_form
from monitoring.views.spans import AskedSpan, read_span
from monitoring.windows import pairs
from reviewapp import access, gates
from reviewapp.models import Act, LevelChoices, ProductLine, Role
from reviewapp.overrides import may_override
from reviewapp.pages import PageRequest, page
from reviewapp.policy import AutomationLevel, next_rung
from reviewapp.services import levels

SPANS = (7, 30, 90)
HISTORY = 8


@require_GET
@access.signed_in
def line(request: PageRequest, slug: str) -> HttpResponse:
    """Show a line: its ladder, its gates, its agreement over time, its history."""
    seen = access.line_for(request.user, slug)
    return page(request, "lines/line.html", _line_context(request, seen))


def _line_context(request: PageRequest, seen: ProductLine) -> dict[str, Any]:
    at = timezone.now()
    asked_span = read_span(request, seen, at=at)
    span = asked_span.span
    in_force = seen.in_force
    target = next_rung(in_force.automation_level)
    measured = evidence.gather(seen, as_of=at, is_shown=True)
    judged = gates.gates(in_force.terms(), target, measured) if target else ()
    series = agreement_series(seen, span.first, span.end, zone=span.zone)
    return {
        "line": seen,
        "tab": "line",
        "roles": access.roles_on(request.user, seen),
        "rungs": _rungs(in_force.automation_level),
        "target": LevelChoices(target) if target else None,
        "gates": judged,
        "gates_open": sum(gate.is_open for gate in judged),
        "measured": measured,
        **canary_context(seen, measured),
        "series": series,
        "plot": _agreement_plot(seen, series, asked_span),
        "decided": decided_share(seen, start=span.start_at, end=span.end_at),
        "kept": errors_of(seen, start=span.start_at, end=span.end_at),
        "audited": kept_rates(seen),
        "asked": in_force.terms().requirements,
        "asked_span": asked_span,
        "days": span.length,
        "spans": SPANS,
        "counted_to": _counted_to(seen),
        "alarms": (
            seen.alarms.open().select_related("owner", "lowered")
            if measured.open_alarms
            else ()
        ),
        "gaps": gaps(seen, at=at),
        "warned": warned(seen, at=at),
        "motions": motions_on(seen, request.user, at=at),
        **override_context(seen),
        "may_override_rise": may_override(judged),
        "open_containments": {
            "proposed": measured.containments_proposed,
            "standing": measured.containments_standing,
        },
        "pauses": seen.pauses.not_over(at)[:3],
        "history": seen.policies.with_signatures()[:HISTORY],
    }


def _agreement_plot(seen: ProductLine, series: Series, asked_span: AskedSpan) -> Plot:
    span = asked_span.span
    return Plot(
        name="agreement",
        label=_("Agreement"),
        unit=Unit.SHARE,
        points=[
            share_point(day.day, day.share.count, day.share.of) for day in series.days
        ],
        span=span,
        lower=seen.in_force.terms().requirements.agreement,
        events=events(seen, span),
    )


def _rungs(present: AutomationLevel) -> list[dict[str, Any]]:
    def state(level: AutomationLevel) -> str:
        if level == present:
            return "present"
        return "passed" if level < present else "ahead"

    return [
        {
            "level": LevelChoices(level),
            "name": level.name.lower(),
            "state": state(level),
        }
        for level in AutomationLevel
    ]


@require_http_methods(["GET", "POST"])
@access.signed_in
def raise_level(request: PageRequest, slug: str) -> HttpResponse:
    """Show what a rise rests on, and sign it."""
    seen = access.line_for(request.user, slug, Role.MANAGER)
    in_force = seen.in_force
    target = next_rung(in_force.automation_level)
    if target is None:
        return redirect("line", slug=seen.slug)
    measured = evidence.gather(seen, is_shown=request.method == "GET")
    judged = gates.gates(in_force.terms(), target, measured)
    form = signing_form(request, seen)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answer = signed(
                request,
                seen,
                form,
                partial(levels.raise_level, seen, measured),
                act=Act.RAISE,
                said=lambda raised: (
                    _("%(line)s is at %(level)s now, by policy %(number)s.")
                    % {
                        "line": seen,
                        "level": raised.get_level_display(),
                        "number": raised.number,
                    }
                ),
            )
            if not isinstance(answer, int):
                return answer
            status = answer
    context = {
        "line": seen,
        "tab": "line",
        "roles": access.roles_on(request.user, seen),
        "form": form,
        "target": LevelChoices(target),
        "gates": judged,
        "gates_open": sum(gate.is_open for gate in judged),
        "is_open": all(gate.is_open for gate in judged),
        "measured": measured,
        "counted_to": _counted_to(seen),
    }
    return page(request, "lines/raise.html", context, part="raise", status=status)


def _counted_to(seen: ProductLine) -> datetime | None:
    run = CountRun.objects.filter(line=seen).first()
    return run.counted_to if run else None


@require_GET
@access.signed_in
def confusion(request: PageRequest, slug: str) -> HttpResponse:
    """Show what the model and people said of the same items, class by class."""
    seen = access.line_for(request.user, slug)
    in_force = seen.in_force
    classes = list(seen.classes.in_use())
    cells: dict[tuple[str, str | None], int] = {}
    if in_force.live is not None:
        counts = HourlyCount.objects.of_line(seen).evidence(
            in_force.live, attempt=in_force.attempt
        )
        cells = {
            (predicted, answered): n
            for predicted, answered, n in pairs.confusion(counts)
        }
    rows = [
        {
            "predicted": row,
            "cells": [
                {
                    "n": cells.get((row.key, column.key), 0),
                    "is_agreed": row.key == column.key,
                }
                for column in classes
            ],
            "cannot_tell": cells.get((row.key, None), 0),
        }
        for row in classes
    ]
    context = {
        "line": seen,
        "tab": "line",
        "roles": access.roles_on(request.user, seen),
        "classes": classes,
        "rows": rows,
    }
    return page(request, "lines/confusion.html", context)
