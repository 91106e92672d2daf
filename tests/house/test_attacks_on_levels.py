"""What somebody tries who wants the model to do more: a part for each act on a level.

The parts follow the table of who may what: put a version live, raise to assist, raise
or loosen further, lower, and override a gate.
"""

from datetime import timedelta

import pytest
from django.test import Client

from reviewapp.models import (
    Act,
    Motion,
    Policy,
    ProductLine,
    Role,
    Scope,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import motions, people, tokens
from tests import factories
from tests.pages.test_levels import browser_of, signed

WHY = "The customer waits, and two inspectors are ill until Thursday."


@pytest.fixture
def shadow(line: ProductLine) -> ProductLine:
    factories.put_at(line, AutomationLevel.SHADOW)
    return line


@pytest.fixture
def sam(line: ProductLine) -> User:
    """Sam is a data scientist of the line."""
    user = factories.make_user("sam")
    people.give_role(user, line, Role.SCIENTIST, by=None)
    return user


def stands(line: ProductLine) -> tuple[int, int, float]:
    """Give what an attack must not move: the policy, its level and its share."""
    line.refresh_from_db()
    in_force = line.in_force
    return in_force.number, in_force.level, in_force.canary_share


# Put a version live.


def test_nobody_but_a_manager_puts_a_version_live(
    shadow: ProductLine, ana: User, sam: User, ada: User, zoe: User
) -> None:
    fresh = factories.make_version(shadow)
    address = f"/lines/{shadow.slug}/versions/{fresh.pk}/put-live/"
    before = stands(shadow)

    got = [browser_of(user).post(address).status_code for user in (ana, sam, ada, zoe)]

    assert got == [403, 403, 403, 404]
    assert stands(shadow) == before


def test_a_machine_that_brings_items_moves_no_policy(shadow: ProductLine) -> None:
    _token, secret = tokens.create_token(
        shadow, name="camera", scopes=[*Scope], by=None
    )
    fresh = factories.make_version(shadow)
    before = stands(shadow)
    machine = Client(headers={"authorization": f"Bearer {secret}"})

    for act in (f"versions/{fresh.pk}/put-live/", "raise/", "lower/", "roll-back/"):
        response = machine.post(f"/lines/{shadow.slug}/{act}", {"level": "full"})
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/")
    assert stands(shadow) == before


def test_another_lines_version_goes_live_nowhere(
    shadow: ProductLine, mia: User
) -> None:
    foreign = factories.make_version(factories.make_line("Other line"))
    before = stands(shadow)

    for act in ("put-live", "try"):
        address = f"/lines/{shadow.slug}/versions/{foreign.pk}/{act}/"
        assert browser_of(mia).post(address).status_code == 404
    assert stands(shadow) == before


# Raise to assist.


@pytest.mark.parametrize(
    "forged",
    [
        {"password": ""},
        {"password": "A-LONG-ENOUGH-PASSWORD"},
        {"reason": " "},
        {"seen_policy": "1"},
        {"seen_policy": "999"},
    ],
)
def test_a_session_alone_raises_nothing(
    shadow: ProductLine, mia: User, forged: dict[str, str]
) -> None:
    factories.put_at(shadow, AutomationLevel.MANUAL)
    before = stands(shadow)

    response = browser_of(mia).post(
        f"/lines/{shadow.slug}/raise/", signed(shadow, **forged)
    )

    assert response.status_code in {409, 422}
    assert stands(shadow) == before


def test_fields_that_a_form_does_not_have_carry_nobody_further(
    shadow: ProductLine, mia: User
) -> None:
    factories.put_at(shadow, AutomationLevel.MANUAL)
    forged = signed(
        shadow,
        level="full",
        target="4",
        canary_share="1",
        is_open="true",
        blind_pairs="100000",
        open_alarms="0",
    )

    browser_of(mia).post(f"/lines/{shadow.slug}/raise/", forged)

    _number, level, share = stands(shadow)
    assert (level, share) == (AutomationLevel.SHADOW, 0.05), "one rung, as always"


# Raise further, or loosen.


def test_a_shut_gate_is_not_signed_open(shadow: ProductLine, mia: User) -> None:
    before = stands(shadow)
    browser = browser_of(mia)

    assert (
        browser.post(f"/lines/{shadow.slug}/raise/", signed(shadow)).status_code == 409
    )
    assert (
        browser.post(f"/lines/{shadow.slug}/canary/", signed(shadow)).status_code == 409
    )
    assert stands(shadow) == before


def test_no_threshold_is_typed_below_its_certificate(
    shadow: ProductLine, mia: User
) -> None:
    live = shadow.in_force.live
    assert live is not None
    factories.put_at(
        shadow, AutomationLevel.PARTIAL, certificates=factories.certified(live, "ok")
    )
    before = stands(shadow)

    for forged in (
        {"threshold-ok": "0.01"},
        {"threshold-scratch": "0.01"},
        {"canary_share": "100"},
        {"threshold-ok": "__import__('os')"},
    ):
        given = signed(shadow, canary_share="5", blind_share="10") | forged
        response = browser_of(mia).post(f"/lines/{shadow.slug}/thresholds/sign/", given)
        assert response.status_code in {409, 422}, forged
    assert stands(shadow) == before


def test_an_earlier_policy_that_allowed_more_does_not_come_back(
    shadow: ProductLine, mia: User
) -> None:
    factories.put_at(shadow, AutomationLevel.FULL, canary_share=1.0)
    high = shadow.in_force
    factories.put_at(shadow, AutomationLevel.SHADOW, canary_share=0.05)

    browser_of(mia).post(f"/lines/{shadow.slug}/roll-back/", {"policy": high.number})

    _number, level, share = stands(shadow)
    assert (level, share) == (AutomationLevel.SHADOW, 0.05)


def test_a_policy_of_another_line_is_no_policy_to_go_back_to(
    shadow: ProductLine, mia: User
) -> None:
    other = factories.make_line("Other line")
    for _ in range(5):
        factories.put_at(other, AutomationLevel.FULL, canary_share=1.0)
    before = stands(shadow)

    response = browser_of(mia).post(
        f"/lines/{shadow.slug}/roll-back/", {"policy": other.in_force.number}
    )

    assert response.status_code == 404
    assert stands(shadow) == before


def test_a_motion_is_answered_on_its_own_line_only(
    shadow: ProductLine, mia: User
) -> None:
    other = factories.make_line("Other line")
    people.give_role(mia, other, Role.MANAGER, by=None)
    factories.put_at(other, AutomationLevel.MANUAL)
    max_ = factories.make_manager(shadow, "max")
    motion = motions.move(
        shadow, Act.RAISE, {}, by=max_, reason="so", seen_policy=2, evidence=None
    )

    response = browser_of(mia).post(
        f"/lines/{other.slug}/motions/{motion.pk}/",
        signed(other, answer="approve"),
    )

    assert response.status_code == 404
    assert Motion.objects.get().answered_by is None


# Lower.


def test_nobody_is_lowered_by_a_link_or_a_foreign_form(
    shadow: ProductLine, mia: User
) -> None:
    factories.put_at(shadow, AutomationLevel.ASSIST)
    before = stands(shadow)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mia, backend="reviewapp.sessions.PersonBackend")

    by_link = strict.get(f"/lines/{shadow.slug}/lower/?level=manual")
    by_form = strict.post(f"/lines/{shadow.slug}/lower/", {"level": "manual"})

    assert (by_link.status_code, by_form.status_code) == (405, 403)
    assert stands(shadow) == before


