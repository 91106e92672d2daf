"""Candidates: on trial, deciding a share, promoted through gates, and returned from."""

import time
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from reviewapp.celery import app
from reviewapp.errors import (
    ConflictError,
    GateShutError,
    InvalidInputError,
    StalePolicyError,
)
from reviewapp.inheritance import RivalEvidence
from reviewapp.models import (
    Cause,
    Decision,
    Item,
    LineState,
    ModelVersion,
    ProductLine,
    Record,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import candidates, levels
from reviewapp.services.policies import append_policy
from reviewapp.services.routings import draw, route_items
from tests import factories

BETTER = RivalEvidence(
    items=900,
    candidate_only=20,
    live_only=1,
    paired_evidence=1e3,
    classes=2,
    worst_class_evidence=0.4,
    days=2,
    open_alarms=0,
)


def certificate(version: ModelVersion) -> dict[str, object]:
    return {
        "fingerprint": version.fingerprint,
        "threshold": 0.5,
        "max_error": 0.005,
        "delta": 0.05,
        "labels": 900,
        "errors": 0,
        "upper": 0.004,
        "covers_all": False,
    }


def put_at_partial(line: ProductLine) -> ModelVersion:
    """Bring a line to PARTIAL with the class OK certified for the live version."""
    live = factories.put_at(line, AutomationLevel.SHADOW)
    assert live is not None
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        certificates={"ok": certificate(live)},
        canary_share=1.0,
        audit_shares={"ok": 1e-9},
    )
    LineState.objects.filter(line=line).update(judged_at=timezone.now())
    return live


def certify_candidate(line: ProductLine, candidate: ModelVersion) -> None:
    append_policy(
        line,
        cause=Cause.CERTIFIED,
        by=None,
        changes={"candidate_certificates": {"ok": certificate(candidate)}},
    )


def sent_item(line: ProductLine, *versions: ModelVersion) -> Item:
    item = factories.make_item(line)
    for version in versions:
        factories.make_prediction(item, version, line.classes.get(key="ok"))
    route_items(line.pk, [item.pk])
    item.refresh_from_db()
    return item


def test_a_trial_is_a_policy_of_its_own_and_decides_nothing(
    line: ProductLine, mia: User
) -> None:
    live = put_at_partial(line)
    fresh = factories.make_version(line)

    tried = candidates.put_on_trial(line, fresh, scoring_share=0.4, by=mia)

    assert (tried.cause, tried.set_by, tried.level) == (
        Cause.TRIAL,
        mia,
        AutomationLevel.PARTIAL,
    )
    assert (tried.live, tried.candidate) == (live, fresh)
    assert (tried.candidate_share, tried.scoring_share) == (0, 0.4)
    assert (tried.candidate_attempt, tried.candidate_began_at) == (1, tried.created_at)
    assert Record.objects.filter(line=line, action="policy.trial").exists()
    item = sent_item(line, live, fresh)
    assert item.routing is not None
    assert item.routing.version == live


def test_what_cannot_be_tried_is_refused(line: ProductLine, mia: User) -> None:
    fresh, other = factories.make_version(line), factories.make_version(line)
    stranger = factories.make_version(factories.make_line("Another line"))

    with pytest.raises(ConflictError, match="Nothing is live"):
        candidates.put_on_trial(line, fresh, by=mia)
    live = put_at_partial(line)
    with pytest.raises(ConflictError, match="live on"):
        candidates.put_on_trial(line, live, by=mia)
    with pytest.raises(InvalidInputError, match="another line"):
        candidates.put_on_trial(line, stranger, by=mia)
    with pytest.raises(InvalidInputError, match="scoring share"):
        candidates.put_on_trial(line, fresh, scoring_share=0, by=mia)
    candidates.put_on_trial(line, fresh, by=mia)
    with pytest.raises(ConflictError, match="Withdraw it first"):
        candidates.put_on_trial(line, other, by=mia)


def test_a_second_trial_is_counted_and_a_withdrawn_one_leaves_nothing(
    line: ProductLine, mia: User
) -> None:
    put_at_partial(line)
    fresh = factories.make_version(line)
    candidates.put_on_trial(line, fresh, scoring_share=0.4, by=mia)

    over = candidates.withdraw(line, by=mia, reason="no better")
    again = candidates.put_on_trial(line, fresh, by=mia)

    assert (over.candidate, over.candidate_began_at, over.scoring_share) == (
        None,
        None,
        1,
    )
    assert again.candidate_attempt == 2
    candidates.withdraw(line, by=mia)
    with pytest.raises(ConflictError, match="No version is on trial"):
        candidates.withdraw(line, by=mia)


