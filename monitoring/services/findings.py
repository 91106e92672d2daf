"""Gathering findings: what every detector of a line says at one time."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from monitoring.diagnosis import Findings
from monitoring.models import Alarm, AlarmCause, DriftState, DriftWindow
from monitoring.models.drift import REMEMBERED
from monitoring.services.alarms import diagnose_anew, ring
from monitoring.services.detectors import Detection, detect, detect_inspectors
from monitoring.services.early_looks import early_look_of
from reviewapp.models import ProductLine

# Other answers are of neither side: they may follow from inputs, and labels from them.
LABELS = (AlarmCause.DISAGREEMENT, AlarmCause.ESCAPES, AlarmCause.OVERKILL)
NAMES = {
    AlarmCause.INPUT_DRIFT: "input_drift",
    AlarmCause.PREDICTION_DRIFT: "predictions",
    AlarmCause.DISAGREEMENT: "disagreement",
    AlarmCause.ESCAPES: "escapes",
    AlarmCause.OVERKILL: "overkill",
}
# What people held against the model so long before has another cause.
RELATED = timedelta(days=7)
# Of an old and a new item a classifier then names the new one three times in four.
MOSTLY_TOLD = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the detectors of a line say at one time: of labels, and of each reader."""

    labels: Sequence[Detection]
    inspectors: Sequence[Detection]


def hear(line: ProductLine, *, at: datetime) -> Heard:
    """Run all detectors of a line."""
    return Heard(labels=detect(line, at=at), inspectors=detect_inspectors(line, at=at))


def findings(
    line: ProductLine,
    *,
    at: datetime,
    since: datetime | None = None,
    heard: Heard | None = None,
    about_to_ring: Alarm | None = None,
    look: DriftWindow | None = None,
) -> Findings:
    """Say what stands on a line: what rings now, and what its last window shows.

    Of a change that began at ``since`` a window that ended before knows nothing: what
    it shows is then unknown, and not calm. ``look`` is what was seen early of it.
    """
    heard = heard or hear(line, at=at)
    rung = list(
        Alarm.objects.open().filter(line=line, raised_at__lte=at, cause__in=NAMES)
    )
    if about_to_ring is not None and about_to_ring.cause in NAMES:
        rung.append(about_to_ring)
    ringing = {NAMES[AlarmCause(alarm.cause)] for alarm in rung}
    detected = _loudest(heard.labels)
    newest = _newest_window(line, at=at)
    telling = _telling(newest, look, since=since)
    input_drift = _drifts(
        newest,
        look,
        telling,
        moved=_inputs_moved,
        keeps=attrgetter("keeps_input_drift"),
        rings="input_drift" in ringing,
    )
    classifier = telling.is_told_apart if telling and _is_judged(telling) else None
    few_look_new = _few_look_new(telling) if telling and classifier else None
    return Findings(
        input_drift=input_drift,
        classifier=classifier,
        few_look_new=few_look_new,
        predictions=_drifts(
            newest,
            look,
            telling,
            moved=attrgetter("has_other_answers"),
            keeps=attrgetter("keeps_answer_drift"),
            rings="predictions" in ringing,
        ),
        disagreement=_rings("disagreement", ringing, detected),
        escapes=_rings("escapes", ringing, detected),
        overkill=_rings("overkill", ringing, detected),
        inspectors=_differing(line, heard, at=at),
        # answers tell of shares only while each class looks as it did
        prevalence_ratio=None if few_look_new is False else _prevalence(telling),
        misses=detected["escapes"].share_moved if detected else None,
        fewer_confirmed=detected["overkill"].share_moved if detected else None,
        first=_first(rung, since=since, stayed=input_drift is False and not classifier),
    )


def ring_found(
    line: ProductLine,
    cause: AlarmCause,
    *,
    subject: str = "",
    figures: dict[str, Any],
    began_at: datetime | None,
    at: datetime,
    heard: Heard | None = None,
) -> Alarm | None:
    """Raise an alarm with what all detectors say then; ``None`` if it rings already."""
    rings = Alarm.objects.filter(
        line=line, cause=cause, subject=subject, cleared_at=None
    )
    if rings.exists():
        return None
    about_to_ring = Alarm(
        line=line, cause=cause, figures=figures, began_at=began_at, raised_at=at
    )
    return ring(
        line,
        cause,
        subject=subject,
        figures=figures,
        findings=findings(
            line, at=at, since=began_at, heard=heard, about_to_ring=about_to_ring
        ),
        began_at=began_at,
        at=at,
    )


def find_anew(line: ProductLine, *, heard: Heard, at: datetime) -> int:
    """Keep with each open alarm what is known by now; return how many know otherwise.

    An alarm rings when the first detector is sure. The window that says whether the
    inputs moved ends later, and what its labels are of takes more of them.
    """
    changed = 0
    for alarm in line.alarms.open().exclude(findings={}):
        look = early_look_of(alarm)
        if look is not None and look.version_id != line.in_force.live_id:
            look = None
        found = findings(line, at=at, since=alarm.began_at, heard=heard, look=look)
        changed += diagnose_anew(alarm, asdict(found), at=at)
    return changed


