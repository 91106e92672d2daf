"""The candidate's lottery: which version decides, and that nothing else changes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.policy import (
    AutomationLevel,
    Because,
    Certificate,
    Draws,
    Policy,
    Prediction,
    deciding,
    is_scored,
    route,
)

shares = st.floats(0, 1)
draws = st.floats(0, 1, exclude_max=True)
levels = st.sampled_from(AutomationLevel)
looks = st.floats(0.01, 1)


def certificate(fingerprint: str) -> Certificate:
    return Certificate(
        fingerprint=fingerprint,
        threshold=0.5,
        max_error=0.005,
        delta=0.05,
        labels=1000,
        errors=0,
        upper=0.004,
        covers_all=True,
    )


TRIED = Policy(
    level=AutomationLevel.PARTIAL,
    live="live",
    candidate="candidate",
    certificates={"ok": certificate("live")},
    candidate_certificates={"ok": certificate("candidate")},
    canary_share=1.0,
)


@given(level=levels, share=shares, scored=shares, draw=draws)
def test_the_candidate_decides_only_inside_its_share_from_assist_on(
    level: AutomationLevel, share: float, scored: float, draw: float
) -> None:
    share, scored = sorted((share, scored))
    policy = replace(TRIED, level=level, candidate_share=share, scoring_share=scored)

    held_to = deciding(policy, draw)

    is_candidates = level >= AutomationLevel.ASSIST and draw < share
    assert held_to.live == ("candidate" if is_candidates else "live")


@given(small=shares, large=shares, draw=draws)
def test_the_candidates_share_is_sticky_nested_and_lies_in_what_it_scores(
    small: float, large: float, draw: float
) -> None:
    small, large = sorted((small, large))
    narrow = replace(TRIED, candidate_share=small, scoring_share=large)
    wide = replace(TRIED, candidate_share=large, scoring_share=large)

    if deciding(narrow, draw).live == "candidate":
        assert deciding(wide, draw).live == "candidate"
        assert is_scored(narrow, draw)


@given(draw=draws, share=shares)
def test_without_a_candidate_nothing_is_scored_and_the_live_version_decides(
    draw: float, share: float
) -> None:
    alone = replace(TRIED, candidate=None, candidate_share=share)

    assert deciding(alone, draw) is alone
    assert not is_scored(alone, draw)


@given(draw=draws)
def test_a_candidate_decides_by_its_own_certificates_and_no_others(
    draw: float,
) -> None:
    shared = replace(TRIED, candidate_share=1.0)
    bare = replace(shared, candidate_certificates={})
    said = Prediction(label_class="ok", confidence=0.9, fingerprint="candidate")
    drawn = Draws(look=draw, canary=draw)

    assert route(deciding(shared, draw), said, drawn).may_decide
    assert route(deciding(bare, draw), said, drawn).because is Because.NO_CERTIFICATE


@given(level=levels, blind=looks, audit=looks, default=looks, draw=draws)
def test_no_item_is_drawn_with_less_than_the_least_inclusion(
    level: AutomationLevel, blind: float, audit: float, default: float, draw: float
) -> None:
    policy = replace(
        TRIED,
        level=level,
        blind_share=blind,
        audit_shares={"ok": audit},
        default_audit_share=default,
        canary_share=0.5,
    )
    answers = [
        Prediction(label_class=name, confidence=sure, fingerprint="live")
        for name in ("ok", "scratch")
        for sure in (0.1, 0.9)
    ]

    routed = [
        route(policy, said, Draws(look=draw, canary=draw)) for said in [*answers, None]
    ]

    assert all(one.inclusion >= policy.least_inclusion() for one in routed)
    for said, one in zip(answers, routed, strict=False):
        assert one.inclusion >= policy.least_inclusion_of(said.label_class)
        assert policy.least_inclusion_of(said.label_class) >= policy.least_inclusion()


@pytest.mark.parametrize(("share", "scored"), [(0.6, 0.5), (-0.1, 1), (0.5, 1.1)])
def test_a_candidate_decides_only_what_it_scores(share: float, scored: float) -> None:
    with pytest.raises(ValueError, match="decides only what it scores"):
        replace(TRIED, candidate_share=share, scoring_share=scored)
