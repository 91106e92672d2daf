"""Changes: what an alarm says of what happened - since when, how, and beside what."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

import numpy as np

from monitoring.stats.calibration import (
    expected_calibration_error,
    spiegelhalter_z,
)
from monitoring.stats.change import locate_change, shape_of_change
from monitoring.stats.shape import FEWEST_BINS
from monitoring.windows.streams import Bools, Stream
from reviewapp.models import ProductLine

FEWEST_TO_CALIBRATE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A detected rise: since which label, how strong, and when that was."""

    began: int
    labels: int
    disagreed: int
    labels_before: int
    disagreed_before: int
    began_at: datetime | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def counted(cls, differs: Bools, *, seen: int, began: int, **more: Any) -> Self:
        """Count a change that was detected after ``seen`` labels."""
        return cls(
            began=began,
            labels=seen - began,
            disagreed=int(differs[began:seen].sum()),
            labels_before=began,
            disagreed_before=int(differs[:began].sum()),
            **more,
        )

    @property
    def figures(self) -> dict[str, Any]:
        """What an alarm keeps of it."""
        return {
            "began": self.began,
            "labels": self.labels,
            "disagreed": self.disagreed,
            "labels_before": self.labels_before,
            "disagreed_before": self.disagreed_before,
            **self.details,
        }


def describe(
    line: ProductLine, stream: Stream, differs: Bools, *, seen: int, began: int
) -> Change:
    """Say when a detected change began, what shape it has and what else moved.

    The place is the likeliest one over all labels up to the alarm: a rise that took
    long to be sure of began long before. Its time is when the first changed item
    occurred, not when somebody looked at it.
    """
    details: dict[str, Any] = {}
    began_at = stream.occurred_at[began]
    window = differs[:seen]
    if 0 < window.sum() < window.size:
        found = locate_change(window.astype(int))
        began_at = stream.occurred_at[found.index]
        details |= {
            "began_from": stream.occurred_at[found.low].isoformat(),
            "began_to": stream.occurred_at[min(found.high, seen - 1)].isoformat(),
            "rate_before": found.before,
            "rate_after": found.after,
        }
    details["shape"] = _shape(line, stream, differs[:seen])
    details |= _beside(stream, seen=seen, began=began)
    return Change.counted(
        differs, seen=seen, began=began, began_at=began_at, details=details
    )


def _shape(line: ProductLine, stream: Stream, differs: Bools) -> str:
    """Tell a step from a ramp on the days of the line's own zone."""
    zone = ZoneInfo(line.time_zone)
    days = [at.astimezone(zone).date() for at in stream.occurred_at[: differs.size]]
    kinds, places = np.unique(
        np.array([day.toordinal() for day in days]), return_inverse=True
    )
    if kinds.size < FEWEST_BINS:
        return "cannot tell"
    errors = np.bincount(places, weights=differs).astype(int)
    return shape_of_change(errors, np.bincount(places)).verdict.value


def _beside(stream: Stream, *, seen: int, began: int) -> dict[str, Any]:
    """Give what moved with it: how much is rejected, and how honest the confidence."""
    rejected = stream.rejected
    found: dict[str, Any] = {
        "rejected": float(rejected[began:seen].mean()),
        "rejected_before": float(rejected[:began].mean()) if began else None,
    }
    confidence = stream.confidence[began:seen]
    correct = ~stream.differs[began:seen]
    if confidence.size >= FEWEST_TO_CALIBRATE:
        found["calibration_error"] = expected_calibration_error(
            confidence, correct
        ).value
        z = spiegelhalter_z(confidence, correct).value
        found["calibration_z"] = z if np.isfinite(z) else None
    return found
