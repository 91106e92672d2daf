"""Window sizes: how long a line's windows are, and what would suit its traffic."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from monitoring.models import HourlyCount, Measure, WindowSize
from reviewapp.errors import InvalidInputError
from reviewapp.models import ProductLine, User
from reviewapp.services.records import actor_name, record

LOOKED_BACK = timedelta(days=28)
DAY_HOURS = 24
SHIFT_HOURS = 8
# On fast lines a window of a shift still holds as many items as a classifier wants.
FAST_A_DAY = 2_000 * DAY_HOURS // SHIFT_HOURS
MOST_DAYS = 60
SMALL_DAYS = 28
# Of 30 items a move of one standard deviation is seen nine times in ten, and chance
# alarms no more often than of 200; below, hardly anything would be seen.
FEWEST_JUDGED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A window's length in hours, in items, and what it takes to be judged."""

    hours: int = 24
    items: int = 400
    judged_from: int = 200
    longest_days: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A size that suits a line's traffic: items a day, and a code of why."""

    size: Size
    items_a_day: float
    code: str


def size_of(line: ProductLine) -> Size:
    """Give the size in force; a day or 400 items where nobody set another."""
    row = WindowSize.objects.of_line(line).first()
    if row is None:
        return Size()
    return Size(
        hours=row.hours,
        items=row.items,
        judged_from=row.judged_from,
        longest_days=row.longest_days,
    )


@transaction.atomic
def set_size(
    line: ProductLine, size: Size, *, by: User | None, reason: str = ""
) -> WindowSize:
    """Let windows be longer or shorter from now on; earlier ones stay as they are.

    Raises
    ------
    InvalidInputError
        If no window of that size could be judged.
    """
    if not (
        size.hours >= 1
        and FEWEST_JUDGED <= size.judged_from <= size.items
        and 1 <= size.longest_days <= MOST_DAYS
    ):
        raise InvalidInputError(
            _(
                "A window lasts an hour or longer, ends after at most %(days)s days, "
                "and is judged from %(items)s items on or later, but not later than "
                "it is full."
            )
            % {"days": MOST_DAYS, "items": FEWEST_JUDGED},
            code="bad_window_size",
        )
    made = WindowSize.objects.create(
        line=line,
        hours=size.hours,
        items=size.items,
        judged_from=size.judged_from,
        longest_days=size.longest_days,
        set_by=by,
        reason=reason,
    )
    record(
        "window_size.set",
        actor=actor_name(by),
        line=line,
        subject=f"{size.hours} h, {size.items} items",
        details={"judged_from": size.judged_from, "longest_days": size.longest_days},
        reason=reason,
    )
    return made


def suggest_size(line: ProductLine, *, at: datetime) -> Suggestion:
    """Suggest a size from the last four weeks' traffic.

    A fast line's window may be a shift; a slow line's must be allowed to grow until it
    can be judged at all, and a very slow one's hold fewer items, of which only a large
    move shows. In between the usual size is good.
    """
    found = HourlyCount.objects.of_line(line).filter(measure=Measure.ITEM)
    found = found.between(at - LOOKED_BACK, at)
    first = found.order_by("hour").values_list("hour", flat=True).first()
    if first is None:
        return Suggestion(size=Size(), items_a_day=0.0, code="no_traffic")
    items = found.aggregate(n=Sum("count"))["n"]
    a_day = items / max((at - first) / timedelta(days=1), 1.0)
    usual = Size()
    if a_day >= FAST_A_DAY:
        size, code = Size(hours=SHIFT_HOURS, items=2_000), "fast"
    elif a_day * usual.longest_days >= usual.items:
        size, code = usual, "usual"
    elif a_day * MOST_DAYS >= usual.judged_from:
        size = Size(longest_days=min(ceil(usual.items / a_day), MOST_DAYS))
        code = "slow"
    elif a_day * MOST_DAYS >= FEWEST_JUDGED:
        full = max(round(a_day * SMALL_DAYS), FEWEST_JUDGED)
        fewest = max(full // 2, FEWEST_JUDGED)
        size = Size(items=full, judged_from=fewest, longest_days=MOST_DAYS)
        code = "very_slow"
    else:
        size, code = Size(longest_days=MOST_DAYS), "too_slow"
    return Suggestion(size=size, items_a_day=a_day, code=code)
