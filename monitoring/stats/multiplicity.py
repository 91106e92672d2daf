"""Which of many p-values still count when all were looked at."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitoring.stats.figures import Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rejections:
    """Which hypotheses fall, with the p-values adjusted for their number."""

    rejected: npt.NDArray[np.bool_]
    adjusted: Floats
    n: int


def benjamini_hochberg(p_values: npt.ArrayLike, *, q: float) -> Rejections:
    """Say which columns differ, with at most a share q of false ones among them.

    Parameters
    ----------
    p_values : (tests,) shares in [0, 1]
        One for each column looked at in the same window.
    q : float
        The share of false rejections among all rejections, expected at most, in (0, 1).
        Holds for independent tests and for tests that rise and fall together.

    Returns
    -------
    Rejections
        In the order given: ``rejected`` where ``adjusted`` is at most q. ``n`` tests;
        none rejects none.

    Raises
    ------
    ValueError
        If a p-value or q is out of range or not a number.

    References
    ----------
    Y. Benjamini and Y. Hochberg (1995), "Controlling the false discovery rate", Journal
    of the Royal Statistical Society B 57 (1), 289-300; Y. Benjamini and D. Yekutieli
    (2001), Annals of Statistics 29 (4), 1165-1188.

    Examples
    --------
    >>> found = benjamini_hochberg([0.001, 0.008, 0.06, 0.9], q=0.05)
    >>> found.rejected.tolist()
    [True, True, False, False]
    """
    values = _as_p_values(p_values)
    if not 0 < q < 1:
        raise ValueError(f"q is {q}: more than 0, less than 1.")
    n = values.size
    order = np.argsort(values, kind="stable")
    # the ratio first: p * n / n may round to more than p, where a bound is just met
    scaled = values[order] * (n / np.arange(1, n + 1))
    adjusted = np.empty(n)
    # from the largest downwards, so that a smaller p never has a larger adjusted one
    adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return Rejections(rejected=adjusted <= q, adjusted=adjusted, n=n)


def holm(p_values: npt.ArrayLike, *, alpha: float) -> Rejections:
    """Say which hypotheses fall, with at most a chance alpha of any false one.

    Stricter than `benjamini_hochberg`, and free of assumptions: for a few tests whose
    every rejection leads to an act.

    Parameters
    ----------
    p_values : (tests,) shares in [0, 1]
        One for each hypothesis.
    alpha : float
        Chance, in (0, 1), of one false rejection or more.

    Returns
    -------
    Rejections
        In the order given: ``rejected`` where ``adjusted`` is at most alpha. ``n``
        tests; none rejects none.

    Raises
    ------
    ValueError
        If a p-value or alpha is out of range or not a number.

    References
    ----------
    S. Holm (1979), "A simple sequentially rejective multiple test procedure",
    Scandinavian Journal of Statistics 6 (2), 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03], alpha=0.05).adjusted.tolist()
    [0.03, 0.06, 0.06]
    """
    values = _as_p_values(p_values)
    if not 0 < alpha < 1:
        raise ValueError(f"The alpha is {alpha}: more than 0, less than 1.")
    n = values.size
    order = np.argsort(values, kind="stable")
    scaled = np.minimum(values[order] * np.arange(n, 0, -1), 1)
    adjusted = np.empty(n)
    adjusted[order] = np.maximum.accumulate(scaled)
    return Rejections(rejected=adjusted <= alpha, adjusted=adjusted, n=n)


def _as_p_values(p_values: npt.ArrayLike) -> Floats:
    values = np.asarray(p_values, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"P-values have {values.ndim} dimensions, not 1.")
    outside = int(np.count_nonzero(~((values >= 0) & (values <= 1))))
    if outside:
        raise ValueError(
            f"{outside} of {values.size} p-values are not between 0 and 1."
        )
    return values
