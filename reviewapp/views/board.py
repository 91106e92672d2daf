"""The board: every line the person works on, and where to look first."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from reviewapp import access
from reviewapp.models import Role
from reviewapp.pages import PageRequest, page


@require_GET
@access.signed_in
def board(request: PageRequest) -> HttpResponse:
    """Show the lines, or lead an admin of an empty installation to a first one."""
    lines = access.lines_of(request.user)
    inspected = set(
        request.user.memberships.filter(role=Role.INSPECTOR).values_list(
            "line_id", flat=True
        )
    )
    rows = [{"line": line, "may_review": line.pk in inspected} for line in lines]
    return page(request, "lines/board.html", {"rows": rows})