def _newest_window(line: ProductLine, *, at: datetime) -> DriftWindow | None:
    version = line.in_force.live
    if version is None:
        return None
    windows = DriftWindow.objects.of_version(line, version)
    return windows.ended_in(at - REMEMBERED, at).newest_first().first()


def _telling(
    newest: DriftWindow | None, look: DriftWindow | None, *, since: datetime | None
) -> DriftWindow | None:
    """Give the window that tells what came since a change; ``None`` while none does.

    A window that was open when it began holds what came before as well; what was seen
    early does not.
    """
    if newest is None or since is None:
        return newest or look
    if newest.start >= since and _is_judged(newest):
        return newest
    return look or (newest if newest.end > since else None)


def _few_look_new(telling: DriftWindow) -> bool | None:
    """Say whether chance has nearly as good a guess of which items are new."""
    told = [found["auc"] for found in telling.whole.values() if "auc" in found]
    return max(told) < MOSTLY_TOLD if told else None


def _drifts(
    newest: DriftWindow | None,
    look: DriftWindow | None,
    telling: DriftWindow | None,
    *,
    moved: Callable[[DriftWindow], bool | None],
    keeps: Callable[[DriftWindow], bool],
    rings: bool,
) -> bool | None:
    """Say that two windows moved, or that one keeps going what rings already.

    Where labels changed, what came since counts as much as a second window. One that
    moved alone is a warning: neither a move nor calm.
    """
    is_known = newest is not None and moved(newest) is not None
    if newest is not None and moved(newest):
        before = newest.judged_before()
        if any(moved(one) for one in (before, look) if one is not None):
            return True
    if rings and (newest is None or not is_known or keeps(newest)):
        return True
    verdict = moved(telling) if telling is not None else None
    return None if verdict and telling is not look else verdict


def _inputs_moved(window: DriftWindow) -> bool | None:
    return bool(window.moved) if _is_judged(window) else None


def _is_judged(window: DriftWindow) -> bool:
    return window.state in {DriftState.QUIET, DriftState.MOVED}


def _rings(name: str, ringing: set[str], detected: dict[str, Detection]) -> bool | None:
    if name in ringing:
        return True
    return detected[name].is_ringing if name in detected else None


def _loudest(heard: Sequence[Detection]) -> dict[str, Detection]:
    """Give what is said of each cause: of several detectors what rings, if one does."""
    found: dict[str, Detection] = {}
    for one in heard:
        before = found.get(NAMES[one.cause])
        if before is None or (one.is_ringing and not before.is_ringing):
            found[NAMES[one.cause]] = one
    return found


def _differing(line: ProductLine, heard: Heard, *, at: datetime) -> tuple[str, ...]:
    rung = Alarm.objects.open().filter(
        line=line, cause=AlarmCause.INSPECTOR, raised_at__lte=at
    )
    heard_of = {one.subject for one in heard.inspectors if one.is_ringing}
    return tuple(sorted(heard_of | set(rung.values_list("subject", flat=True))))


def _prevalence(window: DriftWindow | None) -> float | None:
    """Give how many times as many defects there are, where that is sure."""
    if window is None or not window.predictions.get("rejected_ratio_is_sure"):
        return None
    ratio: float = window.predictions["rejected_ratio"]
    return ratio


def _first(
    rung: Sequence[Alarm], *, since: datetime | None, stayed: bool
) -> str | None:
    """Say what surely began first of what rings now: something of inputs, or of labels.

    When inputs moved is known by the window, and when labels did between two moments.
    Labels came first where the inputs ``stayed`` as they were: of inputs that nobody
    has compared yet, or that moved once, nothing is said.
    """
    inputs = [alarm for alarm in rung if alarm.cause == AlarmCause.INPUT_DRIFT]
    labels = [
        _began_between(alarm)
        for alarm in rung
        if alarm.cause in LABELS
        if since is None or _began(alarm) >= since - RELATED
    ]
    if not inputs:
        return "labels" if labels and stayed else None
    if not labels:
        return "inputs"
    start = _began(inputs[0])
    if any(latest < start for _earliest, latest in labels):
        return "labels"
    window = DriftWindow.objects.filter(line=inputs[0].line, start=start).first()
    end = window.end if window else start
    return "inputs" if all(earliest >= end for earliest, _latest in labels) else None


def _began(alarm: Alarm) -> datetime:
    return alarm.began_at or alarm.raised_at


def _began_between(alarm: Alarm) -> tuple[datetime, datetime]:
    """Give the earliest and the latest moment at which it may have begun."""
    earliest, latest = (alarm.figures.get(name) for name in ("began_from", "began_to"))
    return (
        datetime.fromisoformat(earliest) if earliest else _began(alarm),
        datetime.fromisoformat(latest) if latest else _began(alarm),
    )
