"""Drift: each window of a line against its version's references, and what rings.

Drift of what arrives is a reason to look and never one to lower: a model may be right
on other items too, and wrong without any of this being seen.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from monitoring.models import (
    AlarmCause,
    CountRun,
    DriftState,
    DriftWindow,
    HourlyCount,
    Measure,
    ReferencePart,
    ReferenceWindow,
)
from monitoring.models.drift import JUDGED
from monitoring.services.alarms import recover, take_back
from monitoring.services.comparisons import (
    Figures,
    as_matrix,
    compare_answers,
    compare_columns,
    finite,
    tell_apart,
)
from monitoring.services.embeddings import Embedding, embed_items
from monitoring.services.findings import ring_found
from monitoring.services.references import take_reference, went_live_at
from monitoring.services.windowsizes import size_of
from monitoring.stats.calibration import estimated_accuracy
from monitoring.stats.labelshift import label_shift_weights
from monitoring.windows.samples import LARGEST_SAMPLE, Answers, Sample, sample_between
from reviewapp.models import Item, Meaning, ModelVersion, ProductLine

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MOST_WINDOWS_A_RUN = 40
CLASSIFIER_ITEMS = 2_000
# One quiet window in a hundred has a column called moved, and two in a row ring.
WINDOWS_TO_FALSE_ALARM = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A window to compare, with the items counted in it."""

    start: datetime
    end: datetime
    items: int


def compare_lines(*, as_of: datetime | None = None) -> int:
    """Compare the windows of all lines that have ended; return how many there were."""
    at = as_of or timezone.now()
    lines = ProductLine.objects.in_use().select_related("policy__live__schema")
    return sum(len(compare_line(line, at=at)) for line in lines)


def compare_line(line: ProductLine, *, at: datetime) -> list[DriftWindow]:
    """Compare a line's windows that have ended since the last run, and ring.

    The line's live version gets its references first, if it lacks them.
    """
    version = line.in_force.live
    if version is None:
        return []
    take_reference(line, at=at)
    counted_to = counted_until(line)
    if counted_to is None:
        return []
    made: list[DriftWindow] = []
    while len(made) < MOST_WINDOWS_A_RUN:
        span = next_span(line, version, counted_to=counted_to, at=at)
        if span is None:
            break
        window = compare_span(line, version, span)
        made.append(window)
        _ring(line, window, at=at)
        _recover(line, window, at=at)
    return made


def counted_until(line: ProductLine) -> datetime | None:
    """Say up to when a line's hours are counted."""
    run = CountRun.objects.filter(line=line).first()
    return run.counted_to if run else None


def next_span(
    line: ProductLine, version: ModelVersion, *, counted_to: datetime, at: datetime
) -> Span | None:
    """Give the next window that has ended and is counted; ``None`` while it fills."""
    size = size_of(line)
    start, counted_to = open_since(line, version), _full_hour(min(counted_to, at))
    longest = start + timedelta(days=size.longest_days)
    hours = (
        HourlyCount.objects.of_line(line)
        .filter(measure=Measure.ITEM)
        .between(start, counted_to)
        .order_by("hour")
        .values_list("hour", "count")
    )
    held, full_at = 0, None
    for hour, count in hours:
        if hour >= (full_at or longest):
            break
        held += count
        if full_at is None and held >= size.items:
            full_at = max(hour + HOUR, start + size.hours * HOUR)
    end = min(full_at or longest, longest)
    if end > counted_to:
        return None
    return Span(start=start, end=end, items=held)


def open_since(line: ProductLine, version: ModelVersion) -> datetime:
    """Say where the window that is still filling begins."""
    last = DriftWindow.objects.of_version(line, version).newest_first().first()
    return last.end if last else _full_hour(went_live_at(line, version))


def compare_span(line: ProductLine, version: ModelVersion, span: Span) -> DriftWindow:
    """Hold one window against the references, and keep what was found."""
    references = {
        reference.part: reference
        for reference in ReferenceWindow.objects.of_version(line, version)
    }
    inputs = references.get(ReferencePart.INPUTS)
    judged_from = size_of(line).judged_from
    window = DriftWindow(
        line=line,
        version=version,
        reference=inputs,
        start=span.start,
        end=span.end,
        items=span.items,
        state=_state_before(span, inputs, judged_from=judged_from),
    )
    if window.state == DriftState.QUIET and inputs is not None:
        _compare(window, inputs, references, judged_from=judged_from)
    DriftWindow.objects.bulk_create([window], ignore_conflicts=True)
    return DriftWindow.objects.of_version(line, version).get(start=span.start)


