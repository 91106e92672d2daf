"""What opens the next rung: every condition for a rise, judged on measured evidence.

Pure, as ``policy.py`` is. A gate is judged by anytime-valid evidence, so looking at it
daily costs nothing; it answers with a code and its figures, and pages make the words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, inf, isfinite, pi
from typing import assert_never

from reviewapp.evidence import Evidence
from reviewapp.policy import AutomationLevel, Policy, Requirements, next_rung


class GateCode(StrEnum):
    """The conditions for a rise."""

    VERSION_READY = "version_ready"
    BLIND_PAIRS = "blind_pairs"
    DAYS = "days"
    SHIFTS = "shifts"
    AGREEMENT = "agreement"
    ANSWERED = "answered"
    NO_ALARM = "no_alarm"
    CERTIFICATES = "certificates"
    CALIBRATION = "calibration"
    CANARY_COMPLETE = "canary_complete"
    TIME_AT_PARTIAL = "time_at_partial"
    COVERS_ALL = "covers_all"
    AUDITED_ESCAPES = "audited_escapes"
    NO_BREACH = "no_breach"
    BAKE_TIME = "bake_time"
    BAKE_LABELS = "bake_labels"
    PAIRED = "paired"
    NO_CLASS_WORSE = "no_class_worse"
    TRIAL_TIME = "trial_time"
    UNLOCKED = "unlocked"
    COOL_DOWN = "cool_down"
    NO_CONTAINMENT = "no_containment"
    NO_OVERRIDE = "no_override"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One condition for a rise, open or shut, with the figures it was judged on."""

    code: GateCode
    is_open: bool
    figures: Mapping[str, float | None]


def needed_evidence(requirements: Requirements, *, attempt: int) -> float:
    """Give the e-value that the k-th attempt must reach.

    The first must reach the stated one; after a reset the bar rises with the square
    of the attempt, so that trying again and again does not pass by luck.
    """
    if attempt <= 1:
        return requirements.evidence
    return requirements.evidence * pi**2 * attempt**2 / 6


def breach_limit(policy: Policy, evidence: Evidence) -> float:
    """Give the e-value at which a breach counts: any of the classes may show it."""
    return policy.requirements.evidence * max(evidence.certified_classes, 1)


def next_canary_share(policy: Policy) -> float | None:
    """Give the next step of the canary share, ``None`` at the last one."""
    wider = [s for s in policy.requirements.canary_steps if s > policy.canary_share]
    return min(wider, default=None)


def canary_share_before(policy: Policy) -> float:
    """Give the step below the present canary share; below the first, nothing."""
    return max(
        (s for s in policy.requirements.canary_steps if s < policy.canary_share),
        default=0.0,
    )


def gates(
    policy: Policy, target: AutomationLevel, evidence: Evidence
) -> tuple[Gate, ...]:
    """Judge every condition for a rise of one rung; all must be open.

    Raises
    ------
    ValueError
        If ``target`` is not the rung above the policy's.
    """
    if target != next_rung(policy.level):
        raise ValueError(f"{target.name} is not the rung above {policy.level.name}.")
    match policy.level:
        case AutomationLevel.MANUAL:
            return (_version_ready(evidence),)
        case AutomationLevel.SHADOW:
            judged = _gates_to_assist(policy, evidence)
        case AutomationLevel.ASSIST:
            judged = _gates_to_partial(policy, evidence)
        case AutomationLevel.PARTIAL:
            judged = _gates_to_full(policy, evidence)
        case AutomationLevel.FULL:  # next_rung gave None, which is no target
            raise ValueError("There is no rung above FULL.")
        case never:
            assert_never(never)
    settled = (_no_containment(policy, evidence), *_cool_down(evidence))
    return judged + settled + undisturbed(policy)


