"""The stages of the live version, one after the other on one axis of time."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from monitoring.catalogue import Unit
from monitoring.services.comparing import Sight, compare
from monitoring.services.events import Event, events
from monitoring.services.series import Point, Span
from monitoring.services.stages import StageOverTime, stages_over_time
from monitoring.views.plots import Plot
from monitoring.views.spans import read_span
from reviewapp import access
from reviewapp.pages import PageRequest, page


@require_GET
@access.signed_in
def stages(request: PageRequest, slug: str) -> HttpResponse:
    """Show what each stage let through and took, and what people said at the end."""
    seen = access.line_for(request.user, slug)
    asked_span = read_span(request, seen, at=timezone.now())
    span = asked_span.span
    live = seen.in_force.live
    found = stages_over_time(seen, live, span) if live else []
    blind = [one for one in compare(seen, span).compared if one.sight is Sight.BLIND]
    marks = events(seen, span)
    agreed = _("Agreement on blind items")
    context = {
        "line": seen,
        "tab": "stages",
        "roles": access.roles_on(request.user, seen),
        "asked_span": asked_span,
        "stages": [
            {
                "stage": stage,
                "share": _share_plot(number, stage, span, marks),
                "slowest": _time_plot(number, stage, span, marks),
            }
            for number, stage in enumerate(found, start=1)
        ],
        "end": _plot("end", agreed, Unit.SHARE, blind[0].days, span=span, marks=marks)
        if blind
        else None,
        "marks": marks,
    }
    return page(request, "lines/stages.html", context)


def _share_plot(
    number: int, stage: StageOverTime, span: Span, marks: Sequence[Event]
) -> Plot:
    label = _("Answered unknown") if stage.is_last else _("Went on to the next stage")
    return _plot(
        f"share-{number}", label, Unit.SHARE, stage.share, span=span, marks=marks
    )


def _time_plot(
    number: int, stage: StageOverTime, span: Span, marks: Sequence[Event]
) -> Plot:
    label = _("Time to answer, 95 %")
    return _plot(
        f"time-{number}",
        label,
        Unit.MILLISECONDS,
        stage.slowest,
        span=span,
        marks=marks,
    )


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
