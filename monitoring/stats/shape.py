"""Whether a rate changed from one day to the next, or crept."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf, log

import numpy as np
from scipy.special import xlog1py, xlogy

from monitoring.stats.figures import Counts, Floats

SHORTEST_RAMP = 3  # bins; a shorter one is a step
FEWEST_BINS = SHORTEST_RAMP + 1
DECISIVE = 6.0  # strong evidence in the scale of Raftery (1995)
PARAMETERS_NONE, PARAMETERS_STEP, PARAMETERS_RAMP = 1, 3, 4


class Shape(StrEnum):
    """How a rate went."""

    NONE = "none"
    SUDDEN = "sudden"
    GRADUAL = "gradual"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeOfChange:
    """How a rate went, since when, and the criteria it was told from."""

    verdict: Shape
    start_bin: int | None
    bic_none: float
    bic_step: float
    bic_ramp: float
    n: int


def shape_of_change(
    errors: Counts, totals: Counts, *, decisive: float = DECISIVE
) -> ShapeOfChange:
    """Tell a step from a ramp, and both from no change, by the smallest criterion.

    1. One rate throughout: 1 parameter.
    2. A step: one rate, then another: 3.
    3. A ramp: one rate up to a bin, a straight line to a bin at least 3 later, another
       rate from there: 4. The two rates are fitted by least squares, weighted with the
       items of each bin, and kept within (0, 1).
    4. Bayes's criterion of each: -2 log likelihood + parameters * log(items).

    Parameters
    ----------
    errors, totals : (bins,) counts
        Errors and items of each bin, mostly a day, in their order of time.
    decisive : float
        By how much the two best criteria must differ.

    Returns
    -------
    ShapeOfChange
        ``verdict`` "none", "sudden", "gradual", or "cannot tell" when the two best
        differ by less than ``decisive``. ``start_bin``, counted from 0, the first
        changed bin of a step, the last unchanged one of a ramp, and ``None`` without
        a change that was told. ``n`` items.

    Raises
    ------
    ValueError
        If there are fewer than 4 bins or no item, or counts do not fit each other.

    References
    ----------
    G. Schwarz (1978), "Estimating the dimension of a model", Annals of Statistics 6
    (2), 461-464; A. E. Raftery (1995), "Bayesian model selection in social research",
    Sociological Methodology 25, 111-163.

    Examples
    --------
    >>> found = shape_of_change([12] * 30 + [30] * 30, [400] * 60)
    >>> found.verdict.value, found.start_bin, round(found.bic_step, 2)
    ('sudden', 30, 9657.3)
    """
    wrong, items = _checked(errors, totals)
    n = int(items.sum())
    none = _log_likelihood(wrong.sum(), items.sum())
    step, step_start = _best_step(wrong, items)
    ramp, ramp_start = _best_ramp(wrong, items)
    price = log(n)
    criteria = {
        Shape.NONE: PARAMETERS_NONE * price - 2 * float(none),
        Shape.SUDDEN: PARAMETERS_STEP * price - 2 * step,
        Shape.GRADUAL: PARAMETERS_RAMP * price - 2 * ramp,
    }
    starts = {Shape.SUDDEN: step_start, Shape.GRADUAL: ramp_start}
    best, second = sorted(criteria, key=criteria.__getitem__)[:2]
    is_told = criteria[second] - criteria[best] >= decisive
    return ShapeOfChange(
        verdict=best if is_told else Shape.CANNOT_TELL,
        start_bin=starts.get(best) if is_told else None,
        bic_none=criteria[Shape.NONE],
        bic_step=criteria[Shape.SUDDEN],
        bic_ramp=criteria[Shape.GRADUAL],
        n=n,
    )


def _best_step(wrong: Floats, items: Floats) -> tuple[float, int]:
    """Find the bin from which a second rate explains the counts best."""
    errors, seen = wrong.cumsum()[:-1], items.cumsum()[:-1]
    likelihoods = _log_likelihood(errors, seen)
    likelihoods += _log_likelihood(wrong.sum() - errors, items.sum() - seen)
    best = int(likelihoods.argmax())
    return float(likelihoods[best]), best + 1


def _best_ramp(wrong: Floats, items: Floats) -> tuple[float, int]:
    """Find the two bins between which a straight line explains the counts best."""
    bins = np.arange(items.size)
    rates = np.divide(wrong, items, out=np.zeros_like(wrong), where=items > 0)
    mean = float(wrong.sum() / items.sum())
    least = 0.5 / float(items.sum())  # a fitted rate of 0 would forbid any error
    best, start = -inf, 0
    for first in range(items.size - SHORTEST_RAMP):
        lasts = np.arange(first + SHORTEST_RAMP, items.size)
        climbed = np.clip((bins - first) / (lasts - first)[:, None], 0, 1)
        centred = climbed - (climbed @ items / items.sum())[:, None]
        spread = centred**2 @ items
        with_rate = centred @ (items * (rates - mean))
        slope = np.divide(
            with_rate, spread, out=np.zeros_like(spread), where=spread > 0
        )
        fitted = np.clip(mean + slope[:, None] * centred, least, 1 - least)
        likelihoods = np.log(fitted) @ wrong + np.log1p(-fitted) @ (items - wrong)
        if likelihoods.max() > best:
            best, start = float(likelihoods.max()), first
    return best, start


def _log_likelihood(wrong: Floats, items: Floats) -> Floats:
    """Give the logarithm of the likelihood of so many errors at their own rate."""
    rate = np.divide(wrong, items, out=np.zeros_like(wrong), where=items > 0)
    value = xlogy(wrong, rate) + xlog1py(items - wrong, -rate)
    return np.asarray(value, dtype=np.float64)


def _checked(errors: Counts, totals: Counts) -> tuple[Floats, Floats]:
    wrong = np.asarray(errors, dtype=np.float64)
    items = np.asarray(totals, dtype=np.float64)
    if wrong.ndim != 1 or wrong.shape != items.shape or items.size < FEWEST_BINS:
        raise ValueError(
            f"{wrong.size} counts of errors and {items.size} of items are not the same"
            f" {FEWEST_BINS} bins or more."
        )
    is_whole = (wrong == np.floor(wrong)) & (items == np.floor(items))
    if not np.all(is_whole & (wrong >= 0) & (wrong <= items) & np.isfinite(items)):
        raise ValueError(f"{wrong.tolist()} are no errors of {items.tolist()} items.")
    if not items.sum():
        raise ValueError(f"{items.size} bins hold 0 items.")
    return wrong, items
