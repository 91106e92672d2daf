"""The debrief of a shift: what its person did, for that person and nobody else."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from monitoring.services.flips import Flips, flips_of
from monitoring.services.gold_figures import GOLD_DAYS, GoldFigures, gold_figures
from reviewapp.models import AnswerKind, GoldRead, Label, LinePace, Shift
from reviewapp.services.shifts import reads_of

# Below this the middle half of the times says nothing.
FEWEST_TIMES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The middle half of the active seconds at an item, and of how many it is."""

    low_s: float
    high_s: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldHere:
    """The gold that was met in a shift; ``otherwise`` is what the person is told of."""

    answers: int
    unsure: int
    otherwise: list[GoldRead]

    @property
    def as_known(self) -> int:
        """Answers that were the known one."""
        return self.answers - len(self.otherwise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Debrief:
    """One shift that has ended, and the person's own figures behind it.

    ``gold`` and ``flips`` are of the last days on the line, since one shift is too
    short for either; ``gold_here`` and ``flips_here`` are of this shift.
    """

    shift: Shift
    pace: Pace | None
    usual: LinePace | None
    gold: GoldFigures
    gold_here: GoldHere
    flips: Flips
    flips_here: Flips
    days: int = GOLD_DAYS


def debrief_of(shift: Shift) -> Debrief:
    """Gather what the person of a shift that has ended is told of it."""
    line, inspector, until = shift.line, shift.inspector, shift.until
    since = until - timedelta(days=GOLD_DAYS)
    return Debrief(
        shift=shift,
        pace=_pace(shift),
        usual=LinePace.objects.filter(line=line).first(),
        gold=gold_figures(line, at=until, only=inspector),
        gold_here=_gold_here(shift),
        flips=flips_of(inspector, line, start=since, end=until),
        flips_here=flips_of(inspector, line, start=shift.began_at, end=until),
    )


def _pace(shift: Shift) -> Pace | None:
    labels = Label.objects.filter(
        pk__gt=shift.after_label,
        inspector=shift.inspector_id,
        review__line=shift.line_id,
        labelled_at__gte=shift.began_at,
        labelled_at__lte=shift.until,
        active_ms__isnull=False,
        superseded_by=None,
    ).exclude(kind=AnswerKind.RETRACTION)
    reads = reads_of(shift, until=shift.until).filter(active_ms__isnull=False)
    times = [
        *labels.values_list("active_ms", flat=True),
        *reads.values_list("active_ms", flat=True),
    ]
    if len(times) < FEWEST_TIMES:
        return None
    low, high = np.quantile(np.array(times, dtype=float) / 1000, [0.25, 0.75])
    return Pace(low_s=float(low), high_s=float(high), n=len(times))


def _gold_here(shift: Shift) -> GoldHere:
    reads = reads_of(shift, until=shift.until)
    told = reads.told_to(shift.inspector).select_related("dispute__answer")
    counted = reads.tally()
    return GoldHere(
        answers=counted["answers"],
        unsure=counted["unsure"],
        otherwise=list(told.order_by("answered_at")),
    )
