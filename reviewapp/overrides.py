"""What two people may let through past shut gates, how long, and what nobody may.

Pure, as ``gates.py`` is. An override is for evidence that is not there yet. It makes no
certificate: without one the model decides no item of a class, whoever signs.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

from reviewapp.evidence import Evidence
from reviewapp.gates import Gate, GateCode, canary_gates, gates, next_canary_share
from reviewapp.policy import Policy, next_rung

LONGEST_DAYS = 7
# A sentence that says why, and not "ok".
SHORTEST_REASON = 40
# An alarm that rings already cannot ring again, and would not take back: it is cleared
# first, by somebody who says what was found.
FIRM = frozenset(
    {
        GateCode.VERSION_READY,
        GateCode.NO_ALARM,
        GateCode.CERTIFICATES,
        GateCode.COVERS_ALL,
        GateCode.UNLOCKED,
        GateCode.NO_OVERRIDE,
    }
)


class Way(StrEnum):
    """What an override lets through: one rung, or one step of the canary share."""

    RAISE = "raise"
    WIDEN = "widen"


def gates_of(way: Way, policy: Policy, evidence: Evidence) -> tuple[Gate, ...]:
    """Judge the gates that stand in a way; none where it leads nowhere."""
    match way:
        case Way.RAISE:
            target = next_rung(policy.level)
            return gates(policy, target, evidence) if target else ()
        case Way.WIDEN:
            may_decide = policy.level.may_decide
            leads_on = may_decide and next_canary_share(policy) is not None
            return canary_gates(policy, evidence) if leads_on else ()
        case never:
            assert_never(never)


def shut_ones(judged: Sequence[Gate]) -> list[Gate]:
    """Give the gates that hold a move back."""
    return [gate for gate in judged if not gate.is_open]


def firm_ones(judged: Sequence[Gate]) -> list[Gate]:
    """Give the shut gates that no override opens."""
    return [gate for gate in shut_ones(judged) if gate.code in FIRM]


def may_override(judged: Sequence[Gate]) -> bool:
    """Say whether there is a shut gate, and none that stays shut for everybody."""
    return bool(shut_ones(judged)) and not firm_ones(judged)
