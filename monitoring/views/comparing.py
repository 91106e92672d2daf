"""Pages that hold things against each other: readers, and two weeks."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET

from monitoring.catalogue import CATALOGUE, Unit
from monitoring.services.comparing import Sight, compare
from monitoring.services.detecting import kept_detectors
from monitoring.services.events import events
from monitoring.services.freshness import gaps
from monitoring.services.segments import segments_of
from monitoring.services.smoothing import smooth_disagreement
from monitoring.services.weekly import WEEK, last_monday, report, week_of
from monitoring.views.plots import ControlPlot, Plot
from monitoring.views.spans import read_span, refuse_politely
from reviewapp import access
from reviewapp.pages import PageRequest, page

# What the catalogue asks of a verdict on agreement, and a segment is held to as well.
FEWEST_PAIRS = CATALOGUE["agreement"].fewest
SIGHTS = {
    Sight.BLIND: (
        gettext_noop("Blind: model and people"),
        gettext_noop(
            "The lottery chose these items, and nobody saw the prediction. Only these "
            "are evidence."
        ),
    ),
    Sight.SHOWN: (
        gettext_noop("With the prediction in sight"),
        gettext_noop(
            "People saw what the model said and tend to follow it. No evidence of "
            "anything but that."
        ),
    ),
    Sight.READERS: (
        gettext_noop("Two readers, both blind"),
        gettext_noop(
            "What people can agree on at best. A model cannot be held to more."
        ),
    ),
}


@require_GET
@access.signed_in
def agreement(request: PageRequest, slug: str) -> HttpResponse:
    """Show agreement by what was in sight, class by class, with confidence."""
    seen = access.line_for(request.user, slug)
    segments = segments_of(seen)
    at = timezone.now()
    asked_span = read_span(request, seen, at=at, segments=segments)
    found = compare(seen, asked_span.span)
    marks = events(seen, asked_span.span)
    sections = [
        {
            "compared": one,
            "title": _(SIGHTS[one.sight][0]),
            "meaning": _(SIGHTS[one.sight][1]),
            "is_few": one.agreed is not None and one.agreed.of < FEWEST_PAIRS,
            "plot": Plot(
                name=one.sight.value,
                label=_(SIGHTS[one.sight][0]),
                unit=Unit.SHARE,
                points=one.days,
                span=asked_span.span,
                events=marks,
                who="person" if one.sight is Sight.READERS else "model",
                height=200,
                lists_marks=False,
            ),
        }
        for one in found.compared
    ]
    smoothed = smooth_disagreement(found.since_live, shown_from=asked_span.span.first)
    context = {
        "line": seen,
        "tab": "agreement",
        "gaps": gaps(seen, at=at),
        "roles": access.roles_on(request.user, seen),
        "asked_span": asked_span,
        "found": found,
        "sections": sections,
        "marks": marks,
        "fewest": FEWEST_PAIRS,
        "detectors": kept_detectors(seen, at=at),
        "smoothed": smoothed,
        "smoothed_plot": ControlPlot(
            name="smoothed",
            label=_("Share of blind labels that differ, smoothed"),
            unit=Unit.SHARE,
            points=smoothed.points,
            span=asked_span.span,
            events=marks,
            height=200,
            lists_marks=False,
        ),
    }
    return page(request, "lines/agreement.html", context)


@require_GET
@access.signed_in
def weekly(request: PageRequest, slug: str) -> HttpResponse:
    """Report a week of a line, for paper as for the screen."""
    seen = access.line_for(request.user, slug)
    at = timezone.now()
    asked_span = read_span(request, seen, at=at)
    zone = asked_span.span.zone
    usual = last_monday(at, zone)
    text = request.GET.get("week", "")
    monday = week_of(text) if text else usual
    if monday is None or monday > at.astimezone(zone).date():
        wrong = _("%(week)r is no week that has begun; this is the last full one.")
        refuse_politely(request, [wrong % {"week": text[:20]}])
        monday = usual
    context = {
        "line": seen,
        "tab": "health",
        "gaps": gaps(seen, at=at),
        "roles": access.roles_on(request.user, seen),
        "asked_span": asked_span,
        "report": report(seen, monday, zone=zone, as_of=at),
        "at": at,
        "week": f"{monday:%G-W%V}",
        "week_before": f"{monday - WEEK:%G-W%V}",
        "week_after": f"{monday + WEEK:%G-W%V}"
        if monday + WEEK <= at.astimezone(zone).date()
        else "",
    }
    return page(request, "lines/report.html", context)