def canary_gates(policy: Policy, evidence: Evidence) -> tuple[Gate, ...]:
    """Judge every condition for the next step of the canary share."""
    asked = policy.requirements
    limit = breach_limit(policy, evidence)
    breach = evidence.breach_evidence
    return (
        Gate(
            code=GateCode.NO_BREACH,
            is_open=breach is not None and evidence.may_labels > 0 and breach < limit,
            figures={
                "count": evidence.may_labels,
                "errors": evidence.may_errors,
                "evidence": breach,
                "needed": limit,
            },
        ),
        Gate(
            code=GateCode.BAKE_TIME,
            is_open=evidence.days_at_share >= asked.bake_days,
            figures={"days": evidence.days_at_share, "needed": asked.bake_days},
        ),
        Gate(
            code=GateCode.BAKE_LABELS,
            is_open=evidence.share_labels >= asked.bake_labels,
            figures={"count": evidence.share_labels, "needed": asked.bake_labels},
        ),
        _no_alarm(evidence),
        _no_containment(policy, evidence),
        *_cool_down(evidence),
        *undisturbed(policy),
    )


def _gates_to_assist(policy: Policy, evidence: Evidence) -> tuple[Gate, ...]:
    asked = policy.requirements
    shifts = max(asked.shifts, evidence.shifts_of_line)
    return (
        _version_ready(evidence),
        _enough(
            GateCode.BLIND_PAIRS, evidence.blind_pairs, asked.blind_pairs, evidence
        ),
        Gate(
            code=GateCode.DAYS,
            is_open=evidence.days >= asked.days,
            figures={"count": evidence.days, "needed": asked.days},
        ),
        Gate(
            code=GateCode.SHIFTS,
            is_open=evidence.shifts >= shifts,
            figures={"count": evidence.shifts, "needed": shifts},
        ),
        _agreement(policy, evidence),
        _answered(policy, evidence),
        _no_alarm(evidence),
    )


def _gates_to_partial(policy: Policy, evidence: Evidence) -> tuple[Gate, ...]:
    usable = [c for c in policy.certificates.values() if c.fingerprint == policy.live]
    limit = policy.requirements.calibration_error
    error = evidence.calibration_upper
    return (
        Gate(
            code=GateCode.CERTIFICATES,
            is_open=bool(usable),
            figures={"count": len(usable), "needed": 1},
        ),
        Gate(
            code=GateCode.CALIBRATION,
            is_open=error is not None and error <= limit,
            figures={"upper": error, "limit": limit},
        ),
        _agreement(policy, evidence),
        _answered(policy, evidence),
        _no_alarm(evidence),
    )


def _gates_to_full(policy: Policy, evidence: Evidence) -> tuple[Gate, ...]:
    asked = policy.requirements
    covered = {
        name
        for name, certificate in policy.certificates.items()
        if certificate.covers_all and certificate.fingerprint == policy.live
    }
    predicted = evidence.predicted_classes
    needed = needed_evidence(asked, attempt=policy.attempt)
    reached = evidence.escape_evidence
    return (
        Gate(
            code=GateCode.TIME_AT_PARTIAL,
            is_open=evidence.days_at_level >= asked.partial_days,
            figures={"days": evidence.days_at_level, "needed": asked.partial_days},
        ),
        Gate(
            code=GateCode.CANARY_COMPLETE,
            is_open=policy.canary_share >= asked.canary_steps[-1],
            figures={"share": policy.canary_share, "needed": asked.canary_steps[-1]},
        ),
        Gate(
            code=GateCode.COVERS_ALL,
            is_open=bool(predicted) and predicted <= covered,
            figures={"count": len(predicted & covered), "needed": len(predicted)},
        ),
        Gate(
            code=GateCode.AUDITED_ESCAPES,
            is_open=reached is not None and reached >= needed,
            figures={
                "audits": evidence.audits,
                "escapes": evidence.audited_escapes,
                "target": asked.escape,
                "evidence": reached,
                "needed": needed,
                "labels_left": evidence.labels_to_escape,
                "days_left": _days_left(evidence.labels_to_escape, evidence),
            },
        ),
        _answered(policy, evidence),
        _no_alarm(evidence),
    )


