"""What the gates ask for: set by a manager above a floor that only an admin moves."""

import pytest
from django.test import Client

from reviewapp.errors import InvalidInputError
from reviewapp.models import Cause, Membership, Policy, ProductLine, Record, User
from reviewapp.policy import AutomationLevel
from reviewapp.services.requirements import move_floor, set_requirements
from tests import factories
from tests.pages.test_levels import browser_of, signed

USUAL = {
    "blind_pairs": "1000",
    "days": "5",
    "agreement": "95",
    "evidence": "20",
    "answered_share": "95",
    "calibration_error": "5",
    "partial_days": "14",
    "escape": "0.5",
    "open_containments": "0",
    "certificate_days": "90",
}


@pytest.fixture
def mia_browser(mia: User) -> Client:
    return browser_of(mia)


@pytest.fixture
def ada_browser(ada: User) -> Client:
    return browser_of(ada)


def post_gates(browser: Client, line: ProductLine, **changes: str) -> tuple[int, str]:
    response = browser.post(
        f"/lines/{line.slug}/gates/set/", signed(line, **USUAL | changes)
    )
    line.refresh_from_db()
    return response.status_code, response.content.decode()


def post_floor(browser: Client, line: ProductLine, name: str, to: str) -> int:
    given = signed(line, name=name, to=to, reason="a pilot on scrap parts")
    response = browser.post(f"/lines/{line.slug}/gates/floor/", given)
    line.refresh_from_db()
    return response.status_code


def test_a_manager_signs_what_the_gates_ask_for(
    mia_browser: Client, line: ProductLine
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, requirements={"bake_labels": 300})

    status, _page = post_gates(
        mia_browser, line, blind_pairs="600", escape="0.2", certificate_days="60"
    )

    assert status == 302
    in_force = line.in_force
    asked = in_force.terms().requirements
    assert (asked.blind_pairs, asked.escape, asked.certificate_days) == (600, 0.002, 60)
    assert asked.bake_labels == 300, "what was not asked about stays"
    assert in_force.requirements == {
        "bake_labels": 300,
        "blind_pairs": 600,
        "escape": 0.002,
        "certificate_days": 60,
    }, "only what was changed is written down"
    assert (in_force.cause, in_force.reason) == (Cause.GATES, "three clean weeks")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"blind_pairs": "299"}, "greater than or equal to 300"),
        ({"escape": "2.1"}, "less than or equal to 2"),
        ({"certificate_days": "181"}, "less than or equal to 180"),
        ({"evidence": "19"}, "greater than or equal to 20"),
        ({"agreement": "nan"}, "Enter a number"),
        ({"days": ""}, "This field is required"),
        ({"password": "wrong"}, "This is not your password"),
    ],
)
def test_less_than_a_floor_is_refused_with_the_floor(
    mia_browser: Client, line: ProductLine, change: dict[str, str], words: str
) -> None:
    status, page = post_gates(mia_browser, line, **change)

    assert status == 422
    assert words in page
    assert Policy.objects.filter(line=line).count() == 1


def test_the_service_holds_the_floor_without_the_form(
    line: ProductLine, mia: User
) -> None:
    with pytest.raises(InvalidInputError, match=r"blind_pairs \(floor 300\)"):
        set_requirements(
            line, {"blind_pairs": 200}, by=mia, reason="hurry", seen_policy=1
        )


def test_nothing_changed_is_said(mia_browser: Client, line: ProductLine) -> None:
    status, page = post_gates(mia_browser, line)

    assert status == 409
    assert "Nothing would change" in page


def test_an_admin_lowers_a_floor_in_writing_and_it_is_shown(
    ada_browser: Client, mia_browser: Client, line: ProductLine
) -> None:
    assert post_floor(ada_browser, line, "blind_pairs", "150") == 302

    assert line.in_force.floors == {"blind_pairs": 150}
    assert line.in_force.terms().requirements.blind_pairs == 1000
    assert Record.objects.filter(action="policy.floor", line=line).exists()
    page = mia_browser.get(f"/lines/{line.slug}/gates/").content.decode()
    assert "Blind pairs before assist: 300 → 150" in page
    assert "a pilot on scrap parts" in page
    assert post_gates(mia_browser, line, blind_pairs="150")[0] == 302
    assert line.in_force.floors == {"blind_pairs": 150}, "the floor stays moved"


@pytest.mark.parametrize(
    ("name", "to", "status"),
    [
        ("blind_pairs", "99", 422),
        ("escape", "11", 422),
        ("shifts", "1", 422),
        ("blind_pairs", "300", 409),
    ],
)
def test_no_floor_passes_its_limit(
    ada_browser: Client, line: ProductLine, name: str, to: str, status: int
) -> None:
    assert post_floor(ada_browser, line, name, to) == status
    assert line.in_force.floors == {}


def test_a_floor_does_not_rise_above_what_is_asked_for(
    ada_browser: Client, line: ProductLine
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, requirements={"days": 4})

    assert post_floor(ada_browser, line, "days", "5") == 409


def test_a_manager_moves_no_floor(
    mia_browser: Client, line: ProductLine, mia: User
) -> None:
    assert post_floor(mia_browser, line, "blind_pairs", "150") == 403
    with pytest.raises(InvalidInputError, match="Only an admin"):
        move_floor(line, "days", to=1, by=mia, reason="hurry", seen_policy=1)


def test_an_admin_who_does_not_manage_the_line_sets_no_gate(
    ada_browser: Client, line: ProductLine, ada: User
) -> None:
    assert ada_browser.get(f"/lines/{line.slug}/gates/").status_code == 200
    assert post_gates(ada_browser, line, days="6")[0] == 403
    assert not Membership.objects.filter(user=ada).exists()


def test_canary_steps_keep_to_the_floors(
    mia_browser: Client, ada_browser: Client, line: ProductLine
) -> None:
    steps = {"steps": "5, 100", "bake_days": "1", "bake_labels": "20"}
    address = f"/lines/{line.slug}/canary/steps/"
    assert mia_browser.post(address, signed(line, **steps)).status_code == 422

    post_floor(ada_browser, line, "bake_labels", "20")

    assert mia_browser.post(address, signed(line, **steps)).status_code == 302
