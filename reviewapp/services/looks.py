"""Audits of a line: how many a day, read by how many, and the shares in force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import Cause, Policy, ProductLine, User
from reviewapp.services.policies import append_policy, hold_policy

LEAST_FLOOR = 10
MOST_READS = 2


@transaction.atomic
def set_audit_terms(
    line: ProductLine,
    *,
    floor: int,
    reads: int,
    by: User,
    reason: str,
    seen_policy: int | None = None,
) -> Policy:
    """Say how many audits a day the line asks for at least, and who reads each.

    Raises
    ------
    ConflictError
        If nothing would change.
    InvalidInputError
        If the floor is below 10 a day, the reads are not one or two, or no reason is
        given.
    """
    if floor < LEAST_FLOOR or not 1 <= reads <= MOST_READS:
        raise InvalidInputError(
            _("At least %(fewest)s audits a day, read by one or two people.")
            % {"fewest": LEAST_FLOOR},
            code="out_of_range",
        )
    if not reason.strip():
        raise InvalidInputError(_("Say why the audits change."), code="reason_missing")
    current = hold_policy(line)
    if (current.audit_floor, current.audit_reads) == (floor, reads):
        raise ConflictError(_("Nothing would change."), code="nothing_to_change")
    return append_policy(
        line,
        cause=Cause.CHANGED,
        by=by,
        reason=reason.strip(),
        changes={"audit_floor": floor, "audit_reads": reads},
        seen_policy=seen_policy,
    )


@transaction.atomic
def follow_audit_shares(
    line: ProductLine,
    shares: Mapping[str, float],
    *,
    reason: str,
    seen_policy: int,
    evidence: dict[str, Any],
    as_of: datetime | None = None,
) -> Policy:
    """Put the day's audit shares in force; what a person signed stays beside them.

    Raises
    ------
    StalePolicyError
        If the policy has moved on since the shares were computed.
    """
    current = hold_policy(line)
    return append_policy(
        line,
        cause=Cause.AUDITED,
        by=None,
        reason=reason,
        changes={
            "audit_shares": current.audit_shares | dict(shares),
            "signed_audit_shares": current.signed_audit_shares or current.audit_shares,
        },
        seen_policy=seen_policy,
        evidence=evidence,
        as_of=as_of,
    )
