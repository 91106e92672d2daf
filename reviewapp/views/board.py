"""The board: every line the person works on, and where to look first."""

from datetime import UTC, datetime

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from reviewapp import access
from reviewapp.models import LineState, ProductLine, Role
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
    rows = [
        {"line": line, "may_review": line.pk in inspected}
        for line in sorted(lines, key=_where_to_look)
    ]
    return page(request, "lines/board.html", {"rows": rows})


def _where_to_look(line: ProductLine) -> tuple[int, datetime, str]:
    """Put lines with most open alarms first, then those that rang first."""
    state: LineState | None = getattr(line, "state", None)
    if state is None:
        return 0, datetime.max.replace(tzinfo=UTC), line.name
    since = state.alarm_since or datetime.max.replace(tzinfo=UTC)
    return -state.open_alarms, since, line.name
