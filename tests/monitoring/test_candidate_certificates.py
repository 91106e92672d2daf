"""Certifying a version on trial: on labels of its own, and no trust comes of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from monitoring.promises import delta_of
from monitoring.services.certificates import (
    attempt_number,
    certify_candidate,
)
from monitoring.services.proposals import candidate_states
from monitoring.services.voiding import void_certificates
from monitoring.windows.certifying import candidate_labels, class_labels
from reviewapp.errors import GateShutError
from reviewapp.inheritance import RivalEvidence
from reviewapp.models import (
    Cause,
    Item,
    ModelVersion,
    Prediction,
    PredictionSource,
    ProductLine,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import candidates
from reviewapp.services.seconds import SecondPersonError
from tests import factories
from tests.monitoring import days
from tests.pages.test_levels import browser_of, signed
from tests.services.test_candidates import BETTER

AT = datetime(2026, 3, 2, 6, tzinfo=UTC)


def predict(version: ModelVersion, items: Sequence[Item], *, at: datetime) -> None:
    """Let a version say "ok" of every item, the first one least surely."""
    ok = version.line.classes.get(key="ok")
    sure = np.linspace(0.6, 0.999, len(items))
    Prediction.objects.bulk_create(
        Prediction(
            item=item,
            version=version,
            label_class=ok,
            confidence=float(confidence),
            probabilities=[float(confidence), 1 - float(confidence)],
            source=PredictionSource.WORKER,
            predicted_at=at,
        )
        for item, confidence in zip(items, sure, strict=True)
    )


def label(line: ProductLine, ana: User, *, n: int, at: datetime = AT) -> list[Item]:
    """Receive items of which the live version says "scratch" and people "ok"."""
    received = days.receive(
        line, [{"width": 1.0, "height": 2.0}] * n, at=at, within=timedelta(hours=1)
    )
    candidate = line.in_force.candidate
    if candidate is not None:
        predict(candidate, received, at=at + timedelta(hours=2))
    days.answer(line, received, ["scratch"] * n, at=at + timedelta(hours=2))
    days.label_all(line, ana, received, ["ok"] * n, at=at + timedelta(hours=3))
    return received


@pytest.fixture
def tried(line: ProductLine, ana: User, mia: User) -> ProductLine:
    """A line in shadow whose candidate has 800 blind labels, all of them right."""
    factories.put_at(line, AutomationLevel.SHADOW, requirements={"escape": 0.01})
    fresh = factories.make_version(line, "fresh")
    candidates.put_on_trial(line, fresh, by=mia, as_of=AT)
    label(line, ana, n=800)
    return line


def test_the_candidate_is_certified_on_what_it_said_itself(
    tried: ProductLine, mia: User
) -> None:
    candidate = tried.in_force.candidate
    assert candidate is not None
    of_live = class_labels(tried, tried.in_force)
    assert {*of_live} == {"scratch"}
    assert of_live["scratch"].wrong.all(), "the live version is wrong on each of them"

    made = certify_candidate(tried, by=mia, reason="800 right answers")

    held = made.terms().candidate_certificates["ok"]
    assert (held.fingerprint, held.granted_by) == (candidate.fingerprint, made.number)
    assert (held.labels, held.errors, held.max_error) == (800, 0, 0.01)
    assert (made.cause, made.certificates) == (Cause.TRIAL_CERTIFIED, {})
    assert made.evidence is not None
    assert made.evidence["fingerprint"] == candidate.fingerprint
    assert made.evidence["classes"]["ok"]["labels"] == 800


def test_it_moves_no_level_no_share_and_no_gate(tried: ProductLine, mia: User) -> None:
    before = tried.in_force

    made = certify_candidate(tried, by=mia, reason="800 right answers")

    assert (made.level, made.live, made.candidate_share, made.attempt) == (
        before.level,
        before.live,
        0,
        before.attempt,
    )
    with pytest.raises(GateShutError, match="inherits nothing"):
        candidates.promote(
            tried,
            RivalEvidence(),
            by=mia,
            reason="it is certified",
            seen_policy=made.number,
        )


def test_it_brings_its_certificates_along_when_it_is_promoted(
    tried: ProductLine, mia: User
) -> None:
    made = certify_candidate(tried, by=mia, reason="800 right answers")

    promoted = candidates.promote(
        tried, BETTER, by=mia, reason="better", seen_policy=made.number
    )

    assert promoted.live is not None
    held = promoted.terms().certificates["ok"]
    assert held.fingerprint == promoted.live.fingerprint
    assert promoted.candidate_certificates == {}
    assert attempt_number(tried, promoted.live) == 2, "the attempt was its own"


def test_every_attempt_asks_for_more(tried: ProductLine, mia: User) -> None:
    certify_candidate(tried, by=mia, reason="800 right answers")

    again = certify_candidate(tried, by=mia, reason="and once more")

    held = again.terms().candidate_certificates["ok"]
    assert held.delta == delta_of(attempt=2, classes=2)


def test_labels_before_the_trial_and_answers_after_the_label_count_not(
    line: ProductLine, ana: User, mia: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    early = label(line, ana, n=5)
    fresh = factories.make_version(line, "fresh")
    began = AT + timedelta(hours=4)
    predict(fresh, early, at=AT + timedelta(hours=2))
    candidates.put_on_trial(line, fresh, by=mia, as_of=began)
    label(line, ana, n=3, at=began)

    found = candidate_labels(line, line.in_force)

    assert {key: one.labels for key, one in found.items()} == {"ok": 3}


def test_only_items_that_anybody_would_have_seen_blind_count(
    line: ProductLine, ana: User, mia: User
) -> None:
    live = factories.put_at(line, AutomationLevel.SHADOW)
    assert live is not None
    fresh = factories.make_version(line, "fresh")
    candidates.put_on_trial(line, fresh, by=mia, as_of=AT)
    factories.put_at(line, AutomationLevel.ASSIST, blind_share=0.5)
    label(line, ana, n=200)
    seen = Item.objects.filter(routing__route="blind").count()
    assert 60 < seen < 140

    found = candidate_labels(line, line.in_force)

    assert found["ok"].labels == seen
    # Audits of one class are rarer: only what is drawn below that share is even.
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        certificates=factories.certified(live, "scratch"),
        audit_shares={"scratch": 0.1},
        canary_share=1.0,
    )
    label(line, ana, n=200, at=AT + timedelta(days=1))
    even = Item.objects.filter(
        routing__policy=line.in_force, routing__look_draw__lt=0.1
    ).count()
    assert candidate_labels(line, line.in_force)["ok"].labels == seen + even


def test_where_the_line_asks_for_two_it_waits_for_the_second(
    tried: ProductLine, mia: User
) -> None:
    asked = tried.in_force.requirements | {"second_person": True}
    factories.put_at(tried, AutomationLevel.SHADOW, requirements=asked)

    with pytest.raises(SecondPersonError):
        certify_candidate(tried, by=mia, reason="800 right answers")

    assert tried.in_force.candidate_certificates == {}


def test_it_ages_while_it_waits(tried: ProductLine, mia: User) -> None:
    made = certify_candidate(tried, by=mia, reason="800 right answers", as_of=AT)

    assert void_certificates(tried, at=AT + timedelta(days=89)) == 0
    assert void_certificates(tried, at=AT + timedelta(days=90)) == 1

    assert tried.in_force.candidate_certificates == {}
    assert tried.in_force.voided[0]["granted_by"] == made.number
    [ok] = [
        state
        for state in candidate_states(tried, class_labels(tried, tried.in_force))
        if state.label_class.key == "ok"
    ]
    assert ok.voided is not None


def test_the_page_of_both_versions_offers_it_and_signs_it(
    tried: ProductLine, mia: User
) -> None:
    browser = browser_of(mia)
    address = f"/lines/{tried.slug}/versions/certify/"
    rivals = browser.get(f"/lines/{tried.slug}/versions/rivals/").content.decode()
    assert address in rivals
    page = browser.get(address).content.decode()
    assert "Certify the classes of fresh" in page
    assert "lets it decide nothing before its own gates are open" in page

    refused = browser.post(address, signed(tried, password="wrong"))
    accepted = browser.post(address, signed(tried))

    assert (refused.status_code, accepted.status_code) == (422, 302)
    tried.refresh_from_db()
    assert {*tried.in_force.candidate_certificates} == {"ok"}