@pytest.mark.parametrize("asked", ["full", "FULL", "4", "partial", "\u0661", ""])
def test_no_word_lowers_upwards(shadow: ProductLine, mia: User, asked: str) -> None:
    factories.put_at(shadow, AutomationLevel.ASSIST)

    browser_of(mia).post(f"/lines/{shadow.slug}/lower/", {"level": asked})

    assert stands(shadow)[1] <= AutomationLevel.ASSIST


def test_a_stale_page_still_stops_the_model(shadow: ProductLine, ada: User) -> None:
    factories.put_at(shadow, AutomationLevel.PARTIAL)
    page_made_at = shadow.in_force.number
    factories.put_at(shadow, AutomationLevel.FULL)

    browser_of(ada).post(
        f"/lines/{shadow.slug}/lower/",
        {"level": "shadow", "seen_policy": page_made_at, "password": "wrong"},
    )

    assert stands(shadow)[1] == AutomationLevel.SHADOW


# Override a gate.


@pytest.mark.parametrize("way", ["full", "promote", "lower", "raise-raise"])
def test_only_a_rung_or_a_step_is_let_through(
    shadow: ProductLine, mia: User, way: str
) -> None:
    response = browser_of(mia).post(
        f"/lines/{shadow.slug}/override/{way}/", signed(shadow, reason=WHY, days=3)
    )

    assert response.status_code == 404
    assert not Motion.objects.exists()


