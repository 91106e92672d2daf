"""How an override ends: by itself, by its gates, by an alarm, by a hand."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from monitoring.services.judging import judge_lines
from monitoring.services.seconding import put_in_force
from reviewapp.errors import ConflictError, GateShutError
from reviewapp.models import Cause, Motion, Outcome, Policy, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import canaries, levels, motions, overrides
from reviewapp.services.replays import replay_line
from tests import factories
from tests.monitoring.test_evidence import count
from tests.pages.test_overrides import AGREED, ask, let_through, page_of
from tests.policy.test_gates import ENOUGH


@pytest.fixture
def shadow(line: ProductLine) -> ProductLine:
    """Give a line at SHADOW with nothing to show for a rise."""
    factories.put_at(line, AutomationLevel.SHADOW)
    return line


@pytest.fixture
def partial(line: ProductLine) -> ProductLine:
    """Give a line at PARTIAL and 20 %, with a class certified, and no label."""
    factories.put_at(line, AutomationLevel.SHADOW)
    assert line.in_force.live is not None
    held = factories.certified(line.in_force.live, "ok")
    factories.put_at(line, AutomationLevel.PARTIAL, certificates=held, canary_share=0.2)
    return line


def test_it_goes_back_by_itself_and_that_is_no_fall(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    let_through(shadow, mia, ada)
    ends_at = shadow.in_force.override_ends_at
    assert ends_at is not None
    judge_lines(as_of=ends_at - timedelta(seconds=1))
    shadow.refresh_from_db()
    assert shadow.in_force.level == AutomationLevel.ASSIST

    judge_lines(as_of=ends_at)

    shadow.refresh_from_db()
    ended = shadow.in_force
    assert (ended.level, ended.cause) == (
        AutomationLevel.SHADOW,
        Cause.OVERRIDE_ENDED,
    )
    assert "blind_pairs" in ended.reason
    assert (ended.attempt, ended.is_locked) == (1, False), "the evidence goes on"
    assert ended.override_ends_at is None
    assert not shadow.policies.fallen_by_themselves().exists()


def test_gates_that_have_opened_keep_what_was_let_through(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    let_through(shadow, mia, ada)
    ends_at = shadow.in_force.override_ends_at

    ended = overrides.end_override(shadow, ENOUGH, as_of=ends_at)

    assert (ended.level, ended.cause) == (
        AutomationLevel.ASSIST,
        Cause.OVERRIDE_ENDED,
    )
    assert (ended.override_number, ended.override_ends_at) == (None, None)
    assert ended.evidence is not None
    assert all(gate["is_open"] for gate in ended.evidence["gates"])


def test_time_at_partial_counts_on_while_full_was_let_through(
    partial: ProductLine, mia: User, ada: User
) -> None:
    held = partial.in_force.certificates["ok"] | {"covers_all": True}
    factories.put_at(
        partial, AutomationLevel.PARTIAL, canary_share=1.0, certificates={"ok": held}
    )
    count(partial, partial.in_force.live, "ok", "ok", 9)
    let_through(partial, mia, ada)
    lasting = overrides.override_on(partial)
    assert lasting is not None
    fresh = replace(ENOUGH, days_at_level=7)

    later = lasting.before.level_began_at + timedelta(days=15)
    judged = overrides.gates_now(lasting, partial.in_force, fresh, at=later)

    assert all(gate.is_open for gate in judged)
    sooner = lasting.before.level_began_at + timedelta(days=7)
    judged = overrides.gates_now(lasting, partial.in_force, fresh, at=sooner)
    assert [gate.code.value for gate in judged if not gate.is_open] == [
        "time_at_partial"
    ]


def test_an_alarm_takes_back_at_once(shadow: ProductLine, mia: User, ada: User) -> None:
    let_through(shadow, mia, ada)

    levels.lower_level(shadow, to=AutomationLevel.SHADOW, by=None, reason="alarm")

    assert shadow.in_force.level == AutomationLevel.SHADOW
    assert shadow.in_force.override_ends_at is None
    assert shadow.policies.fallen_by_themselves().count() == 1


def test_a_step_of_the_canary_share_goes_back_to_where_it_was(
    partial: ProductLine, mia: User, ada: User
) -> None:
    let_through(partial, mia, ada, "widen")
    assert partial.in_force.canary_share == 0.5
    page = page_of(mia, f"/lines/{partial.slug}/")
    assert "the canary share went to 50 % past shut gates" in page

    judge_lines(as_of=partial.in_force.override_ends_at)

    partial.refresh_from_db()
    assert (partial.in_force.canary_share, partial.in_force.level) == (
        0.2,
        AutomationLevel.PARTIAL,
    )
    assert replay_line(partial).differences == 0


def test_a_fall_of_the_level_takes_the_share_along(
    partial: ProductLine, mia: User, ada: User
) -> None:
    let_through(partial, mia, ada, "widen")

    levels.lower_level(partial, to=AutomationLevel.ASSIST, by=mia)

    in_force = partial.in_force
    assert (in_force.canary_share, in_force.override_number) == (0.2, None)


def test_narrowing_by_hand_ends_it(partial: ProductLine, mia: User, ada: User) -> None:
    let_through(partial, mia, ada, "widen")

    canaries.narrow_canary(partial, by=mia)

    assert partial.in_force.override_number is None


def test_other_changes_of_the_policy_leave_it_standing(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    let_through(shadow, mia, ada)
    began = shadow.in_force.number
    ends_at = shadow.in_force.override_ends_at

    factories.put_at(shadow, AutomationLevel.ASSIST, blind_share=0.5)

    in_force = shadow.in_force
    assert (in_force.override_number, in_force.override_ends_at) == (began, ends_at)


def test_nothing_else_rises_while_it_lasts(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    assert shadow.in_force.live is not None
    held = factories.certified(shadow.in_force.live, "ok")
    factories.put_at(shadow, AutomationLevel.SHADOW, certificates=held)
    let_through(shadow, mia, ada)

    with pytest.raises(GateShutError, match="No override lasts"):
        levels.raise_level(
            shadow,
            ENOUGH,
            by=mia,
            reason="on to the next",
            seen_policy=shadow.in_force.number,
        )


def test_gates_that_opened_before_the_answer_leave_the_motion_open(
    shadow: ProductLine, mia: User, ada: User
) -> None:
    ask(shadow, mia)
    motion = Motion.objects.get()

    def as_if_open(held: Motion) -> Policy:
        return overrides.let_through(
            held.line,
            ENOUGH,
            **held.arguments,
            by=held.moved_by,
            reason=held.reason,
            seen_policy=held.seen_policy,
        )

    with pytest.raises(ConflictError, match="needs no override"):
        motions.approve(motion, as_if_open, by=ada, answer=AGREED)

    motion.refresh_from_db()
    assert motion.outcome == Outcome.OPEN
    motions.approve(motion, put_in_force, by=ada, answer=AGREED)
    assert Motion.objects.get().outcome == Outcome.APPROVED


def test_the_database_knows_no_longer_override_than_seven_days(
    shadow: ProductLine,
) -> None:
    with pytest.raises(IntegrityError, match="seven_days"), transaction.atomic():
        factories.put_at(
            shadow,
            AutomationLevel.ASSIST,
            override_number=shadow.in_force.number + 1,
            override_ends_at=timezone.now() + timedelta(days=7, minutes=5),
        )
