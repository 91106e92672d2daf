"""What a threshold would cost: its error with a band, and the errors in all traffic."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from monitoring.stats.figures import Floats, Interval, as_confidences, as_outcomes
from monitoring.stats.intervals import clopper_pearson

POINTS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingCurve:
    """The error share at each threshold, strictest first, with an exact band.

    ``labels`` are those at or above each threshold and ``wrong`` how many of them were;
    ``low`` and ``high`` bound the true error share at that threshold alone.
    """

    threshold: Floats
    labels: npt.NDArray[np.int64]
    wrong: npt.NDArray[np.int64]
    coverage: Floats
    risk: Floats
    low: Floats
    high: Floats
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One class of what the model would decide.

    Of ``seen`` items ``decided`` would be decided as this class; of ``labels`` blind
    labels at or above its threshold ``bad`` were bad.
    """

    decided: int
    seen: int
    bad: int
    labels: int


def operating_curve(
    confidence: npt.ArrayLike,
    wrong: npt.ArrayLike,
    *,
    level: float = 0.95,
    points: int = POINTS,
) -> OperatingCurve:
    """Show risk against coverage, with the exact interval of each point.

    The band holds at each threshold by itself. To choose the best-looking point of the
    curve needs `monitoring.stats.selective.certify_threshold`, which pays for choosing.

    Parameters
    ----------
    confidence : (labels,) shares in [0, 1]
        The model's confidence on blind labels.
    wrong : (labels,) 0 or 1
        Whether the model was wrong.
    level : float
        Confidence level of each interval, in (0, 1).
    points : int
        The most points to give: spread evenly over coverage, both ends kept.

    Returns
    -------
    OperatingCurve
        Only distinct confidences are thresholds.

    Raises
    ------
    ValueError
        If the rows differ in length or hold anything else, or there is no label.

    References
    ----------
    C. J. Clopper and E. S. Pearson (1934), "The use of confidence or fiducial limits
    illustrated in the case of the binomial", Biometrika 26 (4), 404-413.

    Examples
    --------
    >>> curve = operating_curve([0.9, 0.8, 0.7, 0.6], [0, 0, 1, 0])
    >>> curve.coverage.tolist(), curve.wrong.tolist()
    ([0.25, 0.5, 0.75, 1.0], [0, 0, 1, 1])
    >>> round(float(curve.high[-1]), 6)
    0.80588
    """
    confidences = as_confidences(confidence)
    outcomes = as_outcomes(wrong, size=confidences.size)
    if confidences.size == 0:
        raise ValueError("0 labels have no curve.")
    order = np.argsort(-confidences, kind="stable")
    ordered = confidences[order]
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    if ends.size > points:
        places = np.linspace(0, ends.size - 1, points).round().astype(np.int64)
        ends = ends[np.unique(places)]
    labels = ends + 1
    errors = np.cumsum(outcomes[order])[ends].astype(np.int64)
    tail = (1 - level) / 2
    low = betaincinv(np.maximum(errors, 1), labels - errors + 1, tail)
    high = betaincinv(errors + 1, np.maximum(labels - errors, 1), 1 - tail)
    return OperatingCurve(
        threshold=ordered[ends],
        labels=labels,
        wrong=errors,
        coverage=labels / confidences.size,
        risk=errors / labels,
        low=np.where(errors == 0, 0.0, low),
        high=np.where(errors == labels, 1.0, high),
        n=int(confidences.size),
    )


def share_of_traffic(parts: Sequence[Part], *, level: float = 0.95) -> Interval:
    """Bound the share of all items that the model would decide badly.

    A class's share of the traffic times its error, summed over classes. Both factors of
    each class are bounded exactly, each at its part of the whole chance of a miss, so
    the sum is at least as sure as asked.

    Parameters
    ----------
    parts : sequence of Part
        One a class that the model would decide.
    level : float
        Confidence level of the interval of the sum, in (0, 1).

    Returns
    -------
    Interval
        A share of all items; ``n`` is the number of labels. ``value`` is NaN where a
        class would decide something but has no label there. No parts: 0, surely.

    Raises
    ------
    ValueError
        If counts are not counts.

    Examples
    --------
    >>> found = share_of_traffic([Part(decided=800, seen=1000, bad=2, labels=1000)])
    >>> round(found.value, 6), round(found.low, 6), round(found.high, 6)
    (0.0016, 0.000129, 0.006702)
    """
    deciding = [part for part in parts if part.decided]
    value = low = high = 0.0
    each = 1 - (1 - level) / (2 * len(deciding)) if deciding else level
    for part in deciding:
        share = clopper_pearson(part.decided, part.seen, confidence=each)
        if part.labels == 0:
            value, high = nan, high + share.high
            continue
        error = clopper_pearson(part.bad, part.labels, confidence=each)
        value += part.decided / part.seen * part.bad / part.labels
        low += share.low * error.low
        high += share.high * error.high
    return Interval(
        value=value,
        low=low,
        high=min(high, 1.0),
        n=sum(part.labels for part in deciding),
    )