def _version_ready(evidence: Evidence) -> Gate:
    return Gate(
        code=GateCode.VERSION_READY, is_open=evidence.version_is_ready, figures={}
    )


def _enough(code: GateCode, count: int, needed: int, evidence: Evidence) -> Gate:
    left = max(needed - count, 0)
    return Gate(
        code=code,
        is_open=left == 0,
        figures={
            "count": count,
            "needed": needed,
            "left": left,
            "days_left": _days_left(left, evidence),
        },
    )


def _agreement(policy: Policy, evidence: Evidence) -> Gate:
    needed = needed_evidence(policy.requirements, attempt=policy.attempt)
    reached = evidence.agreement_evidence
    return Gate(
        code=GateCode.AGREEMENT,
        is_open=reached is not None and reached >= needed,
        figures={
            "agreed": evidence.agreed_pairs,
            "count": evidence.blind_pairs,
            "low": evidence.agreement_low,
            "high": evidence.agreement_high,
            "target": policy.requirements.agreement,
            "twice_read": evidence.twice_read,
            "readers_agreed": evidence.readers_agreed,
            "readers_low": evidence.readers_low,
            "readers_high": evidence.readers_high,
            "evidence": reached,
            "needed": needed,
            "labels_left": evidence.labels_to_agreement,
            "days_left": _days_left(evidence.labels_to_agreement, evidence),
        },
    )


def _answered(policy: Policy, evidence: Evidence) -> Gate:
    share = evidence.drawn_answered / evidence.drawn if evidence.drawn else None
    limit = policy.requirements.answered_share
    return Gate(
        code=GateCode.ANSWERED,
        is_open=share is not None and share >= limit,
        figures={
            "answered": evidence.drawn_answered,
            "count": evidence.drawn,
            "share": share,
            "limit": limit,
        },
    )


def _no_alarm(evidence: Evidence) -> Gate:
    return no_alarm(evidence.open_alarms)


def no_alarm(open_alarms: int | None) -> Gate:
    """Stand open where nothing rings; not knowing is no calm."""
    return Gate(
        code=GateCode.NO_ALARM,
        is_open=open_alarms == 0,
        figures={"count": open_alarms},
    )


def _no_containment(policy: Policy, evidence: Evidence) -> Gate:
    """Stand open where what is known to have gone wrong has been looked after."""
    proposed, standing = evidence.containments_proposed, evidence.containments_standing
    most = policy.requirements.open_containments
    return Gate(
        code=GateCode.NO_CONTAINMENT,
        is_open=proposed is not None
        and standing is not None
        and proposed + standing <= most,
        figures={"proposed": proposed, "standing": standing, "needed": most},
    )


def undisturbed(policy: Policy) -> tuple[Gate, ...]:
    """Stand shut on a locked line, and while an override lasts; others have no gate.

    A locked line waits for a person to look; what was let through past its gates, for
    its own evidence.
    """
    codes = {
        GateCode.UNLOCKED: policy.is_locked,
        GateCode.NO_OVERRIDE: policy.is_overridden,
    }
    return tuple(
        Gate(code=code, is_open=False, figures={})
        for code, stands in codes.items()
        if stands
    )


def _cool_down(evidence: Evidence) -> tuple[Gate, ...]:
    """Stand shut while an alarm's wait lasts; a line without one has no such gate."""
    if evidence.cool_down_h is None:
        return ()
    return (
        Gate(
            code=GateCode.COOL_DOWN,
            is_open=False,
            figures={
                "hours": evidence.cool_down_h,
                "count": evidence.fresh_labels,
                "needed": evidence.fresh_labels_needed,
            },
        ),
    )


def _days_left(labels: int | None, evidence: Evidence) -> float | None:
    """Days until so many labels are in at today's pace; ``None`` if never."""
    if labels is None:
        return None
    if labels <= 0:
        return 0
    days = labels / evidence.pairs_per_day if evidence.pairs_per_day > 0 else inf
    return ceil(days) if isfinite(days) else None
