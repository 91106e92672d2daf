"""Detectors: whether people have begun to differ from the model, and since when.

Each is a mixture CUSUM with a false-alarm rate of its own choosing. The quiet rate is
bounded from the version's own first labels, apart for answers it was sure of and for
others: their mix changes with the level, and must not look like a change of the model.
It is bounded apart for settled items and for first labels too, of which items count
that are still being read.

Escapes are looked for twice: among all answers, and among those that the model was sure
of, which are the ones that it decides by itself. A defect that it is sure about would
drown in the labels of what it was never sure of.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
from django.db.models import Max

from monitoring.models import Alarm, AlarmCause
from monitoring.services.changes import Change, describe
from monitoring.services.quiet_rates import (
    DIFFERS,
    FEWEST_BASELINE,
    Rates,
    baseline_of,
    rates_of,
)
from monitoring.services.shares import confirmed_fell, misses_rose
from monitoring.stats.change import MixtureCusum
from monitoring.windows.streams import (
    Baseline,
    Bools,
    Floats,
    Readings,
    Stream,
    first_double_reads,
    newest_double_reads,
    newest_labels,
)
from reviewapp.models import ProductLine

LARGEST_STREAM = 5_000
LABELS_TO_FALSE_WARNING = 10_000
LABELS_TO_FALSE_ALARM = 100_000
LOWEST_THRESHOLD = 20.0
LARGEST_VALUE = 1e300
# Over a weekend nobody labels; what is quiet for longer has not been looked at.
OLDEST_LABEL = timedelta(days=4)
# what may be asked of a reader before it is known how often readers differ
FEWEST_READS = 200
# misses that a study of readers accepts (AIAG, Measurement systems analysis, 4th ed.)
ACCEPTED_OF_READERS = 0.02


class Detected(StrEnum):
    """What a detector says; only one that has looked can be quiet."""

    NO_DATA = "no_data"
    NO_RATE = "no_rate"
    QUIET = "quiet"
    WARNING = "warning"
    ALARM = "alarm"


class Among(StrEnum):
    """Which of the model's answers a detector reads the labels of."""

    ALL = "all"
    SURE = "sure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What one detector says, the quiet rate it takes for granted, and the change.

    ``newest_at`` is when the newest item with a label occurred. ``share_moved`` says of
    escapes whether they are a larger share of the defects, too,
    and of overkill whether people confirm a smaller share of items as rejects.
    """

    cause: AlarmCause
    state: Detected
    among: Among = Among.ALL
    subject: str = ""
    labels: int = 0
    newest_at: datetime | None = None
    quiet: float | None = None
    value: float | None = None
    threshold: float | None = None
    is_from_baseline: bool = False
    change: Change | None = None
    share_moved: bool | None = None

    @property
    def is_ringing(self) -> bool | None:
        """Whether it alarms; ``None`` when it could not look."""
        if self.state in {Detected.NO_DATA, Detected.NO_RATE}:
            return None
        return self.state is Detected.ALARM

    def has_fallen_silent(self, *, at: datetime) -> bool:
        """Say whether it is quiet about days in which nothing was labelled."""
        if self.state is not Detected.QUIET or self.newest_at is None:
            return False
        return self.newest_at < at - OLDEST_LABEL

    @property
    def figures(self) -> dict[str, Any]:
        """What an alarm keeps of it."""
        change = self.change.figures if self.change else {}
        return {
            **change,
            "among": self.among.value,
            "value": self.value,
            "threshold": self.threshold,
            "quiet": self.quiet,
            "is_from_baseline": self.is_from_baseline,
            "labels_between_false_alarms": LABELS_TO_FALSE_ALARM,
        }


KINDS = {
    AlarmCause.ESCAPES: "escapes",
    AlarmCause.DISAGREEMENT: DIFFERS,
    AlarmCause.OVERKILL: "overkills",
}
SHARES = {AlarmCause.ESCAPES: misses_rose, AlarmCause.OVERKILL: confirmed_fell}


def detect(line: ProductLine, *, at: datetime) -> list[Detection]:
    """Run every detector on the live version's blind labels until ``at``."""
    version = line.in_force.live
    if version is None:
        return []
    baseline = baseline_of(line, version, causes=KINDS, at=at)
    found = []
    restarts = restarted(line)
    streams: dict[datetime | None, Stream] = {}
    for cause, kind in KINDS.items():
        restart = restarts.get((cause, ""))
        if restart not in streams:
            streams[restart] = newest_labels(
                line, version, after=restart, until=at, most=LARGEST_STREAM
            )
        rates = rates_of(line, version, baseline.settled, kind=kind)
        early = rates_of(line, version, baseline.early, kind=kind)
        looks = _looks(cause, baseline, streams[restart])
        for among, (before, stream) in looks.items():
            one = _detect(
                line,
                cause,
                stream,
                kind=kind,
                rates=rates,
                early=early,
                sharing=len(looks),
            )
            moved = _share_moved(one, before, stream)
            found.append(replace(one, among=among, share_moved=moved))
    return found


def _looks(
    cause: AlarmCause, baseline: Baseline, stream: Stream
) -> dict[Among, tuple[Baseline, Stream]]:
    """Give the labels that a cause is looked for in, with what came before them."""
    looks = {Among.ALL: (baseline, stream)}
    sure = stream.is_sure
    if cause is AlarmCause.ESCAPES and sure.any() and not sure.all():
        before = Baseline(
            settled=baseline.settled.of(baseline.settled.is_sure),
            early=baseline.early.of(baseline.early.is_sure),
        )
        looks[Among.SURE] = (before, stream.of(sure))
    return looks


