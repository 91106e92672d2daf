"""The long stories' bench tells a story that went otherwise, and in how many runs."""

from typing import Any

import pytest

from bench.expectations import EXPECTED, broken
from bench.stories import DETECTORS, STORIES, summaries

CHANGE_DAY = 12


def run(
    day: int, *rings: str, named: str = "new_defect", lasts: int = 6
) -> dict[str, Any]:
    """A run in which detectors say yes from a day on, and alarms name a cause."""
    days = [
        {
            "day": at,
            "findings": {name: at >= day and name in rings for name in DETECTORS},
            "named": {"escapes": named} if at >= day and rings else {},
        }
        for at in range(CHANGE_DAY + lasts)
    ]
    alarm = {"cause": "escapes", "day": day + 1, "began_day": day, "lowered": True}
    rang = [alarm] if rings else []
    return {"story": "new_defect", "level": "Shadow", "alarms": rang, "days": days}


def test_every_story_says_what_is_expected_of_it() -> None:
    assert set(EXPECTED) == set(STORIES)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (run(14, "escapes", "disagreement"), ""),
        (run(16, "escapes", "disagreement"), "escapes later than 3 days, or never"),
        (run(14, "escapes"), "disagreement later than 4 days, or never"),
        (run(14, "escapes", "disagreement", "overkill"), "overkill was not quiet"),
        (
            run(14, "escapes", "disagreement", named="people"),
            "an alarm does not name new_defect",
        ),
    ],
)
def test_a_run_that_goes_otherwise_is_told(other: dict[str, Any], told: str) -> None:
    usual = run(13, "escapes", "disagreement")

    of_two = broken("new_defect", [usual, other], change_day=CHANGE_DAY)
    of_eight = broken("new_defect", [*[usual] * 7, other], change_day=CHANGE_DAY)

    assert of_two == ([f"new_defect: {told}, in 1 of 2 runs"] if told else [])
    assert of_eight == []  # chance may do so once in eight runs


def test_what_takes_weeks_is_asked_of_runs_that_go_on_for_so_long() -> None:
    seen = ("input_drift", "classifier")
    short = run(12, *seen, named="lighting")
    long = run(12, *seen, named="lighting", lasts=30)

    assert broken("sudden_light", [short], change_day=CHANGE_DAY) == []
    assert broken("sudden_light", [long, short], change_day=CHANGE_DAY) == [
        "sudden_light: escapes later than 20 days, or never, in 1 of 2 runs"
    ]


def test_a_summary_says_what_was_named_and_what_went_otherwise() -> None:
    runs = [run(13, "escapes", "disagreement"), run(14, "escapes", named="people")]

    found = summaries(runs, change_day=CHANGE_DAY)["new_defect"]

    assert found["named"] == [[["new_defect"]], [["people"]]]
    assert found["escapes"] == {"before": 0, "fired": 1.0, "days": 1.5}
    assert len(found["broken"]) == 2
