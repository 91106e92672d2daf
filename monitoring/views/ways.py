"""Both ways of showing a suggestion, side by side, for who sets the share."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from monitoring.services.ways import FEWEST, Asked, compare_ways
from monitoring.views.spans import read_span
from monitoring.windows.ways import NEWEST
from reviewapp import access
from reviewapp.models import Role
from reviewapp.pages import PageRequest, page


@require_GET
@access.signed_in
def ways(request: PageRequest, slug: str) -> HttpResponse:
    """Show what a suggestion does that comes first, and one that comes after."""
    seen = access.line_for(request.user, slug, Role.MANAGER, Role.SCIENTIST)
    asked_span = read_span(request, seen, at=timezone.now())
    span = asked_span.span
    found = compare_ways(seen, start=span.start_at, end=span.end_at)
    context = {
        "line": seen,
        "tab": "agreement",
        "roles": access.roles_on(request.user, seen),
        "asked_span": asked_span,
        "found": found,
        "against": found.row(Asked.RIGHT_AGAINST_MODEL) if found else None,
        "same": found.row(Asked.SAME) if found else None,
        "is_suggesting": seen.in_force.automation_level.may_suggest,
        "fewest": FEWEST,
        "newest": NEWEST,
    }
    return page(request, "lines/ways.html", context)
