"""Counting after days without a worker: step by step, the oldest first, and whole."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from monitoring.models import CountRun, DailyCount, HourlyCount, Measure
from monitoring.services import counts
from reviewapp.models import Item, LineState, ProductLine
from tests import factories

FIRST = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = 60
HOUR = timedelta(hours=1)
FIELDS = ("hour", "measure", "route", "count")


@pytest.fixture
def behind(line: ProductLine) -> ProductLine:
    """A line with an item in each of sixty hours, none of them counted."""
    LineState.objects.filter(line=line).update(judged_at=FIRST)
    for number in range(HOURS):
        at = FIRST + number * HOUR
        factories.make_item(line, captured_at=at, as_of=at)
    return line


def rows(line: ProductLine) -> list[tuple[Any, ...]]:
    found = HourlyCount.objects.of_line(line).order_by(*FIELDS)
    return [*found.values_list(*FIELDS)]


def test_a_backlog_is_counted_in_steps_that_each_stand(
    behind: ProductLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "LONGEST_RUN_S", 0.0)
    now = timezone.now()
    reached = []
    for _ in range(3):
        counts.roll_up_hours(as_of=now)
        reached.append(CountRun.objects.get(line=behind).counted_to)
        # an item that comes late to an hour that was counted already
        late = FIRST + timedelta(minutes=30)
        factories.make_item(behind, captured_at=late, as_of=now)
    assert reached == [FIRST + 24 * HOUR, FIRST + 47 * HOUR, now]

    counts.roll_up_hours(as_of=now + HOUR)

    run = CountRun.objects.get(line=behind)
    assert (run.waiting, run.counted_to) == ([], now + HOUR)
    stepwise, items = rows(behind), Item.objects.count()
    assert sum(row[-1] for row in stepwise if row[1] == Measure.ITEM) == items
    of_days = DailyCount.objects.filter(line=behind, measure=Measure.ITEM)
    assert sum(of_days.values_list("count", flat=True)) == items
    counts.recount(behind, at=now + HOUR)
    assert rows(behind) == stepwise


def test_a_run_that_has_time_counts_the_whole_backlog(behind: ProductLine) -> None:
    assert counts.roll_up_hours() == HOURS
    assert CountRun.objects.get(line=behind).waiting == []


def test_hours_that_count_already_are_counted_anew_and_hold_nothing_back(
    behind: ProductLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    counts.roll_up_hours(as_of=now)
    whole = rows(behind)
    hours = [FIRST + number * HOUR for number in range(HOURS)]
    CountRun.objects.update(anew=[hour.isoformat() for hour in hours])
    HourlyCount.objects.filter(hour__in=hours[::2]).delete()
    monkeypatch.setattr(counts, "LONGEST_RUN_S", 0.0)

    left = []
    for minute in range(1, 4):
        at = now + minute * HOUR / 60
        counts.roll_up_hours(as_of=at)
        run = CountRun.objects.get(line=behind)
        left.append(len(run.anew))
        assert run.counted_to == at, "all that was touched counts"
        assert run.is_whole_before(at) is (left[-1] == 0)

    assert left == [HOURS - counts.HOURS_A_STEP, HOURS - 2 * counts.HOURS_A_STEP, 0]
    assert rows(behind) == whole


def test_a_line_that_cannot_be_counted_holds_up_no_other(
    behind: ProductLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.make_line(name="Other")
    factories.make_item(other, captured_at=FIRST, as_of=FIRST)
    whole = counts._recount

    def broken(line: ProductLine, *given: Any) -> None:
        if line == behind:
            raise OperationalError("canceling statement due to statement timeout")
        whole(line, *given)

    monkeypatch.setattr(counts, "_recount", broken)

    with pytest.raises(OperationalError, match="statement timeout"):
        counts.roll_up_hours()

    assert rows(other)
    assert not CountRun.objects.filter(line=behind).exists()