def _state_before(
    span: Span, inputs: ReferenceWindow | None, *, judged_from: int
) -> DriftState:
    if not span.items:
        return DriftState.NO_DATA
    if inputs is None:
        return DriftState.NO_REFERENCE
    return DriftState.QUIET if span.items >= judged_from else DriftState.NOT_ENOUGH


def _compare(
    window: DriftWindow,
    inputs: ReferenceWindow,
    references: Mapping[str, ReferenceWindow],
    *,
    judged_from: int,
) -> None:
    """Fill a window with its figures, and say whether anything moved.

    Answers are judged from as many on as items are: a model that falls silent has not
    answered as before.
    """
    sample = sample_between(window.line, window.version, window.start, window.end)
    window.compared = len(sample.items)
    answers = sample.answers
    answered = references.get(ReferencePart.PREDICTIONS)
    window.predictions = {"state": "no_reference"}
    if answered is not None and len(answers.items) < min(judged_from, LARGEST_SAMPLE):
        answered = None
        window.predictions = {"state": "not_enough", "count": len(answers.items)}
    columns: dict[str, Any] = dict(inputs.columns)
    current = dict(sample.columns)
    if answered is not None:
        columns |= answered.columns
        current["confidence"] = answers.confidence.tolist()
    window.columns = compare_columns(columns, current, items=window.compared)
    if _is_classifier_due(window):
        seen = references.get(ReferencePart.FEATURES)
        window.whole = _compare_whole(sample, inputs, answered, seen, window)
    if len(answers.items):
        window.estimate = _estimate(answers)
    if answered is not None:
        counts = Counter(answers.classes)
        window.predictions = compare_answers(answered.classes, counts)
        window.predictions |= _label_shift(window.line, answered, counts)
    is_moved = window.moved or window.is_told_apart or window.has_other_answers
    window.state = DriftState.MOVED if is_moved else DriftState.QUIET


def _is_classifier_due(window: DriftWindow) -> bool:
    """Say whether a day or 2,000 items have passed since the last trial."""
    last = (
        DriftWindow.objects.of_version(window.line, window.version)
        .exclude(whole={})
        .newest_first()
        .first()
    )
    is_large = window.items >= CLASSIFIER_ITEMS
    return last is None or is_large or window.end - last.end >= DAY


def _compare_whole(
    sample: Sample,
    inputs: ReferenceWindow,
    answered: ReferenceWindow | None,
    seen: ReferenceWindow | None,
    window: DriftWindow,
) -> Figures:
    seed = int(window.start.timestamp()) % 2**32
    known = {name: column["values"] for name, column in inputs.columns.items()}
    before = as_matrix(inputs.columns, known, items=inputs.items)
    now = as_matrix(inputs.columns, sample.columns, items=len(sample.items))
    found = {"inputs": tell_apart(before, now, seed=seed)}
    if answered is not None:
        found["probabilities"] = tell_apart(
            np.array(answered.probabilities, dtype=np.float64),
            np.array(sample.answers.probabilities, dtype=np.float64),
            seed=seed,
        )
    if seen is not None and seen.embedding is not None:
        known_rows = Embedding.unpacked(bytes(seen.embedding))
        items = Item.objects.filter(pk__in=sample.items)
        laid = embed_items(window.line, known_rows, items)
        found["features"] = tell_apart(
            known_rows.rows.astype(np.float64), laid, seed=seed
        )
    return found


def _estimate(answers: Answers) -> Figures:
    """Say how right the version claims to be; nobody judges it by that."""
    found = estimated_accuracy(answers.confidence)
    return {
        "accuracy": found.value,
        "count": found.n,
        # it stays high under a new defect, and rises when light fades
        "assumes": "calibrated_and_classes_look_as_before",
    }


