"""What a certificate promises, and what it takes to grant one: plain numbers only."""

from dataclasses import dataclass
from math import pi

import numpy as np
import numpy.typing as npt

from monitoring.stats.intervals import sample_size
from monitoring.stats.selective import certify_threshold, suggested_starts
from reviewapp.policy import Certificate

DELTA = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a certificate of one class would promise.

    Of the items it covers at most ``max_error`` are wrong; ``delta`` is the chance that
    this is broken. Both are shares in (0, 1).
    """

    max_error: float
    delta: float

    @property
    def fewest(self) -> int:
        """The labels without which nothing can be shown, even if all are right."""
        return sample_size(self.max_error, delta=self.delta)


def delta_of(*, attempt: int, classes: int) -> float:
    """Give the chance of a broken promise that one class has at the k-th attempt.

    The first has its whole part; a further one 6/(pi k)^2 of it, so that all attempts
    there will ever be break a promise with a chance of at most 1.39 times DELTA.
    """
    delta = DELTA / max(classes, 1)
    return delta if attempt <= 1 else delta * 6 / (pi * attempt) ** 2


def certificate_from(
    confidence: npt.ArrayLike,
    wrong: npt.ArrayLike,
    promise: Promise,
    *,
    fingerprint: str,
    granted_by: int | None = None,
) -> Certificate | None:
    """Certify one class by Learn then Test; ``None`` where nothing can be shown."""
    labels = int(np.size(confidence))
    certified = certify_threshold(
        confidence,
        wrong,
        max_error=promise.max_error,
        delta=promise.delta,
        starts=suggested_starts(
            labels, max_error=promise.max_error, delta=promise.delta
        ),
    )
    if certified is None:
        return None
    return Certificate(
        fingerprint=fingerprint,
        threshold=certified.threshold,
        max_error=promise.max_error,
        delta=promise.delta,
        labels=certified.n,
        errors=certified.errors,
        upper=certified.upper,
        covers_all=certified.n == labels,
        granted_by=granted_by,
    )
