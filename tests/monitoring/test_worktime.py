"""Working time: shifts, nights, holidays, pauses and the change of clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from monitoring.worktime import Shift, WorkTime

SEOUL = ZoneInfo("Asia/Seoul")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
MOMENTS = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    datetime(2026, 12, 31),  # noqa: DTZ001 - likewise
    timezones=st.just(UTC),
)
SHIFTS = st.builds(
    Shift,
    weekday=st.integers(0, 6),
    start=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    end=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)


def at(day: int, hour: int, minute: int = 0, zone: ZoneInfo = SEOUL) -> datetime:
    """A moment of March 2026, whose first day is a Sunday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=zone)


def week(*shifts: tuple[str, str], **values: object) -> WorkTime:
    made = tuple(
        Shift(
            weekday=weekday,
            start=time.fromisoformat(start),
            end=time.fromisoformat(end),
        )
        for weekday in range(5)
        for start, end in shifts
    )
    return WorkTime(zone=SEOUL, shifts=made, **values)  # type: ignore[arg-type]  # keywords of one value


def works(worktime: WorkTime, moment: datetime) -> bool:
    return bool(worktime.spans(moment, moment + timedelta(microseconds=1)))


def test_a_line_without_hours_works_round_the_clock() -> None:
    always = WorkTime(zone=SEOUL)

    assert always.length(at(2, 0), at(9, 0)) == 7 * 24 * HOUR
    assert works(always, at(1, 3))


def test_nights_and_week_ends_are_no_working_time() -> None:
    days = week(("06:00", "14:00"), ("14:00", "22:00"))

    assert days.length(at(2, 0), at(9, 0)) == 5 * 16 * HOUR
    assert works(days, at(2, 6))
    assert not works(days, at(2, 22))
    assert not works(days, at(7, 12))


def test_a_night_shift_belongs_to_the_day_it_begins_on() -> None:
    nights = week(("22:00", "06:00"), holidays=frozenset({date(2026, 3, 3)}))

    assert works(nights, at(3, 5))
    assert not works(nights, at(3, 23))
    assert not works(nights, at(4, 5))
    assert works(nights, at(7, 5))


def test_a_planned_pause_is_cut_out() -> None:
    days = week(("06:00", "14:00"), pauses=((at(2, 10), at(3, 7)),))

    assert days.spans(at(2, 0), at(3, 12)) == [
        (at(2, 6), at(2, 10)),
        (at(3, 7), at(3, 12)),
    ]


def test_the_day_on_which_clocks_go_forward_is_an_hour_shorter() -> None:
    always = WorkTime(zone=BERLIN)
    start, end = (at(day, 0, zone=BERLIN) for day in (29, 30))

    assert always.length(start, end) == 23 * HOUR


@given(start=MOMENTS, hours=st.integers(0, 500), shifts=st.lists(SHIFTS, max_size=5))
def test_working_time_adds_up_over_any_cut(
    start: datetime, hours: int, shifts: list[Shift]
) -> None:
    worktime = WorkTime(zone=BERLIN, shifts=tuple(shifts))
    end, middle = start + hours * HOUR, start + hours * HOUR / 2

    whole = worktime.length(start, end)

    assert timedelta() <= whole <= end - start
    assert whole == worktime.length(start, middle) + worktime.length(middle, end)


@given(start=MOMENTS, hours=st.integers(1, 300), shifts=st.lists(SHIFTS, max_size=5))
def test_spans_are_ordered_and_apart(
    start: datetime, hours: int, shifts: list[Shift]
) -> None:
    worktime = WorkTime(
        zone=SEOUL,
        shifts=tuple(shifts),
        pauses=((start + HOUR, start + 3 * HOUR), (start + 2 * HOUR, start + 5 * HOUR)),
    )

    spans = worktime.spans(start, start + hours * HOUR)

    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert not works(worktime, start + 2 * HOUR)