def test_neither_an_admin_nor_a_manager_overrides_alone(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    before = stands(shadow)

    for user in (mia, ada):
        browser = browser_of(user)
        given = signed(shadow, reason=WHY, days=7)
        browser.post(f"/lines/{shadow.slug}/override/raise/", given)
        motion = Motion.objects.latest("pk")
        assert motion.moved_by == user
        again = signed(shadow, answer="approve", reason=WHY)
        response = browser.post(f"/lines/{shadow.slug}/motions/{motion.pk}/", again)
        assert response.status_code == 422
    assert stands(shadow) == before


def test_days_and_way_are_those_that_were_signed(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    given = signed(shadow, reason=WHY, days=1)
    browser_of(mia).post(f"/lines/{shadow.slug}/override/raise/", given)
    motion = Motion.objects.get()

    forged = signed(shadow, answer="approve", reason=WHY, days=7, way="widen")
    browser_of(ada).post(f"/lines/{shadow.slug}/motions/{motion.pk}/", forged)

    shadow.refresh_from_db()
    in_force = shadow.in_force
    assert in_force.level == AutomationLevel.ASSIST
    assert in_force.override_ends_at == in_force.created_at + timedelta(days=1)


def test_an_override_is_not_prolonged_by_rolling_back_to_it(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    given = signed(shadow, reason=WHY, days=1)
    browser_of(mia).post(f"/lines/{shadow.slug}/override/raise/", given)
    answer = signed(shadow, answer="approve", reason=WHY)
    motion = Motion.objects.get()
    browser_of(ada).post(f"/lines/{shadow.slug}/motions/{motion.pk}/", answer)
    let_through = Policy.objects.get(motion=motion)
    browser_of(mia).post(f"/lines/{shadow.slug}/lower/", {"level": "shadow"})

    browser_of(mia).post(
        f"/lines/{shadow.slug}/roll-back/", {"policy": let_through.number}
    )

    assert stands(shadow)[1] == AutomationLevel.SHADOW
    assert shadow.in_force.override_ends_at is None


def test_what_was_moved_is_not_changed_behind_the_second_person(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    given = signed(shadow, reason=WHY, days=1)
    browser_of(mia).post(f"/lines/{shadow.slug}/override/raise/", given)
    motion = Motion.objects.get()
    factories.put_at(shadow, AutomationLevel.SHADOW, blind_share=0.01)

    answer = signed(shadow, answer="approve", reason=WHY)
    response = browser_of(ada).post(
        f"/lines/{shadow.slug}/motions/{motion.pk}/", answer
    )

    assert response.status_code == 409, "the policy is another one than was looked at"
    assert stands(shadow)[1] == AutomationLevel.SHADOW
