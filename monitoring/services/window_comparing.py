"""Comparing one window: all that can be held against a version's references."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from monitoring.models import (
    DriftState,
    DriftWindow,
    ReferencePart,
    ReferenceWindow,
)
from monitoring.services.comparisons import (
    Figures,
    as_matrix,
    compare_answers,
    compare_columns,
    finite,
    tell_apart,
)
from monitoring.services.embeddings import Embedding, embed_items
from monitoring.services.windowsizes import size_of
from monitoring.stats.calibration import estimated_accuracy
from monitoring.stats.labelshift import label_shift_weights
from monitoring.windows.samples import (
    LARGEST_SAMPLE,
    Answers,
    Sample,
    Value,
    new_words,
    sample_between,
)
from reviewapp.modalities.text import OUT_OF_VOCABULARY
from reviewapp.models import Item, Meaning, ModelVersion, ProductLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A window to compare, with the items that occurred in it."""

    start: datetime
    end: datetime
    items: int


def compare_window(
    line: ProductLine, version: ModelVersion, span: Span, *, as_a_whole: bool
) -> DriftWindow:
    """Hold one window against the references, and give what was found, not kept yet.

    Items that are part of a reference are left out: held against themselves they look
    as known whatever came. ``as_a_whole`` lets a classifier try to tell the window's
    items from those of before.
    """
    of_version = ReferenceWindow.objects.of_version(line, version)
    inputs = of_version.filter(part=ReferencePart.INPUTS).first()
    judged_from = size_of(line).judged_from
    begins = inputs.begin_after(span.start) if inputs else span.start
    window = DriftWindow(
        line=line,
        version=version,
        reference=inputs,
        start=span.start,
        end=span.end,
        items=span.items,
        state=_state_before(line, span, inputs, begins=begins, judged_from=judged_from),
    )
    if window.state == DriftState.QUIET and inputs is not None:
        sample = sample_between(line, version, begins, span.end)
        # what came from items of the window itself is not held against it either
        others = [one for one in of_version if not one.reaches_into(begins)]
        _compare(
            window,
            sample,
            inputs,
            {one.part: one for one in others},
            judged_from=judged_from,
            as_a_whole=as_a_whole,
        )
    return window


def _state_before(
    line: ProductLine,
    span: Span,
    inputs: ReferenceWindow | None,
    *,
    begins: datetime,
    judged_from: int,
) -> DriftState:
    """Say what a window can say before it is compared, from its items alone.

    One that gave too many of its items to the reference had nothing to be held against.
    """
    if not span.items:
        return DriftState.NO_DATA
    if inputs is None:
        return DriftState.NO_REFERENCE
    if span.items < judged_from:
        return DriftState.NOT_ENOUGH
    if begins > span.start:
        others = Item.objects.of_line(line).filter(
            occurred_at__gte=begins, occurred_at__lt=span.end
        )
        if others.count() < judged_from:
            return DriftState.NO_REFERENCE
    return DriftState.QUIET


def _compare(
    window: DriftWindow,
    sample: Sample,
    inputs: ReferenceWindow,
    references: Mapping[str, ReferenceWindow],
    *,
    judged_from: int,
    as_a_whole: bool,
) -> None:
    """Fill a window with its figures, and say whether anything moved.

    Answers are judged from as many on as items are: a model that falls silent has not
    answered as before.
    """
    window.compared = len(sample.items)
    answers = sample.answers
    answered = references.get(ReferencePart.PREDICTIONS)
    window.predictions = {"state": "no_reference"}
    if answered is not None and len(answers.items) < min(judged_from, LARGEST_SAMPLE):
        answered = None
        window.predictions = {"state": "not_enough", "count": len(answers.items)}
    columns: dict[str, Any] = dict(inputs.columns)
    current = dict(sample.columns)
    if OUT_OF_VOCABULARY in columns:
        column = columns[OUT_OF_VOCABULARY]
        columns[OUT_OF_VOCABULARY] = column | {"values": _measured(column["values"])}
        current[OUT_OF_VOCABULARY] = _measured(
            new_words(sample, window.version, since=inputs.taken_at)
        )
    if answered is not None:
        columns |= answered.columns
        current["confidence"] = answers.confidence.tolist()
    window.columns = compare_columns(columns, current, items=window.compared)
    if as_a_whole:
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


def _measured(values: Sequence[Value]) -> list[Value]:
    """Leave out the texts whose words nobody measured: none of them lacks a value."""
    return [value for value in values if value is not None]


def _compare_whole(
    sample: Sample,
    inputs: ReferenceWindow,
    answered: ReferenceWindow | None,
    seen: ReferenceWindow | None,
    window: DriftWindow,
) -> Figures:
    seed = int(window.start.timestamp()) % 2**32
    columns = {
        # half of the reference lacks it, which alone would tell the two apart
        name: column
        for name, column in inputs.columns.items()
        if name != OUT_OF_VOCABULARY
    }
    known = {name: column["values"] for name, column in columns.items()}
    before = as_matrix(columns, known, items=inputs.items)
    now = as_matrix(columns, sample.columns, items=len(sample.items))
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
