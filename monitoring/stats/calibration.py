"""Whether a model that says 0.9 is right nine times in ten."""

from math import nan, sqrt

import numpy as np
import numpy.typing as npt

from monitoring.stats.figures import (
    Figure,
    Floats,
    Interval,
    as_confidences,
    as_outcomes,
)
from monitoring.stats.labelshift import LabelShift, label_shift_weights

__all__ = [
    "LabelShift",
    "brier_score",
    "calibration_error_bound",
    "calibration_error_interval",
    "estimated_accuracy",
    "expected_calibration_error",
    "label_shift_weights",
    "spiegelhalter_z",
]

BINS = 15
REPEATS = 1000


def expected_calibration_error(
    confidence: npt.ArrayLike, correct: npt.ArrayLike, *, bins: int = BINS
) -> Figure:
    """Give the mean gap between confidence and accuracy, over bins of confidence.

    Parameters
    ----------
    confidence : (items,) shares in [0, 1]
        The model's confidence.
    correct : (items,) 0 or 1
        Whether the model was right.
    bins : int
        Bins of equal width over [0, 1]; a value on an edge belongs to the bin below.

    Returns
    -------
    Figure
        A share in [0, 1] and the number of items. Chance alone makes it larger than
        the true error, the more so the fewer the items: a judgement asks for
        `calibration_error_bound`.

    Raises
    ------
    ValueError
        If the rows differ in length or hold anything else, there is no item or no bin.

    References
    ----------
    M. P. Naeini, G. F. Cooper and M. Hauskrecht (2015), "Obtaining well calibrated
    probabilities using Bayesian binning", AAAI 29; C. Guo, G. Pleiss, Y. Sun and
    K. Q. Weinberger (2017), "On calibration of modern neural networks", ICML 34.

    Examples
    --------
    >>> expected_calibration_error([0.75, 0.75, 0.5, 0.5], [1, 1, 1, 0])
    Figure(value=0.125, n=4)
    """
    confidences, outcomes = _checked(confidence, correct)
    places = _places(confidences, bins=bins)
    gaps = np.bincount(places, weights=confidences - outcomes)
    return Figure(
        value=float(np.abs(gaps).sum()) / confidences.size, n=confidences.size
    )


def calibration_error_bound(
    confidence: npt.ArrayLike,
    correct: npt.ArrayLike,
    *,
    rng: np.random.Generator,
    bins: int = BINS,
    delta: float = 0.05,
    repeats: int = REPEATS,
) -> Figure:
    """Bound the true calibration error from above, by drawing the items again.

    Parameters
    ----------
    confidence : (items,) shares in [0, 1]
        The model's confidence.
    correct : (items,) 0 or 1
        Whether the model was right.
    rng : numpy.random.Generator
        Draws the repeats; the same state gives the same bound.
    bins : int
        As for `expected_calibration_error`.
    delta : float
        Chance, in (0, 1), that the true error is above the bound.
    repeats : int
        How often the items are drawn again.

    Returns
    -------
    Figure
        The (1 - delta) quantile of the error over the repeats, in [0, 1], and the
        number of items. Drawing again adds the noise of chance a second time, so the
        bound errs on the safe side: it held in 96 to 100 % of the cases tried where
        95 % were asked for. The bound that subtracts that noise held in 82 to 95 %.

    Raises
    ------
    ValueError
        If the rows differ in length or hold anything else, there is no item or no
        bin, or an option is out of range.

    References
    ----------
    B. Efron and R. J. Tibshirani (1993), "An introduction to the bootstrap",
    chapter 13.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> confidence = rng.uniform(0.5, 1, 2000)
    >>> correct = rng.random(2000) < confidence
    >>> bound = calibration_error_bound(confidence, correct, rng=rng)
    >>> expected_calibration_error(confidence, correct).value < bound.value < 0.05
    True
    """
    _check_options(delta=delta, repeats=repeats)
    confidences, outcomes = _checked(confidence, correct)
    places = _places(confidences, bins=bins)
    gaps = confidences - outcomes
    drawn = _drawn_again(places, gaps, rng=rng, repeats=repeats, bins=bins)
    errors = np.abs(drawn).sum(axis=1)
    return Figure(value=float(np.quantile(errors, 1 - delta)), n=confidences.size)


