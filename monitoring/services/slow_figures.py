"""The figures of the evidence that read single labels, kept for the pages that show.

Their cost grows with the labels of an epoch. Whoever signs gets them fresh; the line's
page gets what was last worked out, by the judging every few minutes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.core.cache import cache

from monitoring.stats.calibration import calibration_error_bound
from monitoring.windows import pairs
from monitoring.windows.canaries import WouldDecide, would_decide
from reviewapp.models import Policy, ProductLine
from reviewapp.policy import AutomationLevel

# Fixed, so that the same labels always give the same bound.
BOOTSTRAP_SEED = 20_260_101
KEPT_S = 900
REFRESHED_AFTER_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowFigures:
    """The calibration error's bound at ASSIST, and what the model would decide above.

    While an override lasts at PARTIAL, both.

    Each is only worked out where a gate of the present rung reads it.
    """

    calibration_upper: float | None
    decided: dict[str, WouldDecide]


def work_out(line: ProductLine, in_force: Policy) -> SlowFigures:
    """Work both out from the labels, as they are now."""
    level = in_force.automation_level
    is_read = level is AutomationLevel.ASSIST or (
        # The gate that an override let through is judged again when it ends.
        level is AutomationLevel.PARTIAL and in_force.override_number is not None
    )
    return SlowFigures(
        calibration_upper=_calibration_upper(line, in_force) if is_read else None,
        decided=would_decide(in_force) if level.may_decide else {},
    )


def kept_figures(line: ProductLine, in_force: Policy) -> SlowFigures:
    """Give what was last worked out; work it out where nothing is kept."""
    kept = cache.get(_key(in_force))
    if kept is None:
        return _keep(in_force, work_out(line, in_force))
    return SlowFigures(
        calibration_upper=kept["calibration_upper"],
        decided={
            key: WouldDecide(labels=labels, errors=errors, fresh=fresh)
            for key, (labels, errors, fresh) in kept["decided"].items()
        },
    )


def refresh_figures(line: ProductLine, *, at: datetime) -> bool:
    """Work them out anew once they are some minutes old; say whether that was so."""
    in_force = line.in_force
    if in_force.live is None or not in_force.automation_level.may_suggest:
        return False
    kept: dict[str, Any] | None = cache.get(_key(in_force))
    if kept is not None and at.timestamp() - kept["at"] < REFRESHED_AFTER_S:
        return False
    _keep(in_force, work_out(line, in_force), at=at)
    return True


def _keep(
    in_force: Policy, found: SlowFigures, *, at: datetime | None = None
) -> SlowFigures:
    stored = {
        "at": at.timestamp() if at else 0.0,
        "calibration_upper": found.calibration_upper,
        "decided": {
            key: (one.labels, one.errors, one.fresh)
            for key, one in found.decided.items()
        },
    }
    cache.set(_key(in_force), stored, KEPT_S)
    return found


def _key(in_force: Policy) -> str:
    """Name what the figures depend on: another epoch or share has its own."""
    parts = (
        in_force.line_id,
        in_force.level,
        in_force.live_id,
        in_force.attempt,
        int(in_force.epoch_began_at.timestamp()),
        int(in_force.share_began_at.timestamp()),
    )
    return "slow-figures-" + "-".join(map(str, parts))


def _calibration_upper(line: ProductLine, in_force: Policy) -> float | None:
    """Bound the calibration error; ``None`` while there are no pairs."""
    by_class = pairs.class_pairs(line, in_force)
    if not by_class:
        return None
    confidence = np.concatenate([found.confidence for found in by_class.values()])
    correct = ~np.concatenate([found.wrong for found in by_class.values()])
    bound = calibration_error_bound(
        confidence, correct, rng=np.random.default_rng(BOOTSTRAP_SEED)
    )
    return bound.value
