"""The heart: properties of who decides, who looks, and with what probability."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.policy import (
    AssistStyle,
    AutomationLevel,
    Because,
    Certificate,
    Draws,
    Policy,
    Prediction,
    Route,
    Shown,
    may_reveal,
    next_rung,
    route,
    shown_first,
    style_of,
)

CLASSES = ("ok", "scratch", "dust")
FINGERPRINTS = ("live", "earlier")
shares = st.floats(0, 1)
looks = st.floats(0, 1, exclude_min=True)
draws = st.builds(
    Draws,
    look=st.floats(0, 1, exclude_max=True),
    canary=st.floats(0, 1, exclude_max=True),
)
predictions = st.builds(
    Prediction,
    label_class=st.sampled_from(CLASSES),
    confidence=shares,
    fingerprint=st.just("live"),
)


def certificate(
    fingerprint: str, threshold: float, chosen: float | None, *, covers_all: bool
) -> Certificate:
    return Certificate(
        fingerprint=fingerprint,
        threshold=threshold,
        max_error=0.005,
        delta=0.05,
        labels=1000,
        errors=0,
        upper=0.004,
        covers_all=covers_all,
        chosen=None if chosen is None else max(chosen, threshold),
    )


certificates = st.dictionaries(
    st.sampled_from(CLASSES),
    st.builds(
        certificate,
        st.sampled_from(FINGERPRINTS),
        shares,
        st.none() | shares,
        covers_all=st.booleans(),
    ),
)


def policies(*levels: AutomationLevel) -> st.SearchStrategy[Policy]:
    return st.builds(
        Policy,
        level=st.sampled_from(levels or tuple(AutomationLevel)),
        live=st.just("live"),
        certificates=certificates,
        canary_share=shares,
        blind_share=looks,
        audit_shares=st.dictionaries(st.sampled_from(CLASSES), looks),
        default_audit_share=looks,
        is_held=st.booleans(),
    )


LOW = (AutomationLevel.MANUAL, AutomationLevel.SHADOW)
HIGH = (AutomationLevel.PARTIAL, AutomationLevel.FULL)


@given(policy=policies(*LOW), prediction=st.none() | predictions, drawn=draws)
def test_below_assist_every_item_gets_a_sure_blind_look(
    policy: Policy, prediction: Prediction | None, drawn: Draws
) -> None:
    routed = route(policy, prediction, drawn)

    assert (routed.route, routed.inclusion) == (Route.BLIND, 1.0)


@given(
    policy=policies(*LOW, AutomationLevel.ASSIST), prediction=predictions, drawn=draws
)
def test_up_to_assist_the_model_never_decides(
    policy: Policy, prediction: Prediction, drawn: Draws
) -> None:
    assert not route(policy, prediction, drawn).may_decide


@given(policy=policies(), drawn=draws)
def test_without_a_valid_prediction_a_person_looks_blind(
    policy: Policy, drawn: Draws
) -> None:
    routed = route(policy, None, drawn)

    assert (routed.route, routed.inclusion) == (Route.BLIND, 1.0)


@given(policy=policies(), prediction=st.none() | predictions, drawn=draws)
def test_every_item_could_have_been_looked_at_blind(
    policy: Policy, prediction: Prediction | None, drawn: Draws
) -> None:
    routed = route(policy, prediction, drawn)

    assert 0 < routed.inclusion <= 1
    is_blind_look = routed.route in (Route.BLIND, Route.AUDIT)
    if routed.look_share is not None:
        assert is_blind_look == (drawn.look < routed.look_share)


@given(policy=policies(), prediction=st.none() | predictions, drawn=draws)
def test_the_model_decides_exactly_what_is_automatic_or_audited(
    policy: Policy, prediction: Prediction | None, drawn: Draws
) -> None:
    routed = route(policy, prediction, drawn)

    assert routed.may_decide == (routed.route in (Route.AUTOMATIC, Route.AUDIT))
    assert routed.may_decide == (routed.because is Because.CERTIFIED)


@given(policy=policies(), prediction=predictions, drawn=draws, more=shares)
def test_more_confidence_never_takes_a_decision_from_the_model(
    policy: Policy, prediction: Prediction, drawn: Draws, more: float
) -> None:
    surer = replace(prediction, confidence=max(prediction.confidence, more))

    if route(policy, prediction, drawn).may_decide:
        assert route(policy, surer, drawn).may_decide


@given(policy=policies(*HIGH), prediction=predictions, drawn=draws, more=shares)
def test_a_higher_threshold_never_widens_automation(
    policy: Policy, prediction: Prediction, drawn: Draws, more: float
) -> None:
    stricter = replace(
        policy,
        certificates={
            key: replace(
                c,
                threshold=max(c.threshold, more),
                chosen=None if c.chosen is None else max(c.chosen, more),
            )
            for key, c in policy.certificates.items()
        },
    )

    if route(stricter, prediction, drawn).may_decide:
        assert route(policy, prediction, drawn).may_decide


@given(policy=policies(*HIGH), prediction=predictions, drawn=draws, smaller=shares)
def test_a_smaller_canary_share_automates_a_subset(
    policy: Policy, prediction: Prediction, drawn: Draws, smaller: float
) -> None:
    narrower = replace(policy, canary_share=min(policy.canary_share, smaller))

    if route(narrower, prediction, drawn).may_decide:
        assert route(policy, prediction, drawn).may_decide


@given(policy=policies(*HIGH), prediction=predictions, drawn=draws)
def test_no_class_is_automated_without_its_own_certificate_of_this_version(
    policy: Policy, prediction: Prediction, drawn: Draws
) -> None:
    if route(policy, prediction, drawn).may_decide:
        certificate = policy.certificates[prediction.label_class]
        assert certificate.fingerprint == prediction.fingerprint


@given(policy=policies(*HIGH), prediction=predictions, drawn=draws)
def test_a_silent_monitor_takes_every_decision_from_the_model(
    policy: Policy, prediction: Prediction, drawn: Draws
) -> None:
    held = replace(policy, is_held=True)

    assert not route(held, prediction, drawn).may_decide


@given(policy=policies(AutomationLevel.FULL), prediction=predictions, drawn=draws)
def test_full_asks_for_a_certificate_that_covers_all(
    policy: Policy, prediction: Prediction, drawn: Draws
) -> None:
    if route(policy, prediction, drawn).may_decide:
        assert policy.certificates[prediction.label_class].covers_all


SURE = Prediction(label_class="ok", confidence=0.99, fingerprint="live")
CERTIFIED = Certificate(
    fingerprint="live",
    threshold=0.95,
    max_error=0.005,
    delta=0.05,
    labels=900,
    errors=0,
    upper=0.004,
)
PARTIAL = Policy(
    level=AutomationLevel.PARTIAL,
    live="live",
    certificates={"ok": CERTIFIED},
    canary_share=0.2,
    blind_share=0.1,
    audit_shares={"ok": 0.05},
)


@pytest.mark.parametrize(
    ("policy", "prediction", "drawn", "expected"),
    [
        (
            PARTIAL,
            SURE,
            Draws(look=0.5, canary=0.1),
            (Route.AUTOMATIC, 0.05, "certified"),
        ),
        (PARTIAL, SURE, Draws(look=0.04, canary=0.1), (Route.AUDIT, 0.05, "certified")),
        (
            PARTIAL,
            SURE,
            Draws(look=0.5, canary=0.2),
            (Route.ASSISTED, 0.1, "outside_canary"),
        ),
        (
            PARTIAL,
            replace(SURE, confidence=0.9499),
            Draws(look=0.09, canary=0.1),
            (Route.BLIND, 0.1, "unsure"),
        ),
        (
            PARTIAL,
            replace(SURE, label_class="dust"),
            Draws(look=0.5, canary=0.1),
            (Route.ASSISTED, 0.1, "no_certificate"),
        ),
        (
            PARTIAL,
            replace(SURE, fingerprint="earlier"),
            Draws(look=0.5, canary=0.1),
            (Route.ASSISTED, 0.1, "other_version"),
        ),
        (
            replace(PARTIAL, level=AutomationLevel.FULL),
            SURE,
            Draws(look=0.5, canary=0.1),
            (Route.ASSISTED, 0.1, "not_covered"),
        ),
        (
            replace(PARTIAL, level=AutomationLevel.ASSIST),
            SURE,
            Draws(look=0.5, canary=0.1),
            (Route.ASSISTED, 0.1, "level_assist"),
        ),
    ],
)
def test_the_table_of_routes(
    policy: Policy,
    prediction: Prediction,
    drawn: Draws,
    expected: tuple[Route, float, str],
) -> None:
    routed = route(policy, prediction, drawn)

    assert (routed.route, routed.inclusion, routed.because.value) == expected


@pytest.mark.parametrize("share", [0, -0.1, 1.1])
def test_a_policy_under_which_nobody_would_look_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="blind share"):
        Policy(level=AutomationLevel.ASSIST, blind_share=share)


def test_a_canary_share_outside_0_to_1_is_refused() -> None:
    with pytest.raises(ValueError, match="canary share"):
        Policy(level=AutomationLevel.PARTIAL, canary_share=1.2)


@given(policy=policies(), routed=st.sampled_from(Route), is_live=st.booleans())
def test_nothing_is_shown_unless_route_level_and_version_all_allow_it(
    policy: Policy, routed: Route, *, is_live: bool
) -> None:
    allowed = (
        routed is Route.ASSISTED and policy.level >= AutomationLevel.ASSIST and is_live
    )

    assert may_reveal(policy, routed, is_of_deciding_version=is_live) == allowed
    if not allowed:
        shown = shown_first(policy, routed, is_of_deciding_version=is_live)
        assert shown is Shown.NOTHING


def test_answer_first_hides_what_suggestion_first_shows() -> None:
    assist = replace(PARTIAL, level=AutomationLevel.ASSIST)
    suggesting = replace(assist, assist_style=AssistStyle.SUGGESTION_FIRST)

    first = shown_first(assist, Route.ASSISTED, is_of_deciding_version=True)
    suggested = shown_first(suggesting, Route.ASSISTED, is_of_deciding_version=True)

    assert (first, suggested) == (Shown.NOTHING, Shown.SUGGESTION)


@given(share=st.floats(0, 0.5), drawn=st.floats(0, 1, exclude_max=True))
def test_a_share_of_the_assisted_items_comes_the_other_way_round(
    share: float, drawn: float
) -> None:
    usual = replace(PARTIAL, level=AutomationLevel.ASSIST, other_style_share=share)
    turned = replace(usual, assist_style=AssistStyle.SUGGESTION_FIRST)

    styles = {style_of(usual, drawn), style_of(turned, drawn)}

    assert styles == set(AssistStyle)
    is_other = style_of(usual, drawn) is AssistStyle.SUGGESTION_FIRST
    assert is_other == (drawn < share)
    assert style_of(usual, None) is AssistStyle.ANSWER_FIRST
    shown = shown_first(
        usual, Route.ASSISTED, is_of_deciding_version=True, style_draw=drawn
    )
    assert (shown is Shown.SUGGESTION) == is_other


@pytest.mark.parametrize("share", [-0.1, 0.6])
def test_the_usual_style_is_the_more_frequent(share: float) -> None:
    with pytest.raises(ValueError, match="other style's share"):
        replace(PARTIAL, other_style_share=share)


def test_the_ladder_has_one_rung_above_each_but_the_top() -> None:
    above = [next_rung(level) for level in AutomationLevel]

    assert above == [*list(AutomationLevel)[1:], None]


@given(policy=policies(), prediction=predictions, drawn=draws)
def test_below_a_chosen_threshold_the_model_decides_at_no_level(
    policy: Policy, prediction: Prediction, drawn: Draws
) -> None:
    held = policy.certificates.get(prediction.label_class)

    routed = route(policy, prediction, drawn)

    if held is not None and held.chosen is not None:
        assert not (routed.may_decide and prediction.confidence < held.chosen)


@given(threshold=st.floats(0.01, 1), share=st.floats(0, 1, exclude_max=True))
def test_a_choice_looser_than_the_certified_threshold_is_no_certificate(
    threshold: float, share: float
) -> None:
    certified = certificate("live", threshold, None, covers_all=False)

    with pytest.raises(ValueError, match="at least the certified"):
        replace(certified, chosen=threshold * share)
