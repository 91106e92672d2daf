"""The stages of a line's versions, one after the other on one axis of time."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from monitoring.catalogue import CATALOGUE, Unit
from monitoring.services.attribution import FEWEST_ITEMS
from monitoring.services.events import Event, events
from monitoring.services.freshness import gaps
from monitoring.services.series import Point, Span, series
from monitoring.services.stages import StageOverTime, joint_misses, stages_over_time
from monitoring.views.plots import Plot
from monitoring.views.spans import read_span
from reviewapp import access
from reviewapp.pages import PageRequest, page


@require_GET
@access.signed_in
def stages(request: PageRequest, slug: str) -> HttpResponse:
    """Show what each stage let through, took and moved, and what people said last."""
    seen = access.line_for(request.user, slug)
    at = timezone.now()
    asked_span = read_span(request, seen, at=at)
    span = asked_span.span
    live = seen.in_force.live
    found = stages_over_time(seen, live, span) if live else None
    each = found.stages if found else []
    marks = events(seen, span)
    agreed = _("Agreement on blind items")
    metric = CATALOGUE["agreement"]
    points = series(seen, [metric], span, at=at)[metric.key] if each else []
    context = {
        "line": seen,
        "tab": "stages",
        "gaps": gaps(seen, at=at),
        "roles": access.roles_on(request.user, seen),
        "asked_span": asked_span,
        "stages": [
            {"stage": stage, "plots": _plots(number, stage, span, marks)}
            for number, stage in enumerate(each, start=1)
        ],
        "eras": found.eras if found else [],
        "joint": joint_misses(seen, live) if each and live else None,
        "fewest": FEWEST_ITEMS,
        "end": _plot("end", agreed, Unit.SHARE, points, span=span, marks=marks),
        "marks": marks,
    }
    return page(request, "lines/stages.html", context)


def _plots(
    number: int, stage: StageOverTime, span: Span, marks: Sequence[Event]
) -> list[Plot]:
    """Give the plots of a stage; what it does not have has none."""
    curves, moved = stage.curves, stage.drift.moved if stage.drift else []
    asked = [
        ("share", _("Went on to the next stage"), Unit.SHARE, curves.share),
        ("unknown", _("Answered unknown"), Unit.SHARE, curves.unknown),
        ("moved", _("Answers moved from its first days"), Unit.SHARE, moved),
        ("time", _("Time to answer, 95 %"), Unit.MILLISECONDS, curves.slowest),
    ]
    return [
        _plot(f"{name}-{number}", label, unit, points, span=span, marks=marks)
        for name, label, unit, points in asked
        if points
    ]


def _plot(
    name: str,
    label: str,
    unit: Unit,
    points: Sequence[Point],
    *,
    span: Span,
    marks: Sequence[Event],
) -> Plot:
    return Plot(
        name=name,
        label=label,
        unit=unit,
        points=points,
        span=span,
        events=marks,
        height=132,
        lists_marks=False,
    )
