"""Canary steps that go by themselves, where a line says so and every gate is open."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from monitoring.services.evidence import gather
from reviewapp.evidence import Evidence
from reviewapp.gates import canary_gates, next_canary_share
from reviewapp.models import Job, JobKind, Policy, ProductLine
from reviewapp.policy import AutomationLevel
from reviewapp.services.canaries import widen_canary
from reviewapp.services.locks import Sweep, try_sweep
from reviewapp.services.routings import is_monitor_silent


def advance_canaries(*, as_of: datetime | None = None) -> int:
    """Widen the canary share of the lines that allow it; return how many widened.

    A line whose past is still being played, and one that the monitor has not judged
    lately, holds: not to know is no reason to go on.
    """
    at = as_of or timezone.now()
    playing = Job.objects.unfinished().filter(
        kind=JobKind.DEMO_HISTORY, line__isnull=False
    )
    lines = (
        ProductLine.objects.in_use()
        .filter(
            policy__level__gte=AutomationLevel.PARTIAL,
            policy__requirements__canary_advances=True,
            policy__is_locked=False,
        )
        .exclude(pk__in=playing.values("line"))
    )
    widened = 0
    for line in lines.select_related("policy__live", "policy__candidate"):
        with transaction.atomic():
            if not try_sweep(Sweep.ADVANCE_CANARIES):
                return widened
            widened += _advance(line, at=at) is not None
    return widened


def _advance(line: ProductLine, *, at: datetime) -> Policy | None:
    terms = line.in_force.terms()
    share = next_canary_share(terms)
    if share is None or is_monitor_silent(line, line.in_force, at=at):
        return None
    measured = gather(line, as_of=at)
    if not all(gate.is_open for gate in canary_gates(terms, measured)):
        return None
    return widen_canary(
        line,
        measured,
        by=None,
        reason=_reason(measured, terms.canary_share, share),
        seen_policy=line.in_force.number,
        as_of=at,
    )


def _reason(measured: Evidence, share: float, wider: float) -> str:
    return (
        f"By itself from {share:.0%} to {wider:.0%}: {measured.days_at_share:.1f} days "
        f"and {measured.share_labels} blind labels at this share, "
        f"{measured.may_errors} of {measured.may_labels} wrong in all, no open alarm."
    )
