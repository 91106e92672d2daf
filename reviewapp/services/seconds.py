"""What needs a second person where a line says so: whatever lets the model do more."""

from collections.abc import Mapping
from typing import Any

from reviewapp.errors import ConflictError
from reviewapp.models import Cause, Policy, ProductLine, User
from reviewapp.models.motions import Act, Motion
from reviewapp.models.policies import requirements_from
from reviewapp.requirements import loosened

ALWAYS = (Cause.RAISED, Cause.CANARY, Cause.PROMOTED, Cause.CERTIFIED)
ACTS: Mapping[Cause, tuple[Act, ...]] = {
    Cause.RAISED: (Act.RAISE,),
    Cause.CANARY: (Act.WIDEN,),
    Cause.PROMOTED: (Act.PROMOTE,),
    Cause.CERTIFIED: (Act.CERTIFY,),
    Cause.SHARED: (Act.SHARE,),
    Cause.GATES: (Act.GATES,),
    Cause.CHANGED: (Act.THRESHOLDS, Act.STEPS),
}


class SecondPersonError(ConflictError):
    """Everything else holds, but on this line a second person must approve."""

    code = "second_person"

    def __init__(self, line: ProductLine, evidence: dict[str, Any] | None) -> None:
        super().__init__(f"On {line.name} another manager has to approve this.")
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
    asked = requirements_from(current.requirements)
    if by is None or not asked.second_person or not _lets_more(current, cause, changes):
        return None
    motion = (
        Motion.objects.approved_for(line, by_id=by.pk, seen_policy=current.number)
        .filter(act__in=ACTS[cause])
        .first()
    )
    if motion is None:
        raise SecondPersonError(line, evidence)
    return motion


def _lets_more(current: Policy, cause: Cause, changes: Mapping[str, Any]) -> bool:
    if cause in ALWAYS:
        return True
    if cause not in ACTS:
        return False
    if changes.get("candidate_share", 0) > current.candidate_share:
        return True
    return _loosens_gates(current, changes) or _loosens_threshold(current, changes)


def _loosens_gates(current: Policy, changes: Mapping[str, Any]) -> bool:
    wanted = changes.get("requirements", {})
    asked = requirements_from(current.requirements)
    return (
        bool(loosened(asked, wanted))
        or (asked.second_person and not wanted.get("second_person", True))
        or (wanted.get("canary_advances", False) and not asked.canary_advances)
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
