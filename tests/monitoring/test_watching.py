"""Watching bounds: one window warns, two that share little ring, two within end it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from monitoring.models import (
    Alarm,
    AlarmCause,
    AlarmState,
    CountRun,
    HourlyCount,
    Measure,
    Measurement,
    MetricState,
    Verdict,
)
from monitoring.services import calendars
from monitoring.services.bounds import set_bound
from monitoring.services.freshness import Missing, gaps
from monitoring.services.measurements import measure_line
from monitoring.services.watching import LARGEST_SHARED, warned, watch
from monitoring.stats.intervals import wilson
from monitoring.worktime import Shift
from reviewapp.models import LineState, ProductLine, User

# A Monday, in the line's zone of UTC.
START = datetime(2026, 3, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def measured(
    line: ProductLine,
    hour: int,
    verdict: Verdict = Verdict.LOW,
    *,
    metric: str = "agreement",
    value: float | None = 0.8,
    **values: Any,
) -> datetime:
    """A day's window that ends so many hours after the start; gives its end."""
    end = START + hour * HOUR
    Measurement.objects.create(
        line=line,
        metric=metric,
        start=end - DAY,
        end=end,
        value=value,
        count=400,
        verdict=verdict,
        **values,
    )
    return end


def test_one_window_out_of_bounds_warns_and_does_not_ring(line: ProductLine) -> None:
    at = measured(line, 24)

    assert watch(line, at=at) == 0

    [one] = warned(line, at=at)
    assert one.metric.key == "agreement"
    assert not Alarm.objects.exists()


def test_windows_that_share_most_of_their_hours_are_one(line: ProductLine) -> None:
    for hour in range(24, 42):
        at = measured(line, hour)
        assert watch(line, at=at) == 0, hour


def test_two_windows_that_share_a_quarter_ring_once(line: ProductLine) -> None:
    for hour in range(24, 42):
        measured(line, hour)
    at = measured(line, 42)

    assert watch(line, at=at) == 1
    assert watch(line, at=measured(line, 43)) == 0

    alarm = Alarm.objects.get()
    assert (alarm.cause, alarm.subject) == (AlarmCause.OUT_OF_BOUNDS, "agreement")
    assert alarm.began_at == START
    assert alarm.figures["verdict"] == "low"
    assert warned(line, at=at) == []
    line.state.refresh_from_db()
    assert (line.state.open_alarms, line.state.alarm_since) == (1, at)


@pytest.mark.parametrize("between", [Verdict.WITHIN, Verdict.HIGH])
def test_a_window_in_between_that_says_otherwise_breaks_the_row(
    line: ProductLine, between: Verdict
) -> None:
    measured(line, 24)
    measured(line, 40, between)
    at = measured(line, 48)

    assert watch(line, at=at) == 0


@pytest.mark.parametrize("between", [Verdict.NOT_ENOUGH, Verdict.NO_DATA])
def test_a_window_without_enough_data_says_nothing(
    line: ProductLine, between: Verdict
) -> None:
    measured(line, 24)
    measured(line, 40, between)
    at = measured(line, 48)

    assert watch(line, at=at) == 1


@pytest.mark.parametrize("state", [MetricState.MUTED, MetricState.RETIRED])
def test_a_muted_metric_never_rings(
    line: ProductLine, mia: User, state: MetricState
) -> None:
    set_bound(line, "agreement", lower=0.9, upper=None, fewest=200, state=state, by=mia)
    measured(line, 24)
    at = measured(line, 48)

    assert watch(line, at=at) == 0
    assert warned(line, at=at) == []


def test_an_alarm_recovers_after_two_windows_well_within(line: ProductLine) -> None:
    measured(line, 24)
    watch(line, at=measured(line, 48))
    alarm = Alarm.objects.get()

    watch(line, at=measured(line, 72, Verdict.WITHIN, value=0.92))
    alarm.refresh_from_db()
    assert alarm.is_open
    watch(line, at=measured(line, 96, Verdict.WITHIN, value=0.92))

    alarm.refresh_from_db()
    assert (alarm.state, alarm.cleared_at) == (AlarmState.RECOVERED, START + 96 * HOUR)
    line.state.refresh_from_db()
    assert line.state.open_alarms == 0


def test_an_alarm_does_not_recover_just_inside_its_bound(line: ProductLine) -> None:
    measured(line, 24)
    watch(line, at=measured(line, 48))

    for hour in (72, 96, 120):
        watch(line, at=measured(line, hour, Verdict.WITHIN, value=0.905))

    assert Alarm.objects.open().exists()


def test_what_is_read_at_a_moment_rings_on_two_readings(line: ProductLine) -> None:
    measured(line, 24, Verdict.HIGH, metric="backlog", value=20_000)
    assert watch(line, at=START + 24 * HOUR) == 0

    at = measured(line, 25, Verdict.HIGH, metric="backlog", value=20_000)

    assert watch(line, at=at) == 1


def test_old_windows_do_not_ring(line: ProductLine) -> None:
    measured(line, 24)
    at = measured(line, 48) + timedelta(hours=4)

    assert not Alarm.objects.filter(cause=AlarmCause.OUT_OF_BOUNDS).exists()
    watch(line, at=at)

    alarm = Alarm.objects.get()
    assert (alarm.cause, alarm.subject) == (AlarmCause.NO_DATA, "measurements")


