"""What needs a second person: whatever lets the model do more, or people look less.

It does so where the line says so; to override a gate takes two everywhere.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError
from reviewapp.models import Cause, Policy, ProductLine, User
from reviewapp.models.motions import Act, Motion
from reviewapp.models.policies import requirements_from
from reviewapp.requirements import loosened

ALWAYS = (
    Cause.RAISED,
    Cause.CANARY,
    Cause.PROMOTED,
    Cause.CERTIFIED,
    Cause.TRIAL_CERTIFIED,
)
ACTS: Mapping[Cause, tuple[Act, ...]] = {
    Cause.RAISED: (Act.RAISE,),
    Cause.CANARY: (Act.WIDEN,),
    Cause.PROMOTED: (Act.PROMOTE,),
    Cause.CERTIFIED: (Act.CERTIFY,),
    Cause.TRIAL_CERTIFIED: (Act.CERTIFY_NEXT,),
    Cause.SHARED: (Act.SHARE,),
    Cause.GATES: (Act.GATES,),
    Cause.CHANGED: (Act.THRESHOLDS, Act.STEPS, Act.AUDITS),
    Cause.OVERRIDDEN: (Act.OVERRIDE,),
}


class SecondPersonError(ConflictError):
    """Everything else holds, but on this line a second person must approve."""

    code = "second_person"

    def __init__(self, line: ProductLine, evidence: dict[str, Any] | None) -> None:
        super().__init__(
            _("On %(line)s a second person has to approve this.") % {"line": line.name}
        )
        self.evidence = evidence


def approved_motion(
    line: ProductLine,
    current: Policy,
    cause: Cause,
    *,
    by: User | None,
    changes: Mapping[str, Any],
    evidence: dict[str, Any] | None,
) -> Motion | None:
    """Give the motion that a change rests on; ``None`` where it needs none.

    Raises
    ------
    SecondPersonError
        If it needs one, and there is none that a second person has approved.
    """
    if by is None or not _is_needed(current, cause, changes):
        return None
    motion = (
        Motion.objects.approved_for(line, by_id=by.pk, seen_policy=current.number)
        .filter(act__in=ACTS[cause])
        .first()
    )
    if motion is None:
        raise SecondPersonError(line, evidence)
    return motion


def _is_needed(current: Policy, cause: Cause, changes: Mapping[str, Any]) -> bool:
    """Ask for two where the line does and the change lets more; to override, always."""
    if cause is Cause.OVERRIDDEN:
        return True
    asked = requirements_from(current.requirements)
    return asked.second_person and _lets_more(current, cause, changes)


def _lets_more(current: Policy, cause: Cause, changes: Mapping[str, Any]) -> bool:
    if cause in ALWAYS:
        return True
    if cause not in ACTS:
        return False
    if changes.get("candidate_share", 0) > current.candidate_share:
        return True
    return (
        _loosens_gates(current, changes)
        or _loosens_threshold(current, changes)
        or _looks_less(current, changes)
    )


def _loosens_gates(current: Policy, changes: Mapping[str, Any]) -> bool:
    wanted = changes.get("requirements", {})
    asked = requirements_from(current.requirements)
    return (
        bool(loosened(asked, wanted))
        or (asked.second_person and not wanted.get("second_person", True))
        or (wanted.get("canary_advances", False) and not asked.canary_advances)
    )


def _looks_less(current: Policy, changes: Mapping[str, Any]) -> bool:
    """Say whether people would see less of what they see now, blind or in audits."""
    fewer = ("blind_share", "audit_floor", "audit_reads", "default_audit_share")
    if any(changes.get(n, getattr(current, n)) < getattr(current, n) for n in fewer):
        return True
    usual = current.default_audit_share
    return any(
        share < current.audit_shares.get(key, usual)
        for key, share in changes.get("audit_shares", {}).items()
    )


def _loosens_threshold(current: Policy, changes: Mapping[str, Any]) -> bool:
    def decides_from(stored: Mapping[str, Any]) -> float:
        chosen = stored.get("chosen")
        return float(stored["threshold"] if chosen is None else chosen)

    return any(
        key not in current.certificates
        or decides_from(stored) < decides_from(current.certificates[key])
        for key, stored in changes.get("certificates", {}).items()
    )
