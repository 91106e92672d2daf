"""Gathering findings: what every detector of a line says at one time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitoring.diagnosis import Findings
from monitoring.models import Alarm, AlarmCause, DriftState, DriftWindow
from monitoring.models.drift import REMEMBERED
from monitoring.services.alarms import ring
from monitoring.services.detectors import Detection, detect, detect_inspectors
from reviewapp.models import ProductLine

# Other answers are of neither side: they may follow from inputs, and labels from them.
SIDES = {
    AlarmCause.INPUT_DRIFT: "inputs",
    AlarmCause.DISAGREEMENT: "labels",
    AlarmCause.ESCAPES: "labels",
    AlarmCause.OVERKILL: "labels",
}
NAMES = {
    AlarmCause.INPUT_DRIFT: "input_drift",
    AlarmCause.PREDICTION_DRIFT: "predictions",
    AlarmCause.DISAGREEMENT: "disagreement",
    AlarmCause.ESCAPES: "escapes",
    AlarmCause.OVERKILL: "overkill",
}


def findings(
    line: ProductLine, *, at: datetime, since: datetime | None = None
) -> Findings:
    """Say what stands on a line: what rings now, and what its last window shows.

    Of a change that began at ``since`` a window that ended before knows nothing: what
    it shows is then unknown, and not calm.
    """
    version = line.in_force.live
    rung = list(
        Alarm.objects.open().filter(line=line, raised_at__lte=at).order_by("raised_at")
    )
    ringing = {NAMES[c] for alarm in rung if (c := AlarmCause(alarm.cause)) in NAMES}
    detected = {NAMES[one.cause]: one for one in detect(line, at=at)}
    window = None
    if version is not None:
        window = (
            DriftWindow.objects.of_version(line, version)
            .ended_in(max(at - REMEMBERED, since or at - REMEMBERED), at)
            .newest_first()
            .first()
        )
    inspectors = {
        alarm.subject for alarm in rung if alarm.cause == AlarmCause.INSPECTOR
    }
    inspectors |= {
        one.subject for one in detect_inspectors(line, at=at) if one.is_ringing
    }
    return Findings(
        input_drift="input_drift" in ringing or _has_drifted(window),
        classifier=_judged(window) and window.is_told_apart if window else None,
        predictions="predictions" in ringing or _answers_otherwise(window),
        disagreement=_rings("disagreement", ringing, detected),
        escapes=_rings("escapes", ringing, detected),
        overkill=_rings("overkill", ringing, detected),
        inspectors=tuple(sorted(inspectors)),
        prevalence_ratio=_prevalence(window),
        misses=detected["escapes"].share_moved if detected else None,
        fewer_confirmed=detected["overkill"].share_moved if detected else None,
        first=_first(rung),
    )


def ring_found(
    line: ProductLine,
    cause: AlarmCause,
    *,
    subject: str = "",
    figures: dict[str, Any],
    began_at: datetime | None,
    at: datetime,
) -> Alarm | None:
    """Raise an alarm with what all detectors say then; ``None`` if it rings already."""
    rings = Alarm.objects.filter(
        line=line, cause=cause, subject=subject, cleared_at=None
    )
    if rings.exists():
        return None
    found = findings(line, at=at, since=began_at)
    return ring(
        line,
        cause,
        subject=subject,
        figures=figures,
        findings=replace(found, first=found.first or SIDES.get(cause)),
        began_at=began_at,
        at=at,
    )


def _first(rung: Sequence[Alarm]) -> str | None:
    """Say what rang first of what rings now: something of inputs, or of labels."""
    sides = [side for alarm in rung if (side := SIDES.get(AlarmCause(alarm.cause)))]
    return sides[0] if sides else None


def _rings(name: str, ringing: set[str], detected: dict[str, Detection]) -> bool | None:
    if name in ringing:
        return True
    return detected[name].is_ringing if name in detected else None


def _judged(window: DriftWindow) -> bool | None:
    """Say that a window was compared; ``None`` where nothing can be said of it."""
    is_judged = window.state in {DriftState.QUIET, DriftState.MOVED}
    return True if is_judged else None


def _has_drifted(window: DriftWindow | None) -> bool | None:
    if window is None or not _judged(window):
        return None
    before = window.judged_before()
    return bool(window.moved and before is not None and before.moved)


def _answers_otherwise(window: DriftWindow | None) -> bool | None:
    if window is None or window.has_other_answers is None:
        return None
    before = window.judged_before()
    return window.has_other_answers and bool(before and before.has_other_answers)


def _prevalence(window: DriftWindow | None) -> float | None:
    if window is None or "rejected_ratio" not in window.predictions:
        return None
    ratio: float = window.predictions["rejected_ratio"]
    return ratio if window.predictions["rejected_ratio_is_sure"] else 1.0
