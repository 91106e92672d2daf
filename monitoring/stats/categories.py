"""Whether shares of categories, and of missing values, are still the reference's."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from scipy.special import chdtrc
from scipy.stats import fisher_exact

from monitoring.stats.distances import jensen_shannon, total_variation
from monitoring.stats.figures import Counts, Floats, as_columns, check_counts

RARE = 5
HARDLY_EVER = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoricalComparison:
    """How far the shares of categories have moved, and how surely."""

    chi2: float
    df: int
    p: float
    tv: float
    js: float
    unseen: tuple[int, ...]
    n_reference: int
    n_current: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingComparison:
    """How far the share of missing values has moved, and how surely."""

    p: float
    z: float
    difference: float
    n_reference: int
    n_current: int


def compare_categorical(
    reference_counts: Counts, current_counts: Counts
) -> CategoricalComparison:
    """Compare the shares of categories with their reference, by surety and by size.

    Parameters
    ----------
    reference_counts, current_counts : (categories,) counts
        In the same order; a category that only one of them holds is 0 in the other.

    Returns
    -------
    CategoricalComparison
        Pearson's ``chi2`` with ``df`` and ``p``, without continuity correction;
        ``tv``, the share of items that would have to change category, and ``js``,
        both over all categories; ``unseen``, the places of categories that the
        reference never held.

        For chi-square alone, all categories expected fewer than 5 times in either
        sample form one cell, and that cell joins the rarest other if even then it is
        expected less than once. With one cell left nothing can differ: ``chi2`` and
        ``df`` are 0 and ``p`` is 1.

    Raises
    ------
    ValueError
        If the columns differ in length, one holds no item, or anything but counts.

    References
    ----------
    K. Pearson (1900), Philosophical Magazine 50, 157-175; W. G. Cochran (1954), "Some
    methods for strengthening the common chi-square tests", Biometrics 10 (4), 417-451.

    Examples
    --------
    >>> found = compare_categorical([50, 30, 15, 5, 0], [40, 30, 15, 10, 5])
    >>> round(found.chi2, 6), found.df, round(found.p, 6), found.unseen
    (7.777778, 4, 0.100066, (4,))
    """
    reference, current = as_columns(reference_counts, current_counts)
    cells = _merge_rare(np.stack([reference, current]))
    expected = _expected(cells)
    chi2 = float(((cells - expected) ** 2 / expected).sum())
    df = cells.shape[1] - 1
    return CategoricalComparison(
        chi2=chi2 if df else 0.0,
        df=df,
        p=float(chdtrc(df, chi2)) if df else 1.0,
        tv=total_variation(reference_counts, current_counts).value,
        js=jensen_shannon(reference_counts, current_counts).value,
        unseen=tuple(np.flatnonzero((reference == 0) & (current > 0)).tolist()),
        n_reference=int(reference.sum()),
        n_current=int(current.sum()),
    )


def compare_missing(
    missing_ref: int, n_ref: int, missing_cur: int, n_cur: int
) -> MissingComparison:
    """Compare the share of missing values with its reference.

    Parameters
    ----------
    missing_ref, n_ref : int
        Missing values and all items of the reference.
    missing_cur, n_cur : int
        The same of the window.

    Returns
    -------
    MissingComparison
        ``p``, two-sided, exact; ``z``, the difference over its error if both had one
        share, NaN when nothing or everything is missing in both; ``difference``,
        current less reference, in [-1, 1].

    Raises
    ------
    ValueError
        If more are missing than there are, or one side holds no item.

    References
    ----------
    R. A. Fisher (1935), "The logic of inductive inference", Journal of the Royal
    Statistical Society 98 (1), 39-82.

    Examples
    --------
    >>> found = compare_missing(20, 2000, 25, 500)
    >>> round(found.z, 6), round(found.difference, 6), found.p < 1e-6
    (6.017249, 0.04, True)
    """
    check_counts(missing_ref, n_ref, of="missing reference values")
    check_counts(missing_cur, n_cur, of="missing current values")
    if n_ref == 0 or n_cur == 0:
        raise ValueError(f"{n_ref} and {n_cur} items cannot be compared.")
    difference = missing_cur / n_cur - missing_ref / n_ref
    share = (missing_ref + missing_cur) / (n_ref + n_cur)
    spread = share * (1 - share) * (1 / n_ref + 1 / n_cur)
    table = [[missing_ref, n_ref - missing_ref], [missing_cur, n_cur - missing_cur]]
    return MissingComparison(
        p=float(fisher_exact(np.array(table)).pvalue),
        z=difference / sqrt(spread) if spread else nan,
        difference=difference,
        n_reference=n_ref,
        n_current=n_cur,
    )


def _expected(cells: Floats) -> Floats:
    """Give the counts if both samples had the same shares."""
    expected: Floats = np.outer(cells.sum(axis=1), cells.sum(axis=0)) / cells.sum()
    return expected


def _merge_rare(counts: Floats) -> Floats:
    """Merge the cells in which chi-square would not hold; drop the empty ones."""
    cells = counts[:, counts.sum(axis=0) > 0]
    is_rare = _expected(cells).min(axis=0) < RARE
    if not is_rare.any():
        return cells
    kept, merged = cells[:, ~is_rare], cells[:, is_rare].sum(axis=1)
    joined = np.column_stack([kept, merged])
    if kept.size and _expected(joined)[:, -1].min() < HARDLY_EVER:
        rarest = int(kept.sum(axis=0).argmin())
        kept[:, rarest] += merged
        return kept
    return joined
