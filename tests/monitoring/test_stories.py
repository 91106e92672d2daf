"""Stories in short: what must ring rings within days, and the rest stays quiet.

The long ones, with pictures and a trained model, are ``./run bench stories``.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import transaction

from monitoring.diagnosis import Findings, Trouble, diagnose_kept
from monitoring.models import Alarm
from monitoring.services import counts, drift, judging
from monitoring.services.findings import findings
from reviewapp.models import Cause, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services.policies import append_policy
from tests import factories
from tests.monitoring.days import answer, label_all, receive

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
QUIET_DAYS, CHANGED_DAYS = 2, 5


@dataclass(frozen=True, kw_only=True)
class Tale:
    """What a day is like: a lamp, and shares of items by model's and person's word."""

    light: float = 0.0
    both_reject: float = 0.04
    escapes: float = 0.008
    overkills: float = 0.003


USUAL = Tale()
STORIES = {
    "stable": (USUAL, set(), None),
    "light": (
        Tale(light=1.0, escapes=0.035, both_reject=0.03),
        {"input_drift", "classifier", "escapes", "disagreement"},
        Trouble.LIGHTING,
    ),
    "new defect": (
        Tale(escapes=0.03),
        {"escapes", "disagreement"},
        Trouble.NEW_DEFECT,
    ),
    "more of the known defects": (
        Tale(both_reject=0.12, escapes=0.024),
        {"predictions", "escapes"},
        Trouble.PREVALENCE,
    ),
    "lint": (
        Tale(overkills=0.055),
        {"overkill", "disagreement", "predictions"},
        Trouble.LOOK_ALIKE,
    ),
    # laxer than in the long stories, to show within five days
    "lax people": (
        Tale(both_reject=0.018, overkills=0.025),
        {"overkill"},
        Trouble.PEOPLE,
    ),
}


def play(line: ProductLine, ana: User, tale: Tale, day: int, n: int) -> None:
    """Play a day; every disagreement is drawn, so that the days differ."""
    rng = np.random.default_rng([7, day])
    at, evening = MONDAY + day * DAY, MONDAY + day * DAY + timedelta(hours=11)
    rows: list[dict[str, float | str | None]] = [
        {"width": float(width) + tale.light, "height": float(height)}
        for width, height in rng.normal(size=(n, 2))
    ]
    shares = [tale.both_reject, tale.escapes, tale.overkills]
    kinds = rng.choice(4, size=n, p=[*shares, 1 - sum(shares)])
    model = [("scratch", "ok", "scratch", "ok")[kind] for kind in kinds]
    person = [("scratch", "scratch", "ok", "ok")[kind] for kind in kinds]
    received = receive(line, rows, at=at)
    answer(line, received, model, at=evening, confidence=rng.uniform(0.85, 0.99, n))
    label_all(line, ana, received, person, at=evening)
    # every minute in life; here before the day's window ends, and after
    counts.roll_up_hours(as_of=evening + HOUR)
    judging.judge_lines(as_of=evening + HOUR)
    line.refresh_from_db()
    counts.roll_up_hours(as_of=at + DAY)
    drift.compare_line(line, at=at + DAY)
    judging.judge_lines(as_of=at + DAY)
    line.refresh_from_db()


def said(found: Findings) -> set[str]:
    """Give the names of the detectors that say yes."""
    names = (
        "input_drift",
        "classifier",
        "predictions",
        "disagreement",
        "escapes",
        "overkill",
    )
    return {name for name in names if getattr(found, name)}


@pytest.fixture
def quiet(line: ProductLine, ana: User) -> ProductLine:
    """A line in assist with two quiet days behind it."""
    version = factories.make_version(line)
    append_policy(
        line,
        cause=Cause.RAISED,
        by=None,
        changes={
            "level": AutomationLevel.ASSIST,
            "live_id": version.pk,
            "blind_share": 1.0,
        },
        as_of=MONDAY,
    )
    line.refresh_from_db()
    for day in range(QUIET_DAYS):
        play(line, ana, USUAL, day, 1_000)
    return line


def test_each_story_rings_what_it_must_and_names_its_cause(
    quiet: ProductLine, ana: User, subtests: pytest.Subtests
) -> None:
    assert said(findings(quiet, at=MONDAY + QUIET_DAYS * DAY)) == set()
    for name, (tale, must, trouble) in STORIES.items():
        with subtests.test(name), transaction.atomic():
            for day in range(QUIET_DAYS, QUIET_DAYS + CHANGED_DAYS):
                play(quiet, ana, tale, day, 400)
            said_at_last = findings(
                quiet, at=MONDAY + (QUIET_DAYS + CHANGED_DAYS) * DAY
            )
            rung = Alarm.objects.exclude(findings={})
            named = {diagnose_kept(alarm.known)[0].trouble for alarm in rung}
            level = quiet.in_force.level
            # each story goes on from the same evening
            transaction.set_rollback(True)
            assert said(said_at_last) == must
            assert named == {trouble} - {None}
            is_lowered = "escapes" in must or "disagreement" in must
            assert level == (
                AutomationLevel.SHADOW if is_lowered else AutomationLevel.ASSIST
            )
        quiet.refresh_from_db()
