"""Figures of a window that need more than adding counts: each by its name."""

from collections.abc import Callable, Mapping
from datetime import datetime
from math import isnan
from typing import Any

import numpy as np

from monitoring.services.audits import rates_between, strata_between
from monitoring.stats.calibration import brier_score, calibration_error_interval
from monitoring.stats.figures import Interval
from monitoring.stats.sampling import Stratum, stratified_error_interval
from monitoring.windows.audits import passed_by_people
from monitoring.windows.counts import Counted
from monitoring.windows.pairs import pairs_between
from reviewapp.models import Meaning, ModelVersion, ProductLine

Found = dict[str, Any]
Compute = Callable[
    [ProductLine, ModelVersion, datetime, datetime, list[Counted]], Found
]
NOTHING: Found = {"value": None, "count": 0}
# A window always gives the same interval, which more repeats would hardly move.
SEED = 0
REPEATS = 200


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
    return {
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "count": figure.n,
    }


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


def _weighted_escapes(
    line: ProductLine,
    _version: ModelVersion,
    start: datetime,
    end: datetime,
    _counts: list[Counted],
) -> Found:
    """Bound the escapes among all that left as passed, from the audited part.

    What people passed counts as rightly passed: their own misses are measured apart.
    """
    strata = strata_between(line, start, end, meaning=Meaning.PASS)
    if not strata:
        return NOTHING
    people = passed_by_people(line, start, end)
    known = Stratum(size=people, audited=people, wrong=0)
    found = stratified_error_interval([*strata, known])
    audited = sum(stratum.audited for stratum in strata)
    return _bounded(found, audits=audited)


def _weighted_overkill(
    line: ProductLine,
    _version: ModelVersion,
    start: datetime,
    end: datetime,
    _counts: list[Counted],
) -> Found:
    """Bound the good items thrown away, of all good ones that the model decided."""
    found = rates_between(line, start, end).overkill
    return _bounded(found, audits=found.n) if found else NOTHING


def _bounded(found: Interval, *, audits: int) -> Found:
    """Give a rate; none while a part that was decided has not been audited at all."""
    if isnan(found.value):
        return {"value": None, "count": audits}
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "count": audits,
    }


STATISTICS: Mapping[str, Compute] = {
    "calibration_error": _calibration_error,
    "brier": _brier,
    "weighted_escapes": _weighted_escapes,
    "weighted_overkill": _weighted_overkill,
}
