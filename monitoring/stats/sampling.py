"""Rates over all items, from the labels of a part drawn with known chances."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from monitoring.stats.figures import Interval, as_outcomes, check_counts
from monitoring.stats.intervals import clopper_pearson, wilson
from reviewapp.lottery import lottery

__all__ = [
    "Stratum",
    "Weighted",
    "hajek",
    "lottery",
    "mover_wilson",
    "stratified_error_interval",
]


class Stratum(NamedTuple):
    """Items that had one and the same chance of being labelled, and what was found."""

    size: int
    audited: int
    wrong: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """A weighted share, its standard error, and the number of labels behind it."""

    value: float
    se: float
    n: int


def hajek(
    wrong: npt.ArrayLike, inclusion: npt.ArrayLike, labelled: npt.ArrayLike
) -> Weighted:
    """Estimate the share of wrong items among all, from those that were labelled.

    Each label stands for ``1 / inclusion`` items. No interval is made of the error:
    for rare errors value -+ 1.96 se covers the truth in about every second case, so
    bounds come from `stratified_error_interval` or `mover_wilson`.

    Parameters
    ----------
    wrong : (items,) 0 or 1
        Whether the item was wrong; ignored where it was not labelled.
    inclusion : (items,) shares in (0, 1]
        The chance that the item had of being labelled, stored when it was drawn;
        ignored where it was not labelled.
    labelled : (items,) 0 or 1
        Whether the item was labelled.

    Returns
    -------
    Weighted
        ``value`` in [0, 1]; ``se`` for items drawn independently; ``n`` labels. ``se``
        is NaN when all labels say the same and not everything was labelled: such a
        sample has no spread to estimate an error from, which is not an error of 0.

    Raises
    ------
    ValueError
        If the rows differ in length, nothing was labelled, or an inclusion of a
        labelled item is not in (0, 1].

    References
    ----------
    D. G. Horvitz and D. J. Thompson (1952), JASA 47, 663-685; J. Hajek (1971), comment
    in "Foundations of statistical inference", 236; C.-E. Saerndal, B. Swensson and
    J. Wretman (1992), "Model assisted survey sampling", section 5.7.

    Examples
    --------
    >>> found = hajek([0, 1, 0, 0], [0.5, 1.0, 0.5, 1.0], [1, 1, 0, 1])
    >>> found.value, round(found.se, 6), found.n
    (0.25, 0.088388, 3)
    """
    shown = np.asarray(labelled, dtype=np.bool_)
    chances = np.asarray(inclusion, dtype=np.float64)
    found = np.asarray(wrong, dtype=np.float64)
    if not shown.ndim == 1 or not shown.shape == chances.shape == found.shape:
        raise ValueError(
            f"{found.size} outcomes, {chances.size} chances and {shown.size} marks do"
            " not belong to the same items."
        )
    n = int(np.count_nonzero(shown))
    if n == 0:
        raise ValueError(f"0 of {shown.size} items are labelled.")
    errors = as_outcomes(found[shown], size=n)
    chances = chances[shown]
    impossible = int(np.count_nonzero(~((chances > 0) & (chances <= 1))))
    if impossible:
        raise ValueError(f"{impossible} of {n} labelled items had no chance in (0, 1].")
    stood_for = float((1 / chances).sum())
    value = float((errors / chances).sum()) / stood_for
    if np.all(chances == 1):
        return Weighted(value=value, se=0.0, n=n)
    if np.all(errors == errors[0]):
        return Weighted(value=value, se=nan, n=n)
    spread = ((1 - chances) * ((errors - value) / chances) ** 2).sum()
    return Weighted(value=value, se=sqrt(float(spread)) / stood_for, n=n)


def stratified_error_interval(
    strata: Sequence[tuple[int, int, int]], *, confidence: float = 0.95
) -> Interval:
    """Bound the share of wrong items among all, exactly, from audits of their parts.

    A stratum whose every item was labelled is known. Each other gets its own exact
    interval, made wider by how many there are, so that all hold together. A stratum
    that nobody audited may be all right or all wrong.

    Parameters
    ----------
    strata : (size, audited, wrong) each
        Counts with ``wrong <= audited <= size``; see `Stratum`. Within a stratum every
        item had the same chance of being audited.
    confidence : float
        Chance, in (0, 1), that the interval holds the true share.

    Returns
    -------
    Interval
        ``value``, ``low``, ``high`` in [0, 1] and ``n`` labels. ``value`` is NaN when
        a stratum with items was not audited at all.

    Raises
    ------
    ValueError
        If a stratum's counts do not fit each other, or there is no item.

    References
    ----------
    Clopper and Pearson (1934), as in `intervals.clopper_pearson`, each at
    Bonferroni's level.

    Examples
    --------
    >>> found = stratified_error_interval([(1500, 1500, 210), (8500, 425, 0)])
    >>> found.value, found.low, round(found.high, 6), found.n
    (0.021, 0.021, 0.028346, 1925)
    """
    given = _checked_strata(strata)
    sampled = sum(0 < stratum.audited < stratum.size for stratum in given)
    level = 1 - (1 - confidence) / max(sampled, 1)
    low = high = 0.0
    for stratum in given:
        bounds = _exact_bounds(stratum, confidence=level)
        low += stratum.size * bounds[0]
        high += stratum.size * bounds[1]
    items = sum(stratum.size for stratum in given)
    return Interval(
        value=_weighted_share(given),
        low=low / items,
        high=high / items,
        n=sum(stratum.audited for stratum in given),
    )


def mover_wilson(
    strata: Sequence[tuple[int, int, int]], *, confidence: float = 0.95
) -> Interval:
    """Bound the share of wrong items among all, closely, from audits of their parts.

    For display: narrower than `stratified_error_interval` and right on average. The
    distances from each stratum's share to its Wilson bounds are added as squares.

    Parameters
    ----------
    strata : (size, audited, wrong) each
        Counts with ``wrong <= audited <= size``; see `Stratum`.
    confidence : float
        Chance, in (0, 1), that the interval holds the true share, on average.

    Returns
    -------
    Interval
        ``value``, ``low``, ``high`` in [0, 1] and ``n`` labels. ``value`` is NaN when
        a stratum with items was not audited at all; it then counts as all right in
        ``low`` and as all wrong in ``high``.

    Raises
    ------
    ValueError
        If a stratum's counts do not fit each other, or there is no item.

    References
    ----------
    R. G. Newcombe (1998), "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17, 873-890 (the method of variance estimates
    recovery).

    Examples
    --------
    >>> found = mover_wilson([(1500, 1500, 210), (8500, 425, 2)])
    >>> round(found.value, 6), round(found.low, 6), round(found.high, 6)
    (0.025, 0.022098, 0.035445)
    """
    given = _checked_strata(strata)
    items = sum(stratum.size for stratum in given)
    centre = below = above = unseen = 0.0
    for stratum in given:
        weight = stratum.size / items
        if stratum.audited == 0:
            unseen += weight
            continue
        share = stratum.wrong / stratum.audited
        centre += weight * share
        if stratum.audited < stratum.size:
            bounds = wilson(stratum.wrong, stratum.audited, confidence=confidence)
            below += (weight * (share - bounds.low)) ** 2
            above += (weight * (bounds.high - share)) ** 2
    return Interval(
        value=_weighted_share(given),
        low=max(centre - sqrt(below), 0.0),
        high=min(centre + sqrt(above) + unseen, 1.0),
        n=sum(stratum.audited for stratum in given),
    )


def _checked_strata(strata: Sequence[tuple[int, int, int]]) -> list[Stratum]:
    """Read strata with items; an empty one adds nothing."""
    given = [Stratum(*stratum) for stratum in strata]
    for stratum in given:
        check_counts(stratum.audited, stratum.size, of="audits of items")
        check_counts(stratum.wrong, stratum.audited, of="errors of audits")
    given = [stratum for stratum in given if stratum.size]
    if not given:
        raise ValueError(f"{len(strata)} strata hold 0 items.")
    return given


def _exact_bounds(stratum: Stratum, *, confidence: float) -> tuple[float, float]:
    if stratum.audited == 0:
        return 0.0, 1.0
    if stratum.audited == stratum.size:
        share = stratum.wrong / stratum.size
        return share, share
    bounds = clopper_pearson(stratum.wrong, stratum.audited, confidence=confidence)
    return bounds.low, bounds.high


def _weighted_share(strata: Sequence[Stratum]) -> float:
    if any(stratum.audited == 0 for stratum in strata):
        return nan
    errors = sum(s.size * (s.wrong / s.audited) for s in strata)
    return errors / sum(stratum.size for stratum in strata)
