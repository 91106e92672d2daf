"""Where the next labels say most about the error of the whole."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from monitoring.stats.figures import Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Allocation:
    """Labels for each stratum, and the error they lead to."""

    labels: Floats
    se: float
    se_proportional: float
    n: int


def neyman_allocation(
    sizes: npt.ArrayLike, rates: npt.ArrayLike, *, labels: int
) -> Allocation:
    """Spread labels so that the weighted error rate is known most closely.

    A stratum gets the more, the larger it is and the less its items are alike.

    Parameters
    ----------
    sizes : (strata,) counts or shares
        Items of each stratum, more than 0.
    rates : (strata,) shares in (0, 1)
        The expected error rate of each. A rate of 0 would get no label, and then
        nobody would learn that it was wrong: give it its upper bound.
    labels : int
        Labels to spread, at least 1.

    Returns
    -------
    Allocation
        ``labels`` of each stratum, not rounded; ``se``, the standard error of the
        weighted rate that they lead to, and ``se_proportional``, of as many labels
        spread by size alone, never smaller. ``n`` labels.

    Raises
    ------
    ValueError
        If sizes and rates do not fit each other, are out of range, or there is no
        label.

    References
    ----------
    J. Neyman (1934), "On the two different aspects of the representative method",
    Journal of the Royal Statistical Society 97 (4), 558-625.

    Examples
    --------
    >>> found = neyman_allocation([0.8, 0.15, 0.05], [0.002, 0.02, 0.15], labels=400)
    >>> found.labels.round(2).tolist()
    [191.66, 112.61, 95.74]
    """
    weights = np.asarray(sizes, dtype=np.float64)
    errors = np.asarray(rates, dtype=np.float64)
    if weights.ndim != 1 or weights.shape != errors.shape or not weights.size:
        raise ValueError(f"{weights.size} sizes and {errors.size} rates do not match.")
    if labels < 1:
        raise ValueError(f"{labels} labels cannot be spread.")
    if not np.all((weights > 0) & np.isfinite(weights) & (errors > 0) & (errors < 1)):
        raise ValueError("A size is not more than 0, or a rate not between 0 and 1.")
    weights = weights / weights.sum()
    spreads = weights * np.sqrt(errors * (1 - errors))
    return Allocation(
        labels=labels * spreads / spreads.sum(),
        se=float(spreads.sum()) / sqrt(labels),
        se_proportional=sqrt(float((spreads**2 / weights).sum()) / labels),
        n=labels,
    )
