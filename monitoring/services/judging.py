"""Judging lines: what rings, what an alarm takes back, and that somebody looked."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from monitoring import windows
from monitoring.models import Alarm, AlarmCause, HourlyCount
from monitoring.stats.sequential import breach_evidence
from reviewapp.models import ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import lines
from reviewapp.services.locks import Sweep, try_sweep
from reviewapp.services.records import record


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
    """Ring when blind labels refute the agreement that the level rests on.

    The e-process is valid at every look, so a line that is just good enough rings by
    chance in at most one epoch of twenty, however often it is judged.
    """
    in_force = line.in_force
    is_rung = False
    if in_force.live is not None and in_force.level >= AutomationLevel.ASSIST:
        counts = HourlyCount.objects.of_line(line).evidence(
            in_force.live, attempt=in_force.attempt
        )
        agreed = windows.agreement(counts)
        asked = in_force.terms().requirements
        reached = breach_evidence(
            agreed.agreed, agreed.pairs - agreed.agreed, gate=asked.agreement
        )
        if reached >= asked.evidence:
            is_rung = _ring(line, agreed, evidence=reached, at=at)
    lines.note_judgement(line, at=at)
    return int(is_rung)


def _ring(
    line: ProductLine, agreed: windows.Agreed, *, evidence: float, at: datetime
) -> bool:
    figures = {
        "pairs": agreed.pairs,
        "agreed": agreed.agreed,
        "evidence": min(evidence, 1e300),
    }
    alarm, is_new = Alarm.objects.get_or_create(
        line=line,
        cause=AlarmCause.DISAGREEMENT,
        cleared_at=None,
        defaults={"figures": figures, "raised_at": at},
    )
    if not is_new:
        return False
    lowered = lines.lower_level(
        line,
        to=AutomationLevel.SHADOW,
        by=None,
        reason=(
            f"Alarm: of {agreed.pairs} blind pairs {agreed.agreed} agree, which "
            f"refutes the target."
        ),
        as_of=at,
    )
    Alarm.objects.filter(pk=alarm.pk).update(lowered=lowered)
    return True


@transaction.atomic
def clear_alarm(alarm: Alarm, *, by: User, found: str) -> None:
    """Close an alarm with what was found."""
    Alarm.objects.filter(pk=alarm.pk, cleared_at=None).update(
        cleared_at=timezone.now(), found=found
    )
    record(
        "alarm.cleared",
        actor=by.pseudonym,
        line=alarm.line,
        subject=alarm.cause,
        reason=found,
    )
