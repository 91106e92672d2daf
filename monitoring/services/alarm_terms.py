"""Alarm terms: what an alarm may do on a line by itself, and what must follow it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from monitoring.models import AlarmTerms, HourlyCount, default_lowers_to
from monitoring.windows import pairs
from reviewapp.errors import InvalidInputError
from reviewapp.models import Cause, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services.records import actor_name, record

COOL_DOWN_H = 24
FRESH_LABELS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What alarms may do on a line, as it is in force."""

    lowers_to: dict[str, int]
    cool_down_h: int
    fresh_labels: int
    narrows: Sequence[str] = ()
    set_by: User | None = None
    set_at: datetime | None = None

    def rung_for(self, cause: str) -> AutomationLevel | None:
        """Give the rung that a cause lowers to; ``None`` when it only warns."""
        rung = self.lowers_to.get(cause)
        return None if rung is None else AutomationLevel(rung)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolDown:
    """What is left to wait for after an alarm took something back."""

    ends_at: datetime
    fresh_labels: int
    needed_labels: int

    def hours_left(self, at: datetime) -> float:
        """How many hours are left; none where only labels are missing."""
        return max((self.ends_at - at) / timedelta(hours=1), 0.0)


def terms_of(line: ProductLine) -> Terms:
    """Give what alarms may do on a line; the defaults where it has set nothing."""
    row = AlarmTerms.objects.filter(line=line).select_related("set_by").first()
    if row is None:
        return Terms(
            lowers_to=default_lowers_to(),
            cool_down_h=COOL_DOWN_H,
            fresh_labels=FRESH_LABELS,
        )
    return Terms(
        lowers_to=row.lowers_to,
        cool_down_h=row.cool_down_h,
        fresh_labels=row.fresh_labels,
        narrows=row.narrows,
        set_by=row.set_by,
        set_at=row.set_at,
    )


@transaction.atomic
def set_terms(
    line: ProductLine,
    *,
    lowers_to: dict[str, int],
    cool_down_h: int,
    fresh_labels: int,
    narrows: Sequence[str] = (),
    by: User | None,
    reason: str = "",
) -> AlarmTerms:
    """Let alarms do something else from now on; what held before stays a row.

    What one inspector does never lowers the level: that would punish the model for a
    person.
    """
    if "inspector" in {*lowers_to, *narrows}:
        raise InvalidInputError(_("What one inspector does never lowers the level."))
    made = AlarmTerms.objects.create(
        line=line,
        lowers_to=lowers_to,
        cool_down_h=cool_down_h,
        fresh_labels=fresh_labels,
        narrows=[*narrows],
        set_by=by,
        reason=reason,
    )
    record(
        "alarm_terms.set",
        actor=actor_name(by),
        line=line,
        details={
            "lowers_to": lowers_to,
            "cool_down_h": cool_down_h,
            "fresh_labels": fresh_labels,
            "narrows": [*narrows],
        },
        reason=reason,
    )
    return made


def cool_down(line: ProductLine, *, at: datetime) -> CoolDown | None:
    """Say what is left of the cool-down after an automatic fall; ``None`` if nothing.

    Both must have passed: the hours since the fall, and the blind labels of the live
    version since then. A line that has risen or widened again has waited, and another
    version earns its own trust anyway.
    """
    last = line.policies.fallen_by_themselves().first()
    if last is None:
        return None
    in_force = line.in_force
    later = line.policies.filter(number__gt=last.number)
    if later.filter(cause__in=[Cause.RAISED, Cause.CANARY]).exists():
        return None
    terms = terms_of(line)
    ends_at = last.created_at + timedelta(hours=terms.cool_down_h)
    is_same = in_force.live_id == last.live_id
    needed = terms.fresh_labels if is_same else 0
    fresh = 0
    if is_same and in_force.live is not None:
        counts = HourlyCount.objects.of_line(line).evidence(
            in_force.live, attempt=in_force.attempt
        )
        if last.cause == Cause.NARROWED:
            # the epoch goes on; whole hours after the fall are certainly fresh
            counts = counts.filter(hour__gte=last.created_at)
        fresh = pairs.agreement(counts).pairs
    if ends_at <= at and fresh >= needed:
        return None
    return CoolDown(ends_at=ends_at, fresh_labels=fresh, needed_labels=needed)
