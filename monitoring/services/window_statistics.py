"""Figures of a window that need more than adding counts: each by its name."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from math import isnan
from typing import Any

import numpy as np

from monitoring.models import Measure, ReferencePart, ReferenceWindow
from monitoring.services.audits import rates_of, strata_of
from monitoring.stats.calibration import brier_score, calibration_error_interval
from monitoring.stats.distances import total_variation_interval
from monitoring.stats.figures import Interval
from monitoring.stats.intervals import wilson
from monitoring.stats.sampling import Stratum, stratified_error_interval
from monitoring.windows.audits import audits_in, passed_by_people
from monitoring.windows.counts import Counted
from monitoring.windows.pairs import pairs_between
from monitoring.windows.samples import sample_between
from reviewapp.models import Meaning, ModelVersion, ProductLine

Found = dict[str, Any]
Compute = Callable[
    [ProductLine, ModelVersion, datetime, datetime, list[Counted]], Found
]
NOTHING: Found = {"value": None, "count": 0}
# A window always gives the same interval, which more repeats would hardly move.
SEED = 0
REPEATS = 200
LARGEST_READ = 2_000


def _calibration_error(
    line: ProductLine,
    version: ModelVersion,
    start: datetime,
    end: datetime,
    _counts: list[Counted],
) -> Found:
    found = pairs_between(line, version, start, end)
    if not found.wrong.size:
        return NOTHING
    figure = calibration_error_interval(
        found.confidence,
        ~found.wrong,
        rng=np.random.default_rng(SEED),
        repeats=REPEATS,
    )
    return _bounded(figure, count=figure.n)


def _brier(
    line: ProductLine,
    version: ModelVersion,
    start: datetime,
    end: datetime,
    _counts: list[Counted],
) -> Found:
    found = pairs_between(line, version, start, end)
    if not found.wrong.size:
        return NOTHING
    figure = brier_score(found.confidence, ~found.wrong)
    return {"value": figure.value, "count": figure.n}


def _class_shift(
    line: ProductLine,
    version: ModelVersion,
    start: datetime,
    _end: datetime,
    counts: list[Counted],
) -> Found:
    """Hold the shares of the answers against the version's own, frozen reference.

    While the window still holds items of the reference itself, there is no value.
    """
    now: Counter[str] = Counter()
    for one in counts:
        if one.measure == Measure.PREDICTION and one.version_id == version.pk:
            now[one.predicted or ""] += one.count
    reference = (
        ReferenceWindow.objects.of_version(line, version)
        .filter(part=ReferencePart.PREDICTIONS)
        .first()
    )
    if reference is None or not now or reference.reaches_into(start):
        return NOTHING
    keys = sorted({*reference.classes, *now})
    found = total_variation_interval(
        [reference.classes.get(key, 0) for key in keys],
        [now[key] for key in keys],
        rng=np.random.default_rng(SEED),
    )
    return _bounded(found, count=found.n)


def _unseen_categories(
    line: ProductLine,
    version: ModelVersion,
    start: datetime,
    end: datetime,
    _counts: list[Counted],
) -> Found:
    """Count, of a lottery's items, those with a word that the reference never held."""
    references = ReferenceWindow.objects.of_version(line, version)
    reference = references.filter(part=ReferencePart.INPUTS).first()
    if reference is not None and reference.reaches_into(start):
        return NOTHING
    known = {
        name: {*column["values"]}
        for name, column in (reference.columns if reference else {}).items()
        if column["kind"] == "category"
    }
    if not known:
        return NOTHING
    sample = sample_between(line, version, start, end, most=LARGEST_READ)
    told = unseen = 0
    for place in range(len(sample.items)):
        words = {
            name: sample.columns[name][place]
            for name in known
            if name in sample.columns and sample.columns[name][place] is not None
        }
        told += bool(words)
        unseen += any(word not in known[name] for name, word in words.items())
    if not told:
        return NOTHING
    return _bounded(wilson(unseen, told), count=told)


def _weighted_escapes(
    _line: ProductLine,
    _version: ModelVersion,
    _start: datetime,
    _end: datetime,
    counts: list[Counted],
) -> Found:
    """Bound the escapes among all that left as passed, from the audited part.

    What people passed counts as rightly passed: their own misses are measured apart.
    """
    strata = strata_of(audits_in(counts), Meaning.PASS)
    if not strata:
        return NOTHING
    people = passed_by_people(counts)
    known = Stratum(size=people, audited=people, wrong=0)
    found = stratified_error_interval([*strata, known])
    audited = sum(stratum.audited for stratum in strata)
    return _bounded(found, count=audited)


def _weighted_overkill(
    _line: ProductLine,
    _version: ModelVersion,
    _start: datetime,
    _end: datetime,
    counts: list[Counted],
) -> Found:
    """Bound the good items thrown away, of all good ones that the model decided."""
    found = rates_of(audits_in(counts)).overkill
    return _bounded(found, count=found.n) if found else NOTHING


def _bounded(found: Interval, *, count: int) -> Found:
    """Give a value; none of a rate while a part decided has not been audited at all."""
    if isnan(found.value):
        return {"value": None, "count": count}
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "count": count,
    }


STATISTICS: Mapping[str, Compute] = {
    "class_shift": _class_shift,
    "unseen_categories": _unseen_categories,
    "calibration_error": _calibration_error,
    "brier": _brier,
    "weighted_escapes": _weighted_escapes,
    "weighted_overkill": _weighted_overkill,
}