def test_a_backlog_at_night_is_no_alarm(line: ProductLine, mia: User) -> None:
    day = [Shift(weekday=d, start=time(6), end=time(22)) for d in range(7)]
    calendars.set_week(line, shifts=day, holidays=[], by=mia)
    measured(line, 47, Verdict.HIGH, metric="backlog", value=20_000)

    at = measured(line, 48, Verdict.HIGH, metric="backlog", value=20_000)

    assert watch(line, at=at) == 0
    measured(line, 31 + 24, Verdict.HIGH, metric="backlog", value=20_000)
    at = measured(line, 32 + 24, Verdict.HIGH, metric="backlog", value=20_000)
    assert watch(line, at=at) == 1


def came(line: ProductLine, at: datetime) -> None:
    HourlyCount.objects.create(line=line, hour=at, measure=Measure.ITEM, count=50)


def test_a_line_that_asks_for_items_rings_when_none_come(
    line: ProductLine, mia: User
) -> None:
    came(line, START)
    at = START + 5 * HOUR
    assert gaps(line, at=at) == []
    set_bound(line, "items_per_hour", lower=1, upper=None, fewest=1, by=mia)

    assert watch(line, at=at - timedelta(minutes=1)) == 0
    assert watch(line, at=at) == 1

    alarm = Alarm.objects.get()
    assert (alarm.cause, alarm.subject) == (AlarmCause.NO_DATA, "items")
    assert alarm.began_at == START + HOUR
    came(line, at)
    watch(line, at=at + HOUR)
    alarm.refresh_from_db()
    assert alarm.state == AlarmState.RECOVERED


def test_a_line_that_asks_for_no_pace_says_that_nothing_came_and_rings_nobody(
    line: ProductLine,
) -> None:
    came(line, START)
    at = START + HOUR + DAY
    assert gaps(line, at=at - timedelta(minutes=1)) == []

    [gap] = gaps(line, at=at)

    assert (gap.missing, gap.since, gap.ages_figures) == (
        Missing.ITEMS,
        START + HOUR,
        True,
    )
    assert watch(line, at=at) == 0
    assert not Alarm.objects.exists()


def test_a_night_a_holiday_and_a_planned_pause_without_items_are_calm(
    line: ProductLine, mia: User
) -> None:
    set_bound(line, "items_per_hour", lower=1, upper=None, fewest=1, by=mia)
    day = [Shift(weekday=d, start=time(6), end=time(14)) for d in range(7)]
    calendars.set_week(line, shifts=day, holidays=[date(2026, 3, 3)], by=mia)
    calendars.plan_pause(
        line,
        starts_at=START + 2 * DAY,
        ends_at=START + 3 * DAY,
        reason="new lamp",
        by=mia,
    )
    came(line, START + 13 * HOUR)

    for hours in range(14, 72, 2):
        assert watch(line, at=START + hours * HOUR) == 0, hours
    assert watch(line, at=START + 3 * DAY + 10 * HOUR) == 1


def test_a_line_that_went_silent_in_a_shift_stays_so_over_the_night(
    line: ProductLine, mia: User
) -> None:
    set_bound(line, "items_per_hour", lower=1, upper=None, fewest=1, by=mia)
    day = [Shift(weekday=d, start=time(6), end=time(14)) for d in range(5)]
    calendars.set_week(line, shifts=day, holidays=[], by=mia)
    friday = START + 4 * DAY
    came(line, friday + 7 * HOUR)

    rung = [watch(line, at=friday + hours * HOUR) for hours in range(8, 5 * 24, 3)]

    assert sum(rung) == 1
    alarm = Alarm.objects.get()
    assert alarm.is_open
    assert gaps(line, at=friday + 5 * DAY)
    came(line, friday + 5 * DAY)
    watch(line, at=friday + 5 * DAY + HOUR)
    alarm.refresh_from_db()
    assert alarm.state == AlarmState.RECOVERED


def test_counts_and_judgements_that_are_too_old_are_said(line: ProductLine) -> None:
    CountRun.objects.create(line=line, counted_to=START)
    LineState.objects.filter(line=line).update(judged_at=START)
    line.refresh_from_db()

    assert gaps(line, at=START + timedelta(minutes=29)) == []
    found = {gap.missing: gap.since for gap in gaps(line, at=START + HOUR)}

    assert found == {Missing.COUNTS: START, Missing.JUDGEMENT: START}


def test_a_pace_is_one_of_working_hours(line: ProductLine, mia: User) -> None:
    day = [Shift(weekday=d, start=time(6), end=time(14)) for d in range(7)]
    calendars.set_week(line, shifts=day, holidays=[], by=mia)
    for hour in range(6, 14):
        came(line, START + hour * HOUR)
    end = START + DAY
    CountRun.objects.create(line=line, counted_to=end)

    found = {m.metric: m for m in measure_line(line, at=end)}

    assert found["items_per_hour"].value == 50


@pytest.mark.parametrize("share", [0.02, 0.9, 0.95])
@pytest.mark.parametrize("items", [200, 400])
def test_a_share_at_its_bound_rings_by_chance_less_than_once_in_a_hundred_pairs(
    share: float, items: int
) -> None:
    runs, rng = 100_000, np.random.default_rng(7)
    shared = int(items * LARGEST_SHARED)
    both = rng.binomial(shared, share, runs)
    first, second = (both + rng.binomial(items - shared, share, runs) for _ in "12")
    bounds = [wilson(k, items) for k in range(items + 1)]

    for is_out in (
        np.array([one.high < share for one in bounds]),
        np.array([one.low > share for one in bounds]),
    ):
        assert (is_out[first] & is_out[second]).mean() < 0.01
