"""Measuring: each metric from its counts, with its interval, against its bounds."""

from datetime import UTC, datetime, timedelta

import pytest

from monitoring.catalogue import CATALOGUE, Amount, metrics_for
from monitoring.models import (
    Bound,
    CountRun,
    HourlyCount,
    Measure,
    Measurement,
    MetricState,
    Verdict,
)
from monitoring.services import counts, measurements
from monitoring.services.bounds import Asked, asked_of, set_bound
from monitoring.services.measurements import Value, verdict_of
from monitoring.services.windowsizes import Size, set_size
from monitoring.templatetags.metric_words import amount
from reviewapp.errors import InvalidInputError
from reviewapp.models import LineState, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services.queues import COUNTED_UP_TO
from tests import factories

NOON = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
ONE = datetime(2026, 3, 1, 13, tzinfo=UTC)
HOUR = timedelta(hours=1)


def pairs(line: ProductLine, ana: User, *, agree: int, differ: int) -> None:
    version = line.in_force.live
    assert version is not None
    for number in range(agree + differ):
        item = factories.make_item(line, captured_at=NOON)
        factories.make_prediction(item, version, line.classes.get(key="ok"))
        factories.label_next(ana, line, "ok" if number < agree else "scratch")


def measured(line: ProductLine) -> dict[str, Measurement]:
    counts.roll_up_hours()
    CountRun.objects.update(counted_to=ONE)
    return {m.metric: m for m in measurements.measure_line(line, at=ONE)}


def test_a_share_comes_from_its_counts_with_an_interval(
    line: ProductLine, ana: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    pairs(line, ana, agree=7, differ=1)

    found = measured(line)

    agreement = found["agreement"]
    assert (agreement.value, agreement.count) == (0.875, 8)
    assert agreement.low is not None
    assert agreement.high is not None
    assert agreement.low < 0.875 < agreement.high
    assert agreement.verdict == Verdict.NOT_ENOUGH
    assert (found["missed_share"].value, found["missed_share"].count) == (1.0, 1)
    assert found["reject_share"].value == 0


def test_a_metric_without_data_says_so_and_is_never_within(line: ProductLine) -> None:
    found = measured(line)

    assert found["agreement"].verdict == Verdict.NO_DATA
    assert found["agreement"].value is None
    assert found["items_per_hour"].value == 0
    assert found["items_per_hour"].verdict == Verdict.NOT_ENOUGH


def test_an_hour_is_measured_once_and_only_when_it_is_counted(
    line: ProductLine,
) -> None:
    assert measurements.measure_line(line, at=ONE) == []
    assert measured(line)
    assert measurements.measure_line(line, at=ONE + timedelta(minutes=20)) == []
    assert measurements.measure_line(line, at=ONE + timedelta(hours=1)) == []


def test_a_window_is_a_day_or_four_hundred_items(line: ProductLine) -> None:
    for day in range(3):
        at = NOON - timedelta(days=day)
        for _ in range(150):
            factories.make_item(line, captured_at=at)
    counts.roll_up_hours()

    start = measurements.window_start(line, end=ONE)

    assert start == (NOON - timedelta(days=2)).replace(minute=0)
    busy = factories.make_line("Busy")
    for _ in range(401):
        factories.make_item(busy, captured_at=NOON)
    counts.roll_up_hours()
    assert measurements.window_start(busy, end=ONE) == ONE - timedelta(days=1)


def test_a_line_says_how_long_its_windows_are(line: ProductLine) -> None:
    for hour, count in ((0, 30), (11, 30), (12, 30)):
        HourlyCount.objects.create(
            line=line, hour=ONE - (hour + 1) * HOUR, measure=Measure.ITEM, count=count
        )
    set_size(line, Size(hours=2, items=60, judged_from=30, longest_days=1), by=None)
    assert measurements.window_start(line, end=ONE) == ONE - 12 * HOUR

    set_size(line, Size(hours=2, items=30, judged_from=30, longest_days=1), by=None)
    assert measurements.window_start(line, end=ONE) == ONE - 2 * HOUR

    set_size(line, Size(hours=2, items=400, judged_from=30, longest_days=1), by=None)
    assert measurements.window_start(line, end=ONE) == ONE - 24 * HOUR


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (Value(value=None, count=0), Verdict.NO_DATA),
        (Value(value=0.5, count=199), Verdict.NOT_ENOUGH),
        (Value(value=0.85, count=300, low=0.8, high=0.89), Verdict.LOW),
        (Value(value=0.85, count=300, low=0.8, high=0.91), Verdict.WITHIN),
        (Value(value=0.99, count=300, low=0.985, high=1.0), Verdict.HIGH),
        (Value(value=0.95, count=300), Verdict.WITHIN),
    ],
)
def test_only_an_interval_wholly_outside_is_out_of_bounds(
    value: Value, verdict: Verdict
) -> None:
    asked = Asked(
        metric=CATALOGUE["agreement"],
        state=MetricState.ACTIVE,
        lower=0.9,
        upper=0.98,
        fewest=200,
        bound=None,
    )

    assert verdict_of(asked, value) == verdict


def test_a_line_asks_for_itself_and_keeps_what_it_asked_before(
    line: ProductLine, mia: User
) -> None:
    set_bound(line, "agreement", lower=0.8, upper=None, fewest=50, by=mia)
    set_bound(
        line,
        "confidence",
        lower=None,
        upper=None,
        fewest=1,
        state=MetricState.RETIRED,
        by=mia,
        reason="nobody looks at it",
    )

    asked = {one.metric.key: one for one in asked_of(line)}

    assert (asked["agreement"].lower, asked["agreement"].fewest) == (0.8, 50)
    assert not asked["confidence"].is_measured
    assert "confidence" not in measured(line)
    set_bound(line, "confidence", lower=None, upper=None, fewest=1, by=mia)
    back = {one.metric.key: one for one in asked_of(line)}["confidence"]
    assert back.is_measured
    assert Bound.objects.filter(line=line).count() == 3


def test_bounds_that_cannot_be_are_refused(line: ProductLine, mia: User) -> None:
    with pytest.raises(InvalidInputError, match="not above"):
        set_bound(line, "agreement", lower=0.9, upper=0.8, fewest=1, by=mia)
    with pytest.raises(InvalidInputError, match="no metric"):
        set_bound(line, "happiness", lower=0, upper=1, fewest=1, by=mia)


@pytest.mark.parametrize(
    ("key", "counted"), [("backlog", "waiting"), ("unrouted", "unrouted")]
)
def test_a_queue_as_long_as_it_is_counted_is_above_its_bound(
    line: ProductLine, key: str, counted: str
) -> None:
    LineState.objects.filter(line=line).update(**{counted: COUNTED_UP_TO})

    assert measured(line)[key].verdict == Verdict.HIGH


def test_a_mean_of_less_than_one_is_never_shown_as_nothing() -> None:
    means = [
        metric
        for metric in CATALOGUE.values()
        if isinstance(metric.reads, Amount) and metric.reads.statistic == "mean"
    ]

    shown = {metric.key: amount(0.4, metric.unit) for metric in means}

    assert shown["out_of_range"] == "0.4"
    # a part of a byte is nobody's concern
    assert [key for key, text in shown.items() if text.startswith("0 ")] == ["bytes"]
    assert "0" not in shown.values()


def test_each_kind_of_item_has_its_own_inputs() -> None:
    tabular = {metric.key for metric in metrics_for("tabular")}

    assert "missing_share" in tabular
    assert not tabular & {"brightness", "characters", "volume_db"}
    assert "brightness" in {metric.key for metric in metrics_for("image")}
