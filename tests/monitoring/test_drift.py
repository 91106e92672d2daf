"""Drift: windows follow each other, compare or say why not, and ring for two."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import DatabaseError, transaction

from monitoring.models import (
    Alarm,
    AlarmCause,
    AlarmState,
    DriftState,
    DriftWindow,
    ReferencePart,
    ReferenceSource,
    ReferenceWindow,
)
from monitoring.services import counts
from monitoring.services.drift import compare_line
from monitoring.services.farthest import farthest_items
from monitoring.services.findings import findings
from monitoring.services.windowsizes import Size, set_size, suggest_size
from monitoring.windows.samples import by_lot, sample_between
from reviewapp.errors import InvalidInputError
from reviewapp.models import Cause, Item, ProductLine
from reviewapp.policy import AutomationLevel
from reviewapp.services.policies import append_policy
from tests import factories
from tests.monitoring.days import answer, play_day, receive

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
SHIFT_BEGINS = timedelta(hours=6)


def put_live(line: ProductLine) -> None:
    version = factories.make_version(line)
    append_policy(
        line,
        cause=Cause.RAISED,
        by=None,
        changes={"level": AutomationLevel.SHADOW, "live_id": version.pk},
        as_of=MONDAY,
    )
    line.refresh_from_db()


@pytest.fixture
def known(line: ProductLine) -> ProductLine:
    """A line whose version's first two days, 2,000 items, are its reference."""
    put_live(line)
    rng = np.random.default_rng(1)
    for day in range(2):
        play_day(line, MONDAY + day * DAY + SHIFT_BEGINS, rng=rng, n=1_000)
        compare_line(line, at=MONDAY + (day + 1) * DAY)
    return line


def days(
    line: ProductLine, *shifts: float, first: int = 2, rejected: float = 0.05
) -> None:
    rng = np.random.default_rng(first)
    for day, shift in enumerate(shifts, start=first):
        at = MONDAY + day * DAY
        play_day(line, at + SHIFT_BEGINS, rng=rng, shift=shift, rejected=rejected)
        compare_line(line, at=at + DAY)


def states(line: ProductLine) -> list[str]:
    windows = DriftWindow.objects.filter(line=line).order_by("end")
    return list(windows.values_list("state", flat=True))


def test_the_first_items_become_the_reference_once(known: ProductLine) -> None:
    days(known, 0.0)

    inputs = ReferenceWindow.objects.get(part=ReferencePart.INPUTS)
    answers = ReferenceWindow.objects.get(part=ReferencePart.PREDICTIONS)
    assert (inputs.source, inputs.items) == (ReferenceSource.FIRST_ITEMS, 2_000)
    assert set(inputs.columns) == {"value:width", "value:height"}
    assert sum(answers.classes.values()) == answers.items == 2_000
    # the second day gave all of its items, and had nothing to be held against
    assert states(known) == ["no_reference", "no_reference", "quiet"]


def test_a_window_is_not_held_against_items_of_its_own(line: ProductLine) -> None:
    put_live(line)
    rng = np.random.default_rng(1)
    play_day(line, MONDAY + SHIFT_BEGINS, rng=rng, n=1_500)
    compare_line(line, at=MONDAY + DAY)
    received = play_day(line, MONDAY + DAY + SHIFT_BEGINS, rng=rng, n=1_500)
    compare_line(line, at=MONDAY + 2 * DAY)

    window = DriftWindow.objects.newest_first()[0]
    others = {item.pk for item in received[500:]}
    assert (window.state, window.items, window.compared) == ("quiet", 1_500, 1_000)
    assert {found["count"] for found in window.columns.values()} == {1_000}
    assert window.whole["inputs"]["auc"] > 0.45
    far = farthest_items(window, "value:width", most=1_500)
    assert {one.item_id for one in far} <= others
    for reference in ReferenceWindow.objects.all():
        assert reference.until == received[499].occurred_at


