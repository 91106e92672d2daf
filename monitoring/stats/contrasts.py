"""Two groups that saw different items: how far apart they are, for one look."""

from math import isnan, nan, sqrt

from scipy.stats import binom

from monitoring.stats.figures import Interval
from monitoring.stats.sequential import Difference

# With fewer values even the smallest and the largest do not bound a median at 95 %.
FEWEST_VALUES = 6


def contrast(first: Interval, second: Interval) -> Difference:
    """Bound how much a figure of one group is above that of another.

    The distances from each figure to its own bounds are added as squares; of two
    Wilson intervals this is Newcombe's hybrid score interval. For one look at groups
    that were drawn by lot; what is watched daily asks `sequential.two_arm_difference`.

    Parameters
    ----------
    first, second : Interval
        A figure of each group with bounds of the same confidence, in the same unit.

    Returns
    -------
    Difference
        ``first`` minus ``second`` in their unit, and the observations of both. NaN
        throughout when either figure is.

    References
    ----------
    R. G. Newcombe (1998), "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17, 873-890; G. Y. Zou and A. Donner (2008),
    "Construction of confidence limits about effect measures", Statistics in Medicine
    27, 1693-1702.

    Examples
    --------
    >>> from monitoring.stats.intervals import wilson
    >>> found = contrast(wilson(56, 70), wilson(48, 80))
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    n = first.n + second.n
    if isnan(first.value) or isnan(second.value):
        return Difference(value=nan, low=nan, high=nan, n=n)
    value = first.value - second.value
    below = sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    above = sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    return Difference(value=value, low=value - below, high=value + above, n=n)


def median_ranks(n: int, *, confidence: float = 0.95) -> tuple[int, int]:
    """Say which of so many values in order bound their true median.

    Whatever the values are spread like: the chance that a median lies outside is that
    of so many heads among n tosses.

    Parameters
    ----------
    n : int
        How many values there are, 6 or more at 95 %.
    confidence : float
        Chance, in (0, 1), that the two values hold the true median, at least.

    Returns
    -------
    low, high : int
        Ranks from 1 to n, as far from one end as from the other.

    Raises
    ------
    ValueError
        If so few values bound no median.

    References
    ----------
    W. J. Conover (1999), "Practical nonparametric statistics", 3rd edition, 3.2.

    Examples
    --------
    >>> median_ranks(20), median_ranks(100)
    ((6, 15), (40, 61))
    """
    if not 0 < confidence < 1:
        raise ValueError(f"The confidence is {confidence}: more than 0, less than 1.")
    low = int(binom.ppf((1 - confidence) / 2, n, 0.5)) if n > 0 else 0
    if low < 1:
        raise ValueError(f"{n} values bound no median.")
    return low, n + 1 - low
