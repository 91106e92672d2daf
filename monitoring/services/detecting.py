"""The detectors' own state, kept for the page that shows it.

To run them takes some tenths of a second on five thousand labels: the page gets what
was last worked out, by the judging every few minutes.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache

from monitoring.models import AlarmCause
from monitoring.services.detectors import Detected, Detection, detect
from reviewapp.models import Policy, ProductLine

KEPT_S = 900
REFRESHED_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """What one detector says of so many labels.

    ``value`` grows with what speaks for a change and rings at ``threshold``; both are
    ``None`` where it could not look. ``quiet`` is the rate, in [0, 1], that it takes
    for usual.
    """

    cause: AlarmCause
    state: Detected
    labels: int
    value: float | None
    threshold: float | None
    quiet: float | None
    is_from_baseline: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Detectors:
    """All detectors of a line's live version, and when they last looked."""

    at: datetime
    each: Sequence[Detector]


def kept_detectors(line: ProductLine, *, at: datetime) -> Detectors | None:
    """Give what was last worked out, or work it out; ``None`` without a version."""
    in_force = line.in_force
    if in_force.live is None:
        return None
    kept = cache.get(_key(in_force))
    return _read(kept) if kept else _keep(line, in_force, at=at)


def refresh_detectors(line: ProductLine, *, at: datetime) -> bool:
    """Run them anew once they are some minutes old; say whether that was so."""
    in_force = line.in_force
    if in_force.live is None:
        return False
    kept = cache.get(_key(in_force))
    if kept is not None and at - _read(kept).at < REFRESHED_AFTER:
        return False
    _keep(line, in_force, at=at)
    return True


def _keep(line: ProductLine, in_force: Policy, *, at: datetime) -> Detectors:
    each = [_detector(found) for found in detect(line, at=at)]
    found = Detectors(at=at, each=each)
    stored = {"at": at, "each": [asdict(one) for one in each]}
    cache.set(_key(in_force), stored, KEPT_S)
    return found


def _read(kept: dict[str, Any]) -> Detectors:
    return Detectors(at=kept["at"], each=[Detector(**one) for one in kept["each"]])


def _detector(found: Detection) -> Detector:
    return Detector(
        cause=found.cause,
        state=found.state,
        labels=found.labels,
        value=found.value,
        threshold=found.threshold,
        quiet=found.quiet,
        is_from_baseline=found.is_from_baseline,
    )


def _key(in_force: Policy) -> str:
    """Name what they depend on: a version, and the certificates of a policy."""
    return f"detectors-{in_force.line_id}-{in_force.live_id}-{in_force.pk}"
