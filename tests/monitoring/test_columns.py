"""Columns: hours of numbers, counted in the database as they would be by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitoring.models import HourlyColumn, HourlyCount, Measure
from monitoring.services import counts
from monitoring.stats.sketch import sketch_of
from monitoring.windows.columns import known_columns, sketch
from monitoring.windows.days import columns_by_day
from reviewapp.models import Cause, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import corrections, reviews
from reviewapp.services.items import Arrival, receive_items
from reviewapp.services.policies import append_policy
from reviewapp.services.routings import route_items
from tests import factories

NOON = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)
COLUMNS = [
    {"name": "width", "kind": "number"},
    {"name": "shade", "kind": "category", "categories": ["+1", "dark"]},
    {"name": "is_new", "kind": "flag"},
]


def received(
    line: ProductLine, *rows: Mapping[str, object], at: datetime = NOON
) -> None:
    receive_items(
        line,
        [
            Arrival(
                external_id=f"{at:%d%H}-{number}",
                captured_at=at,
                values=dict(row),
                input_metrics={"missing": float(sum(v is None for v in row.values()))},
            )
            for number, row in enumerate(rows)
        ],
    )


def of_day(line: ProductLine, column: str, *, at: datetime = NOON) -> HourlyColumn:
    return HourlyColumn.objects.of_line(line).get(
        column=column, hour=at.replace(minute=0)
    )


@pytest.mark.django_db
def test_numbers_texts_and_gaps_are_counted_as_by_hand() -> None:
    line = factories.make_line(columns=COLUMNS)
    widths = [0.0, 1.5, -20.25, 1e6, 3e-12, None]
    received(
        line,
        *[{"width": w, "shade": "dark", "is_new": True} for w in widths],
        {"width": 2.0, "shade": "+1", "is_new": False},
    )

    counts.roll_up_hours()

    expected = sketch_of([*widths, 2.0])
    found = sketch(line, "value:width", NOON - DAY, NOON + DAY)
    assert dict(found.buckets) == dict(expected.buckets)
    assert (found.count, found.missing) == (expected.count, expected.missing) == (6, 1)
    assert (found.total, found.squares) == (expected.total, expected.squares)
    assert of_day(line, "value:shade").buckets == {"dark": 6, "+1": 1}
    assert of_day(line, "value:is_new").buckets == {"true": 6, "false": 1}
    assert sketch(line, "missing", NOON - DAY, NOON + DAY).total == 1


@pytest.mark.django_db
def test_counting_again_adds_nothing_and_a_late_item_is_added() -> None:
    line = factories.make_line(columns=COLUMNS)
    received(line, {"width": 1.0, "shade": "dark", "is_new": True})
    counts.roll_up_hours()
    counts.roll_up_hours()
    assert of_day(line, "value:width").count == 1

    late = Arrival(external_id="late", captured_at=NOON, values={"width": 2.0})
    receive_items(line, [late])
    counts.roll_up_hours()

    assert of_day(line, "value:width").total == 3
    assert of_day(line, "value:shade").count == 1


@pytest.mark.django_db
def test_days_are_those_of_the_lines_own_zone() -> None:
    line = factories.make_line(columns=COLUMNS, time_zone="Asia/Seoul")
    late = datetime(2026, 3, 1, 14, 59, tzinfo=UTC)
    received(line, {"width": 1.0}, at=late)
    received(line, {"width": 3.0}, at=late + timedelta(minutes=2))
    counts.roll_up_hours()

    first, end = (NOON - DAY).date(), (NOON + 2 * DAY).date()
    zone = ZoneInfo("Asia/Seoul")
    found = columns_by_day(line, first, end, zone=zone, columns=["value:width"])

    assert [(one.day.day, one.sketch.mean) for one in found] == [(1, 1.0), (2, 3.0)]
    assert ("value:width", "") in known_columns(line, NOON - DAY, NOON + DAY)


def test_a_models_numbers_are_kept_by_version(line: ProductLine) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    version = line.in_force.live
    assert version is not None
    for confidence in (0.9, 0.7):
        item = factories.make_item(line, captured_at=NOON)
        ok = line.classes.get(key="ok")
        factories.make_prediction(item, version, ok, confidence=confidence)

    counts.roll_up_hours()

    found = sketch(line, "confidence", NOON - DAY, NOON + DAY, version=version)
    assert found.count == 2
    assert found.mean == pytest.approx(0.8)
    assert sketch(line, "confidence", NOON - DAY, NOON + DAY).count == 0
    took = sketch(line, "prediction_ms", NOON - DAY, NOON + DAY, version=version)
    assert took.total == 2.0


def counted(line: ProductLine, measure: Measure) -> list[tuple[str, str, int]]:
    rows = HourlyCount.objects.of_line(line).filter(measure=measure)
    return [(str(row.predicted), str(row.answered), row.count) for row in rows]


def test_what_people_do_is_counted_by_the_hour_of_the_label(
    line: ProductLine, ana: User
) -> None:
    for _ in range(3):
        factories.make_item(line)
    factories.label_next(ana, line, "ok")
    factories.label_next(ana, line, None)
    corrections.undo_last(ana, line)
    held = reviews.claim_next(ana, line)
    assert held is not None
    assert held.claim_token is not None
    reviews.skip_review(
        held.public_id, line, by=ana, key=held.claim_token, reason="too dark"
    )

    counts.roll_up_hours()

    assert sorted(counted(line, Measure.LABEL)) == [
        ("None", "None", 1),
        ("None", "OK", 1),
    ]
    assert counted(line, Measure.UNDONE) == [("None", "None", 1)]
    assert counted(line, Measure.SKIP) == [("None", "None", 1)]
    waits = HourlyColumn.objects.of_line(line).get(column="queue_wait_s")
    assert waits.count == 2


def test_a_label_with_the_prediction_in_sight_is_counted_apart(
    line: ProductLine, ana: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.ASSIST, blind_share=0.000001)
    append_policy(
        line,
        cause=Cause.CHANGED,
        by=None,
        changes={"assist_style": "suggestion_first"},
    )
    line.refresh_from_db()
    version = line.in_force.live
    assert version is not None
    for answer in ("ok", "scratch"):
        item = factories.make_item(line)
        factories.make_prediction(item, version, line.classes.get(key="ok"))
        route_items(line.pk, [item.pk])
        factories.label_next(ana, line, answer)

    counts.roll_up_hours()

    assert sorted(counted(line, Measure.SHOWN)) == [
        ("OK", "OK", 1),
        ("OK", "Scratch", 1),
    ]


def test_two_readers_of_one_item_are_a_pair(
    line: ProductLine, ana: User, ben: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, overlap_share=1.0)
    factories.make_item(line)
    factories.label_next(ana, line, "ok")
    factories.label_next(ben, line, "scratch")

    counts.roll_up_hours()

    assert counted(line, Measure.READERS) == [("OK", "Scratch", 1)]
