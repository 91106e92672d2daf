"""Readings: how metrics moved, which of them nobody needs, and days of each kind."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from monitoring.catalogue import CATALOGUE
from monitoring.models import AlarmCause, Bound, Measurement, Verdict
from monitoring.services import alarms, counts
from monitoring.services.bounds import asked_of, set_bound
from monitoring.services.calendars import set_week
from monitoring.services.measurements import measure, window_of
from monitoring.services.readings import proposed_for_retirement, shift_of
from monitoring.services.series import Point, Span, series, share_point
from monitoring.worktime import Shift
from reviewapp.models import ProductLine, User
from reviewapp.policy import AutomationLevel
from tests import factories

FIRST = date(2026, 3, 1)
SPAN = Span(first=FIRST, last=FIRST + timedelta(days=4), zone=ZoneInfo("UTC"))
LATER = datetime(2026, 3, 4, 12, tzinfo=UTC)


def days(parts: list[int], *, of: int = 100) -> list[Point]:
    return [
        share_point(FIRST + timedelta(days=number), part, of)
        for number, part in enumerate(parts)
    ]


def test_a_fall_beyond_chance_is_told_from_noise() -> None:
    fallen = shift_of(days([95] * 10 + [80] * 7))
    held = shift_of(days([95] * 10 + [94] * 7))

    assert fallen is not None
    assert held is not None
    assert (fallen.before.value, fallen.after.value) == (0.95, 0.8)
    assert fallen.is_beyond_chance
    assert not fallen.has_risen
    assert held.is_beyond_chance is False


def test_a_metric_without_interval_claims_nothing_about_chance() -> None:
    points = [
        Point(day=FIRST + timedelta(days=number), value=float(number), count=3)
        for number in range(10)
    ]

    shift = shift_of(points)

    assert shift is not None
    assert shift.is_beyond_chance is None
    assert shift_of(points[-5:]) is None
    assert shift_of([]) is None


def test_days_of_a_share_a_pace_and_an_amount(line: ProductLine, ana: User) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    now = timezone.now()
    today = now.date()
    span = Span(first=today - timedelta(days=3), last=today, zone=ZoneInfo("UTC"))
    for key in ("ok", "ok", "scratch"):
        item = factories.make_item(line, captured_at=now)
        factories.make_prediction(item, version, line.classes.get(key="ok"))
        factories.label_next(ana, line, key)
    counts.roll_up_hours()
    midnight = datetime.combine(today, time.min, tzinfo=UTC)
    keys = ("agreement", "items_per_hour", "prediction_p95")

    found = series(
        line, [CATALOGUE[key] for key in keys], span, at=midnight + timedelta(hours=6)
    )

    [agreement], [pace], [latency] = (found[key] for key in keys)
    assert (agreement.day, agreement.count) == (today, 3)
    assert agreement.part == pytest.approx(2)
    assert pace.value == 3 / 6
    assert latency.value == pytest.approx(1.0, rel=0.021)


def test_a_day_of_one_shift_shows_the_pace_that_is_measured(
    line: ProductLine, mia: User
) -> None:
    monday = date(2026, 3, 2)
    shift = Shift(weekday=0, start=time(8), end=time(16))
    set_week(line, shifts=[shift], holidays=[], by=mia)
    midnight = datetime.combine(monday, time.min, tzinfo=UTC)
    for hours in (9, 10, 11, 12, 34):
        factories.make_item(line, captured_at=midnight + timedelta(hours=hours))
    counts.roll_up_hours()
    metric = CATALOGUE["items_per_hour"]
    window = window_of(line, end=midnight + timedelta(days=1))

    found = series(line, [metric], SPAN, at=LATER)[metric.key]
    at_noon = series(line, [metric], SPAN, at=midnight + timedelta(hours=12))

    # on Tuesday, when nobody works, one item came, and there is no pace
    assert [(point.day, point.value) for point in found] == [(monday, 4 / 8)]
    assert at_noon[metric.key][0].value == 4 / 4
    assert measure(replace(window, start=midnight), metric).value == 4 / 8


def test_what_cannot_be_added_up_is_the_last_measurement_of_its_day(
    line: ProductLine,
) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    for hours, value in ((-2, 0.1), (0, 0.2), (1, 0.3)):
        end = midnight + timedelta(hours=hours)
        Measurement.objects.create(
            line=line,
            metric="brier",
            start=end - timedelta(days=1),
            end=end,
            value=value,
            count=50,
            verdict=Verdict.UNBOUNDED,
        )

    found = series(line, [CATALOGUE["brier"]], SPAN, at=LATER)["brier"]

    assert [(p.day, p.value) for p in found] == [
        (FIRST, 0.2),
        (FIRST + timedelta(days=1), 0.3),
    ]


def test_a_metric_nobody_acted_on_is_proposed_and_a_gates_one_never(
    line: ProductLine, mia: User
) -> None:
    now = timezone.now()
    asked = asked_of(line)
    young = proposed_for_retirement(line, asked, at=now)

    set_bound(line, "backlog", lower=None, upper=5, fewest=0, by=mia, reason="less")
    [acted] = Bound.objects.filter(line=line, metric="backlog")
    later = acted.set_at + timedelta(days=90)
    soon = proposed_for_retirement(line, asked, at=later)
    unused = proposed_for_retirement(line, asked, at=now + timedelta(days=91))

    assert young == set()
    assert "skip_share" in soon
    assert "backlog" not in soon
    assert "agreement" not in unused
    assert "backlog" in unused


def test_a_metric_whose_alarm_nobody_heeds_is_proposed_and_a_heeded_one_is_not(
    line: ProductLine, mia: User
) -> None:
    asked = asked_of(line)
    now = timezone.now()
    later = now + timedelta(days=91)
    rung = [
        alarms.ring(
            line,
            cause=AlarmCause.OUT_OF_BOUNDS,
            subject=subject,
            figures={},
            at=later - timedelta(days=100 if subject == "null_share" else 1),
        )
        for subject in ("skip_share", "redo_share", "null_share")
    ]
    noisy, heeded, old = rung
    assert noisy is not None
    assert heeded is not None
    assert old is not None

    alarms.acknowledge(noisy, by=mia, seen=noisy.turn)
    with time_machine.travel(later - timedelta(hours=1)):
        alarms.note(heeded, by=mia, words="the buttons were too near")
        alarms.clear_alarm(old, by=mia, found="the host was full")

    proposed = proposed_for_retirement(line, asked, at=later)
    assert "skip_share" in proposed
    assert not {"redo_share", "null_share"} & proposed
