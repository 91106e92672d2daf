"""Since when a containment should reach back: the best that is known of the change."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import Min

from monitoring.models import AlarmCause
from reviewapp.models import Containment, Item, ProductLine

OF_THE_MODEL = (AlarmCause.ESCAPES, AlarmCause.DISAGREEMENT, AlarmCause.OVERKILL)


class SinceWhat(StrEnum):
    """What a beginning was taken from."""

    ALARM = "alarm"
    GROUP = "group"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """When the change began as far as is known, and what says so."""

    at: datetime
    since: SinceWhat


def beginning_of(line: ProductLine, containment: Containment) -> Beginning:
    """Estimate since when the model has been wrong as it was found to be.

    1. An open alarm about the model's answers that estimates when it began.
    2. Else the first item of the group that the error was found in.
    3. Else the beginning of the day, in the line's zone, on which the item occurred.

    Never after the item itself, since that one was wrong already.
    """
    item = containment.found.item if containment.found else None
    reference = item.occurred_at if item else containment.proposed_at
    rung = line.alarms.open().filter(cause__in=OF_THE_MODEL, began_at__isnull=False)
    began: datetime | None = rung.aggregate(first=Min("began_at"))["first"]
    if began is not None:
        return Beginning(at=min(began, reference), since=SinceWhat.ALARM)
    if item is not None and item.group:
        of_group = Item.objects.of_line(line).filter(group=item.group)
        first = of_group.aggregate(first=Min("occurred_at"))["first"]
        return Beginning(at=first, since=SinceWhat.GROUP)
    local = reference.astimezone(ZoneInfo(line.time_zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return Beginning(at=midnight, since=SinceWhat.DAY)
