"""Certificates: granted on evidence, bound to a version, void by age and by alarm."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.models import AlarmCause
from monitoring.promises import DELTA, Promise, certificate_from, delta_of
from monitoring.services import alarms, judging
from monitoring.services.alarm_terms import set_terms
from monitoring.services.certificates import attempt_number, certify
from monitoring.services.voiding import void_certificates
from monitoring.stats.intervals import sample_size
from monitoring.windows.certifying import class_labels
from reviewapp.errors import ConflictError, StalePolicyError
from reviewapp.models import Cause, Policy, ProductLine, User
from reviewapp.policy import (
    AutomationLevel,
    Because,
    Draws,
    Prediction,
    Route,
    route,
)
from reviewapp.services import levels
from tests import factories
from tests.monitoring import days

AT = datetime(2026, 3, 2, 6, tzinfo=UTC)


def label_shadow(
    line: ProductLine,
    person: User,
    *,
    n: int = 800,
    wrong: Sequence[int] = (),
    at: datetime = AT,
) -> None:
    """Receive items that the model passes, and label them all blind."""
    received = days.receive(
        line, [{"width": 1.0, "height": 2.0}] * n, at=at, within=timedelta(hours=2)
    )
    sure = np.linspace(0.6, 0.999, n)
    answered = at + timedelta(hours=3)
    days.answer(line, received, ["ok"] * n, at=answered, confidence=sure)
    said = ["scratch" if number in wrong else "ok" for number in range(n)]
    days.label_all(line, person, received, said, at=at + timedelta(hours=4))


@pytest.fixture
def shadow(line: ProductLine, ana: User) -> ProductLine:
    """A line in shadow with 800 blind labels, the least sure one of them wrong."""
    factories.put_at(line, AutomationLevel.SHADOW, requirements={"escape": 0.01})
    label_shadow(line, ana, wrong=[0])
    return line


def certified(line: ProductLine, mia: User, *, at: datetime = AT) -> Policy:
    return certify(
        line,
        by=mia,
        reason="enough labels",
        seen_policy=line.in_force.number,
        as_of=at + timedelta(days=1),
    )


def test_an_attempt_grants_what_the_labels_show_and_keeps_what_it_rested_on(
    shadow: ProductLine, mia: User
) -> None:
    made = certified(shadow, mia)

    held = made.terms().certificates["ok"]
    assert list(made.certificates) == ["ok"]
    assert made.live is not None
    assert held.fingerprint == made.live.fingerprint
    assert (held.max_error, held.delta) == (0.01, DELTA / 2)
    assert held.granted_by == made.number
    assert held.upper <= 0.01
    assert (made.cause, made.set_by) == (Cause.CERTIFIED, mia)
    assert made.evidence is not None
    assert made.evidence["attempt"] == 1
    assert made.evidence["classes"]["ok"]["labels"] == 800
    assert len(made.evidence["classes"]["ok"]["labels_sha256"]) == 64
    assert len(made.evidence_sha256) == 64


def test_each_attempt_counts_and_asks_for_more(shadow: ProductLine, mia: User) -> None:
    live = shadow.in_force.live
    assert live is not None
    assert attempt_number(shadow, live) == 1
    first = certified(shadow, mia)
    shadow.refresh_from_db()

    second = certified(shadow, mia)

    assert attempt_number(shadow, live) == 3
    assert second.evidence is not None
    assert second.evidence["attempt"] == 2
    deltas = [p.terms().certificates["ok"].delta for p in (first, second)]
    assert deltas[1] == pytest.approx(DELTA / 2 * 6 / (np.pi * 2) ** 2)


def test_an_attempt_that_shows_nothing_takes_nothing_away(
    shadow: ProductLine, ana: User, mia: User
) -> None:
    before = certified(shadow, mia)
    label_shadow(shadow, ana, n=100, wrong=range(100), at=AT + timedelta(days=2))
    shadow.refresh_from_db()

    after = certified(shadow, mia, at=AT + timedelta(days=3))

    assert after.certificates == before.certificates
    assert after.number == before.number + 1


def test_too_few_labels_spend_no_attempt(
    line: ProductLine, ana: User, mia: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    label_shadow(line, ana, n=20)

    with pytest.raises(ConflictError, match="ok 20 of 736"):
        certified(line, mia)

    assert not line.policies.filter(cause=Cause.CERTIFIED).exists()


def test_a_page_made_for_an_earlier_policy_certifies_nothing(
    shadow: ProductLine, mia: User
) -> None:
    seen = shadow.in_force.number
    factories.put_at(shadow, AutomationLevel.SHADOW, blind_share=0.5)

    with pytest.raises(StalePolicyError):
        certify(shadow, by=mia, reason="late", seen_policy=seen)


def test_of_items_with_unequal_chances_only_an_even_draw_is_evidence(
    line: ProductLine, ana: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.ASSIST, blind_share=0.5)
    received = days.receive(line, [{"width": 1.0, "height": 2.0}] * 400, at=AT)
    days.answer(line, received, ["ok"] * 400, at=AT)
    for item in received:
        item.refresh_from_db()
    blind = [i for i in received if i.routing and i.routing.route == Route.BLIND]
    days.label_all(line, ana, blind, ["ok"] * len(blind), at=AT)
    line.refresh_from_db()

    found = class_labels(line, line.in_force)

    draws = [i.routing.look_draw for i in blind if i.routing]
    assert found["ok"].labels == len(blind)
    assert max(draws) < 0.5


def test_a_certificate_ends_with_its_age(shadow: ProductLine, mia: User) -> None:
    made = certified(shadow, mia)
    shadow.refresh_from_db()

    assert void_certificates(shadow, at=made.created_at + timedelta(days=89)) == 0
    assert void_certificates(shadow, at=made.created_at + timedelta(days=90)) == 1

    shadow.refresh_from_db()
    now = shadow.in_force
    assert (now.cause, now.set_by, now.certificates) == (Cause.VOIDED, None, {})
    assert "ok: older than 90 days" in now.reason
    assert now.voided[0]["because"] == "age"


def test_an_alarm_that_the_terms_name_ends_it_and_another_does_not(
    shadow: ProductLine, mia: User
) -> None:
    made = certified(shadow, mia)
    shadow.refresh_from_db()
    later = made.created_at + timedelta(days=1)
    alarms.ring(shadow, AlarmCause.OVERKILL, figures={}, at=later)
    assert void_certificates(shadow, at=later) == 0

    alarms.ring(shadow, AlarmCause.ESCAPES, figures={}, at=later)

    assert void_certificates(shadow, at=later) == 1
    shadow.refresh_from_db()
    assert "an alarm has rung since" in shadow.in_force.reason
    assert void_certificates(shadow, at=later) == 0


def test_after_an_alarm_only_what_people_said_since_is_evidence(
    shadow: ProductLine, ana: User, mia: User
) -> None:
    made = certified(shadow, mia)
    shadow.refresh_from_db()
    later = made.created_at + timedelta(days=1)
    alarms.ring(shadow, AlarmCause.ESCAPES, figures={}, at=later)
    void_certificates(shadow, at=later)
    shadow.refresh_from_db()
    assert class_labels(shadow, shadow.in_force) == {}

    label_shadow(shadow, ana, n=30, at=later + timedelta(hours=1))

    assert class_labels(shadow, shadow.in_force)["ok"].labels == 30


def test_terms_that_name_no_alarm_let_certificates_stand(
    shadow: ProductLine, mia: User
) -> None:
    made = certified(shadow, mia)
    shadow.refresh_from_db()
    set_terms(shadow, lowers_to={}, cool_down_h=24, fresh_labels=500, by=mia)
    later = made.created_at + timedelta(days=1)
    alarms.ring(shadow, AlarmCause.ESCAPES, figures={}, at=later)

    assert void_certificates(shadow, at=later) == 0


def test_judging_lines_voids_what_is_due(shadow: ProductLine, mia: User) -> None:
    made = certified(shadow, mia)

    judging.judge_lines(as_of=made.created_at + timedelta(days=91))

    shadow.refresh_from_db()
    assert shadow.in_force.certificates == {}


def test_what_is_void_does_not_come_back_with_a_version(
    shadow: ProductLine, mia: User
) -> None:
    made = certified(shadow, mia)
    shadow.refresh_from_db()
    void_certificates(shadow, at=made.created_at + timedelta(days=90))
    shadow.refresh_from_db()
    levels.put_live(shadow, factories.make_version(shadow), by=mia)
    shadow.refresh_from_db()

    back = levels.roll_back(shadow, made, by=mia)

    assert back.live == made.live
    assert "ok" not in back.terms().certificates


def test_what_still_holds_comes_back_with_its_version(
    shadow: ProductLine, mia: User
) -> None:
    made = certified(shadow, mia)
    shadow.refresh_from_db()
    levels.put_live(shadow, factories.make_version(shadow), by=mia)
    shadow.refresh_from_db()

    back = levels.roll_back(shadow, made, by=mia)

    assert "ok" in back.terms().certificates


def test_a_void_certificate_decides_nothing(shadow: ProductLine, mia: User) -> None:
    made = certified(shadow, mia)
    assert made.live is not None
    sure = Prediction(
        label_class="ok", confidence=1.0, fingerprint=made.live.fingerprint
    )
    draws = Draws(look=0.99, canary=0.0)
    factories.put_at(shadow, AutomationLevel.PARTIAL)
    before = route(shadow.in_force.terms(), sure, draws)

    void_certificates(shadow, at=made.created_at + timedelta(days=90))

    shadow.refresh_from_db()
    after = route(shadow.in_force.terms(), sure, draws)
    assert before.because is Because.CERTIFIED
    assert after.because is Because.NO_CERTIFICATE


@given(classes=st.integers(1, 20), attempts=st.integers(1, 200))
def test_all_attempts_together_keep_to_their_chance(
    classes: int, attempts: int
) -> None:
    spent = sum(
        classes * delta_of(attempt=k, classes=classes) for k in range(1, attempts + 1)
    )

    assert spent <= 1.4 * DELTA


@given(
    labels=st.integers(0, 900),
    errors=st.integers(0, 5),
    limit=st.sampled_from([0.005, 0.01, 0.02]),
)
def test_fewer_labels_than_the_fewest_never_certify(
    labels: int, errors: int, limit: float
) -> None:
    promise = Promise(max_error=limit, delta=0.025)
    wrong = np.arange(labels) < errors

    found = certificate_from(
        np.linspace(0.5, 1, labels), wrong, promise, fingerprint="live"
    )

    assert promise.fewest == sample_size(limit, delta=0.025)
    if labels < promise.fewest:
        assert found is None
    if found is not None:
        assert found.upper <= limit
