"""Days are the sums of their hours, whatever is counted anew, and in any zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitoring.models import CountRun, DailyColumn, DailyCount
from monitoring.services import counts
from monitoring.windows.days import columns_by_day, counted_by_day
from reviewapp.models import ProductLine
from tests import factories

FIRST = date(2026, 3, 1)
NIGHT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
LATER = datetime(2026, 3, 5, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
SEOUL = ZoneInfo("Asia/Seoul")


def items_by_day(
    line: ProductLine, zone: ZoneInfo, *, days: int = 10
) -> dict[date, int]:
    found: dict[date, int] = {}
    end = FIRST + timedelta(days=days)
    for one in counted_by_day(line, FIRST, end, zone=zone, measures=["item"]):
        assert one.day is not None
        found[one.day] = found.get(one.day, 0) + one.count
    return found


@pytest.fixture
def filled(line: ProductLine) -> ProductLine:
    """A line with 2 items late on the first day, 1 on the second and 1 on the fifth."""
    for hours in (0, 0, 2, 85):
        factories.make_item(line, captured_at=NIGHT + timedelta(hours=hours))
    counts.roll_up_hours(as_of=LATER)
    return line


def test_finished_days_stand_as_sums_and_the_present_one_does_not(
    filled: ProductLine,
) -> None:
    assert CountRun.objects.get().summed_before == LATER.date()
    assert set(DailyCount.objects.values_list("day", "count")) == {
        (FIRST, 2),
        (FIRST + timedelta(days=1), 1),
    }


def test_days_read_alike_from_sums_and_from_hours(filled: ProductLine) -> None:
    summed = items_by_day(filled, UTC_ZONE)
    widths = columns_by_day(
        filled, FIRST, LATER.date(), zone=UTC_ZONE, columns=["value:width"]
    )
    CountRun.objects.update(summed_before=None)

    assert items_by_day(filled, UTC_ZONE) == summed
    assert summed == {
        FIRST: 2,
        FIRST + timedelta(days=1): 1,
        FIRST + timedelta(days=4): 1,
    }
    again = columns_by_day(
        filled, FIRST, LATER.date(), zone=UTC_ZONE, columns=["value:width"]
    )
    assert widths
    assert again == widths


def test_another_zone_has_other_days(filled: ProductLine) -> None:
    assert items_by_day(filled, SEOUL) == {
        FIRST + timedelta(days=1): 3,
        FIRST + timedelta(days=4): 1,
    }


def test_a_late_item_sums_its_day_anew_and_once(filled: ProductLine) -> None:
    factories.make_item(filled, captured_at=NIGHT)

    counts.roll_up_hours(as_of=LATER + timedelta(minutes=1))
    counts.roll_up_hours(as_of=LATER + timedelta(minutes=2))

    assert items_by_day(filled, UTC_ZONE)[FIRST] == 3
    assert DailyCount.objects.filter(day=FIRST, measure="item").count() == 1
    assert DailyColumn.objects.get(day=FIRST, column="value:width").count == 3


def test_a_day_that_is_over_is_summed_though_nothing_touched_it(
    filled: ProductLine,
) -> None:
    counts.roll_up_hours(as_of=LATER + timedelta(days=1))

    assert DailyCount.objects.filter(day=LATER.date()).exists()
    assert items_by_day(filled, UTC_ZONE)[LATER.date()] == 1


def test_a_line_that_moves_to_another_zone_gets_all_days_anew(
    filled: ProductLine,
) -> None:
    filled.time_zone = "Asia/Seoul"
    filled.save(update_fields=["time_zone"])

    counts.roll_up_hours(as_of=LATER + timedelta(minutes=1))

    assert items_by_day(filled, SEOUL)[FIRST + timedelta(days=1)] == 3
    assert not DailyCount.objects.filter(day=FIRST).exists()