def test_the_database_knows_what_a_candidate_is(line: ProductLine) -> None:
    live = put_at_partial(line)
    assert live is not None
    refused: list[dict[str, object]] = [
        {"candidate_id": live.pk, "candidate_began_at": timezone.now()},
        {"candidate_id": factories.make_version(line).pk},
    ]

    for changes in refused:
        with pytest.raises(IntegrityError, match="on_trial"), transaction.atomic():
            append_policy(line, cause=Cause.TRIAL, by=None, changes=changes)
        line.refresh_from_db()


def test_a_share_of_the_items_is_decided_by_the_candidate(
    line: ProductLine, mia: User
) -> None:
    live = put_at_partial(line)
    fresh = factories.make_version(line)
    candidates.put_on_trial(line, fresh, by=mia)
    certify_candidate(line, fresh)
    candidates.share_with_candidate(
        line,
        BETTER,
        share=0.5,
        by=mia,
        reason="a first part",
        seen_policy=line.in_force.number,
    )

    items = [sent_item(line, live, fresh) for _ in range(40)]

    for item in items:
        assert item.routing is not None
        is_candidates = draw(line, item.pk).candidate < 0.5
        assert item.routing.version == (fresh if is_candidates else live)
        assert item.routing.prediction is not None
        assert item.routing.prediction.version == item.routing.version
        assert item.routing.candidate_share == 0.5
    assert Decision.objects.count() == 40
    versions = {item.routing.version_id for item in items if item.routing}
    assert versions == {live.pk, fresh.pk}


def test_a_candidate_without_an_answer_or_certificate_leaves_items_to_people(
    line: ProductLine, mia: User
) -> None:
    live = put_at_partial(line)
    fresh = factories.make_version(line)
    candidates.put_on_trial(line, fresh, by=mia)
    candidates.share_with_candidate(
        line, BETTER, share=1, by=mia, reason="all", seen_policy=line.in_force.number
    )

    unanswered, uncertified = sent_item(line, live), sent_item(line, live, fresh)

    assert unanswered.routing is not None
    assert uncertified.routing is not None
    assert unanswered.routing.because == "no_prediction"
    assert uncertified.routing.because == "no_certificate"
    assert not Decision.objects.exists()


def test_more_for_the_candidate_needs_gates_and_less_needs_none(
    line: ProductLine, mia: User
) -> None:
    put_at_partial(line)
    candidates.put_on_trial(
        line, factories.make_version(line), scoring_share=0.5, by=mia
    )
    nothing = RivalEvidence()

    with pytest.raises(GateShutError, match="inherits nothing"):
        candidates.share_with_candidate(
            line, nothing, share=0.2, by=mia, reason="try", seen_policy=4
        )
    with pytest.raises(InvalidInputError, match="no more than that"):
        candidates.share_with_candidate(
            line, BETTER, share=0.6, by=mia, reason="try", seen_policy=4
        )
    candidates.share_with_candidate(
        line, BETTER, share=0.4, by=mia, reason="try", seen_policy=4
    )
    less = candidates.share_with_candidate(
        line, nothing, share=0.1, by=mia, reason="less", seen_policy=5
    )
    assert less.candidate_share == 0.1


def test_a_promotion_swaps_both_and_inherits_the_level_and_nothing_else(
    line: ProductLine, mia: User
) -> None:
    live = put_at_partial(line)
    fresh = factories.make_version(line)
    candidates.put_on_trial(line, fresh, by=mia)
    certify_candidate(line, fresh)
    seen = line.in_force.number

    promoted = candidates.promote(
        line, BETTER, by=mia, reason="fewer escapes", seen_policy=seen
    )

    assert (promoted.live, promoted.previous, promoted.candidate) == (fresh, live, None)
    assert (promoted.level, promoted.canary_share) == (AutomationLevel.PARTIAL, 0.05)
    assert promoted.certificates == {"ok": certificate(fresh)}
    assert (promoted.attempt, promoted.epoch_began_at) == (1, promoted.created_at)
    assert promoted.evidence is not None
    assert promoted.evidence["measured"]["candidate_only"] == 20
    assert len(promoted.evidence_sha256) == 64


def test_without_its_own_certificates_a_promoted_version_decides_nothing(
    line: ProductLine, mia: User
) -> None:
    put_at_partial(line)
    fresh = factories.make_version(line)
    candidates.put_on_trial(line, fresh, by=mia)
    candidates.promote(
        line, BETTER, by=mia, reason="better", seen_policy=line.in_force.number
    )

    item = sent_item(line, fresh)

    assert item.decision is None
    assert item.routing is not None
    assert item.routing.because == "no_certificate"


