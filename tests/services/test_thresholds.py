"""Choosing thresholds: stricter than certified or as certified, never looser."""

from typing import Any

import pytest

from reviewapp.errors import ConflictError, GateShutError, StalePolicyError
from reviewapp.models import Policy, ProductLine, Record, User
from reviewapp.policy import AutomationLevel
from reviewapp.services.thresholds import choose_thresholds
from tests import factories


@pytest.fixture
def certified(line: ProductLine) -> ProductLine:
    """A line whose class OK is certified from 0.8 for the live version."""
    version = factories.make_version(line)
    factories.put_at(line, AutomationLevel.SHADOW, live_id=version.pk)
    held = {
        "fingerprint": version.fingerprint,
        "threshold": 0.8,
        "max_error": 0.005,
        "delta": 0.025,
        "labels": 900,
        "errors": 0,
        "upper": 0.004,
    }
    factories.put_at(
        line, AutomationLevel.PARTIAL, live_id=version.pk, certificates={"ok": held}
    )
    return line


def choose(
    line: ProductLine, mia: User, thresholds: dict[str, float | None], **changes: Any
) -> Policy:
    in_force = line.in_force
    given: dict[str, Any] = {
        "canary_share": in_force.canary_share,
        "blind_share": in_force.blind_share,
        "audit_shares": {},
        "by": mia,
        "reason": "fewer errors wanted",
        "seen_policy": in_force.number,
    }
    return choose_thresholds(line, thresholds, **given | changes)


def test_a_stricter_threshold_decides_from_there_and_is_recorded(
    certified: ProductLine, mia: User
) -> None:
    made = choose(certified, mia, {"ok": 0.9})

    held = made.terms().certificates["ok"]
    assert (held.threshold, held.decides_from) == (0.8, 0.9)
    assert Record.objects.filter(action="policy.changed", line=certified).exists()


def test_a_choice_can_be_given_up_for_the_certified_threshold(
    certified: ProductLine, mia: User
) -> None:
    choose(certified, mia, {"ok": 0.9})
    certified.refresh_from_db()

    made = choose(certified, mia, {"ok": None})

    assert made.terms().certificates["ok"].decides_from == 0.8


@pytest.mark.parametrize(
    ("thresholds", "changes", "words"),
    [
        ({"ok": 0.79}, {}, "stricter, never looser"),
        ({"scratch": 0.99}, {}, "has no certificate of the live version"),
        ({}, {"canary_share": 0.5}, "goes through its own gates"),
    ],
)
def test_what_is_looser_than_certified_or_gated_is_refused(
    certified: ProductLine,
    mia: User,
    thresholds: dict[str, float | None],
    changes: dict[str, float],
    words: str,
) -> None:
    before = certified.in_force.number

    with pytest.raises(GateShutError, match=words):
        choose(certified, mia, thresholds, **changes)

    certified.refresh_from_db()
    assert certified.in_force.number == before


def test_a_certificate_of_another_version_gives_no_choice(
    certified: ProductLine, mia: User
) -> None:
    factories.put_at(
        certified,
        AutomationLevel.SHADOW,
        live_id=factories.make_version(certified).pk,
    )

    with pytest.raises(GateShutError, match="no certificate of the live version"):
        choose(certified, mia, {"ok": 0.9})


def test_what_was_only_tried_out_is_not_signed(
    certified: ProductLine, mia: User
) -> None:
    with pytest.raises(GateShutError, match="Certify it first"):
        choose(certified, mia, {"ok": 0.9, "scratch": 0.7})

    made = choose(certified, mia, {"ok": 0.9, "scratch": None})

    assert {*made.certificates} == {"ok"}


def test_nothing_to_change_makes_no_policy(certified: ProductLine, mia: User) -> None:
    with pytest.raises(ConflictError, match="Nothing would change"):
        choose(certified, mia, {"ok": None})


def test_a_page_made_for_an_earlier_policy_chooses_nothing(
    certified: ProductLine, mia: User
) -> None:
    with pytest.raises(StalePolicyError):
        choose(certified, mia, {"ok": 0.9}, seen_policy=1)
