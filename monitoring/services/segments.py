"""Segments: what a line is told apart by, and how that is read off an item."""

from typing import Any, assert_never

from django.db import connection, transaction
from django.utils.translation import gettext as _

from monitoring.models import Segmentation, SegmentKind, WorkWeek
from reviewapp.errors import InvalidInputError
from reviewapp.models import ProductLine, User
from reviewapp.services.records import actor_name, record

MOST_GROUPS = 20
READ_ITEMS = 20_000
LONGEST_NAME = 40
OTHER = "other"
# Up to the first sign that separates: "cam2/lot-17" is of "cam2".
PREFIX = """substring(item."group" from '^[^/:_ -]+')"""

# Once for each item that is counted; without segments the database drops it when it
# plans. A shift runs until the next one begins, the last one of a day over midnight.
SEGMENT = f"""
CASE %(segments)s
    WHEN 'shift' THEN (%(names)s::text[])[coalesce(
        nullif(
            width_bucket(
                (item.occurred_at AT TIME ZONE %(zone)s)::time, %(starts)s::time[]
            ),
            0
        ),
        cardinality(%(names)s::text[])
    )]
    WHEN 'group' THEN CASE
        WHEN {PREFIX} = ANY(%(names)s::text[]) THEN {PREFIX} ELSE '{OTHER}'
    END
    ELSE ''
END
"""

_PREFIXES = """
SELECT prefix FROM (
    SELECT {prefix} AS prefix FROM (
        SELECT "group" FROM reviewapp_item WHERE line_id = %(line)s
        ORDER BY occurred_at DESC LIMIT %(most)s
    ) AS item
) AS read
WHERE length(prefix) <= %(longest)s
GROUP BY prefix ORDER BY count(*) DESC, prefix LIMIT %(shown)s
"""
COMMON_PREFIXES = _PREFIXES.format(prefix=PREFIX)


def segmentation_of(line: ProductLine) -> Segmentation | None:
    """Give what a line is told apart by; ``None`` where it is one whole."""
    found = Segmentation.objects.of_line(line).first()
    return None if found is None or found.kind == SegmentKind.NONE else found


def segments_of(line: ProductLine) -> list[str]:
    """Name a line's segments, in the order in which they are offered."""
    found = segmentation_of(line)
    if found is None:
        return []
    return [*found.names, *([OTHER] if found.kind == SegmentKind.GROUP else [])]


def counting_parameters(line: ProductLine) -> dict[str, Any]:
    """Give what ``SEGMENT`` is counted with."""
    found = segmentation_of(line)
    is_by_shift = found is not None and found.kind == SegmentKind.SHIFT
    return {
        "segments": found.kind if found else SegmentKind.NONE.value,
        "names": found.names if found else [],
        "starts": found.names if found is not None and is_by_shift else [],
        "zone": line.time_zone,
    }


@transaction.atomic
def set_segments(
    line: ProductLine, kind: SegmentKind, *, by: User | None
) -> Segmentation:
    """Tell a line apart from now on; hours that were counted before stay whole.

    Raises
    ------
    InvalidInputError
        If the line has no shifts, or its items no groups, to be told apart by.
    """
    match kind:
        case SegmentKind.NONE:
            names: list[str] = []
        case SegmentKind.SHIFT:
            names = _shifts(line)
        case SegmentKind.GROUP:
            names = _prefixes(line)
        case never:
            assert_never(never)
    made = Segmentation.objects.create(line=line, kind=kind, names=names, set_by=by)
    record(
        "segments.set",
        actor=actor_name(by),
        line=line,
        subject=kind.value,
        details={"names": names},
    )
    return made


def _shifts(line: ProductLine) -> list[str]:
    week = WorkWeek.objects.filter(line=line).first()
    starts = {str(shift["from"]) for shift in week.shifts} if week else set()
    names = sorted(starts or line.shift_starts)
    if not names:
        raise InvalidInputError(
            _("The line has no shifts. Write them into its week first."),
            code="no_shifts",
        )
    return names


def _prefixes(line: ProductLine) -> list[str]:
    given = {
        "line": line.pk,
        "most": READ_ITEMS,
        "longest": LONGEST_NAME,
        "shown": MOST_GROUPS,
    }
    with connection.cursor() as cursor:
        cursor.execute(COMMON_PREFIXES, given)
        names = sorted(row[0] for row in cursor.fetchall())
    if not names:
        raise InvalidInputError(
            _("None of the line's last %(n)s items has a group.")
            % {"n": f"{READ_ITEMS:,}"},
            code="no_groups",
        )
    return names