def test_no_trust_is_inherited_through_a_shut_gate(
    line: ProductLine, mia: User
) -> None:
    put_at_partial(line)
    fresh = factories.make_version(line)
    candidates.put_on_trial(line, fresh, by=mia)
    weak = replace(BETTER, paired_evidence=19.0)

    with pytest.raises(GateShutError, match=r"1 of 4 gates are shut \(Right more"):
        candidates.promote(line, weak, by=mia, reason="hope", seen_policy=4)
    with pytest.raises(InvalidInputError, match="why"):
        candidates.promote(line, BETTER, by=mia, reason=" ", seen_policy=4)
    with pytest.raises(StalePolicyError):
        candidates.promote(line, BETTER, by=mia, reason="late", seen_policy=3)

    in_shadow = levels.put_live(line, fresh, by=mia)
    assert (in_shadow.level, in_shadow.live, in_shadow.candidate) == (
        AutomationLevel.SHADOW,
        fresh,
        None,
    )


def test_a_return_restores_what_was_certified_and_is_no_first_attempt(
    line: ProductLine, mia: User
) -> None:
    live = put_at_partial(line)
    fresh = factories.make_version(line)
    candidates.put_on_trial(line, fresh, by=mia)
    candidates.promote(
        line, BETTER, by=mia, reason="better", seen_policy=line.in_force.number
    )

    back = candidates.return_to_previous(line, by=mia)

    assert (back.live, back.previous, back.level) == (
        live,
        fresh,
        AutomationLevel.PARTIAL,
    )
    assert back.certificates == {"ok": certificate(live)}
    assert back.canary_share == 0.05, "a return widens nothing"
    assert back.attempt == 2, "labels of the first epoch are not evidence again"


def test_a_fall_ends_the_candidates_share_and_a_roll_back_does_not_revive_it(
    line: ProductLine, mia: User
) -> None:
    put_at_partial(line)
    candidates.put_on_trial(line, factories.make_version(line), by=mia)
    shared = candidates.share_with_candidate(
        line, BETTER, share=0.5, by=mia, reason="half", seen_policy=4
    )

    fallen = levels.lower_level(line, to=AutomationLevel.ASSIST, by=None)
    back = levels.roll_back(line, shared, by=mia)

    assert fallen.candidate == shared.candidate
    assert (fallen.candidate_share, back.candidate_share) == (0, 0)


def test_a_version_that_was_live_before_brings_what_it_held(
    line: ProductLine, mia: User
) -> None:
    live = put_at_partial(line)
    levels.put_live(line, factories.make_version(line), by=mia)

    tried = candidates.put_on_trial(line, live, by=mia)

    assert tried.candidate_certificates == {"ok": certificate(live)}


def test_a_return_after_a_fall_stays_down(line: ProductLine, mia: User) -> None:
    put_at_partial(line)
    candidates.put_on_trial(line, factories.make_version(line), by=mia)
    candidates.promote(
        line, BETTER, by=mia, reason="better", seen_policy=line.in_force.number
    )
    stale = ProductLine.objects.with_policy().get(pk=line.pk)
    levels.lower_level(line, to=AutomationLevel.SHADOW, by=None, reason="alarm")

    # the page of a moment ago still knows the level from before the alarm
    assert stale.in_force.level == AutomationLevel.PARTIAL
    back = candidates.return_to_previous(stale, by=mia)

    assert back.level == AutomationLevel.SHADOW


def test_where_no_other_version_was_live_there_is_nothing_to_return_to(
    line: ProductLine, mia: User
) -> None:
    put_at_partial(line)

    with pytest.raises(ConflictError, match="No other version"):
        candidates.return_to_previous(line, by=mia)


def test_a_roll_back_takes_less_than_a_second_with_the_broker_out_of_reach(
    line: ProductLine, mia: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:9/0")
    live = put_at_partial(line)
    candidates.put_on_trial(line, factories.make_version(line), by=mia)
    candidates.promote(
        line, BETTER, by=mia, reason="better", seen_policy=line.in_force.number
    )
    client.force_login(mia, backend="reviewapp.sessions.PersonBackend")
    client.get("/livez")  # what a server loads with its first request, it has loaded

    began = time.perf_counter()
    response = client.post(f"/lines/{line.slug}/versions/return/")
    took = time.perf_counter() - began

    assert response.status_code == 302
    line.refresh_from_db()
    assert line.in_force.live == live
    assert took < 1
