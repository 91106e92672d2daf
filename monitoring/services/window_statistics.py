"""Figures of a window that need more than adding counts: each by its name."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from monitoring.catalogue import Rows
from monitoring.stats.calibration import brier_score, expected_calibration_error
from monitoring.stats.sampling import Stratum, stratified_error_interval
from monitoring.windows.counts import Counted, total
from monitoring.windows.pairs import pairs_between
from reviewapp.models import ModelVersion, ProductLine

Found = dict[str, Any]
Compute = Callable[
    [ProductLine, ModelVersion, datetime, datetime, list[Counted]], Found
]
NOTHING: Found = {"value": None, "count": 0}

PASSED_BY_MODEL = Rows(measures=("by_model",), answered="pass", of_version=False)
PASSED_BY_PEOPLE = Rows(measures=("by_person",), answered="pass", of_version=False)
AUDITED_PASSES = Rows(
    measures=("pair",), routes=("audit",), is_blind=True, predicted="pass"
)
AUDITED_ESCAPES = Rows(
    measures=("pair",),
    routes=("audit",),
    is_blind=True,
    predicted="pass",
    answered="reject",
)


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
    figure = expected_calibration_error(found.confidence, ~found.wrong)
    return {"value": figure.value, "count": figure.n}


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
    _line: ProductLine,
    version: ModelVersion,
    _start: datetime,
    _end: datetime,
    counts: list[Counted],
) -> Found:
    """Bound the escapes among all that left as passed, from the audited part.

    What people passed counts as rightly passed: their own misses are measured apart.
    """
    by_people = total(counts, PASSED_BY_PEOPLE, version)
    audited = total(counts, AUDITED_PASSES, version)
    escaped = total(counts, AUDITED_ESCAPES, version)
    # an escape that was found has been decided anew, by a person
    by_model = max(total(counts, PASSED_BY_MODEL, version) + escaped, audited)
    if not by_model:
        return NOTHING
    strata = [Stratum(size=by_model, audited=audited, wrong=escaped)]
    if by_people:
        strata.append(Stratum(size=by_people, audited=by_people, wrong=0))
    interval = stratified_error_interval(strata)
    return {
        "value": interval.value,
        "low": interval.low,
        "high": interval.high,
        "count": audited,
        "details": {"passed": by_model + by_people, "escaped": escaped},
    }


STATISTICS: Mapping[str, Compute] = {
    "calibration_error": _calibration_error,
    "brier": _brier,
    "weighted_escapes": _weighted_escapes,
}
