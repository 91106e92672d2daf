"""Whether one column of today's items is still that of the reference."""

from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt
from scipy.stats import ks_2samp, wasserstein_distance

from monitoring.stats.categories import (
    CategoricalComparison,
    MissingComparison,
    compare_categorical,
    compare_missing,
)
from monitoring.stats.distances import (
    jensen_shannon,
    psi,
    psi_noise,
    total_variation,
)
from monitoring.stats.figures import Floats
from monitoring.stats.multiplicity import benjamini_hochberg, holm
from monitoring.stats.two_sample import classifier_two_sample

__all__ = [
    "CategoricalComparison",
    "MissingComparison",
    "NumericComparison",
    "benjamini_hochberg",
    "classifier_two_sample",
    "compare_categorical",
    "compare_missing",
    "compare_numeric",
    "holm",
    "jensen_shannon",
    "psi",
    "psi_noise",
    "total_variation",
]

INNER_DECILES = np.arange(1, 10) / 10
ROUNDING = 1e-12  # values closer to each other than this share are one value


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericComparison:
    """How far a numeric column has moved, and how surely."""

    ks: float
    p: float
    shift: float
    psi: float
    js: float
    tv: float
    bins: int
    n_reference: int
    n_current: int


def compare_numeric(
    reference: npt.ArrayLike, current: npt.ArrayLike
) -> NumericComparison:
    """Compare a numeric column with its reference, by surety and by size.

    A verdict needs both: in a large window a p-value condemns a difference that matters
    to nobody, and in a small one a distance is mostly chance.

    Parameters
    ----------
    reference, current : (items,) numbers
        Without missing values; those are counted by `compare_missing`.

    Returns
    -------
    NumericComparison
        ``ks``, the largest gap of the two distribution functions, and its asymptotic
        ``p``; ``shift``, the Wasserstein distance in standard deviations of the
        reference; ``psi``, ``js`` and ``tv`` over ``bins`` that end at the reference's
        inner deciles. A value on an edge is in the bin below; equal edges are one, and
        a bin that nothing of either column is in is left out.

        A **constant reference** has no standard deviation, and what is off by rounding
        would be a shift without end. Then ``ks`` and ``shift`` are NaN, and the column
        is compared as two classes, "the usual value" and "any other": ``p`` is Fisher's
        exact one, and ``psi``, ``js`` and ``tv`` are over these two.

    Raises
    ------
    ValueError
        If a column is empty, or a value is missing or infinite.

    References
    ----------
    A. N. Kolmogorov (1933); N. W. Smirnov (1948), "Table for estimating the goodness
    of fit of empirical distributions", Annals of Mathematical Statistics 19 (2);
    L. V. Kantorovich (1942) for the distance of Wasserstein; `distances` for the rest.

    Examples
    --------
    >>> found = compare_numeric(range(100), range(20, 120))
    >>> round(found.ks, 6), round(found.shift, 6), found.n_current
    (0.2, 0.692855, 100)
    """
    first, second = _as_values(reference), _as_values(current)
    usual = float(np.median(first))
    if np.all(_is_near(first, usual)):
        return _compare_with_constant(first, second, usual=usual)
    edges = np.unique(np.quantile(first, INNER_DECILES))
    counts = np.stack(
        [
            np.bincount(np.searchsorted(edges, values), minlength=edges.size + 1)
            for values in (first, second)
        ]
    )
    before, after = counts[:, counts.any(axis=0)]
    test = ks_2samp(first, second, method="asymp")
    return NumericComparison(
        ks=float(test.statistic),
        p=float(test.pvalue),
        shift=float(wasserstein_distance(first, second) / first.std()),
        psi=psi(before, after).value,
        js=jensen_shannon(before, after).value,
        tv=total_variation(before, after).value,
        bins=before.size,
        n_reference=first.size,
        n_current=second.size,
    )


def _compare_with_constant(
    reference: Floats, current: Floats, *, usual: float
) -> NumericComparison:
    other = int(np.count_nonzero(~_is_near(current, usual)))
    counts = [reference.size, 0], [current.size - other, other]
    return NumericComparison(
        ks=nan,
        p=compare_missing(0, reference.size, other, current.size).p,
        shift=nan,
        psi=psi(*counts).value,
        js=jensen_shannon(*counts).value,
        tv=total_variation(*counts).value,
        bins=2,
        n_reference=reference.size,
        n_current=current.size,
    )


def _is_near(values: Floats, usual: float) -> npt.NDArray[np.bool_]:
    return np.abs(values - usual) <= ROUNDING * abs(usual)


def _as_values(column: npt.ArrayLike) -> Floats:
    values = np.asarray(column, dtype=np.float64)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"A column of shape {values.shape} has nothing to compare.")
    unusable = int(np.count_nonzero(~np.isfinite(values)))
    if unusable:
        raise ValueError(f"{unusable} of {values.size} values are missing or infinite.")
    return values
