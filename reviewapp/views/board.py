"""The board: every line the person works on, and where to look or start first."""

from datetime import UTC, datetime, timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from reviewapp import access
from reviewapp.models import Dispute, LineState, Motion, ProductLine, Role, User
from reviewapp.pages import PageRequest, page
from reviewapp.services.starts import starts_of

NEVER = datetime.max.replace(tzinfo=UTC)
# For so long the board says what became of one's disputes; the list of shifts keeps it.
TOLD_FOR = timedelta(days=7)
MOST_TOLD = 5


@require_GET
@access.signed_in
def board(request: PageRequest) -> HttpResponse:
    """Show the lines: where to begin a shift, where to look, and what waits for one."""
    lines = access.lines_of(request.user)
    held = list(request.user.memberships.values_list("line", "role", "seen_edition"))
    seen = {line: read for line, role, read in held if role == Role.INSPECTOR}
    managed = [line for line, role, _read in held if role == Role.MANAGER]
    now = timezone.now()
    motions = Motion.objects.waiting(at=now).answerable_by(request.user)
    context = {
        "rows": [
            {
                "line": line,
                "may_review": line.pk in seen,
                "may_settle": line.pk in managed,
            }
            for line in sorted(lines, key=_where_to_look)
        ],
        "motions": motions.select_related("line", "moved_by"),
        "starts": starts_of(request.user, lines, seen=seen),
        "only_inspects": len(seen) == len(held) > 0 and not request.user.is_admin,
        "disputes": _disputes_waiting(request.user, managed),
        "answered": _answered_lately(request.user, now) if seen else [],
    }
    return page(request, "lines/board.html", context)


def _answered_lately(user: User, now: datetime) -> list[Dispute]:
    found = Dispute.objects.answered_since(user, now - TOLD_FOR)
    return list(found.with_answer()[:MOST_TOLD])


def _disputes_waiting(user: User, managed: list[int]) -> list[tuple[str, str, int]]:
    return Dispute.objects.waiting_for(user, managed) if managed else []


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
