"""How often two raters agree, and how much of that chance would have given."""

from dataclasses import dataclass
from math import isnan, nan, sqrt
from typing import Literal, assert_never

import numpy as np
from scipy.special import ndtri

from monitoring.stats.figures import Figure, Floats, Table
from monitoring.stats.raters import fleiss_kappa, krippendorff_alpha

__all__ = [
    "ChanceCorrected",
    "Kappa",
    "Table",
    "Weights",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac1",
    "krippendorff_alpha",
    "percent_agreement",
]

Weights = Literal["linear", "quadratic"]

Z_95 = float(ndtri(0.975))
FEWEST_CLASSES = 2
ROUNDING = 1e-12  # a spread below is the rounding of a spread of 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kappa:
    """Agreement beyond chance, with its standard error and 95 % interval."""

    value: float
    se: float
    low: float
    high: float
    n: int

    @property
    def has_interval(self) -> bool:
        """Say whether it has bounds: there are none where answers never varied."""
        return not isnan(self.low)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanceCorrected:
    """Agreement beyond chance, with its standard error."""

    value: float
    se: float
    n: int


def percent_agreement(table: Table) -> Figure:
    """Give the share of items on which both raters gave the same class.

    Its bounds are those of a share: `intervals.wilson` to show, and
    `intervals.clopper_pearson` to promise.

    Parameters
    ----------
    table : (classes, classes) counts
        Rows are the first rater's classes, columns the second's, in the same order.

    Returns
    -------
    Figure
        A share in [0, 1] and the number of items.

    Raises
    ------
    ValueError
        If the table is not square, is empty, or holds anything but counts.

    Examples
    --------
    >>> percent_agreement([[20, 5], [10, 15]])
    Figure(value=0.7, n=50)
    """
    shares, n = _shares(table)
    return Figure(value=float(np.trace(shares)), n=n)


def cohen_kappa(table: Table, *, weights: Weights | None = None) -> Kappa:
    """Give the agreement beyond what the two raters' own shares would give by chance.

    For display, never a gate alone: with one class rare, kappa is low although the
    raters hardly ever differ (Feinstein and Cicchetti 1990).

    Parameters
    ----------
    table : (classes, classes) counts
        Rows are the first rater's classes, columns the second's, in the same order.
    weights : {"linear", "quadratic"}, optional
        For ordered grades: how much a near miss counts as agreement.

    Returns
    -------
    Kappa
        ``value`` at most 1; ``low`` and ``high`` are value -+ 1.96 ``se``, cut at -1
        and 1. All are NaN when both raters gave one and the same class throughout:
        chance alone explains everything, and kappa is not defined. The bounds alone
        are NaN when the error is 0, since agreement without exception has no spread
        to estimate an interval from, however few items there are.

    Raises
    ------
    ValueError
        If the table is not square, is empty, or holds anything but counts.

    References
    ----------
    J. Cohen (1960), Educational and Psychological Measurement 20, 37-46, and (1968),
    Psychological Bulletin 70, 213-220; J. L. Fleiss, J. Cohen and B. S. Everitt (1969),
    "Large sample standard errors of kappa and weighted kappa", Psychological
    Bulletin 72, 323-327; A. R. Feinstein and D. V. Cicchetti (1990), "High agreement
    but low kappa", Journal of Clinical Epidemiology 43 (6), 543-549.

    Examples
    --------
    >>> found = cohen_kappa([[20, 5], [10, 15]])
    >>> round(found.value, 6), round(found.se, 6)
    (0.4, 0.126996)
    """
    shares, n = _shares(table)
    if shares.diagonal().max() == 1:
        return Kappa(value=nan, se=nan, low=nan, high=nan, n=n)
    credit = _credit(len(shares), weights)
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed = float((credit * shares).sum())
    expected = float(rows @ credit @ columns)
    beyond = 1 - expected
    value = (observed - expected) / beyond
    by_margins = (credit @ columns)[:, None] + (rows @ credit)[None, :]
    spread = float(
        (shares * (credit * beyond - by_margins * (1 - observed)) ** 2).sum()
        - (observed * expected - 2 * expected + observed) ** 2
    )
    if spread < ROUNDING:
        return Kappa(value=value, se=0.0, low=nan, high=nan, n=n)
    se = sqrt(spread / n) / beyond**2
    return Kappa(
        value=value,
        se=se,
        low=max(value - Z_95 * se, -1.0),
        high=min(value + Z_95 * se, 1.0),
        n=n,
    )


def gwet_ac1(table: Table) -> ChanceCorrected:
    """Give the agreement beyond chance where one class is rare.

    Shown beside kappa: chance agreement is taken from how evenly the classes are
    used, so that a rare class does not press the figure down.

    Parameters
    ----------
    table : (classes, classes) counts
        Rows are the first rater's classes, columns the second's, in the same order.

    Returns
    -------
    ChanceCorrected
        ``value`` at most 1 and always defined; ``se`` is the large-sample error for
        these raters and sampled items, with divisor n. It is 0 when the raters never
        differ, and then says nothing about how sure the figure is.

    Raises
    ------
    ValueError
        If the table is not square, is empty, or holds anything but counts.

    References
    ----------
    K. L. Gwet (2008), "Computing inter-rater reliability and its variance in the
    presence of high agreement", British Journal of Mathematical and Statistical
    Psychology 61, 29-48.

    Examples
    --------
    >>> found = gwet_ac1([[20, 5], [10, 15]])
    >>> round(found.value, 6), round(found.se, 6)
    (0.405941, 0.130152)
    """
    shares, n = _shares(table)
    others = len(shares) - 1
    used = (shares.sum(axis=1) + shares.sum(axis=0)) / 2
    observed = float(np.trace(shares))
    expected = float((used * (1 - used)).sum()) / others
    beyond = 1 - expected
    value = (observed - expected) / beyond
    unused = 1 - (used[:, None] + used[None, :]) / 2
    on_diagonal = float((shares.diagonal() * (1 - used)).sum()) / others
    everywhere = float((shares * unused**2).sum()) / others**2
    spread = (
        observed * (1 - observed)
        - 4 * (1 - value) * (on_diagonal - observed * expected)
        + 4 * (1 - value) ** 2 * (everywhere - expected**2)
    )
    se = 0.0 if spread < ROUNDING else sqrt(spread / n) / beyond
    return ChanceCorrected(value=value, se=se, n=n)


def _shares(table: Table) -> tuple[Floats, int]:
    """Turn a table of counts into shares of all items."""
    counts = np.asarray(table, dtype=np.float64)
    is_square = counts.ndim == 2 and counts.shape[0] == counts.shape[1]  # noqa: PLR2004 - a table has two sides
    if not is_square or len(counts) < FEWEST_CLASSES:
        raise ValueError(
            f"A table of shape {counts.shape} does not set the same classes, two or"
            " more, against each other."
        )
    if not np.all((counts >= 0) & (counts == np.floor(counts)) & np.isfinite(counts)):
        raise ValueError(f"The table holds what is no count: {counts.tolist()}.")
    n = int(counts.sum())
    if n == 0:
        raise ValueError("0 items were rated by both.")
    return counts / n, n


def _credit(classes: int, weights: Weights | None) -> Floats:
    """Say how much each pair of classes counts as agreement, from 0 to 1."""
    if weights is None:
        return np.eye(classes)
    grades = np.arange(classes)
    apart: Floats = np.abs(grades[:, None] - grades[None, :]) / (classes - 1)
    match weights:
        case "linear":
            return 1 - apart
        case "quadratic":
            return 1 - apart**2
        case never:
            assert_never(never)
