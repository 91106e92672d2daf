"""How far two columns of counts lie apart, and how far chance alone would set them."""

from math import log, sqrt

import numpy as np
from scipy.special import chdtri, rel_entr

from monitoring.stats.figures import Counts, Figure, as_columns

SMOOTHING = 0.5
BINS = 10
FEWEST_BINS = 2


def psi(reference_counts: Counts, current_counts: Counts) -> Figure:
    """Give the population stability index of two columns of counts.

    Shown, never judged by a fixed limit: between two samples of 100 from the same
    source it passes 0.1 nearly always. `psi_noise` says what chance alone gives.

    Parameters
    ----------
    reference_counts, current_counts : (bins,) counts
        How many items fell into each bin, in the same order. Half an item is added to
        every bin, so that an empty one has a share to compare.

    Returns
    -------
    Figure
        From 0, the same shares, upwards without end; ``n`` items in both columns.

    Raises
    ------
    ValueError
        If the columns differ in length, one holds no item, or anything but counts.

    References
    ----------
    B. Yurdakul and J. Naranjo (2020), "Statistical properties of the population
    stability index", Journal of Risk Model Validation 14 (4).

    Examples
    --------
    >>> round(psi([50, 30, 15, 5, 0], [40, 30, 15, 10, 5]).value, 6)
    0.170042
    """
    reference, current = as_columns(reference_counts, current_counts)
    first = (reference + SMOOTHING) / (reference + SMOOTHING).sum()
    second = (current + SMOOTHING) / (current + SMOOTHING).sum()
    value = float(((first - second) * np.log(first / second)).sum())
    return Figure(value=value, n=int(reference.sum() + current.sum()))


def psi_noise(n: int, m: int, *, bins: int = BINS, alpha: float = 0.01) -> float:
    """Give the index that two samples of the same source pass with chance alpha.

    Parameters
    ----------
    n, m : int
        Items in the reference and in the window, each at least 1.
    bins : int
        Bins of equal share in the reference, at least 2.
    alpha : float
        Chance, in (0, 1), of an index above it without any change.

    Returns
    -------
    float
        (1/n + 1/m) times the (1 - alpha) quantile of chi-square with bins - 1 degrees
        of freedom: a value on the scale of `psi`.

    Raises
    ------
    ValueError
        If a sample is empty, there are fewer than 2 bins, or alpha is no chance.

    References
    ----------
    As for `psi`.

    Examples
    --------
    >>> round(psi_noise(100, 100, alpha=0.05), 6), round(psi_noise(1000, 1000), 6)
    (0.33838, 0.043332)
    """
    if n < 1 or m < 1:
        raise ValueError(f"Samples of {n} and {m} items have no index to compare.")
    if bins < FEWEST_BINS:
        raise ValueError(f"{bins} bins cannot differ.")
    if not 0 < alpha < 1:
        raise ValueError(f"The alpha is {alpha}: more than 0, less than 1.")
    return (1 / n + 1 / m) * float(chdtri(bins - 1, alpha))


def jensen_shannon(reference_counts: Counts, current_counts: Counts) -> Figure:
    """Give the Jensen-Shannon distance of two columns of counts.

    Parameters
    ----------
    reference_counts, current_counts : (bins,) counts
        How many items fell into each bin, in the same order.

    Returns
    -------
    Figure
        The square root of the divergence to base 2: from 0, the same shares, to 1,
        no bin in common; ``n`` items in both columns.

    Raises
    ------
    ValueError
        If the columns differ in length, one holds no item, or anything but counts.

    References
    ----------
    D. M. Endres and J. E. Schindelin (2003), "A new metric for probability
    distributions", IEEE Transactions on Information Theory 49 (7), 1858-1860.

    Examples
    --------
    >>> round(jensen_shannon([50, 30, 15, 5, 0], [40, 30, 15, 10, 5]).value, 6)
    0.187466
    """
    reference, current = as_columns(reference_counts, current_counts)
    first, second = reference / reference.sum(), current / current.sum()
    between = (first + second) / 2
    nats = float((rel_entr(first, between) + rel_entr(second, between)).sum()) / 2
    bits = min(max(nats / log(2), 0.0), 1.0)  # rounding may step over either end
    return Figure(value=sqrt(bits), n=int(reference.sum() + current.sum()))


def total_variation(reference_counts: Counts, current_counts: Counts) -> Figure:
    """Give the share of items that would have to change bin to undo a difference.

    Parameters
    ----------
    reference_counts, current_counts : (bins,) counts
        How many items fell into each bin, in the same order.

    Returns
    -------
    Figure
        A share in [0, 1], half the sum of the differences of the shares; ``n`` items
        in both columns.

    Raises
    ------
    ValueError
        If the columns differ in length, one holds no item, or anything but counts.

    Examples
    --------
    >>> total_variation([4, 4], [6, 2])
    Figure(value=0.25, n=16)
    """
    reference, current = as_columns(reference_counts, current_counts)
    apart = reference / reference.sum() - current / current.sum()
    value = float(np.abs(apart).sum()) / 2
    return Figure(value=value, n=int(reference.sum() + current.sum()))
