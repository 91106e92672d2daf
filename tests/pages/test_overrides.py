"""Overriding a gate: an admin and a manager together, in writing, and shown."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import (
    Act,
    Cause,
    Motion,
    Outcome,
    ProductLine,
    Record,
    Role,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import levels, overrides, people
from reviewapp.services.policies import is_unchanged
from reviewapp.services.seconds import SecondPersonError
from tests import factories
from tests.pages.test_levels import browser_of, signed
from tests.policy.test_gates import ENOUGH

WHY = "The customer waits, and two inspectors are ill until Thursday."
AGREED = "I have looked at the figures of the pilot with Mia, and agree."


@pytest.fixture
def shadow(line: ProductLine) -> ProductLine:
    """Give a line at SHADOW with nothing to show for a rise."""
    factories.put_at(line, AutomationLevel.SHADOW)
    return line


def ask(line: ProductLine, by: User, way: str = "raise", **changes: Any) -> int:
    given = signed(line, reason=WHY, days=3) | changes
    address = f"/lines/{line.slug}/override/{way}/"
    return browser_of(by).post(address, given).status_code


def answer(line: ProductLine, by: User, reason: str = AGREED) -> int:
    motion = Motion.objects.filter(line=line, act=Act.OVERRIDE).latest("pk")
    given = signed(line, answer="approve", reason=reason)
    address = f"/lines/{line.slug}/motions/{motion.pk}/"
    status = browser_of(by).post(address, given).status_code
    line.refresh_from_db()
    return status


def let_through(line: ProductLine, mia: User, ada: User, way: str = "raise") -> None:
    assert ask(line, mia, way) == 302
    assert answer(line, ada) == 302
    assert line.in_force.cause == Cause.OVERRIDDEN


def page_of(by: User, address: str) -> str:
    return " ".join(browser_of(by).get(address).content.decode().split())


def test_a_manager_signs_and_an_admin_approves(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    assert ask(shadow, mia) == 302
    shadow.refresh_from_db()
    assert shadow.in_force.level == AutomationLevel.SHADOW, "one alone moves nothing"

    assert answer(shadow, ada) == 302

    in_force = shadow.in_force
    assert (in_force.level, in_force.cause) == (
        AutomationLevel.ASSIST,
        Cause.OVERRIDDEN,
    )
    assert (in_force.set_by, in_force.motion.answered_by) == (mia, ada)
    assert in_force.override_ends_at == in_force.created_at + timedelta(days=3)
    assert is_unchanged(in_force.evidence, in_force.evidence_sha256)
    assert Record.objects.filter(action="policy.overridden", line=shadow).exists()


def test_it_stands_on_the_lines_page_and_on_the_board_as_long_as_it_lasts(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    let_through(shadow, mia, ada)

    page = page_of(mia, f"/lines/{shadow.slug}/")
    board = page_of(mia, "/")
    history = page_of(mia, f"/lines/{shadow.slug}/history/")
    policy = page_of(mia, f"/lines/{shadow.slug}/history/{shadow.in_force.number}/")

    assert "the level rose to assist past shut gates" in page
    for said in (
        WHY,
        AGREED,
        "mia",
        "ada",
        "Enough blind pairs",
        "goes back to shadow",
    ):
        assert said in page, said
    assert "override until" in board
    assert "seconded by ada" in history
    assert AGREED in policy

    levels.lower_level(shadow, to=AutomationLevel.SHADOW, by=mia)

    assert "past shut gates</h2>" not in page_of(mia, f"/lines/{shadow.slug}/")
    assert "override until" not in page_of(mia, "/")


def test_an_admin_signs_and_a_manager_approves(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    assert "You sign as an admin" in page_of(
        ada, f"/lines/{shadow.slug}/override/raise/"
    )
    assert ask(shadow, ada) == 302
    assert "waits for you" in page_of(mia, "/"), "the board tells whose turn it is"
    assert "waits for you" not in page_of(ada, "/")

    assert answer(shadow, mia) == 302

    assert shadow.in_force.level == AutomationLevel.ASSIST


def test_two_managers_or_two_admins_are_not_the_two_that_it_takes(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    max_ = factories.make_manager(shadow, "max")
    eve = factories.make_user("eve", is_superuser=True)

    ask(shadow, mia)
    assert answer(shadow, max_) == 422
    ask(shadow, ada)
    assert answer(shadow, eve) == 422

    assert shadow.in_force.level == AutomationLevel.SHADOW


def test_one_person_with_both_roles_is_still_one_person(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    people.give_role(ada, shadow, Role.MANAGER, by=None)

    ask(shadow, ada)
    assert answer(shadow, ada) == 422
    assert shadow.in_force.level == AutomationLevel.SHADOW

    assert answer(shadow, mia) == 302, "she signed as the admin, then"


def test_who_has_lost_the_role_since_has_signed_nothing(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    ask(shadow, mia)
    people.take_role(mia.memberships.get(), by=ada)

    assert answer(shadow, ada) == 422
    assert shadow.in_force.level == AutomationLevel.SHADOW


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "because"},
        {"reason": "x " + " " * 60},
        {"days": 0},
        {"days": 8},
        {"password": "wrong"},
    ],
)
def test_it_is_signed_in_writing_for_a_week_at_most(
    shadow: ProductLine, mia: User, change: dict[str, Any]
) -> None:
    assert ask(shadow, mia, **change) == 422
    assert not Motion.objects.exists()


def test_the_answer_is_a_sentence_too(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    ask(shadow, mia)

    assert answer(shadow, ada, "fine") == 422
    assert Motion.objects.get().outcome == Outcome.OPEN


@pytest.mark.parametrize(("reason", "days"), [("short", 3), (WHY, 8), (WHY, 0)])
def test_the_service_asks_for_no_less_than_the_page(
    shadow: ProductLine, mia: User, reason: str, days: int
) -> None:
    with pytest.raises(InvalidInputError):
        overrides.let_through(
            shadow,
            ENOUGH,
            way="raise",
            days=days,
            by=mia,
            reason=reason,
            seen_policy=shadow.in_force.number,
        )


def test_a_line_that_wants_no_second_person_gets_one_here(
    shadow: ProductLine, mia: User
) -> None:
    assert not shadow.in_force.terms().requirements.second_person

    with pytest.raises(SecondPersonError):
        overrides.let_through(
            shadow,
            replace(ENOUGH, blind_pairs=10),
            way="raise",
            days=1,
            by=mia,
            reason=WHY,
            seen_policy=shadow.in_force.number,
        )


def test_an_inspector_overrides_nothing(shadow: ProductLine, ana: User) -> None:
    assert ask(shadow, ana) == 403
    with pytest.raises(InvalidInputError, match="admin and a manager"):
        overrides.let_through(
            shadow,
            replace(ENOUGH, blind_pairs=10),
            way="raise",
            days=1,
            by=ana,
            reason=WHY,
            seen_policy=shadow.in_force.number,
        )


def test_without_a_certificate_nobody_lets_the_model_decide(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    factories.put_at(shadow, AutomationLevel.ASSIST)

    page = page_of(ada, f"/lines/{shadow.slug}/override/raise/")

    assert "the model decides no item of a class, whoever signs" in page
    assert "Your password" not in page
    assert ask(shadow, mia) == 409
    assert not Motion.objects.exists()


def test_open_gates_need_no_override(shadow: ProductLine, mia: User) -> None:
    with pytest.raises(ConflictError, match="needs no override"):
        overrides.let_through(
            shadow,
            ENOUGH,
            way="raise",
            days=1,
            by=mia,
            reason=WHY,
            seen_policy=shadow.in_force.number,
        )
