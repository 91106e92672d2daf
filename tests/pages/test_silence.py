"""Silence is never calm: each state in which nothing can be said has its own words."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.models import (
    CountRun,
    DriftState,
    DriftWindow,
    HourlyCount,
    Measure,
    Measurement,
    ReferencePart,
    ReferenceSource,
    ReferenceWindow,
    Verdict,
)
from monitoring.services import counts
from monitoring.services.freshness import Missing, gaps
from reviewapp.models import Cause, LineState, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services.policies import append_policy
from tests import factories
from tests.pages.test_boards import browser_of, text

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# What each page says of a line that does well.
CALM = {
    "health/": "The one metric that can be judged is within its bounds",
    "inputs/": "What arrives is what the version knows",
    "agreement/": "Kappa, beyond chance</dt><dd><span",
}
Arrange = Callable[[ProductLine, User], None]


def judged_well(line: ProductLine, *, ago: timedelta) -> None:
    """One metric within its bounds, and all sweeps done, so long ago."""
    at = timezone.now() - ago
    Measurement.objects.create(
        line=line,
        metric="agreement",
        start=at - DAY,
        end=at,
        value=0.96,
        low=0.94,
        high=0.98,
        count=400,
        verdict=Verdict.WITHIN,
    )
    CountRun.objects.create(line=line, counted_to=at)
    LineState.objects.filter(line=line).update(judged_at=at)


def know(line: ProductLine) -> ReferenceWindow:
    """Give the line a version, live for a month, that knows one column."""
    version = factories.make_version(line)
    append_policy(
        line,
        cause=Cause.RAISED,
        by=None,
        changes={"level": AutomationLevel.SHADOW, "live_id": version.pk},
        as_of=timezone.now() - 30 * DAY,
    )
    line.refresh_from_db()
    return ReferenceWindow.objects.create(
        line=line,
        version=version,
        part=ReferencePart.INPUTS,
        source=ReferenceSource.CALIBRATION,
        items=3,
        columns={"value:width": {"kind": "number", "values": [1.0, 1.0, 1.0]}},
    )


def window(
    reference: ReferenceWindow,
    *,
    ago: timedelta = HOUR,
    items: int = 400,
    state: DriftState = DriftState.QUIET,
) -> None:
    """Compare a day that ended so long ago: its one column held one value."""
    compared: dict[str, object] = {"kind": "number", "moved": [], "state": "constant"}
    DriftWindow.objects.create(
        line=reference.line,
        version=reference.version,
        reference=reference,
        start=timezone.now() - ago - DAY,
        end=timezone.now() - ago,
        items=items,
        state=state,
        columns={"value:width": compared} if state == DriftState.QUIET else {},
    )


def workers_died(line: ProductLine, _ana: User) -> None:
    judged_well(line, ago=3 * DAY)


def nothing_is_counted(line: ProductLine, _ana: User) -> None:
    judged_well(line, ago=timedelta(minutes=5))
    CountRun.objects.update(counted_to=timezone.now() - HOUR)


def nobody_judges(line: ProductLine, _ana: User) -> None:
    judged_well(line, ago=timedelta(minutes=5))
    LineState.objects.update(judged_at=timezone.now() - DAY)


def nobody_compares(line: ProductLine, _ana: User) -> None:
    window(know(line), ago=3 * DAY)
    for day in (1, 2):
        hour = (timezone.now() - day * DAY).replace(minute=0, second=0, microsecond=0)
        HourlyCount.objects.create(
            line=line, hour=hour, measure=Measure.ITEM, count=400
        )
    CountRun.objects.create(line=line, counted_to=timezone.now())


def the_comparison_is_old(line: ProductLine, _ana: User) -> None:
    window(know(line), ago=3 * DAY)


def the_window_still_fills(line: ProductLine, _ana: User) -> None:
    window(know(line), ago=3 * DAY)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - DAY
    HourlyCount.objects.create(line=line, hour=hour, measure=Measure.ITEM, count=317)


def no_item_came(line: ProductLine, _ana: User) -> None:
    reference = know(line)
    window(reference, ago=2 * DAY)
    window(reference, items=0, state=DriftState.NO_DATA)


def few_items_came(line: ProductLine, _ana: User) -> None:
    reference = know(line)
    window(reference, ago=2 * DAY)
    window(reference, items=42, state=DriftState.NOT_ENOUGH)


def one_value_came(line: ProductLine, _ana: User) -> None:
    window(know(line))
    factories.make_item(line)
    counts.roll_up_hours()


def one_class_came(line: ProductLine, ana: User) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    for _number in range(3):
        item = factories.make_item(line, captured_at=timezone.now() - HOUR)
        factories.make_prediction(item, version, line.classes.get(key="ok"))
        factories.label_next(ana, line, "ok")
    counts.roll_up_hours()


@pytest.mark.parametrize(
    ("arrange", "path", "words", "is_calm"),
    [
        (workers_died, "health/", "Nothing has been measured since", False),
        (nothing_is_counted, "health/", "No hour has been counted since", False),
        (nobody_judges, "health/", "Nobody has judged this line since", False),
        (workers_died, "inputs/", "Nothing has been measured since", False),
        (workers_died, "metrics/agreement/", "Nothing has been measured", False),
        (workers_died, "agreement/", "Nothing has been measured since", False),
        (workers_died, "stages/", "Nothing has been measured since", False),
        (workers_died, "report/", "Nothing has been measured since", False),
        (nobody_compares, "inputs/", "arrives has not been compared since", False),
        (nobody_compares, "", "arrives has not been compared since", False),
        (the_comparison_is_old, "inputs/", "Nothing has been compared since", False),
        (the_window_still_fills, "inputs/", "holds 317 of 400 items so far.", False),
        (no_item_came, "inputs/", "No item came in the last window.", False),
        (few_items_came, "inputs/", "in the last window: 42 of 200.", False),
        (one_value_came, "inputs/", "has one value only, as before", True),
        (one_class_came, "agreement/", "not defined: one class only", False),
        (one_class_came, "agreement/", "not enough data: 3 of 200", False),
    ],
)
def test_a_page_says_what_is_missing_and_is_not_calm_about_it(
    line: ProductLine,
    mia: User,
    ana: User,
    arrange: Arrange,
    path: str,
    words: str,
    *,
    is_calm: bool,
) -> None:
    arrange(line, ana)

    page = text(browser_of(mia), f"/lines/{line.slug}/{path}")

    said = re.sub(r"\s+", " ", page)
    assert words in said
    assert (CALM.get(path, "nothing is said of calm") in said) is is_calm


def test_a_comparison_is_missed_once_it_was_due_for_hours(
    line: ProductLine, ana: User
) -> None:
    nobody_compares(line, ana)
    last = DriftWindow.objects.get()

    found = {gap.missing: gap.since for gap in gaps(line, at=timezone.now())}

    assert found == {Missing.COMPARISONS: last.end}
    window(last.reference or know(line), ago=HOUR)
    assert gaps(line, at=timezone.now()) == []
