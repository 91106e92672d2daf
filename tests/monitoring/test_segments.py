"""Segments: hours are counted apart, add up to the whole, and few are called few."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from monitoring.models import (
    CountRun,
    DailyCount,
    HourlyCount,
    Measure,
    Segmentation,
    SegmentKind,
)
from monitoring.services import counts, measurements
from monitoring.services.calendars import set_week
from monitoring.services.segments import segments_of, set_segments
from monitoring.windows.days import counted_by_day
from monitoring.worktime import Shift
from reviewapp.errors import InvalidInputError
from reviewapp.models import ProductLine, Record, User
from reviewapp.policy import AutomationLevel
from tests import factories

MONDAY = date(2026, 3, 2)
SEOUL = ZoneInfo("Asia/Seoul")
SHIFTS = (time(6), time(14), time(22, 30))
LATER = datetime(2026, 3, 9, tzinfo=UTC)


def work(line: ProductLine, person: User) -> None:
    """Let a line of Seoul work in three shifts on Mondays."""
    line.time_zone = SEOUL.key
    line.save(update_fields=["time_zone"])
    shifts = [
        Shift(weekday=0, start=start, end=end)
        for start, end in zip(SHIFTS, (*SHIFTS[1:], SHIFTS[0]), strict=True)
    ]
    set_week(line, shifts=shifts, holidays=[], by=person)


def arrive(line: ProductLine, *clock: str, group: str = "") -> None:
    for text in clock:
        at = datetime.combine(MONDAY, time.fromisoformat(text), tzinfo=SEOUL)
        factories.make_item(line, captured_at=at, group=group, as_of=LATER)


def items_by_segment(line: ProductLine) -> Counter[str]:
    found: Counter[str] = Counter()
    rows = HourlyCount.objects.of_line(line).filter(measure=Measure.ITEM)
    for segment, count in rows.values_list("segment", "count"):
        found[segment] += count
    return found


def test_a_line_without_segments_is_counted_as_one_whole(line: ProductLine) -> None:
    arrive(line, "07:00", "15:00", group="cam1/lot-3")
    counts.roll_up_hours(as_of=LATER)

    assert items_by_segment(line) == {"": 2}
    assert segments_of(line) == []


def test_items_fall_into_the_shift_that_has_begun_in_the_lines_own_zone(
    line: ProductLine, mia: User
) -> None:
    work(line, mia)
    set_segments(line, SegmentKind.SHIFT, by=mia)
    arrive(line, "06:00", "13:59", "14:00", "22:29", "22:30", "23:59", "00:10", "05:59")
    counts.roll_up_hours(as_of=LATER)

    assert segments_of(line) == ["06:00", "14:00", "22:30"]
    assert items_by_segment(line) == {"06:00": 2, "14:00": 2, "22:30": 4}


def test_items_fall_into_the_beginning_of_their_group(line: ProductLine) -> None:
    arrive(line, "07:00", "08:00", group="cam1/lot-3")
    arrive(line, "09:00", group="cam2")
    set_segments(line, SegmentKind.GROUP, by=None)
    arrive(line, "10:00", group="cam3/lot-1")
    arrive(line, "11:00")
    counts.roll_up_hours(as_of=LATER)

    assert segments_of(line) == ["cam1", "cam2", "other"]
    assert items_by_segment(line) == {"cam1": 2, "cam2": 1, "other": 2}


def test_segments_add_up_to_days_and_counting_again_changes_nothing(
    line: ProductLine, mia: User
) -> None:
    work(line, mia)
    set_segments(line, SegmentKind.SHIFT, by=mia)
    arrive(line, "07:00", "07:30", "15:00")
    counts.roll_up_hours(as_of=LATER)
    once = list(HourlyCount.objects.order_by("hour").values_list("segment", "count"))

    CountRun.objects.all().delete()
    counts.roll_up_hours(as_of=LATER)

    again = list(HourlyCount.objects.order_by("hour").values_list("segment", "count"))
    assert again == once
    days = DailyCount.objects.filter(measure=Measure.ITEM)
    assert sorted(days.values_list("segment", "count")) == [("06:00", 2), ("14:00", 1)]
    end = MONDAY + timedelta(days=1)
    for segment, wanted in (("", 3), ("06:00", 2), ("14:00", 1), ("22:30", 0)):
        found = counted_by_day(line, MONDAY, end, zone=SEOUL, segment=segment)
        assert sum(c.count for c in found if c.measure == "item") == wanted


def test_a_late_item_is_counted_in_its_segment(line: ProductLine, mia: User) -> None:
    work(line, mia)
    set_segments(line, SegmentKind.SHIFT, by=mia)
    arrive(line, "07:00")
    counts.roll_up_hours(as_of=LATER)
    arrive(line, "07:10", "15:00")
    counts.roll_up_hours(as_of=LATER + timedelta(minutes=1))

    assert items_by_segment(line) == {"06:00": 2, "14:00": 1}


def test_a_line_that_has_nothing_to_be_told_apart_by_says_so(line: ProductLine) -> None:
    with pytest.raises(InvalidInputError, match="no shifts"):
        set_segments(line, SegmentKind.SHIFT, by=None)
    arrive(line, "07:00")
    with pytest.raises(InvalidInputError, match="has a group"):
        set_segments(line, SegmentKind.GROUP, by=None)
    assert not Segmentation.objects.exists()


def test_a_segmentation_is_recorded_and_never_changed(
    line: ProductLine, mia: User
) -> None:
    work(line, mia)
    made = set_segments(line, SegmentKind.SHIFT, by=mia)

    record = Record.objects.get(action="segments.set")
    assert record.details == {"names": made.names}
    with pytest.raises(DatabaseError), transaction.atomic():
        Segmentation.objects.update(names=["07:00"])
    set_segments(line, SegmentKind.NONE, by=mia)
    assert segments_of(line) == []


@pytest.fixture
def apart(line: ProductLine, ana: User, mia: User) -> ProductLine:
    """A line in shadow told apart by camera: 9 blind pairs of one, 3 of another."""
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    at = factories.earlier_today()
    for number in range(12):
        camera = "cam1" if number < 9 else "cam2"
        item = factories.make_item(line, captured_at=at, group=f"{camera}/lot")
        factories.make_prediction(item, version, line.classes.get(key="ok"))
        factories.label_next(ana, line, "ok" if number < 9 else "scratch")
    set_segments(line, SegmentKind.GROUP, by=mia)
    counts.roll_up_hours()
    now = timezone.now() + timedelta(hours=1)
    CountRun.objects.update(counted_to=now)
    assert measurements.measure_line(line, at=now)
    return line


def page_of(user: User, address: str) -> str:
    browser = Client()
    browser.force_login(user, backend="reviewapp.sessions.PersonBackend")
    response = browser.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_health_is_told_by_segment_and_few_are_called_few(
    apart: ProductLine, ana: User
) -> None:
    address = f"/lines/{apart.slug}/health/"

    whole, part = page_of(ana, address), page_of(ana, f"{address}?segment=cam1")

    assert 'segment=cam2"' in whole
    assert "not enough data: 12 of 200" in whole
    assert "not enough data: 9 of 200" in part
    assert "100.0 %" in part
    assert 'id="backlog"' not in part
    assert "There is no segment" not in part


def test_agreement_is_told_by_segment_in_the_address(
    apart: ProductLine, ana: User
) -> None:
    address = f"/lines/{apart.slug}/agreement/?days=7"

    first = page_of(ana, f"{address}&segment=cam1")
    second = page_of(ana, f"{address}&segment=cam2")

    assert "cam1:" in first.lower()
    assert "100.0 %" in first
    assert "not enough data: 9 of 200" in first
    assert "not enough data: 3 of 200" in second
    assert "Confidence is not told by segment" in second
    assert 'href="?days=7&amp;segment=cam1"' in second


def test_one_metric_is_told_by_segment_where_it_adds_up(
    apart: ProductLine, ana: User
) -> None:
    address = f"/lines/{apart.slug}/metrics"

    agreement = page_of(ana, f"{address}/agreement/?segment=cam2")
    waiting = page_of(ana, f"{address}/backlog/?segment=cam2")

    assert "0.0 %" in agreement
    assert "n = 3" in agreement
    assert "There is no segment" in waiting


def test_only_a_manager_tells_a_line_apart(
    apart: ProductLine, ana: User, mia: User
) -> None:
    address = f"/lines/{apart.slug}/measuring/segments/"
    browsers = {}
    for user in (ana, mia):
        browsers[user] = Client()
        browsers[user].force_login(user, backend="reviewapp.sessions.PersonBackend")

    assert browsers[ana].post(address, {"kind": "none"}).status_code == 403
    refused = browsers[mia].post(address, {"kind": "shift"})
    assert refused.status_code == 422
    assert "The line has no shifts" in refused.content.decode()
    assert browsers[mia].post(address, {"kind": "none"}).status_code == 302
    assert segments_of(apart) == []
