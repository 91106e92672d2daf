"""Overrides: which gates two people may let something past, and which nobody may."""

from dataclasses import replace

import pytest

from reviewapp.evidence import Evidence
from reviewapp.gates import Gate, GateCode, canary_gates, gates
from reviewapp.overrides import FIRM, Way, firm_ones, gates_of, may_override, shut_ones
from reviewapp.policy import AutomationLevel, Policy
from tests.policy.test_gates import ASSIST, ENOUGH, PARTIAL, SHADOW

EVERY_GATE = [
    *gates(SHADOW, AutomationLevel.ASSIST, Evidence()),
    *gates(replace(ASSIST, certificates={}), AutomationLevel.PARTIAL, Evidence()),
    *gates(replace(PARTIAL, canary_share=0.05), AutomationLevel.FULL, Evidence()),
    *canary_gates(replace(PARTIAL, is_locked=True, is_overridden=True), Evidence()),
]


@pytest.mark.parametrize("gate", EVERY_GATE, ids=lambda gate: gate.code.value)
def test_no_override_stands_in_for_a_certificate_a_version_or_a_look(
    gate: Gate,
) -> None:
    assert not gate.is_open
    assert may_override([gate]) == (gate.code not in FIRM)
    assert bool(firm_ones([gate])) == (gate.code in FIRM)


def test_what_is_open_needs_no_override() -> None:
    judged = gates_of(Way.RAISE, SHADOW, ENOUGH)

    assert judged
    assert not may_override(judged)


def test_one_firm_gate_among_others_holds_all_of_it() -> None:
    bare = replace(ASSIST, certificates={})

    judged = gates_of(Way.RAISE, bare, replace(ENOUGH, calibration_upper=None))

    assert {gate.code for gate in shut_ones(judged)} == {
        GateCode.CERTIFICATES,
        GateCode.CALIBRATION,
    }
    assert not may_override(judged)


def test_an_alarm_that_rings_already_is_cleared_first() -> None:
    ringing = replace(ENOUGH, open_alarms=1, blind_pairs=3)

    assert not may_override(gates_of(Way.RAISE, SHADOW, ringing))
    assert may_override(gates_of(Way.RAISE, SHADOW, replace(ringing, open_alarms=0)))


@pytest.mark.parametrize("policy", [ASSIST, replace(PARTIAL, canary_share=1.0)])
def test_a_share_that_cannot_widen_has_no_gates(policy: Policy) -> None:
    assert gates_of(Way.WIDEN, policy, ENOUGH) == ()


def test_no_rung_is_above_the_last() -> None:
    top = replace(PARTIAL, level=AutomationLevel.FULL)

    assert gates_of(Way.RAISE, top, ENOUGH) == ()


def test_while_one_lasts_nothing_else_widens() -> None:
    lasting = replace(PARTIAL, canary_share=0.05, is_overridden=True)

    for way in Way:
        judged = gates_of(way, lasting, replace(ENOUGH, days_at_level=20))
        assert GateCode.NO_OVERRIDE in {gate.code for gate in shut_ones(judged)}
        assert not may_override(judged)
