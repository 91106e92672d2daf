"""Curves that people watch: they smooth and add up, and act on nothing."""

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
import numpy.typing as npt

from monitoring.stats.figures import Floats

WEIGHT = 0.1
WIDTH = 2.814  # 500 bins between false signals, with a weight of 0.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Smoothed:
    """A smoothed curve and the number of bins it rests on."""

    values: Floats
    n: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Limits:
    """Between which values a quiet curve stays, bin by bin."""

    low: Floats
    high: Floats
    n: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sums:
    """How far a series has gone above and below its level without coming back."""

    up: Floats
    down: Floats
    n: int


def ewma(x: npt.ArrayLike, *, weight: float = WEIGHT, start: float) -> Smoothed:
    """Smooth a series, each value weighing less the older it is.

    Parameters
    ----------
    x : (bins,) numbers
        Mostly a rate per day, in their order of time.
    weight : float
        Weight of the newest value, in (0, 1].
    start : float
        The value before the first: the quiet rate.

    Returns
    -------
    Smoothed
        ``values`` z with z = weight * x + (1 - weight) * the z before; empty for an
        empty series.

    Raises
    ------
    ValueError
        If a value is missing or infinite, or the weight is out of range.

    References
    ----------
    S. W. Roberts (1959), "Control chart tests based on geometric moving averages",
    Technometrics 1 (3), 239-250.

    Examples
    --------
    >>> ewma([0.03, 0.02, 0.04], start=0.03).values.round(4).tolist()
    [0.03, 0.029, 0.0301]
    """
    series = _as_series(x)
    _check_weight(weight)
    values = np.empty_like(series)
    value = start
    for i, newest in enumerate(series.tolist()):
        value = weight * newest + (1 - weight) * value
        values[i] = value
    return Smoothed(values=values, n=series.size)


def ewma_limits(
    totals: npt.ArrayLike,
    *,
    start: float,
    weight: float = WEIGHT,
    width: float = WIDTH,
    start_n: float = inf,
) -> Limits:
    """Give the values between which `ewma` of a quiet rate stays.

    Parameters
    ----------
    totals : (bins,) counts
        Items behind each rate, each at least 1: a rate of few items may stray further.
    start : float
        The quiet rate, in [0, 1].
    weight : float
        As for `ewma`, in (0, 1].
    width : float
        In standard errors of the smoothed rate, more than 0. 2.814 lets a quiet rate
        out of the limits once in about 500 bins.
    start_n : float
        Items, at least 1, from which the quiet rate was estimated; infinite where it
        is known. What the estimate is off the curve moves away from, bin by bin.

    Returns
    -------
    Limits
        ``low`` and ``high``, cut at 0 and 1. They open up from the first bin on, since
        the curve begins at its quiet rate.

    Raises
    ------
    ValueError
        If a bin is empty, or an option is out of range.

    References
    ----------
    J. M. Lucas and M. S. Saccucci (1990), "Exponentially weighted moving average
    control schemes", Technometrics 32 (1), 1-12.

    Examples
    --------
    >>> ewma_limits([400, 400], start=0.03, width=3).high.round(6).tolist()
    [0.032559, 0.033443]
    """
    items = _as_series(totals)
    _check_weight(weight)
    if not 0 <= start <= 1 or width <= 0:
        raise ValueError(
            f"A rate of {start} and a width of {width} give no limits: the rate is a"
            " share, the width more than 0."
        )
    if np.any(items < 1):
        raise ValueError(f"{int(np.count_nonzero(items < 1))} bins have no item.")
    if not start_n >= 1:
        raise ValueError(f"The quiet rate is of {start_n} items: 1 or more.")
    errors = np.empty_like(items)
    variance, held = 0.0, 1.0
    for i, n in enumerate(items.tolist()):
        variance = weight**2 * start * (1 - start) / n + (1 - weight) ** 2 * variance
        held *= 1 - weight
        of_start = (1 - held) ** 2 * start * (1 - start) / start_n
        errors[i] = sqrt(variance + of_start)
    return Limits(
        low=np.maximum(start - width * errors, 0),
        high=np.minimum(start + width * errors, 1),
        n=items.size,
    )


def cusum(x: npt.ArrayLike, *, allowance: float = 0.5) -> Sums:
    """Add up how far a standardised series strays from 0, on both sides.

    For figures that are no rate, such as latency, once their mean is taken off and
    they are divided by their standard deviation.

    Parameters
    ----------
    x : (bins,) numbers
        In standard deviations from the quiet level, in their order of time.
    allowance : float
        Taken off each value before it is added, at least 0: half of the shift that
        matters.

    Returns
    -------
    Sums
        ``up`` with S = max(0, S + x - allowance), and ``down`` the same of -x. Of
        independent normal values, one of the two reaches 4 every 168 and 5 every 465
        values without a shift, and every 8.4 and 10.4 with a shift of one standard
        deviation.

    Raises
    ------
    ValueError
        If a value is missing or infinite, or the allowance is negative.

    References
    ----------
    E. S. Page (1954), "Continuous inspection schemes", Biometrika 41, 100-115;
    D. M. Hawkins and D. H. Olwell (1998), "Cumulative sum charts and charting for
    quality improvement".

    Examples
    --------
    >>> cusum([1, 2, -1, 0]).up.tolist()
    [0.5, 2.0, 0.5, 0.0]
    """
    series = _as_series(x)
    if not allowance >= 0:
        raise ValueError(f"The allowance is {allowance}: 0 or more.")
    return Sums(
        up=_sum_above(series, allowance),
        down=_sum_above(-series, allowance),
        n=series.size,
    )


def _sum_above(series: Floats, allowance: float) -> Floats:
    """Add up from the last time that the sum was 0, without a loop."""
    total = np.cumsum(series - allowance)
    lowest = np.minimum(np.minimum.accumulate(total), 0)
    above: Floats = total - lowest
    return above


def _as_series(x: npt.ArrayLike) -> Floats:
    values = np.asarray(x, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"A series has {values.ndim} dimensions, not 1.")
    unusable = int(np.count_nonzero(~np.isfinite(values)))
    if unusable:
        raise ValueError(f"{unusable} of {values.size} values are missing or infinite.")
    return values


def _check_weight(weight: float) -> None:
    if not 0 < weight <= 1:
        raise ValueError(f"The weight is {weight}: more than 0, at most 1.")
