"""Judging lines: what rings, what an alarm takes back, and that somebody looked."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from monitoring.models import AlarmCause
from monitoring.services.alarms import lower_by_alarm, ring
from monitoring.services.watching import watch
from monitoring.stats.change import MixtureCusum
from monitoring.stats.intervals import upper_bound
from monitoring.windows import pairs
from reviewapp.models import ProductLine
from reviewapp.policy import AutomationLevel
from reviewapp.services import lines
from reviewapp.services.locks import Sweep, try_sweep

LARGEST_STREAM = 5_000
BASELINE = 1_000
LABELS_BETWEEN_FALSE_ALARMS = 100_000
LOWEST_QUIET = 0.001
LOWEST_THRESHOLD = 20.0


def judge_lines(*, as_of: datetime | None = None) -> int:
    """Judge every line in use; return how many alarms began to ring."""
    rung = 0
    for line in ProductLine.objects.in_use().select_related("policy__live"):
        with transaction.atomic():
            if not try_sweep(Sweep.JUDGE):
                return rung
            rung += _judge(line, at=as_of or timezone.now())
    return rung


def _judge(line: ProductLine, *, at: datetime) -> int:
    """Ring when blind labels have begun to refute what the level rests on."""
    in_force = line.in_force
    is_rung = False
    if in_force.live is not None and in_force.level >= AutomationLevel.ASSIST:
        change = find_change(line)
        if change is not None:
            is_rung = _ring(line, change, at=at)
    watched = watch(line, at=at)
    lines.note_judgement(line, at=at)
    return int(is_rung) + watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A detected rise of disagreement: since which blind label, and how strong."""

    began: int
    labels: int
    disagreed: int
    labels_before: int
    disagreed_before: int
    value: float
    threshold: float


def find_change(line: ProductLine) -> Change | None:
    """Look for a rise of disagreement on the live version's blind labels.

    The quiet rate is the upper bound of the first thousand labels of the epoch, once
    they are there, and before that what the line's target allows. The detector then
    rings falsely about once in 100,000 labels.
    """
    in_force = line.in_force
    differ = pairs.disagreements(line, in_force, newest=LARGEST_STREAM)
    quiet = 1 - in_force.terms().requirements.agreement
    if differ.size >= 2 * BASELINE:
        quiet = max(upper_bound(int(differ[:BASELINE].sum()), BASELINE), LOWEST_QUIET)
    threshold = max(LABELS_BETWEEN_FALSE_ALARMS * quiet / 2, LOWEST_THRESHOLD)
    detector = MixtureCusum(quiet, threshold)
    for differs in differ:
        detector.update(int(differs))
        if detector.alarm:
            break
    if not detector.alarm:
        return None
    began = detector.change_start - 1
    return Change(
        began=began,
        labels=detector.count - began,
        disagreed=int(differ[began : detector.count].sum()),
        labels_before=began,
        disagreed_before=int(differ[:began].sum()),
        value=min(detector.value, 1e300),
        threshold=threshold,
    )


def _ring(line: ProductLine, change: Change, *, at: datetime) -> bool:
    alarm = ring(line, AlarmCause.DISAGREEMENT, figures=asdict(change), at=at)
    if alarm is None:
        return False
    lower_by_alarm(
        alarm,
        reason=(
            f"Alarm: people disagreed with the model on {change.disagreed} of the "
            f"last {change.labels} blind items, before on {change.disagreed_before} of "
            f"{change.labels_before}."
        ),
        at=at,
    )
    return True
