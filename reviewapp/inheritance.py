"""What a candidate must show before it inherits the live version's trust.

Pure, as ``policy.py`` and ``gates.py`` are. Both versions answer the same items; only
blind labels of items on which exactly one of them was right speak. Without this a new
version begins in shadow.
"""

from dataclasses import dataclass

from reviewapp.gates import Gate, GateCode, needed_evidence, no_alarm, undisturbed
from reviewapp.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalEvidence:
    """What was measured of the candidate and the live version since the trial began.

    ``paired_evidence`` is the e-value that the candidate is right more often, overall;
    ``worst_class_evidence`` the strongest over the ``classes`` that it is right less
    often in one. ``attempt`` counts the trials of this version on this line.
    """

    items: int = 0
    candidate_only: int = 0
    live_only: int = 0
    paired_evidence: float | None = None
    labels_to_evidence: int | None = None
    classes: int = 0
    worst_class_evidence: float | None = None
    days: float = 0.0
    open_alarms: int | None = None
    attempt: int = 1


def inheritance_gates(policy: Policy, evidence: RivalEvidence) -> tuple[Gate, ...]:
    """Judge every condition under which the candidate inherits; all must be open."""
    asked = policy.requirements
    needed = needed_evidence(asked, attempt=evidence.attempt)
    reached = evidence.paired_evidence
    worst = evidence.worst_class_evidence
    limit = asked.evidence * max(evidence.classes, 1)
    return (
        Gate(
            code=GateCode.PAIRED,
            is_open=reached is not None and reached >= needed,
            figures={
                "count": evidence.items,
                "candidate_only": evidence.candidate_only,
                "live_only": evidence.live_only,
                "evidence": reached,
                "needed": needed,
                "pairs_left": evidence.labels_to_evidence,
            },
        ),
        Gate(
            code=GateCode.NO_CLASS_WORSE,
            is_open=worst is not None and worst < limit,
            figures={
                "count": evidence.classes,
                "evidence": worst,
                "needed": limit,
            },
        ),
        Gate(
            code=GateCode.TRIAL_TIME,
            is_open=evidence.days >= asked.bake_days,
            figures={"days": evidence.days, "needed": asked.bake_days},
        ),
        no_alarm(evidence.open_alarms),
        *undisturbed(policy),
    )


def inherited_share(policy: Policy) -> float:
    """Give the canary share of a version that has just inherited: the first step.

    Below PARTIAL the model decides nothing, and the share stays what it is.
    """
    if not policy.level.may_decide:
        return policy.canary_share
    return min(policy.canary_share, policy.requirements.canary_steps[0])
