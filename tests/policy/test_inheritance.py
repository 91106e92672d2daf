"""Inheriting trust: only through open gates, and a lock shuts all of them."""

from dataclasses import replace

import pytest

from reviewapp.evidence import Evidence
from reviewapp.gates import (
    GateCode,
    canary_gates,
    canary_share_before,
    gates,
    needed_evidence,
)
from reviewapp.inheritance import RivalEvidence, inheritance_gates, inherited_share
from reviewapp.policy import AutomationLevel, Policy

TRIED = Policy(
    level=AutomationLevel.PARTIAL, live="live", candidate="other", canary_share=0.5
)
ENOUGH = RivalEvidence(
    items=900,
    candidate_only=15,
    live_only=2,
    paired_evidence=25.0,
    classes=2,
    worst_class_evidence=0.5,
    days=2,
    open_alarms=0,
)


def shut(policy: Policy, evidence: RivalEvidence) -> set[GateCode]:
    judged = inheritance_gates(policy, evidence)
    return {gate.code for gate in judged if not gate.is_open}


def test_enough_evidence_opens_every_gate() -> None:
    assert shut(TRIED, ENOUGH) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"paired_evidence": 19.9}, GateCode.PAIRED),
        ({"paired_evidence": None}, GateCode.PAIRED),
        ({"worst_class_evidence": 40.0}, GateCode.NO_CLASS_WORSE),
        ({"worst_class_evidence": None}, GateCode.NO_CLASS_WORSE),
        ({"days": 0.9}, GateCode.TRIAL_TIME),
        ({"open_alarms": 1}, GateCode.NO_ALARM),
        ({"open_alarms": None}, GateCode.NO_ALARM),
    ],
)
def test_one_shut_gate_stops_the_inheritance(
    change: dict[str, float], code: GateCode
) -> None:
    assert shut(TRIED, replace(ENOUGH, **change)) == {code}  # type: ignore[arg-type]  # one field of several types


def test_no_data_is_no_reason_to_inherit() -> None:
    is_open = {g.code for g in inheritance_gates(TRIED, RivalEvidence()) if g.is_open}

    assert is_open == set()


def test_a_second_trial_of_the_same_version_needs_more() -> None:
    again = replace(ENOUGH, attempt=2)

    bar = needed_evidence(TRIED.requirements, attempt=2)

    assert bar == pytest.approx(131.595, abs=1e-3)
    assert shut(TRIED, again) == {GateCode.PAIRED}
    assert shut(TRIED, replace(again, paired_evidence=bar)) == set()


def test_an_heir_begins_at_the_first_step_where_the_model_decides() -> None:
    below = replace(TRIED, level=AutomationLevel.ASSIST)

    assert inherited_share(TRIED) == 0.05
    assert inherited_share(replace(TRIED, canary_share=0.0)) == 0.0
    assert inherited_share(below) == 0.5


def test_a_locked_line_rises_widens_and_inherits_nothing() -> None:
    locked = replace(TRIED, is_locked=True)
    to_full = gates(locked, AutomationLevel.FULL, Evidence())

    for judged in (
        inheritance_gates(locked, ENOUGH),
        canary_gates(locked, Evidence()),
        to_full,
    ):
        [gate] = [gate for gate in judged if gate.code is GateCode.UNLOCKED]
        assert not gate.is_open
    from_shadow = replace(locked, level=AutomationLevel.SHADOW)
    judged = gates(from_shadow, AutomationLevel.ASSIST, Evidence())
    assert GateCode.UNLOCKED in {gate.code for gate in judged}


@pytest.mark.parametrize(
    ("share", "before"), [(1.0, 0.5), (0.5, 0.2), (0.05, 0.0), (0.0, 0.0), (0.3, 0.2)]
)
def test_the_step_before_is_the_next_narrower_one(share: float, before: float) -> None:
    assert canary_share_before(replace(TRIED, canary_share=share)) == before
