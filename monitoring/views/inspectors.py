"""How alike the people of a line read: one's own view first, by name for managers."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from monitoring.models import Study
from monitoring.services.detectors import detect_inspectors
from monitoring.services.gold_figures import GOLD_DAYS, gold_by_name, gold_figures
from monitoring.services.inspectors import inspectors_of, note_look
from reviewapp import access
from reviewapp.models import ProductLine, Role
from reviewapp.pages import PageRequest, page

DAYS = 90


@require_GET
@access.signed_in
def inspectors(request: PageRequest, slug: str) -> HttpResponse:
    """Show one's own reading beside the others', and the studies one takes part in."""
    seen = access.line_for(request.user, slug)
    studies = Study.objects.of_line(seen)
    asking = list(studies.asking(request.user))
    if not request.user.has_role(seen, Role.MANAGER):
        studies = studies.taken_by(request.user)
    own = inspectors_of(seen, at=timezone.now(), days=DAYS, only=request.user)
    context = _frame(request, seen) | {
        "own": own.people[0] if own.people else None,
        "studies": list(studies[:20]),
        "asking": asking,
        "gold": gold_figures(seen, at=timezone.now(), only=request.user),
        "gold_days": GOLD_DAYS,
        "days": DAYS,
    }
    return page(request, "inspectors/inspectors.html", context)


@require_GET
@access.signed_in
def by_name(request: PageRequest, slug: str) -> HttpResponse:
    """Show everybody's figures by name; that somebody looked is logged."""
    seen = access.line_for(request.user, slug, Role.MANAGER)
    note_look(seen, by=request.user, at="inspectors")
    at = timezone.now()
    found = inspectors_of(seen, at=at, days=DAYS)
    detectors = {one.subject: one for one in detect_inspectors(seen, at=at)}
    context = _frame(request, seen) | {
        "found": found,
        "people": [
            {"figures": one, "detector": detectors.get(one.inspector.pseudonym)}
            for one in found.people
        ],
        "at": at,
        "days": DAYS,
        "gold": gold_by_name(seen, at=at),
        "gold_line": gold_figures(seen, at=at),
        "gold_days": GOLD_DAYS,
    }
    return page(request, "inspectors/by_name.html", context)


def _frame(request: PageRequest, seen: ProductLine) -> dict[str, Any]:
    return {
        "line": seen,
        "tab": "inspectors",
        "roles": access.roles_on(request.user, seen),
    }