def calibration_error_interval(
    confidence: npt.ArrayLike,
    correct: npt.ArrayLike,
    *,
    rng: np.random.Generator,
    bins: int = BINS,
    delta: float = 0.05,
    repeats: int = REPEATS,
) -> Interval:
    """Bound the calibration error from both sides, by drawing the items again.

    Chance alone makes the error of few items large, so that the error itself, held
    against a limit, condemns a calibrated model; its lower bound does not.

    Parameters
    ----------
    confidence, correct, rng, bins, repeats
        As for `calibration_error_bound`.
    delta : float
        Chance, in (0, 1), that the true error is outside, half of it on either side.

    Returns
    -------
    Interval
        ``value`` as `expected_calibration_error`, ``low`` and ``high`` in [0, 1], and
        the number of items. ``high`` is `calibration_error_bound`. ``low`` is the
        larger of two bounds, at half of the chance each: the error less what chance
        adds to it, since the gaps of the bins are at most the true ones and their
        noise; and the gap of all items together, which never exceeds the error and is
        the sharper one where a model is too sure, or too unsure, throughout.

    Raises
    ------
    ValueError
        As `calibration_error_bound`.

    References
    ----------
    B. Efron and R. J. Tibshirani (1993), as in `calibration_error_bound`; the lower
    bound is the triangle inequality.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> confidence = rng.uniform(0.5, 1, 200)
    >>> correct = rng.random(200) < confidence
    >>> found = calibration_error_interval(confidence, correct, rng=rng)
    >>> found.low < 0.02 < found.value < found.high
    True
    """
    _check_options(delta=delta, repeats=repeats)
    confidences, outcomes = _checked(confidence, correct)
    places, gaps = _places(confidences, bins=bins), confidences - outcomes
    seen = np.bincount(places, weights=gaps, minlength=bins) / gaps.size
    drawn = _drawn_again(places, gaps, rng=rng, repeats=repeats, bins=bins)
    error = expected_calibration_error(confidences, outcomes, bins=bins).value
    together = abs(float(seen.sum()))
    noise = np.abs(drawn - seen).sum(axis=1)
    noise_together = np.abs(drawn.sum(axis=1) - seen.sum())
    low = max(
        error - float(np.quantile(noise, 1 - delta / 4)),
        together - float(np.quantile(noise_together, 1 - delta / 4)),
        0.0,
    )
    high = float(np.quantile(np.abs(drawn).sum(axis=1), 1 - delta / 2))
    return Interval(value=error, low=low, high=high, n=gaps.size)


def brier_score(confidence: npt.ArrayLike, correct: npt.ArrayLike) -> Figure:
    """Give the mean squared distance from confidence to outcome.

    Parameters
    ----------
    confidence : (items,) shares in [0, 1]
        The model's confidence.
    correct : (items,) 0 or 1
        Whether the model was right.

    Returns
    -------
    Figure
        From 0, the best, to 1, and the number of items.

    Raises
    ------
    ValueError
        If the rows differ in length or hold anything else, or there is no item.

    References
    ----------
    G. W. Brier (1950), "Verification of forecasts expressed in terms of probability",
    Monthly Weather Review 78 (1).

    Examples
    --------
    >>> brier_score([1.0, 0.5], [1, 0])
    Figure(value=0.125, n=2)
    """
    confidences, outcomes = _checked(confidence, correct)
    squares = (confidences - outcomes) ** 2
    return Figure(value=float(squares.mean()), n=confidences.size)