def _label_shift(
    line: ProductLine, answered: ReferenceWindow, counts: Mapping[str, int]
) -> Figures:
    """Estimate how many times as common each class is now, from answers alone."""
    joint = answered.joint
    if not joint or not counts:
        return {}
    keys = sorted({*joint, *(key for row in joint.values() for key in row), *counts})
    if len(keys) < 2:  # noqa: PLR2004 - shares can only shift between two
        return {}
    table = [[joint.get(p, {}).get(t, 0) for t in keys] for p in keys]
    found = label_shift_weights(
        table, [counts.get(key, 0) for key in keys], rng=np.random.default_rng(0)
    )
    ratio = {
        key: {"ratio": finite(w), "low": finite(low), "high": finite(high)}
        for key, w, low, high in zip(
            keys, found.weights, found.low, found.high, strict=True
        )
    }
    rejecting = set(
        line.classes.filter(meaning=Meaning.REJECT).values_list("key", flat=True)
    )
    before = {t: sum(joint.get(p, {}).get(t, 0) for p in keys) for t in keys}
    known = [key for key in keys if key in rejecting and before[key]]
    weights = [ratio[key]["ratio"] for key in known]
    figures: Figures = {"label_shift": ratio}
    if known and None not in weights:
        of_all = sum(before[key] for key in known)
        figures["rejected_ratio"] = (
            sum(before[key] * (ratio[key]["ratio"] or 0.0) for key in known) / of_all
        )
        figures["rejected_ratio_is_sure"] = any(
            (ratio[key]["low"] or 0.0) > 1 or (ratio[key]["high"] or 1.0) < 1
            for key in known
        )
    return figures


def _ring(line: ProductLine, window: DriftWindow, *, at: datetime) -> None:
    """Ring for what moved in two windows in a row; one alone is a warning.

    Windows shorter than a day are not all tried by the classifier: of those that were,
    it asks two in a row.
    """
    before, tried = window.judged_before(), window.tried_before()
    if window.state != DriftState.MOVED or before is None:
        return
    began = before
    moved: list[str] = []
    if before.moved:
        moved = sorted({*window.moved} & {*before.moved}) or window.moved
    is_told_apart = bool(window.is_told_apart and tried and tried.is_told_apart)
    if is_told_apart and tried is not None and not moved:
        began = tried
    if moved or is_told_apart:
        shown = {
            name: {
                key: window.columns[name].get(key)
                for key in ("shift", "p", "psi", "tv", "unseen", "moved")
            }
            for name in moved
        }
        _ring_and_take_back(
            line,
            AlarmCause.INPUT_DRIFT,
            figures={
                "columns": shown,
                "classifier": window.whole if is_told_apart else {},
                "window": window.pk,
                "items": window.items,
                "windows_between_false_alarms": WINDOWS_TO_FALSE_ALARM,
            },
            began_at=began.start,
            at=at,
        )
    if window.has_other_answers and before.has_other_answers:
        _ring_and_take_back(
            line,
            AlarmCause.PREDICTION_DRIFT,
            figures={"window": window.pk, **window.predictions},
            began_at=before.start,
            at=at,
        )


def _recover(line: ProductLine, window: DriftWindow, *, at: datetime) -> None:
    """End a drift that two windows in a row do not show any more.

    A window without answers shows nothing of them.
    """
    before = window.judged_before()
    if window.state not in JUDGED or before is None:
        return
    two = (window, before)
    quiet = {
        AlarmCause.INPUT_DRIFT: not any(one.keeps_input_drift for one in two),
        AlarmCause.PREDICTION_DRIFT: all(
            one.has_other_answers is False and not one.keeps_answer_drift for one in two
        ),
    }
    over = [cause for cause, is_quiet in quiet.items() if is_quiet]
    for alarm in line.alarms.open().filter(cause__in=over):
        recover(alarm, figures={"window": window.pk}, at=at)


def _ring_and_take_back(
    line: ProductLine,
    cause: AlarmCause,
    *,
    figures: dict[str, Any],
    began_at: datetime,
    at: datetime,
) -> None:
    alarm = ring_found(line, cause, figures=figures, began_at=began_at, at=at)
    if alarm is not None:
        take_back(alarm, at=at)


def _full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