def test_references_and_windows_are_never_changed(known: ProductLine) -> None:
    for rows in (ReferenceWindow.objects.all(), DriftWindow.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(items=1)


def test_one_moved_window_warns_and_the_second_rings(known: ProductLine) -> None:
    days(known, 0.0, 0.6)
    assert states(known)[-1] == DriftState.MOVED
    assert not Alarm.objects.exists()
    fourth = MONDAY + 4 * DAY
    # a warning, neither a move nor calm
    assert findings(known, at=fourth).input_drift is None
    # of what began after the window ended, the window knows nothing
    after = findings(known, at=fourth, since=fourth)
    assert (after.input_drift, after.classifier, after.predictions) == (None,) * 3

    days(known, 0.6, 0.6, first=4)

    alarm = Alarm.objects.get(cause=AlarmCause.INPUT_DRIFT)
    assert alarm.began_at == MONDAY + 3 * DAY
    assert list(alarm.figures["columns"]) == ["value:width"]
    assert alarm.figures["windows_between_false_alarms"] == 10_000
    assert alarm.lowered is None
    found = findings(known, at=MONDAY + 6 * DAY)
    assert (found.input_drift, found.classifier, found.first) == (
        True,
        True,
        "inputs",
    )
    assert found.predictions is False


def test_other_answers_in_two_windows_ring_as_such(known: ProductLine) -> None:
    days(known, 0.0, 0.0, rejected=0.2)

    alarm = Alarm.objects.get()
    assert alarm.cause == AlarmCause.PREDICTION_DRIFT
    found = findings(known, at=MONDAY + 4 * DAY)
    assert found.predictions is True
    # neither inputs nor labels: who reads the alarm is told of no lamp
    assert (found.first, alarm.findings["first"]) == (None, None)


def test_a_drift_that_two_windows_do_not_show_is_over(known: ProductLine) -> None:
    days(known, 0.6, 0.6, 0.0)
    alarm = Alarm.objects.get(cause=AlarmCause.INPUT_DRIFT)
    assert alarm.is_open, "one quiet window may be chance"

    days(known, 0.0, first=5)

    alarm.refresh_from_db()
    assert alarm.state == AlarmState.RECOVERED
    assert findings(known, at=MONDAY + 6 * DAY).first is None


def test_other_answers_go_on_while_the_share_of_defects_is_another(
    known: ProductLine,
) -> None:
    days(known, 0.0, 0.0, rejected=0.2)
    alarm = Alarm.objects.get(cause=AlarmCause.PREDICTION_DRIFT)
    moved = DriftWindow.objects.newest_first()[0]
    share = {"rejected_ratio": 1.6, "rejected_ratio_is_sure": True, "moved": False}
    for day in (4, 5):
        moved.pk = None
        moved.start, moved.end = MONDAY + day * DAY, MONDAY + (day + 1) * DAY
        moved.predictions = share
        moved.save(force_insert=True)

    assert findings(known, at=MONDAY + 6 * DAY).predictions is True
    assert moved.keeps_answer_drift
    assert alarm.is_open


def test_a_version_without_reference_is_never_called_quiet(line: ProductLine) -> None:
    put_live(line)
    days(line, 0.0, first=0)

    window = DriftWindow.objects.get()
    assert window.state == DriftState.NO_REFERENCE
    found = findings(line, at=MONDAY + DAY)
    assert (found.input_drift, found.classifier, found.predictions) == (None,) * 3


def test_a_line_without_a_version_has_nothing_to_compare(line: ProductLine) -> None:
    assert compare_line(line, at=MONDAY) == []
    assert findings(line, at=MONDAY).input_drift is None


def test_days_without_items_end_as_no_data_after_two_weeks(known: ProductLine) -> None:
    counts.roll_up_hours(as_of=MONDAY + 30 * DAY)

    compare_line(known, at=MONDAY + 10 * DAY)
    assert states(known) == ["no_reference", "no_reference"]
    compare_line(known, at=MONDAY + 30 * DAY)

    assert states(known)[2:] == ["no_data", "no_data"]
    assert findings(known, at=MONDAY + 30 * DAY).input_drift is None


def test_three_items_a_day_are_not_enough(known: ProductLine) -> None:
    rng = np.random.default_rng(2)
    for day in range(2, 16):
        play_day(known, MONDAY + day * DAY + SHIFT_BEGINS, rng=rng, n=3)
    compare_line(known, at=MONDAY + 16 * DAY)

    last = DriftWindow.objects.newest_first()[0]
    assert (last.state, last.items) == (DriftState.NOT_ENOUGH, 42)
    assert last.end - last.start == timedelta(days=14)


def test_a_slow_day_makes_a_longer_window(known: ProductLine) -> None:
    rng = np.random.default_rng(2)
    for day in range(2, 5):
        play_day(known, MONDAY + day * DAY + SHIFT_BEGINS, rng=rng, n=160)
        compare_line(known, at=MONDAY + (day + 1) * DAY)

    last = DriftWindow.objects.newest_first()[0]
    assert last.start == MONDAY + 2 * DAY
    assert last.items >= 400
    assert last.end > MONDAY + 4 * DAY


def test_missed_runs_are_made_up_for_window_by_window(known: ProductLine) -> None:
    rng = np.random.default_rng(2)
    for day in range(2, 5):
        play_day(known, MONDAY + day * DAY + SHIFT_BEGINS, rng=rng)

    made = compare_line(known, at=MONDAY + 5 * DAY)

    assert [window.end for window in made] == [MONDAY + n * DAY for n in (3, 4, 5)]
    assert compare_line(known, at=MONDAY + 5 * DAY) == []


def test_items_without_answers_are_compared_by_their_inputs_alone(
    known: ProductLine,
) -> None:
    rng = np.random.default_rng(8)
    rows: list[dict[str, float | str | None]] = [
        {"width": float(x), "height": float(y)} for x, y in rng.normal(size=(400, 2))
    ]
    receive(known, rows, at=MONDAY + 2 * DAY + SHIFT_BEGINS)
    counts.roll_up_hours(as_of=MONDAY + 3 * DAY)
    compare_line(known, at=MONDAY + 3 * DAY)

    last = DriftWindow.objects.newest_first()[0]
    assert last.state == DriftState.QUIET
    assert "confidence" not in last.columns
    assert last.predictions == {"state": "not_enough", "count": 0}
    assert findings(known, at=MONDAY + 3 * DAY).predictions is None


def test_a_handful_of_answers_are_not_judged(known: ProductLine) -> None:
    silent_day(known, 2, answered=15)

    last = DriftWindow.objects.newest_first()[0]
    assert last.state == DriftState.QUIET
    assert last.predictions == {"state": "not_enough", "count": 15}
    assert "confidence" not in last.columns
    assert findings(known, at=MONDAY + 3 * DAY).predictions is None


def test_a_model_that_fell_silent_does_not_answer_as_before_again(
    known: ProductLine,
) -> None:
    days(known, 0.0, 0.0, rejected=0.2)
    alarm = Alarm.objects.get(cause=AlarmCause.PREDICTION_DRIFT)

    for day in (4, 5):
        silent_day(known, day)
    alarm.refresh_from_db()
    assert alarm.is_open

    days(known, 0.0, 0.0, first=6)
    alarm.refresh_from_db()
    assert alarm.state == AlarmState.RECOVERED


def test_the_classifier_asks_the_last_two_windows_that_it_tried(
    known: ProductLine,
) -> None:
    days(known, 0.6)
    told = DriftWindow.objects.newest_first()[0]
    assert told.is_told_apart
    told.pk, told.columns = None, {}
    told.start, told.end = MONDAY + 3 * DAY, MONDAY + 4 * DAY
    told.save(force_insert=True)
    untried = MONDAY + 4 * DAY + timedelta(hours=8)
    told.pk, told.whole, told.state = None, {}, DriftState.QUIET
    told.start, told.end = MONDAY + 4 * DAY, untried
    told.save(force_insert=True)
    rng = np.random.default_rng(3)
    play_day(known, untried + timedelta(hours=1), rng=rng, shift=0.6)

    compare_line(known, at=MONDAY + 6 * DAY)

    alarm = Alarm.objects.get(cause=AlarmCause.INPUT_DRIFT)
    assert alarm.figures["classifier"]["inputs"]["moved"]
    assert alarm.figures["columns"] == {}, "the window before had none that moved"
    assert alarm.began_at == MONDAY + 3 * DAY


def silent_day(line: ProductLine, day: int, *, answered: int = 0) -> None:
    """Receive a day's items, of which the model answers the first few."""
    rows: list[dict[str, float | str | None]] = [
        {"width": float(x), "height": float(y)}
        for x, y in np.random.default_rng(day).normal(size=(400, 2))
    ]
    at = MONDAY + day * DAY + SHIFT_BEGINS
    received = receive(line, rows, at=at)
    answer(line, received[:answered], ["ok"] * answered, at=at + timedelta(hours=11))
    counts.roll_up_hours(as_of=MONDAY + (day + 1) * DAY)
    compare_line(line, at=MONDAY + (day + 1) * DAY)


def test_the_items_that_moved_most_can_be_found(known: ProductLine) -> None:
    days(known, 0.0)
    window = DriftWindow.objects.newest_first()[0]
    sample = sample_between(known, window.version, window.start, window.end)
    widths = np.array(sample.columns["value:width"], dtype=float)

    found = farthest_items(window, "value:width", most=5)

    extreme = {sample.items[place] for place in np.argsort(-np.abs(widths))[:3]}
    assert extreme <= {far.item_id for far in found}
    by_item = dict(zip(sample.items, widths, strict=True))
    assert all(far.value == by_item[far.item_id] for far in found)
    assert [far.distance for far in found] == sorted(
        (far.distance for far in found), reverse=True
    )
    assert farthest_items(window, "no such column") == []
    assert len(farthest_items(window, "confidence", most=5)) == 5


def test_a_large_window_is_read_by_the_smallest_stored_draw(known: ProductLine) -> None:
    version = known.in_force.live
    assert version is not None

    small = sample_between(known, version, MONDAY, MONDAY + DAY, most=50)
    again = sample_between(known, version, MONDAY, MONDAY + DAY, most=50)
    large = sample_between(known, version, MONDAY, MONDAY + DAY, most=100)

    assert small.items == again.items
    drawn = by_lot(Item.objects.of_line(known).filter(pk__in=large.items))
    assert set(small.items) == {item.pk for item in drawn[:50]}
    assert len(small.answers.items) == 50


def test_a_window_size_is_a_setting_with_a_suggestion(known: ProductLine) -> None:
    at = MONDAY + 2 * DAY
    usual = suggest_size(known, at=at)
    assert (usual.code, usual.size) == ("usual", Size())

    set_size(known, Size(hours=48, items=700), by=None, reason="slow line")
    days(known, 0.0, 0.0)

    last = DriftWindow.objects.newest_first()[0]
    assert last.end - last.start == 2 * DAY
    with pytest.raises(InvalidInputError):
        set_size(known, Size(items=10), by=None)


@pytest.mark.parametrize(
    ("a_day", "code", "size"),
    [
        (16, "slow", Size(longest_days=25)),
        (3, "very_slow", Size(items=84, judged_from=42, longest_days=60)),
        (1, "very_slow", Size(items=30, judged_from=30, longest_days=60)),
    ],
)
def test_a_slow_line_is_offered_a_longer_window_and_a_very_slow_one_a_smaller(
    line: ProductLine, a_day: int, code: str, size: Size
) -> None:
    rng = np.random.default_rng(2)
    put_live(line)
    play_day(line, MONDAY, rng=rng, n=a_day)

    found = suggest_size(line, at=MONDAY + DAY)

    assert (found.code, found.size) == (code, size)
