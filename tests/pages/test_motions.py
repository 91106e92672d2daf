"""A second person: what one manager signs, another approves, and nobody alone."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.evidence import Evidence
from reviewapp.models import Act, Motion, Outcome, Policy, ProductLine, Record, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import levels, motions
from reviewapp.services.seconds import SecondPersonError
from reviewapp.services.thresholds import choose_thresholds
from tests import factories
from tests.pages.test_gates import USUAL
from tests.pages.test_levels import browser_of, signed


@pytest.fixture
def max_(line: ProductLine) -> User:
    return factories.make_manager(line, "max")


@pytest.fixture
def two(line: ProductLine, mia: User, max_: User) -> ProductLine:
    """Give a line that wants two persons, with a version to be raised to shadow."""
    factories.put_at(line, AutomationLevel.MANUAL, requirements={"second_person": True})
    return line


def move_a_raise(line: ProductLine, by: User) -> Motion:
    response = browser_of(by).post(f"/lines/{line.slug}/raise/", signed(line))
    assert response.status_code == 302
    return Motion.objects.get(line=line)


def answer(motion: Motion, by: User, said: str = "approve", **changes: str) -> int:
    given = signed(motion.line, answer=said, reason="looked at it too") | changes
    address = f"/lines/{motion.line.slug}/motions/{motion.pk}/"
    return browser_of(by).post(address, given).status_code


def level_of(line: ProductLine) -> int:
    line.refresh_from_db()
    return line.in_force.level


def test_a_second_manager_approves_what_the_first_signed(
    two: ProductLine, mia: User, max_: User
) -> None:
    motion = move_a_raise(two, mia)
    assert level_of(two) == AutomationLevel.MANUAL
    notice = browser_of(max_).get(f"/lines/{two.slug}/").content.decode()
    assert "signed by mia, waits for a second person" in notice
    page = browser_of(max_).get(f"/lines/{two.slug}/motions/{motion.pk}/")
    assert "The evidence is unchanged" in page.content.decode()

    assert answer(motion, max_) == 302

    motion.refresh_from_db()
    assert level_of(two) == AutomationLevel.SHADOW
    assert two.in_force.set_by == mia
    assert (motion.policy, motion.answered_by) == (two.in_force, max_)
    assert Record.objects.filter(action="motion.approved", line=two).exists()


def test_nobody_is_the_second_person_to_themselves(two: ProductLine, mia: User) -> None:
    motion = move_a_raise(two, mia)

    assert answer(motion, mia) == 422
    assert level_of(two) == AutomationLevel.MANUAL
    with pytest.raises(IntegrityError, match="another_person"), transaction.atomic():
        Motion.objects.filter(pk=motion.pk).update(
            outcome=Outcome.APPROVED, answered_by=mia
        )


def test_a_service_called_without_the_page_raises_nothing_alone(
    two: ProductLine, mia: User
) -> None:
    ready = Evidence(version_is_ready=True, open_alarms=0)

    with pytest.raises(SecondPersonError):
        levels.raise_level(two, ready, by=mia, reason="alone", seen_policy=2)

    assert level_of(two) == AutomationLevel.MANUAL


@pytest.mark.parametrize(
    "change", [{"password": "wrong"}, {"reason": ""}, {"reason": "   "}]
)
def test_an_answer_is_signed_as_well(
    two: ProductLine, mia: User, max_: User, change: dict[str, str]
) -> None:
    assert answer(move_a_raise(two, mia), max_, **change) == 422
    assert level_of(two) == AutomationLevel.MANUAL


def test_a_refused_motion_is_over(two: ProductLine, mia: User, max_: User) -> None:
    motion = move_a_raise(two, mia)

    assert answer(motion, max_, "refuse") == 302
    assert answer(motion, max_) == 409

    assert level_of(two) == AutomationLevel.MANUAL


def test_a_motion_ends_by_itself(two: ProductLine, mia: User, max_: User) -> None:
    motion = move_a_raise(two, mia)
    late = motion.expires_at + timedelta(seconds=1)

    assert not Motion.objects.waiting(at=late).exists()
    with time_machine.travel(late, tick=False), pytest.raises(ConflictError):
        motions.refuse(motion, by=max_, answer="too late")


def test_a_page_says_that_nobody_answered_in_time(
    two: ProductLine, mia: User, max_: User
) -> None:
    old = timezone.now() - timedelta(days=4)
    motion = motions.move(
        two,
        Act.RAISE,
        {},
        by=mia,
        reason="four days ago",
        seen_policy=two.in_force.number,
        evidence=None,
        as_of=old,
    )

    page = browser_of(max_).get(f"/lines/{two.slug}/motions/{motion.pk}/")

    assert "Expired" in page.content.decode()
    assert "Your password" not in page.content.decode()


def test_a_motion_for_an_earlier_policy_is_overtaken(
    two: ProductLine, mia: User, max_: User
) -> None:
    motion = move_a_raise(two, mia)
    factories.put_at(two, AutomationLevel.MANUAL, blind_share=0.5)

    assert answer(motion, max_) == 409
    assert level_of(two) == AutomationLevel.MANUAL


def test_gates_are_judged_anew_when_it_is_approved(
    two: ProductLine, mia: User, max_: User
) -> None:
    factories.put_at(two, AutomationLevel.SHADOW)
    motion = motions.move(
        two,
        Act.RAISE,
        {},
        by=mia,
        reason="they were open then",
        seen_policy=two.in_force.number,
        evidence={"gates": []},
    )

    assert answer(motion, max_) == 409

    motion.refresh_from_db()
    assert motion.outcome == Outcome.OPEN, "a shut gate leaves the motion open"


def test_an_inspector_answers_no_motion(two: ProductLine, mia: User, ana: User) -> None:
    motion = move_a_raise(two, mia)

    assert answer(motion, ana) == 403
    with pytest.raises(InvalidInputError, match="manager of the line"):
        motions.refuse(motion, by=ana, answer="no")


def test_only_its_mover_takes_a_motion_back(
    two: ProductLine, mia: User, max_: User
) -> None:
    motion = move_a_raise(two, mia)
    with pytest.raises(ConflictError):
        motions.withdraw(motion, by=max_)

    browser_of(mia).post(f"/lines/{two.slug}/motions/{motion.pk}/withdraw/")

    motion.refresh_from_db()
    assert motion.outcome == Outcome.WITHDRAWN


def test_turning_the_second_person_off_needs_the_second_person(
    two: ProductLine, mia: User, max_: User
) -> None:
    given = signed(two, **USUAL)
    browser_of(mia).post(f"/lines/{two.slug}/gates/set/", given)
    motion = Motion.objects.get(act=Act.GATES)
    assert level_of(two) == AutomationLevel.MANUAL
    assert two.in_force.terms().requirements.second_person

    assert answer(motion, max_) == 302

    two.refresh_from_db()
    assert not two.in_force.terms().requirements.second_person


def test_one_manager_alone_cannot_ask_for_two(line: ProductLine, mia: User) -> None:
    given = signed(line, **USUAL, second_person="on")

    response = browser_of(mia).post(f"/lines/{line.slug}/gates/set/", given)

    assert response.status_code == 422
    assert "needs two managers" in response.content.decode()


def test_a_looser_threshold_needs_two_and_a_stricter_one_does_not(
    two: ProductLine, mia: User
) -> None:
    version = two.in_force.live
    assert version is not None
    certificate = {
        "fingerprint": version.fingerprint,
        "threshold": 0.9,
        "max_error": 0.005,
        "delta": 0.05,
        "labels": 900,
        "errors": 0,
        "upper": 0.004,
        "chosen": 0.95,
    }
    factories.put_at(two, AutomationLevel.SHADOW, certificates={"ok": certificate})

    def choose(threshold: float) -> Policy:
        return choose_thresholds(
            two,
            {"ok": threshold},
            canary_share=two.in_force.canary_share,
            blind_share=two.in_force.blind_share,
            audit_shares={},
            by=mia,
            reason="as the curve says",
            seen_policy=two.in_force.number,
        )

    with pytest.raises(SecondPersonError):
        choose(0.92)
    assert choose(0.97).certificates["ok"]["chosen"] == 0.97


@pytest.mark.parametrize(
    "change",
    [
        {"blind_share": 0.05},
        {"audit_shares": {"ok": 0.02}},
        {"canary_share": 0.01, "blind_share": 0.09},
    ],
)
def test_fewer_looks_need_two_and_more_do_not(
    two: ProductLine, mia: User, change: dict[str, Any]
) -> None:
    def choose(**wanted: Any) -> Policy:
        given: dict[str, Any] = {
            "canary_share": two.in_force.canary_share,
            "blind_share": two.in_force.blind_share,
            "audit_shares": {},
        }
        return choose_thresholds(
            two,
            {},
            **given | wanted,
            by=mia,
            reason="as the figures say",
            seen_policy=two.in_force.number,
        )

    with pytest.raises(SecondPersonError):
        choose(**change)
    assert choose(blind_share=0.3, audit_shares={"ok": 0.4}).blind_share == 0.3


def test_fewer_blind_looks_are_signed_where_a_second_person_can_approve(
    two: ProductLine, mia: User
) -> None:
    given = {
        "blind_share": "0.02",
        "assist_style": "answer_first",
        "seen_policy": two.in_force.number,
    }

    response = browser_of(mia).post(f"/lines/{two.slug}/settings/looks/", given)

    assert response.status_code == 409
    assert "Sign it on the thresholds page" in response.content.decode()
    two.refresh_from_db()
    assert two.in_force.blind_share == 0.1


def test_fewer_audits_wait_for_the_second_person(
    two: ProductLine, mia: User, max_: User
) -> None:
    given = signed(two, floor="10", reads="1")
    browser_of(mia).post(f"/lines/{two.slug}/audits/terms/", given)
    two.refresh_from_db()
    assert two.in_force.audit_floor == 30

    assert answer(Motion.objects.get(act=Act.AUDITS), max_) == 302

    two.refresh_from_db()
    assert (two.in_force.audit_floor, two.in_force.set_by) == (10, mia)


def test_lowering_never_waits(two: ProductLine, mia: User) -> None:
    factories.put_at(two, AutomationLevel.SHADOW)

    browser_of(mia).post(f"/lines/{two.slug}/lower/", {"level": "manual"})

    assert level_of(two) == AutomationLevel.MANUAL
    assert Client().get(f"/lines/{two.slug}/").status_code == 302
