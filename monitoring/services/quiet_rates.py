"""Quiet rates: how often people differ from a version while nothing changes.

They are bounded from the version's own first labels. Once an alarm says that a change
began, what was labelled since then is no part of what was usual, however few labels
there were before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Min

from monitoring.models import Alarm, AlarmCause
from monitoring.services.references import went_live_at
from monitoring.stats.intervals import upper_bound
from monitoring.windows.streams import Baseline, Bools, Floats, Stream, first_labels
from reviewapp.models import ModelVersion, ProductLine

FEWEST_BASELINE = 1_000
BASELINE = 2_000
LOWEST_QUIET, HIGHEST_QUIET = 0.001, 0.5
DIFFERS = "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Bounds of the quiet rate: of sure answers, of others, and where they are from."""

    sure: float
    unsure: float
    is_from_baseline: bool

    def of(self, stream: Stream) -> Floats:
        """Give the bound of each label of a stream."""
        return np.where(stream.is_sure, self.sure, self.unsure)


def baseline_of(
    line: ProductLine,
    version: ModelVersion,
    *,
    causes: Iterable[AlarmCause],
    at: datetime,
) -> Baseline:
    """Give a version's first labels, up to the change that an alarm found in them.

    An alarm among the first thousand leaves them whole: what was so from the beginning
    is what is usual, and held to what was promised until then.
    """
    since = went_live_at(line, version)
    baseline = first_labels(line, version, since=since, until=at, most=BASELINE)
    if baseline.settled.labels <= FEWEST_BASELINE:
        return baseline
    rung = Alarm.objects.filter(line=line, cause__in=causes, raised_at__gte=since)
    changed_at = rung.aggregate(first=Min("began_at"))["first"]
    if changed_at is None:
        return baseline
    before = [occurred < changed_at for occurred in baseline.settled.occurred_at]
    kept = np.arange(len(before)) < max(sum(before), FEWEST_BASELINE)
    return Baseline(settled=baseline.settled.of(kept), early=baseline.early.of(kept))


def rates_of(
    line: ProductLine, version: ModelVersion, baseline: Stream, *, kind: str
) -> Rates | None:
    """Bound the quiet rate by the version's first labels, or by what was promised.

    Before there are 1,000 labels all disagreements are held to the line's target. For
    escapes and overkill alone there is no target that people's own slips do not break.
    """
    differs: Bools = getattr(baseline, kind)
    if baseline.labels >= FEWEST_BASELINE:
        used = BASELINE if baseline.labels >= BASELINE else FEWEST_BASELINE
        differs, sure = differs[:used], baseline.is_sure[:used]
        both = bound(differs)
        return Rates(
            sure=bound(differs[sure]) if sure.any() else both,
            unsure=bound(differs[~sure]) if (~sure).any() else both,
            is_from_baseline=True,
        )
    if kind != DIFFERS:
        return None
    target = 1 - line.in_force.terms().requirements.agreement
    promised = [
        certificate.max_error
        for certificate in line.in_force.terms().certificates.values()
        if certificate.fingerprint == version.fingerprint
    ]
    return Rates(sure=max([target, *promised]), unsure=target, is_from_baseline=False)


def bound(differs: Bools) -> float:
    """Bound a rate from above, at 95 %, and within what a detector can use."""
    upper = upper_bound(int(differs.sum()), int(differs.size))
    return min(max(upper, LOWEST_QUIET), HIGHEST_QUIET)
