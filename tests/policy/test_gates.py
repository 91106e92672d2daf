"""Gates: all shown, one shut stops the rise, and no data means hold."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.evidence import Evidence
from reviewapp.gates import (
    GateCode,
    canary_gates,
    gates,
    needed_evidence,
    next_canary_share,
)
from reviewapp.policy import AutomationLevel, Certificate, Policy, Requirements

SHADOW = Policy(level=AutomationLevel.SHADOW, live="live")
ENOUGH = Evidence(
    version_is_ready=True,
    blind_pairs=1200,
    agreed_pairs=1180,
    agreement_evidence=4e4,
    labels_to_agreement=0,
    days=6,
    shifts=1,
    drawn=1200,
    drawn_answered=1190,
    open_alarms=0,
    containments_proposed=0,
    containments_standing=0,
    calibration_upper=0.03,
    pairs_per_day=200,
    days_at_level=20,
    days_at_share=2,
    predicted_classes=frozenset({"ok"}),
    audits=1000,
    audited_escapes=0,
    escape_evidence=25.0,
    labels_to_escape=0,
    may_labels=400,
    may_errors=1,
    share_labels=120,
    certified_classes=1,
    breach_evidence=0.1,
)
COVERING = Certificate(
    fingerprint="live",
    threshold=0,
    max_error=0.005,
    delta=0.05,
    labels=2000,
    errors=0,
    upper=0.004,
    covers_all=True,
)
ASSIST = replace(SHADOW, level=AutomationLevel.ASSIST, certificates={"ok": COVERING})
PARTIAL = replace(ASSIST, level=AutomationLevel.PARTIAL, canary_share=1.0)


def shut(policy: Policy, target: AutomationLevel, evidence: Evidence) -> set[GateCode]:
    return {g.code for g in gates(policy, target, evidence) if not g.is_open}


@pytest.mark.parametrize("policy", [SHADOW, ASSIST, PARTIAL])
def test_enough_evidence_opens_every_gate(policy: Policy) -> None:
    target = AutomationLevel(policy.level + 1)

    assert shut(policy, target, ENOUGH) == set()


@pytest.mark.parametrize("policy", [SHADOW, ASSIST, PARTIAL])
def test_no_data_means_hold(policy: Policy) -> None:
    target = AutomationLevel(policy.level + 1)

    judged = gates(policy, target, Evidence(version_is_ready=True))

    by_policy_alone = {GateCode.CERTIFICATES, GateCode.CANARY_COMPLETE}
    is_open = {g.code for g in judged if g.is_open}
    assert is_open <= by_policy_alone | {GateCode.VERSION_READY}


@pytest.mark.parametrize(
    ("policy", "change", "code"),
    [
        (SHADOW, {"version_is_ready": False}, GateCode.VERSION_READY),
        (SHADOW, {"blind_pairs": 999}, GateCode.BLIND_PAIRS),
        (SHADOW, {"days": 4}, GateCode.DAYS),
        (SHADOW, {"shifts": 0}, GateCode.SHIFTS),
        (SHADOW, {"agreement_evidence": 19.99}, GateCode.AGREEMENT),
        (SHADOW, {"drawn_answered": 1139}, GateCode.ANSWERED),
        (SHADOW, {"open_alarms": 1}, GateCode.NO_ALARM),
        (SHADOW, {"containments_proposed": 1}, GateCode.NO_CONTAINMENT),
        (PARTIAL, {"containments_standing": 1}, GateCode.NO_CONTAINMENT),
        (ASSIST, {"calibration_upper": 0.0501}, GateCode.CALIBRATION),
        (PARTIAL, {"days_at_level": 13.9}, GateCode.TIME_AT_PARTIAL),
        (PARTIAL, {"escape_evidence": 19.0}, GateCode.AUDITED_ESCAPES),
        (
            PARTIAL,
            {"predicted_classes": frozenset({"ok", "scratch"})},
            GateCode.COVERS_ALL,
        ),
    ],
)
def test_one_shut_gate_stops_the_rise(
    policy: Policy, change: dict[str, object], code: GateCode
) -> None:
    weaker = replace(ENOUGH, **change)  # type: ignore[arg-type]  # one field of many types

    assert shut(policy, AutomationLevel(policy.level + 1), weaker) == {code}


def test_a_certificate_of_another_version_opens_nothing() -> None:
    other = replace(ASSIST, live="another")

    assert GateCode.CERTIFICATES in shut(other, AutomationLevel.PARTIAL, ENOUGH)


def test_a_gate_says_how_many_days_are_left_at_todays_pace() -> None:
    evidence = replace(ENOUGH, blind_pairs=184, pairs_per_day=150)

    gate = next(
        g
        for g in gates(SHADOW, AutomationLevel.ASSIST, evidence)
        if g.code is GateCode.BLIND_PAIRS
    )

    assert (gate.figures["left"], gate.figures["days_left"]) == (816, 6)


def test_without_any_pace_no_day_is_promised() -> None:
    evidence = replace(ENOUGH, blind_pairs=184, pairs_per_day=0)

    judged = gates(SHADOW, AutomationLevel.ASSIST, evidence)

    assert judged[1].figures["days_left"] is None


@given(level=st.sampled_from(AutomationLevel), target=st.sampled_from(AutomationLevel))
def test_a_rise_is_one_rung_at_a_time(
    level: AutomationLevel, target: AutomationLevel
) -> None:
    policy = replace(PARTIAL, level=level)

    if target == level + 1:
        assert gates(policy, target, ENOUGH)
    else:
        with pytest.raises(ValueError, match="not the rung above"):
            gates(policy, target, ENOUGH)


def test_each_further_attempt_needs_more_evidence() -> None:
    asked = Requirements()

    needed = [needed_evidence(asked, attempt=k) for k in (1, 2, 3)]

    assert needed == pytest.approx([20, 131.594725, 296.088132])


def test_the_canary_share_steps_through_open_gates() -> None:
    policy = replace(PARTIAL, canary_share=0.05)

    assert next_canary_share(policy) == 0.2
    assert all(g.is_open for g in canary_gates(policy, ENOUGH))
    baking = replace(ENOUGH, days_at_share=0.5)
    assert [g.is_open for g in canary_gates(policy, baking)] == [
        True,
        False,
        True,
        True,
        True,
    ]
    breached = replace(ENOUGH, breach_evidence=21.0)
    assert not canary_gates(policy, breached)[0].is_open
    silent = replace(ENOUGH, may_labels=0, share_labels=0, breach_evidence=None)
    assert [g.is_open for g in canary_gates(policy, silent)] == [
        False,
        True,
        False,
        True,
        True,
    ]
    assert next_canary_share(PARTIAL) is None


def test_containments_hold_as_far_as_the_line_allows_none() -> None:
    two = replace(ENOUGH, containments_proposed=1, containments_standing=1)
    lax = replace(ASSIST, requirements=Requirements(open_containments=2))

    assert shut(ASSIST, AutomationLevel.PARTIAL, two) == {GateCode.NO_CONTAINMENT}
    assert shut(lax, AutomationLevel.PARTIAL, two) == set()
    narrow = replace(PARTIAL, canary_share=0.05)
    by_code = {gate.code: gate for gate in canary_gates(narrow, two)}
    assert not by_code[GateCode.NO_CONTAINMENT].is_open


@pytest.mark.parametrize("policy", [SHADOW, ASSIST, PARTIAL])
def test_after_an_alarm_a_wait_keeps_every_rise_shut(policy: Policy) -> None:
    target = AutomationLevel(policy.level + 1)
    cooling = replace(
        ENOUGH, cool_down_h=3.0, fresh_labels=120, fresh_labels_needed=500
    )

    assert GateCode.COOL_DOWN not in shut(policy, target, ENOUGH)
    assert shut(policy, target, cooling) - shut(policy, target, ENOUGH) == {
        GateCode.COOL_DOWN
    }
    narrow = replace(policy, canary_share=0.05)
    assert GateCode.COOL_DOWN in {g.code for g in canary_gates(narrow, cooling)}
