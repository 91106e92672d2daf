"""A line's health: every metric at once, and one metric over time."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from monitoring.catalogue import Family
from monitoring.forms.bounds import BoundForm
from monitoring.models import Bound, MetricState, Verdict
from monitoring.services.bounds import Asked, asked_of, set_bound
from monitoring.services.events import events
from monitoring.services.freshness import gaps
from monitoring.services.readings import (
    Reading,
    age_of,
    awaits_its_hour,
    is_told_apart,
    newest_of,
    proposed_for_retirement,
    readings,
    shift_of,
    unmeasured_of,
)
from monitoring.services.segments import segments_of
from monitoring.services.series import series
from monitoring.services.windowsizes import size_of
from monitoring.views.plots import Plot
from monitoring.views.spans import read_span
from reviewapp import access
from reviewapp.errors import InvalidInputError
from reviewapp.models import ProductLine, Role
from reviewapp.pages import PageRequest, page


@require_GET
@access.signed_in
def health(request: PageRequest, slug: str) -> HttpResponse:
    """Show all metrics of a line: value, bounds, verdict, and the days before."""
    seen = access.line_for(request.user, slug)
    at = timezone.now()
    asked_span = read_span(request, seen, at=at, segments=segments_of(seen))
    found = readings(seen, asked_span.span, at=at)
    missing, unmeasured = gaps(seen, at=at), unmeasured_of(seen)
    context = {
        "line": seen,
        "tab": "health",
        "roles": access.roles_on(request.user, seen),
        "asked_span": asked_span,
        "readings": found,
        "gaps": missing,
        "stale": next((gap for gap in missing if gap.ages_figures), None),
        "families": list(_families(found)),
        "out": [reading for reading in found if reading.is_out],
        "judged": sum(
            reading.verdict in {Verdict.WITHIN, Verdict.LOW, Verdict.HIGH}
            for reading in found
        ),
        "unjudged": sum(reading.is_unjudged for reading in found),
        "awaiting": _is_awaiting(found),
        "proposed": [r.asked for r in found if r.is_proposed_for_retirement],
        "offered": unmeasured[MetricState.PROPOSED],
        "retired": unmeasured[MetricState.RETIRED],
        "size": size_of(seen),
        "measured_to": max((r.newest.end for r in found if r.newest), default=None),
    }
    return page(request, "lines/health.html", context)


def _is_awaiting(found: list[Reading]) -> bool:
    """Say whether data have come, and no full hour that holds any is measured yet."""
    measured = (r for r in found if not r.asked.metric.is_of_a_moment)
    return any(reading.awaits_its_hour for reading in found) and not any(
        reading.newest and reading.newest.count for reading in measured
    )


def _families(
    found: list[Reading],
) -> Iterator[tuple[Family, list[Reading], list[Reading]]]:
    """Group readings by family, those with data apart from those without any."""
    for family, of_family in groupby(found, key=lambda r: r.asked.metric.family):
        group = list(of_family)
        yield (
            family,
            [r for r in group if not r.is_silent],
            [r for r in group if r.is_silent],
        )


@require_http_methods(["GET", "POST"])
@access.signed_in
def metric(request: PageRequest, slug: str, key: str) -> HttpResponse:
    """Show one metric over time, and let a manager set what is asked of it."""
    seen = access.line_for(request.user, slug)
    asked = next((a for a in asked_of(seen) if a.metric.key == key), None)
    if asked is None:
        raise Http404
    roles = access.roles_on(request.user, seen)
    form = BoundForm(request.POST or None, asked=asked)
    status = 200
    if request.method == "POST":
        if Role.MANAGER not in roles:
            raise PermissionDenied(
                _("Only a manager of %(line)s may set bounds.") % {"line": seen}
            )
        if _set(request, seen, asked, form):
            return redirect(request.get_full_path())
        status = 422
    context = _metric_context(request, seen, asked) | {"form": form, "roles": roles}
    return page(request, "lines/metric.html", context, status=status)


def _set(
    request: PageRequest, line: ProductLine, asked: Asked, form: BoundForm
) -> bool:
    if not form.is_valid():
        return False
    given = form.cleaned_data
    try:
        set_bound(
            line,
            asked.metric.key,
            lower=given["lower"],
            upper=given["upper"],
            fewest=given["fewest"],
            state=MetricState(given["state"]),
            by=request.user,
            reason=given["reason"],
        )
    except InvalidInputError as refusal:
        form.add_error(None, refusal.message)
        return False
    messages.success(request, _("The bounds are set. They hold from the next hour on."))
    return True


def _metric_context(
    request: PageRequest, line: ProductLine, asked: Asked
) -> dict[str, Any]:
    at = timezone.now()
    segments = segments_of(line) if is_told_apart(asked.metric) else []
    asked_span = read_span(request, line, at=at, segments=segments)
    span, key = asked_span.span, asked.metric.key
    points = series(line, [asked.metric], span, at=at)[key]
    newest = newest_of(line, [asked], segment=span.segment).get(key)
    reading = Reading(
        asked=asked,
        newest=newest,
        points=points,
        awaits_its_hour=awaits_its_hour(asked.metric, newest, points, zone=span.zone),
        is_proposed_for_retirement=key in proposed_for_retirement(line, [asked], at=at),
    )
    happened = events(line, span, metric=key)
    return {
        "line": line,
        "tab": "health",
        "gaps": gaps(line, at=at),
        "asked_span": asked_span,
        "reading": reading,
        "age": age_of(newest, at=at),
        "shift": shift_of(points),
        "plot": Plot(
            name=key,
            label=_(asked.metric.title),
            unit=asked.metric.unit,
            points=points,
            span=span,
            lower=asked.lower,
            upper=asked.upper,
            events=happened,
        ),
        "bounds": Bound.objects.filter(line=line, metric=key)
        .select_related("set_by")
        .order_by("-pk")[:20],
    }
