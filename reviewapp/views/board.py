"""The board: every line the person works on, and where to look first."""

from datetime import UTC, datetime

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from reviewapp import access
from reviewapp.models import LineState, Motion, ProductLine, Role
from reviewapp.pages import PageRequest, page

NEVER = datetime.max.replace(tzinfo=UTC)


@require_GET
@access.signed_in
def board(request: PageRequest) -> HttpResponse:
    """Show the lines and what waits for the person's signature, where to look first."""
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
    motions = Motion.objects.waiting(at=timezone.now()).answerable_by(request.user)
    context = {
        "rows": rows,
        "motions": motions.select_related("line", "moved_by"),
    }
    return page(request, "lines/board.html", context)


def _where_to_look(line: ProductLine) -> tuple[int, datetime, int, datetime, str]:
    """Put lines with most open alarms first, then those whose queue has no end.

    Among equals the one comes first that rang first, then the one that has let an item
    wait the longest.
    """
    state: LineState | None = getattr(line, "state", None)
    if state is None:
        return 0, NEVER, 1, NEVER, line.name
    is_ending = state.empty_in_h is not None
    waits_since = state.oldest_waiting_at or NEVER
    return (
        -state.open_alarms,
        state.alarm_since or NEVER,
        int(is_ending),
        waits_since,
        line.name,
    )