def spiegelhalter_z(confidence: npt.ArrayLike, correct: npt.ArrayLike) -> Figure:
    """Compare the Brier score with what a calibrated model would have got.

    Shown beside the calibration error, never judged: it grows with the number of
    items, so that a large sample condemns a harmless gap.

    Parameters
    ----------
    confidence : (items,) shares in [0, 1]
        The model's confidence.
    correct : (items,) 0 or 1
        Whether the model was right.

    Returns
    -------
    Figure
        A standard normal value if the model is calibrated, above 0 when its squared
        error is larger than it claims, and the number of items. NaN when every
        confidence is 0, 0.5 or 1: such answers cannot differ from their expectation.

    Raises
    ------
    ValueError
        If the rows differ in length or hold anything else, or there is no item.

    References
    ----------
    D. J. Spiegelhalter (1986), "Probabilistic prediction in patient management and
    clinical trials", Statistics in Medicine 5 (5), 421-433.

    Examples
    --------
    >>> round(spiegelhalter_z([0.9] * 10, [1] * 5 + [0] * 5).value, 6)
    4.21637
    """
    confidences, outcomes = _checked(confidence, correct)
    lean = 1 - 2 * confidences
    spread = float((lean**2 * confidences * (1 - confidences)).sum())
    if spread == 0:
        return Figure(value=nan, n=confidences.size)
    surplus = float(((outcomes - confidences) * lean).sum())
    return Figure(value=surplus / sqrt(spread), n=confidences.size)


def estimated_accuracy(confidence: npt.ArrayLike) -> Figure:
    """Give the accuracy that the confidences claim, without a single label.

    Shown greyed with its assumption, never judged: it holds only while the model is
    calibrated and meets nothing new. Under a sudden change of light it rose while the
    true accuracy fell.

    Parameters
    ----------
    confidence : (items,) shares in [0, 1]
        The calibrated probability of the answer given.

    Returns
    -------
    Figure
        A share in [0, 1] and the number of items.

    Raises
    ------
    ValueError
        If a confidence is no share, or there is no item.

    References
    ----------
    NannyML's confidence-based performance estimation (CBPE), for the accuracy.

    Examples
    --------
    >>> round(estimated_accuracy([0.9, 0.7]).value, 6)
    0.8
    """
    confidences = as_confidences(confidence)
    if confidences.size == 0:
        raise ValueError("0 confidences claim no accuracy.")
    return Figure(value=float(confidences.mean()), n=confidences.size)


def _checked(
    confidence: npt.ArrayLike, correct: npt.ArrayLike
) -> tuple[Floats, Floats]:
    confidences = as_confidences(confidence)
    if confidences.size == 0:
        raise ValueError("0 items have no calibration.")
    return confidences, as_outcomes(correct, size=confidences.size)


def _check_options(*, delta: float, repeats: int) -> None:
    if not 0 < delta < 1:
        raise ValueError(f"The delta is {delta}: more than 0, less than 1.")
    if repeats < 1:
        raise ValueError(f"{repeats} repeats bound nothing.")


def _drawn_again(
    places: npt.NDArray[np.intp],
    gaps: Floats,
    *,
    rng: np.random.Generator,
    repeats: int,
    bins: int,
) -> Floats:
    """Draw the items again; give each repeat's gap by bin, as shares of all items."""
    n = gaps.size
    sums = np.empty((repeats, bins))
    for repeat in range(repeats):
        drawn = rng.integers(n, size=n)
        sums[repeat] = np.bincount(places[drawn], gaps[drawn], minlength=bins)
    return sums / n


def _places(confidences: Floats, *, bins: int) -> npt.NDArray[np.intp]:
    """Say which bin each confidence falls into."""
    if bins < 1:
        raise ValueError(f"{bins} bins hold nothing.")
    places = np.ceil(confidences * bins).astype(np.intp) - 1
    return np.maximum(places, 0)  # a confidence of 0 belongs to the lowest
