"""Counts and states for Prometheus: the database owns them, this only writes them out.

Labels are line, version, level, class and the like; never an item and never a person.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from math import isfinite, log

from django.db.models import Count, F, OuterRef, Subquery

from monitoring.catalogue import INSTALLATION, Unit
from monitoring.models import (
    Alarm,
    CountRun,
    HourlyCount,
    Measurement,
    ProcessSample,
    TaskPulse,
)
from monitoring.services.detecting import last_heard
from monitoring.services.evidence import weigh
from monitoring.services.exported import Exported
from monitoring.services.exported_counts import counters
from monitoring.services.installation import Health, health
from monitoring.services.watching import OLDEST_NEWS
from monitoring.stats.sketch import Sketch
from monitoring.windows.pairs import NOTHING_COUNTED, gate_counts
from reviewapp.models import LevelChoices, ProductLine

RECENT = timedelta(minutes=1)
QUANTILES = (0.5, 0.95, 0.99)
# How Prometheus names a unit, and what turns ours into it.
BASE_UNITS = {
    Unit.SHARE: ("_ratio", 1),
    Unit.SECONDS: ("_seconds", 1),
    Unit.MILLISECONDS: ("_seconds", 0.001),
    Unit.BYTES: ("_bytes", 1),
}


def exposition(*, at: datetime) -> str:
    """Write everything that is exported, as text."""
    lines = (line for metric in exported(at=at) for line in metric.written())
    return "\n".join(lines) + "\n"


def exported(*, at: datetime) -> list[Exported]:
    """Gather everything that is exported."""
    return [
        *counters(),
        *_states(at),
        _detectors(),
        _gates(),
        *_measured(at),
        *_of_installation(health(at=at)),
        *_processes(at),
    ]


def _detectors() -> Exported:
    """Give what was last heard of the detectors; a scrape runs none of them."""
    ratio = Exported(
        name="review_cusum_ratio",
        kind="gauge",
        about=(
            "What a detector's value is of the one at which it rings, by cause and by "
            "the answers whose labels it reads."
        ),
    )
    lines = ProductLine.objects.in_use().with_policy()
    for slug, heard in sorted(last_heard(lines).items()):
        for one in heard.each:
            if one.value is not None and one.threshold:
                ratio.add(
                    one.value / one.threshold,
                    line=slug,
                    cause=one.cause,
                    among=one.among,
                )
    return ratio


def _gates() -> Exported:
    """Weigh what the gates rest on; a line that nothing speaks for yet stands at 0."""
    weight = Exported(
        name="review_gate_log_e",
        kind="gauge",
        about="Evidence that a gate may open, as the natural logarithm of its e-value.",
    )
    lines = ProductLine.objects.in_use().with_policy().exclude(policy__live=None)
    in_force = {line: line.in_force for line in lines}
    counted = gate_counts(HourlyCount.objects.evidence_of(in_force.values()))
    for line, policy in in_force.items():
        summed = counted.get(line.pk, NOTHING_COUNTED)
        version = policy.live.name if policy.live else ""
        found = weigh(summed, policy.terms().requirements)
        for gate, e_value in asdict(found).items():
            weight.add(log(e_value), line=line.slug, version=version, gate=gate)
    return weight


def _states(at: datetime) -> list[Exported]:
    level = Exported(
        name="review_line_level",
        kind="gauge",
        about="1 at the level at which a line is, by the live version.",
    )
    waiting = Exported(
        name="review_waiting_reviews", kind="gauge", about="Reviews that wait."
    )
    unrouted = Exported(
        name="review_unrouted_items",
        kind="gauge",
        about="Items that wait for a prediction.",
    )
    oldest = Exported(
        name="review_oldest_waiting_seconds",
        kind="gauge",
        about="How long the oldest waiting review has waited.",
    )
    judged = Exported(
        name="review_line_judged_timestamp_seconds",
        kind="gauge",
        about="When the monitor last looked at a line.",
    )
    counted = Exported(
        name="review_line_counted_timestamp_seconds",
        kind="gauge",
        about="Up to when a line's hours are counted.",
    )
    alarms = Exported(
        name="review_open_alarms",
        kind="gauge",
        about="Open alarms, by cause and by what became of them.",
    )
    for line in ProductLine.objects.in_use().with_policy().order_by("slug"):
        policy, state = line.in_force, line.state
        version = policy.live.name if policy.live else ""
        name = LevelChoices(policy.level).name.lower()
        level.add(1, line=line.slug, version=version, level=name)
        waiting.add(state.waiting, line=line.slug)
        unrouted.add(state.unrouted, line=line.slug)
        since = state.oldest_waiting_at
        oldest.add((at - since).total_seconds() if since else 0, line=line.slug)
        if state.judged_at:
            judged.add(state.judged_at.timestamp(), line=line.slug)
        alarms.add(0, line=line.slug, cause="", state="")
    for run in CountRun.objects.select_related("line"):
        counted.add(run.counted_to.timestamp(), line=run.line.slug)
    kinds = Alarm.objects.open().values_list("line__slug", "cause", "state")
    for slug, cause, state, n in kinds.annotate(n=Count("pk")).order_by():
        alarms.add(n, line=slug, cause=cause, state=state)
    return [level, waiting, unrouted, oldest, judged, counted, alarms]


def _measured(at: datetime) -> list[Exported]:
    """Give each metric's newest measurement, its bounds' verdict beside it.

    What is too old to say anything of now is not there, and when a line was measured
    last is.
    """
    value = Exported(
        name="review_metric_value",
        kind="gauge",
        about="Newest measurement of a metric of a line.",
    )
    out = Exported(
        name="review_metric_out_of_bounds",
        kind="gauge",
        about="1 where the newest measurement is out of its bounds.",
    )
    measured = Exported(
        name="review_line_measured_timestamp_seconds",
        kind="gauge",
        about="Up to when a line's metrics are measured.",
    )
    newest = Measurement.objects.filter(line=OuterRef("pk")).newest_first()
    measured_to = Subquery(newest.values("end")[:1])
    lines = ProductLine.objects.in_use().values_list("pk", "slug", measured_to)
    for _pk, slug, end in lines:
        if end is not None:
            measured.add(end.timestamp(), line=slug)
    rows = (
        Measurement.objects.filter(
            line__in=[pk for pk, _slug, _end in lines], end__gte=at - OLDEST_NEWS
        )
        .order_by("line_id", "metric", "-end", "-pk")
        .distinct("line_id", "metric")
        .values_list(F("line__slug"), "metric", "value", "verdict")
    )
    for slug, metric, found, verdict in rows:
        if found is not None and isfinite(found):
            value.add(found, line=slug, metric=metric)
        out.add(float(verdict in {"low", "high"}), line=slug, metric=metric)
    return [value, out, measured]


def _of_installation(found: Health) -> Iterable[Exported]:
    for sign in found.signs:
        metric = sign.asked.metric
        suffix, factor = BASE_UNITS.get(metric.unit, ("", 1))
        stem = metric.key.removesuffix("_s").removesuffix("_share")
        exported_sign = Exported(
            name=f"review_installation_{stem.removesuffix(suffix)}{suffix}",
            kind="gauge",
            about=INSTALLATION[metric.key].meaning,
        )
        if sign.value is not None:
            exported_sign.add(sign.value * factor)
        yield exported_sign


def _processes(at: datetime) -> list[Exported]:
    memory = Exported(
        name="review_process_resident_memory_bytes",
        kind="gauge",
        about="Memory that the processes of a kind hold together.",
    )
    number = Exported(
        name="review_processes",
        kind="gauge",
        about="Processes seen in the last minute.",
    )
    latency = Exported(
        name="review_page_latency_seconds",
        kind="gauge",
        about="Time of a page since the web processes began, by quantile.",
    )
    success = Exported(
        name="review_job_last_success_timestamp_seconds",
        kind="gauge",
        about="When a task of the workers last succeeded.",
    )
    failure = Exported(
        name="review_job_last_failure_timestamp_seconds",
        kind="gauge",
        about="When a task of the workers last failed.",
    )
    buckets: defaultdict[str, int] = defaultdict(int)
    for sample in ProcessSample.objects.filter(at__gte=at - RECENT).last_of_each():
        memory.add(sample.resident_bytes, process=sample.kind)
        number.add(1, process=sample.kind)
        if sample.kind == "web":
            for bucket, n in sample.buckets.items():
                buckets[bucket] += n
    pages = Sketch(count=sum(buckets.values()), buckets=buckets)
    for quantile in QUANTILES if pages.count else ():
        latency.add(pages.quantile(quantile) / 1000, quantile=f"{quantile:g}")
    for pulse in TaskPulse.objects.all():
        task = pulse.task.rpartition(".")[2]
        if pulse.succeeded_at:
            success.add(pulse.succeeded_at.timestamp(), job=task)
        if pulse.failed_at:
            failure.add(pulse.failed_at.timestamp(), job=task)
    return [memory, number, latency, success, failure]
