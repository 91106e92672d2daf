"""How sure the model must be to decide alone, and what each threshold would cost."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr

from monitoring.stats.figures import Floats, as_confidences, as_outcomes
from monitoring.stats.intervals import sample_size, upper_bound

STARTS = 4
FEW = 3  # times the smallest set that can pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedThreshold:
    """A threshold with the promise it keeps and the labels it rests on.

    ``n`` labels are at or above the threshold, ``errors`` of them wrong; ``p`` is the
    exact chance of so few errors if the promise were broken, and ``upper`` the bound
    on the true error share at the level of one start.
    """

    threshold: float
    n: int
    errors: int
    p: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCoverage:
    """For each distinct threshold, loosest last: the share decided and its error.

    ``aurc`` is the area under the curve: the mean error over all thresholds.
    """

    threshold: Floats
    coverage: Floats
    risk: Floats
    aurc: float
    n: int


def certify_threshold(
    confidence: npt.ArrayLike,
    wrong: npt.ArrayLike,
    *,
    max_error: float,
    delta: float = 0.05,
    starts: int = STARTS,
) -> CertifiedThreshold | None:
    """Find the loosest threshold whose error share is shown to keep a promise.

    Learn then Test with fixed sequences. A threshold that merely looked best on the
    labels would break its promise in about every second case.

    1. Order by confidence; groups end where the confidence changes.
    2. Start at ``starts`` group sizes, spaced geometrically from the smallest that
       could pass without an error towards all items.
    3. From each start go to larger groups while the exact binomial test at
       ``delta / starts`` rejects an error share above ``max_error``.
    4. Keep the largest group that any start reached.

    Parameters
    ----------
    confidence : (items,) shares in [0, 1]
        The model's confidence on blind, settled labels that it was not trained on.
    wrong : (items,) 0 or 1
        Whether the model was wrong.
    max_error : float
        The promised share of errors, in (0, 1), among items at or above the threshold.
    delta : float
        Chance, in (0, 1), that the promise is broken.
    starts : int
        How many sequences; see `suggested_starts`.

    Returns
    -------
    CertifiedThreshold or None
        ``None`` when no threshold is shown to keep the promise, as with no labels.

    Raises
    ------
    ValueError
        If the rows differ in length or hold anything else, or an option is out of
        range.

    References
    ----------
    A. N. Angelopoulos, S. Bates, E. J. Candes, M. I. Jordan and L. Lei (2025), "Learn
    then Test: calibrating predictive algorithms to achieve risk control", Annals of
    Applied Statistics 19 (2), doi 10.1214/24-AOAS1998.

    Examples
    --------
    >>> confidence = [(i + 0.5) / 1000 for i in range(1000)]
    >>> wrong = [i < 300 and i % 5 == 0 for i in range(1000)]
    >>> found = certify_threshold(confidence, wrong, max_error=0.05)
    >>> found.threshold, found.n, found.errors
    (0.1615, 839, 27)
    """
    if starts < 1:
        raise ValueError(f"{starts} starts give no sequence to walk.")
    level = delta / starts
    smallest = sample_size(max_error, delta=level)
    groups = _groups(confidence, wrong)
    if groups.items < smallest:
        return None
    p_values = bdtr(groups.errors, groups.sizes, max_error)
    failing = np.append(np.flatnonzero(p_values > level), groups.sizes.size)
    first_sizes = smallest * (groups.items / smallest) ** (np.arange(starts) / starts)
    first = np.searchsorted(groups.sizes, first_sizes)
    last = failing[np.searchsorted(failing, first)] - 1
    walked = last[last >= first]
    if walked.size == 0:
        return None
    reached = walked.max()
    n, errors = int(groups.sizes[reached]), int(groups.errors[reached])
    return CertifiedThreshold(
        threshold=float(groups.thresholds[reached]),
        n=n,
        errors=errors,
        p=float(p_values[reached]),
        upper=upper_bound(errors, n, delta=level),
    )


def suggested_starts(labels: int, *, max_error: float, delta: float = 0.05) -> int:
    """Give the number of sequences that so many labels can pay for.

    Each sequence gets its part of ``delta``. With fewer labels than three times the
    smallest set that can pass, one sequence with all of it finds more.

    Parameters
    ----------
    labels : int
        How many labels there are; what they say must not be looked at.
    max_error, delta : float
        As for `certify_threshold`.

    Returns
    -------
    int
        4 or 1.

    Examples
    --------
    >>> suggested_starts(3000, max_error=0.005), suggested_starts(1500, max_error=0.005)
    (4, 1)
    """
    few = labels < FEW * sample_size(max_error, delta=delta)
    return 1 if few else STARTS


def risk_coverage(confidence: npt.ArrayLike, wrong: npt.ArrayLike) -> RiskCoverage:
    """Show, for every threshold, how much would be decided and how much of it wrong.

    To look at, not to choose from: see `certify_threshold`.

    Parameters
    ----------
    confidence : (items,) shares in [0, 1]
        The model's confidence.
    wrong : (items,) 0 or 1
        Whether the model was wrong.

    Returns
    -------
    RiskCoverage
        One point for each distinct confidence, highest first. ``aurc`` averages the
        risk over items; items of equal confidence share the risk of their group,
        since no threshold parts them.

    Raises
    ------
    ValueError
        If the rows differ in length or hold anything else, or there is no item.

    References
    ----------
    Y. Geifman and R. El-Yaniv (2017), "Selective classification for deep neural
    networks", NeurIPS 30, arXiv 1705.08500.

    Examples
    --------
    >>> found = risk_coverage([0.9, 0.8, 0.7, 0.6], [0, 0, 1, 0])
    >>> found.coverage.tolist(), found.risk.tolist()[-1], round(found.aurc, 6)
    ([0.25, 0.5, 0.75, 1.0], 0.25, 0.145833)
    """
    groups = _groups(confidence, wrong)
    if groups.items == 0:
        raise ValueError("0 items have no risk and no coverage.")
    risk = groups.errors / groups.sizes
    new_items = np.diff(groups.sizes, prepend=0)
    return RiskCoverage(
        threshold=groups.thresholds,
        coverage=groups.sizes / groups.items,
        risk=risk,
        aurc=float(risk @ new_items) / groups.items,
        n=groups.items,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """The sets that a threshold can cut off, smallest first."""

    thresholds: Floats
    sizes: npt.NDArray[np.int64]
    errors: Floats
    items: int


def _groups(confidence: npt.ArrayLike, wrong: npt.ArrayLike) -> _Groups:
    confidences = as_confidences(confidence)
    outcomes = as_outcomes(wrong, size=confidences.size)
    order = np.argsort(-confidences, kind="stable")
    ordered = confidences[order]
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)[: ordered.size])
    return _Groups(
        thresholds=ordered[ends],
        sizes=ends + 1,
        errors=np.cumsum(outcomes[order])[ends],
        items=confidences.size,
    )
