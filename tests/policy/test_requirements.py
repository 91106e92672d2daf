"""Floors: how little a gate may ask, and which way is less."""

from dataclasses import asdict

import pytest

from reviewapp.policy import Requirements
from reviewapp.requirements import (
    RANGES,
    Range,
    below_floor,
    changed,
    loosened,
    outside,
)

USUAL = Requirements()


def test_every_number_that_opens_a_gate_has_a_floor() -> None:
    without = {"shifts", "canary_steps", "canary_advances", "second_person"}

    assert {*asdict(USUAL)} - without == {*RANGES}


@pytest.mark.parametrize(("name", "one"), RANGES.items())
def test_the_product_s_own_values_lie_above_their_floors(name: str, one: Range) -> None:
    usual = getattr(USUAL, name)

    assert below_floor({name: usual}, {}) == {}
    assert outside({name: usual}) == []
    assert not one.is_laxer(one.strictest, one.floor)
    assert one.is_laxer(one.limit, one.floor)


@pytest.mark.parametrize(
    ("name", "value"), [("blind_pairs", 299), ("escape", 0.021), ("agreement", 0.89)]
)
def test_less_than_the_floor_is_named_with_it(name: str, value: float) -> None:
    assert below_floor({name: value}, {}) == {name: RANGES[name].floor}


def test_a_floor_that_was_moved_is_the_one_that_holds() -> None:
    assert below_floor({"blind_pairs": 150}, {"blind_pairs": 100}) == {}
    assert below_floor({"blind_pairs": 350}, {"blind_pairs": 400}) == {
        "blind_pairs": 400
    }


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0, -1])
def test_what_is_no_number_of_pairs_lies_outside(value: float) -> None:
    assert outside({"blind_pairs": value}) == ["blind_pairs"]


def test_for_an_error_and_an_age_more_is_laxer() -> None:
    wanted = {"escape": 0.01, "certificate_days": 120, "agreement": 0.97, "days": 4}

    assert loosened(USUAL, wanted) == ["escape", "certificate_days", "days"]
    assert changed(USUAL, wanted | {"blind_pairs": 1000}) == wanted
