"""Automatic falls: how many a day allows, and how a person opens the line again.

An alarm takes back at once. Two times a day it may; the second leaves nothing that the
model decides and locks the line, so that nobody has to trust what swings to and fro.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import Cause, Policy, ProductLine, User
from reviewapp.services.policies import append_policy, hold_policy

MOST_FALLS = 2
A_DAY = timedelta(days=1)


def is_last_fall(line: ProductLine, *, at: datetime) -> bool:
    """Say whether the next automatic fall is the last that a day allows."""
    fallen = line.policies.fallen_by_themselves().filter(created_at__gt=at - A_DAY)
    return fallen.count() >= MOST_FALLS - 1


@transaction.atomic
def look_after_falls(
    line: ProductLine, *, by: User, reason: str, seen_policy: int | None = None
) -> Policy:
    """Open a locked line again: somebody has looked, and says what was found.

    Raises
    ------
    ConflictError
        If the line is not locked.
    InvalidInputError
        If nothing is said.
    """
    if not hold_policy(line).is_locked:
        raise ConflictError(_("%(line)s is not locked.") % {"line": line.name})
    if not reason.strip():
        raise InvalidInputError(_("Say what was found."), code="reason_missing")
    return append_policy(
        line,
        cause=Cause.LOOKED,
        by=by,
        reason=reason.strip(),
        changes={"is_locked": False},
        seen_policy=seen_policy,
    )