def _share_moved(one: Detection, baseline: Baseline, stream: Stream) -> bool | None:
    """Compare like with like: labels that count early with what people first said."""
    if one.change is None or one.cause not in SHARES:
        return None
    began = one.change.began
    is_early = bool(stream.is_early[began:].any())
    before = baseline.early if is_early else baseline.settled
    return SHARES[one.cause](before, stream, began=began)


def restarted(line: ProductLine) -> dict[tuple[str, str], datetime]:
    """Say when a person last cleared each alarm: from then on all begins anew.

    By its cause, and by its subject where it has one.
    """
    cleared = Alarm.objects.filter(line=line).exclude(cleared_at=None)
    last = cleared.values_list("cause", "subject").annotate(at=Max("cleared_at"))
    return {(cause, subject): at for cause, subject, at in last.order_by()}


def _detect(
    line: ProductLine,
    cause: AlarmCause,
    stream: Stream,
    *,
    kind: str,
    rates: Rates,
    early: Rates,
    sharing: int,
) -> Detection:
    if not stream.labels:
        return Detection(cause=cause, state=Detected.NO_DATA)
    quiet = np.where(
        stream.is_early, early.of(stream.is_sure), rates.of(stream.is_sure)
    )
    differs: Bools = getattr(stream, kind)
    ran = run(differs, quiet, sharing=sharing)
    change = None
    if ran.state is Detected.ALARM:
        change = describe(line, stream, differs, seen=ran.labels, began=ran.began)
    return Detection(
        cause=cause,
        state=ran.state,
        labels=stream.labels,
        newest_at=stream.newest_at,
        quiet=float(quiet.mean()),
        value=ran.value,
        threshold=ran.threshold,
        is_from_baseline=rates.is_from_baseline,
        change=change,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """Where a detector stood at its alarm, or at the end; ``began`` from 0."""

    state: Detected
    labels: int
    began: int
    value: float
    threshold: float


def run(differs: Bools, quiet: Floats, *, sharing: int = 1) -> Ran:
    """Run one detector over labels with their quiet rates, up to its alarm.

    Where several are ``sharing`` what was promised of them together, each rings that
    many times as seldom.
    """
    half_mean = float(quiet.mean()) / 2 * sharing
    lowest = LOWEST_THRESHOLD * sharing
    threshold = max(LABELS_TO_FALSE_ALARM * half_mean, lowest)
    warning = max(LABELS_TO_FALSE_WARNING * half_mean, lowest)
    detector = MixtureCusum(float(quiet.mean()), threshold)
    for x, rate in zip(differs.tolist(), quiet.tolist(), strict=True):
        detector.update(int(x), base_rate=rate)
        if detector.alarm:
            break
    state = Detected.QUIET
    if detector.alarm:
        state = Detected.ALARM
    elif detector.value >= warning:
        state = Detected.WARNING
    return Ran(
        state=state,
        labels=detector.count,
        began=detector.change_start - 1,
        value=min(detector.value, LARGEST_VALUE),
        threshold=threshold,
    )


def detect_inspectors(line: ProductLine, *, at: datetime) -> list[Detection]:
    """Run a detector for each reader, against who else read the same items.

    What readers differ in usually is bounded from the line's first double reads, all
    readers together, since between two of them nobody knows who is wrong; apart for
    items that the model is sure of, which are easier, and of which fewer are read once
    it decides them. Nobody is blamed for less than a study of readers accepts.
    """
    reads = newest_double_reads(line, until=at, most=LARGEST_STREAM)
    if not reads.occurred_at:
        return []
    pooled = first_double_reads(line, until=at, most=FEWEST_BASELINE)
    rates = None
    if pooled.differs.size >= FEWEST_READS:
        rates = Rates.measured(
            pooled.differs, pooled.is_sure, lowest=ACCEPTED_OF_READERS
        )
    restarts, cause = restarted(line), AlarmCause.INSPECTOR
    return [
        _detect_inspector(
            reader, reads, rates=rates, restart=restarts.get((cause, reader))
        )
        for reader in sorted(set(reads.inspectors))
    ]


def _detect_inspector(
    reader: str, reads: Readings, *, rates: Rates | None, restart: datetime | None
) -> Detection:
    cause = AlarmCause.INSPECTOR
    mine = [
        place
        for place, (who, occurred) in enumerate(
            zip(reads.inspectors, reads.occurred_at, strict=True)
        )
        if who == reader and (restart is None or occurred > restart)
    ]
    if not mine or rates is None:
        state = Detected.NO_RATE if mine else Detected.NO_DATA
        return Detection(cause=cause, subject=reader, state=state, labels=len(mine))
    differs = reads.differs[mine]
    quiet = rates.of(reads.is_sure[mine])
    ran = run(differs, quiet)
    change = None
    if ran.state is Detected.ALARM:
        change = Change.counted(
            differs,
            seen=ran.labels,
            began=ran.began,
            began_at=reads.occurred_at[mine[ran.began]],
        )
    return Detection(
        cause=cause,
        subject=reader,
        state=ran.state,
        labels=int(differs.size),
        newest_at=max(reads.occurred_at[place] for place in mine),
        quiet=float(quiet.mean()),
        value=ran.value,
        threshold=ran.threshold,
        is_from_baseline=True,
        change=change,
    )
