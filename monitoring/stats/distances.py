"""How far two columns of counts lie apart, and how far chance alone would set them."""

from math import log, sqrt

import numpy as np
from scipy.special import chdtri, rel_entr

from monitoring.stats.figures import Counts, Figure, Interval, as_columns

SMOOTHING = 0.5
BINS = 10
FEWEST_BINS = 2
REPEATS = 1000


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


def total_variation_interval(
    reference_counts: Counts,
    current_counts: Counts,
    *,
    rng: np.random.Generator,
    delta: float = 0.05,
    repeats: int = REPEATS,
) -> Interval:
    """Bound the total variation of what two columns of counts were drawn from.

    Chance alone sets two samples of one source apart, the more so the fewer the items
    and the more the bins: the lower bound is 0 there, where the value is not.

    Parameters
    ----------
    reference_counts, current_counts : (bins,) counts
        How many items fell into each bin, in the same order.
    rng : numpy.random.Generator
        Draws both columns again; the same state gives the same bounds.
    delta : float
        Chance, in (0, 1), that the true value is outside, half of it on either side.
    repeats : int
        How often the columns are drawn again.

    Returns
    -------
    Interval
        ``value`` as `total_variation`, ``low`` and ``high`` in [0, 1], and ``n`` items
        of the current column. ``low`` is the value less what chance adds to it, which
        is never too much; ``high`` errs on the safe side, as noise is added twice.

    Raises
    ------
    ValueError
        As `total_variation`, or if an option is out of range.

    References
    ----------
    B. Efron and R. J. Tibshirani (1993), "An introduction to the bootstrap"; the lower
    bound is the triangle inequality.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = total_variation_interval([500, 500], [260, 240], rng=rng)
    >>> round(found.value, 6), found.low, found.high < 0.1
    (0.02, 0.0, True)
    """
    if not 0 < delta < 1:
        raise ValueError(f"The delta is {delta}: more than 0, less than 1.")
    if repeats < 1:
        raise ValueError(f"{repeats} repeats bound nothing.")
    columns = as_columns(reference_counts, current_counts)
    first, second = (column / column.sum() for column in columns)
    drawn = [
        rng.multinomial(int(column.sum()), shares, size=repeats) / column.sum()
        for column, shares in zip(columns, (first, second), strict=True)
    ]
    value = total_variation(reference_counts, current_counts).value
    apart = drawn[0] - drawn[1]
    noise = np.abs(apart - (first - second)).sum(axis=1) / 2
    high = np.quantile(np.abs(apart).sum(axis=1) / 2, 1 - delta / 2)
    return Interval(
        value=value,
        low=max(value - float(np.quantile(noise, 1 - delta / 2)), 0.0),
        high=float(high),
        n=int(columns[1].sum()),
    )
