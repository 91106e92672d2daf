"""Judging lines: what rings, what an alarm takes back, and that somebody looked."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from monitoring.models import AlarmCause
from monitoring.services.alarms import take_back
from monitoring.services.detecting import keep_detectors
from monitoring.services.detectors import Among, Detection
from monitoring.services.findings import Heard, find_anew, hear, ring_found
from monitoring.services.overriding import end_override
from monitoring.services.rivals import watch_candidate
from monitoring.services.slow_figures import refresh_figures
from monitoring.services.standing import standing_of
from monitoring.services.voiding import void_certificates
from monitoring.services.watching import watch
from reviewapp.models import Job, JobKind, ProductLine
from reviewapp.policy import AutomationLevel
from reviewapp.services import lines
from reviewapp.services.locks import Sweep, try_sweep


def judge_lines(*, as_of: datetime | None = None) -> int:
    """Judge every line in use; return how many alarms began to ring.

    A line whose past is still being played has no present to judge.
    """
    rung = 0
    playing = Job.objects.unfinished().filter(
        kind=JobKind.DEMO_HISTORY, line__isnull=False
    )
    judged = ProductLine.objects.in_use().exclude(pk__in=playing.values("line"))
    for line in judged.select_related("policy__live", "policy__candidate"):
        with transaction.atomic():
            if not try_sweep(Sweep.JUDGE):
                return rung
            rung += _judge(line, at=as_of or timezone.now())
    return rung


def _judge(line: ProductLine, *, at: datetime) -> int:
    """Ring when blind labels have begun to refute what the level rests on.

    In shadow, before the version's first thousand labels, nothing rests on it yet: how
    good it is then is for the gate to say.
    """
    in_force, heard = line.in_force, hear(line, at=at)
    keep_detectors(line, heard.labels, at=at)
    rung = 0
    if in_force.live is not None and in_force.level >= AutomationLevel.SHADOW:
        is_trusted = in_force.automation_level.may_suggest
        for found in heard.labels:
            if found.is_ringing and (is_trusted or found.is_from_baseline):
                rung += _ring(line, found, heard, at=at)
    for found in heard.inspectors:
        if found.is_ringing:
            rung += _ring(line, found, heard, at=at)
    find_anew(line, heard=heard, at=at)
    rung += watch(line, at=at)
    void_certificates(line, at=at)
    watch_candidate(line, at=at)
    refresh_figures(line, at=at)
    lines.note_standing(line, standing_of(line, at=at))
    end_override(line, at=at)
    lines.note_judgement(line, at=at)
    return rung


def _ring(line: ProductLine, found: Detection, heard: Heard, *, at: datetime) -> bool:
    change = found.change
    alarm = ring_found(
        line,
        found.cause,
        subject=found.subject,
        figures=found.figures,
        began_at=change.began_at if change else None,
        at=at,
        heard=heard,
    )
    if alarm is None or change is None:
        return False
    take_back(alarm, reason=_reason(found), at=at)
    return True


def _reason(found: Detection) -> str:
    change = found.change
    if change is None:
        return ""
    what = (
        "people rejected what the model passes in"
        if found.cause is AlarmCause.ESCAPES
        else "people disagreed with the model on"
    )
    sure = " that it was sure of" if found.among is Among.SURE else ""
    return (
        f"Alarm: {what} {change.disagreed} of the last {change.labels} blind items"
        f"{sure}, before on {change.disagreed_before} of {change.labels_before}."
    )
