"""What each story of a line must ring, in how many days, what must stay quiet, and why.

One run of eight may do otherwise, where chance is what it is; of fewer runs none.
"""

from dataclasses import dataclass, field
from typing import Any

from monitoring.diagnosis import Trouble

ALLOWED = 8  # one of so many runs may differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """``must`` says within how many days of the change a detector says yes, at most.

    ``later`` says the same of runs that go on for so long, and of no others.
    """

    must: dict[str, int] = field(default_factory=dict)
    later: dict[str, int] = field(default_factory=dict)
    quiet: tuple[str, ...] = ()
    named: Trouble | None = None


LABELS = ("escapes", "disagreement", "overkill", "inspectors")
INPUTS = ("input_drift", "classifier", "predictions")
EXPECTED = {
    "stable": Expected(quiet=INPUTS + LABELS),
    "late_senior": Expected(quiet=INPUTS + LABELS),
    "sudden_light": Expected(
        must={"input_drift": 1, "classifier": 4},
        later={"escapes": 20},
        quiet=("predictions", "overkill"),
        named=Trouble.LIGHTING,
    ),
    "slow_light": Expected(
        must={"input_drift": 4, "classifier": 4},
        quiet=("predictions", "overkill"),
        named=Trouble.LIGHTING,
    ),
    "new_defect": Expected(
        must={"escapes": 3, "disagreement": 4},
        quiet=(*INPUTS, "overkill"),
        named=Trouble.NEW_DEFECT,
    ),
    "decided": Expected(quiet=INPUTS + LABELS),
    "new_defect_decided": Expected(
        later={"escapes": 25},
        quiet=(*INPUTS, "overkill"),
        named=Trouble.NEW_DEFECT,
    ),
    "fainter_defects": Expected(
        must={"escapes": 3, "disagreement": 4},
        quiet=(*INPUTS, "overkill"),
        named=Trouble.NEW_DEFECT,
    ),
    "more_defects": Expected(
        must={"predictions": 2},
        quiet=("overkill", "inspectors"),
        named=Trouble.PREVALENCE,
    ),
    "lint_season": Expected(
        must={"overkill": 1, "disagreement": 1, "predictions": 5},
        quiet=("classifier", "escapes"),
        named=Trouble.LOOK_ALIKE,
    ),
    "lax_inspectors": Expected(
        must={"overkill": 6},
        quiet=(*INPUTS, "escapes"),
        named=Trouble.PEOPLE,
    ),
}


def broken(story: str, runs: list[dict[str, Any]], *, change_day: int) -> list[str]:
    """Say in words what the runs of a story did otherwise; empty where nothing."""
    expected = EXPECTED[story]
    told = []
    for name, within in (expected.must | expected.later).items():
        asked = runs if name in expected.must else _as_long(runs, change_day + within)
        days = [first_day(run, name, since=change_day) for run in asked]
        late = [day for day in days if day is None or day > within]
        told.append((f"{name} later than {within} days, or never", len(late)))
    for name in expected.quiet:
        rang = [run for run in runs if first_day(run, name, since=0) is not None]
        told.append((f"{name} was not quiet", len(rang)))
    if expected.named is not None:
        other = [run for run in runs if set(at_the_end(run)) != {expected.named.value}]
        told.append((f"an alarm does not name {expected.named.value}", len(other)))
    return [
        f"{story}: {what}, in {count} of {len(runs)} runs"
        for what, count in told
        if count > len(runs) // ALLOWED
    ]


def _as_long(runs: list[dict[str, Any]], until: int) -> list[dict[str, Any]]:
    return [run for run in runs if run["days"][-1]["day"] >= until]


def first_day(run: dict[str, Any], name: str, *, since: int) -> int | None:
    """Say how many days after a day a detector first said yes."""
    days = (
        one["day"] - since
        for one in run["days"]
        if one["day"] >= since and one["findings"][name]
    )
    return next(days, None)


def at_the_end(run: dict[str, Any]) -> list[str]:
    """Give what each open alarm's page names on the last evening."""
    return list(run["days"][-1]["named"].values())
