"""Quiet rates: how often people differ from a version while nothing changes.

They are bounded from the version's own first labels. Items that occurred while an alarm
stood, from when its change began until it was cleared, are no part of what was usual.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np

from monitoring.models import Alarm, AlarmCause
from monitoring.services.references import went_live_at
from monitoring.stats.intervals import upper_bound
from monitoring.windows.streams import Baseline, Bools, Floats, Stream, first_labels
from reviewapp.models import Meaning, ModelVersion, ProductLine

FEWEST_BASELINE = 1_000
BASELINE = 2_000
LOWEST_QUIET, HIGHEST_QUIET = 0.001, 0.5
DIFFERS = "differs"
# What the model said of the items that each kind of disagreement is of.
MEANINGS = {"escapes": Meaning.PASS.value, "overkills": Meaning.REJECT.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Bounds of the quiet rate: of sure answers, of others, and where they are from."""

    sure: float
    unsure: float
    is_from_baseline: bool

    def of(self, is_sure: Bools) -> Floats:
        """Give the bound of each label, by whether the model was sure of its item."""
        return np.where(is_sure, self.sure, self.unsure)

    @classmethod
    def measured(
        cls, differs: Bools, is_sure: Bools, *, lowest: float = LOWEST_QUIET
    ) -> Self:
        """Bound both rates from labels; one that has none is that of all."""
        sure, unsure = differs[is_sure], differs[~is_sure]
        return cls(
            sure=_bound(sure if sure.size else differs, lowest=lowest),
            unsure=_bound(unsure if unsure.size else differs, lowest=lowest),
            is_from_baseline=True,
        )


def baseline_of(
    line: ProductLine,
    version: ModelVersion,
    *,
    causes: Iterable[AlarmCause],
    at: datetime,
) -> Baseline:
    """Give a version's first labels, but for those of changes that alarms found."""
    since = went_live_at(line, version)
    rung = Alarm.objects.filter(
        line=line, cause__in=causes, raised_at__gte=since, began_at__isnull=False
    )
    return first_labels(
        line,
        version,
        since=since,
        until=at,
        most=BASELINE,
        left_out=[
            (began, cleared or at)
            for began, cleared in rung.values_list("began_at", "cleared_at")
            if began is not None
        ],
    )


def rates_of(
    line: ProductLine, version: ModelVersion, baseline: Stream, *, kind: str
) -> Rates:
    """Bound the quiet rate by the version's first labels, or by what was promised.

    Before there are 1,000 labels, sure answers are held to what their certificates
    allow, and others to the line's target: no kind of disagreement may be more common
    than all of them together.
    """
    differs: Bools = getattr(baseline, kind)
    if baseline.labels >= FEWEST_BASELINE:
        used = BASELINE if baseline.labels >= BASELINE else FEWEST_BASELINE
        return Rates.measured(differs[:used], baseline.is_sure[:used])
    target = 1 - line.in_force.terms().requirements.agreement
    promised = _promised(line, version, kind=kind)
    if kind == DIFFERS:
        promised.append(target)
    return Rates(
        sure=max(promised, default=target), unsure=target, is_from_baseline=False
    )


def _promised(line: ProductLine, version: ModelVersion, *, kind: str) -> list[float]:
    """Give the errors that certificates of a version's classes allow, of one kind."""
    granted = {
        key: certificate.max_error
        for key, certificate in line.in_force.terms().certificates.items()
        if certificate.fingerprint == version.fingerprint
    }
    if not granted or kind not in MEANINGS:
        return [*granted.values()]
    of_kind = line.classes.filter(meaning=MEANINGS[kind], key__in=granted)
    return [granted[key] for key in of_kind.values_list("key", flat=True)]


def _bound(differs: Bools, *, lowest: float) -> float:
    """Bound a rate from above, at 95 %, and within what a detector can use."""
    upper = upper_bound(int(differs.sum()), int(differs.size))
    return min(max(upper, lowest), HIGHEST_QUIET)
