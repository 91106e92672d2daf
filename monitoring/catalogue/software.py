"""Software metrics: whether the machinery keeps up."""

from typing import Literal

from monitoring.catalogue.metrics import (
    Amount,
    Family,
    Metric,
    Pace,
    Present,
    Rows,
    Unit,
)
from monitoring.catalogue.metrics import gettext_noop as _


def _latency(
    key: str,
    column: str,
    statistic: Literal["p50", "p95", "p99"],
    *,
    title: str,
    meaning: str,
    upper: float | None = None,
) -> Metric:
    is_of_version = column == "prediction_ms"
    return Metric(
        key=key,
        family=Family.SOFTWARE,
        unit=Unit.MILLISECONDS if is_of_version else Unit.SECONDS,
        reads=Amount(column=column, statistic=statistic, of_version=is_of_version),
        title=title,
        meaning=meaning,
        rise=_("More load, larger items, or a worker that is down."),
        fall=_("Less load, or items that fail early."),
        upper=upper,
        fewest=20,
    )


SOFTWARE = (
    _latency(
        "prediction_p50",
        "prediction_ms",
        "p50",
        title=_("Time to predict, median"),
        meaning=_("Time that the model host takes for an item, median."),
    ),
    _latency(
        "prediction_p95",
        "prediction_ms",
        "p95",
        title=_("Time to predict, 95 %"),
        meaning=_("Time that the model host takes for 95 % of the items at most."),
    ),
    _latency(
        "prediction_p99",
        "prediction_ms",
        "p99",
        title=_("Time to predict, 99 %"),
        meaning=_("Time that the model host takes for 99 % of the items at most."),
    ),
    _latency(
        "prediction_wait_p50",
        "prediction_wait_s",
        "p50",
        title=_("Wait for a prediction, median"),
        meaning=_("Time from receipt of an item to its prediction, median."),
    ),
    _latency(
        "prediction_wait_p95",
        "prediction_wait_s",
        "p95",
        title=_("Wait for a prediction, 95 %"),
        meaning=_("Time from receipt to prediction for 95 % of the items at most."),
        upper=60.0,
    ),
    _latency(
        "queue_wait_p50",
        "queue_wait_s",
        "p50",
        title=_("Wait in the queue, median"),
        meaning=_("Time from queueing a review to its answer, median."),
    ),
    _latency(
        "queue_wait_p95",
        "queue_wait_s",
        "p95",
        title=_("Wait in the queue, 95 %"),
        meaning=_("Time from queueing to the answer for 95 % of the reviews at most."),
        upper=8 * 3600.0,
    ),
    Metric(
        key="items_per_hour",
        family=Family.SOFTWARE,
        unit=Unit.PER_HOUR,
        reads=Pace(rows=Rows(measures=("item",), of_version=False)),
        title=_("Items an hour"),
        meaning=_("How many items occurred, for each hour of the window."),
        rise=_("More production, or a sender that repeats itself."),
        fall=_("Less production, or a sender that has lost the way here."),
        fewest=1,
    ),
    Metric(
        key="backlog",
        family=Family.SOFTWARE,
        unit=Unit.COUNT,
        reads=Present(name="waiting"),
        title=_("Backlog"),
        meaning=_("Reviews that wait for people now."),
        rise=_("More items than people can look at."),
        fall=_("People are catching up."),
        upper=10_000,
        fewest=0,
    ),
    Metric(
        key="backlog_age",
        family=Family.SOFTWARE,
        unit=Unit.SECONDS,
        reads=Present(name="oldest_waiting_s"),
        title=_("Age of the backlog"),
        meaning=_("How long the oldest waiting review has waited."),
        rise=_("Nobody takes what is waiting, or it is for nobody's eyes."),
        fall=_("People are catching up."),
        upper=24 * 3600.0,
        fewest=0,
    ),
    Metric(
        key="unrouted",
        family=Family.SOFTWARE,
        unit=Unit.COUNT,
        reads=Present(name="unrouted"),
        title=_("Waiting for the model"),
        meaning=_("Items that wait for a prediction now."),
        rise=_("Workers or the model host cannot keep up, or are down."),
        fall=_("They are catching up."),
        upper=2_000,
        fewest=0,
    ),
    Metric(
        key="judgement_age",
        family=Family.SOFTWARE,
        unit=Unit.SECONDS,
        reads=Present(name="judged_age_s"),
        title=_("Age of the last judgement"),
        meaning=_("How long ago the monitor looked at this line."),
        rise=_("The monitor's workers are down; automation stops by itself."),
        fall=_("They are back."),
        upper=1_800.0,
        fewest=0,
    ),
)
