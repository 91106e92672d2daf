"""Evidence that stays valid however often it is looked at: gates and comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, inf, log, log1p, nan

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaincc, betaln, logsumexp, xlog1py

from monitoring.stats.figures import Interval, check_counts

LARGEST_EXPONENT = 709.0  # exp of more is beyond a float
SMALLEST_TAIL = 1e-280  # below, the incomplete beta function loses its digits
SMALLEST_LOG_SHARE = -700.0
FEWEST_TERMS = 64
NEGLIGIBLE = 1e-17  # a term below this share of the first changes no digit


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A difference of two shares with bounds, and the observations of both arms."""

    value: float
    low: float
    high: float
    n: int


def gate_evidence(successes: int, failures: int, *, gate: float) -> float:
    """Weigh the evidence that a true share of successes is above a gate.

    An e-value: if the true share is at or below the gate, the chance that it *ever*
    reaches E is at most 1/E, whenever and however often one looks. So 20 keeps a false
    opening below 5 %. It is a wager on all shares above the gate alike.

    Parameters
    ----------
    successes, failures : int
        Counts since the evidence began, neither negative.
    gate : float
        The share, in (0, 1), that is to be exceeded.

    Returns
    -------
    float
        B(s+1, f+1) P(Beta(s+1, f+1) > g) / ((1-g) g^s (1-g)^f), above 0; 1 without any
        observation, and infinite beyond the largest float.

    Raises
    ------
    ValueError
        If a count is negative or the gate is not in (0, 1).

    References
    ----------
    J. Ville (1939), "Etude critique de la notion de collectif"; H. Robbins (1970),
    "Statistical methods related to the law of the iterated logarithm", Annals of
    Mathematical Statistics 41 (5), 1397-1409; S. R. Howard, A. Ramdas, J. McAuliffe and
    J. Sekhon (2021), "Time-uniform, nonparametric, nonasymptotic confidence sequences",
    Annals of Statistics 49 (2).

    Examples
    --------
    >>> round(gate_evidence(100, 0, gate=0.95), 4)
    33.2582
    >>> gate_evidence(0, 0, gate=0.95)
    1.0
    """
    _check_observations(successes, failures)
    if not 0 < gate < 1:
        raise ValueError(f"The gate is {gate}: more than 0, less than 1.")
    if successes == failures == 0:
        return 1.0
    tail = float(betaincc(successes + 1, failures + 1, gate))
    if tail < SMALLEST_TAIL:
        return _evidence_far_below(successes, failures, gate=gate)
    exponent = (
        float(betaln(successes + 1, failures + 1))
        + log(tail)
        - successes * log(gate)
        - (failures + 1) * log1p(-gate)
    )
    return inf if exponent > LARGEST_EXPONENT else exp(exponent)


def breach_evidence(successes: int, failures: int, *, gate: float) -> float:
    """Weigh the evidence that a true share of successes is below a gate.

    The mirror of `gate_evidence`: failures against a share of 1 - gate.

    Parameters
    ----------
    successes, failures : int
        Counts since the evidence began, neither negative.
    gate : float
        The share of successes, in (0, 1), that is to be kept.

    Returns
    -------
    float
        An e-value above 0, infinite beyond the largest float.

    Raises
    ------
    ValueError
        If a count is negative or the gate is not in (0, 1).

    Examples
    --------
    >>> f"{breach_evidence(895, 105, gate=0.95):.4e}"
    '1.1476e+09'
    """
    return gate_evidence(failures, successes, gate=1 - gate)


def paired_evidence(champion_only: int, challenger_only: int) -> float:
    """Weigh the evidence that a challenger is right more often than the champion.

    Both answer every item; only items on which exactly one of them is right speak.

    Parameters
    ----------
    champion_only, challenger_only : int
        Items on which only that one was right, neither negative.

    Returns
    -------
    float
        The e-value of `gate_evidence` at a gate of 1/2.

    Raises
    ------
    ValueError
        If a count is negative.

    Examples
    --------
    >>> round(paired_evidence(0, 5), 9)
    10.5
    """
    return gate_evidence(challenger_only, champion_only, gate=0.5)


def weighted_paired_evidence(
    strata: Sequence[tuple[float, int, int]], *, points: int = 20_000
) -> float:
    """Weigh paired evidence of items that were not all drawn with the same chance.

    Items with a high chance of being looked at would speak too loudly; each pair is
    weighed down to the least chance that any item had under the terms it was drawn by.

    Parameters
    ----------
    strata : (weight, champion_only, challenger_only) each
        ``weight`` in (0, 1] is that least chance over the chance these items had; the
        counts are those of `paired_evidence`.
    points : int
        At so many stakes the wager is summed up.

    Returns
    -------
    float
        An e-value above 0: the mean over all stakes l in (0, 1) of the product of
        (1 + l w) over pairs that only the challenger had right and (1 - l w) over the
        others. With all weights 1 it is `paired_evidence`.

    Raises
    ------
    ValueError
        If a count is negative or a weight is not in (0, 1].

    References
    ----------
    I. Waudby-Smith and A. Ramdas (2024), "Estimating means of bounded random variables
    by betting", Journal of the Royal Statistical Society B 86 (1), 1-27; the weights
    are those of D. G. Horvitz and D. J. Thompson (1952).

    Examples
    --------
    >>> round(weighted_paired_evidence([(1.0, 0, 5)]), 9)
    10.5
    >>> round(weighted_paired_evidence([(1.0, 0, 2), (0.5, 0, 3)]), 4)
    5.3354
    """
    for weight, *_counts in strata:
        if not 0 < weight <= 1:
            raise ValueError(f"The weight is {weight}: more than 0, at most 1.")
    if all(weight == 1 for weight, *_counts in strata):
        return paired_evidence(
            sum(champion for _weight, champion, _other in strata),
            sum(challenger for _weight, _other, challenger in strata),
        )
    stakes = (np.arange(points) + 0.5) / points
    exponents = np.zeros(points)
    for weight, champion, challenger in strata:
        _check_observations(challenger, champion)
        exponents += challenger * np.log1p(stakes * weight)
        exponents += champion * np.log1p(-stakes * weight)
    exponent = float(logsumexp(exponents)) - log(points)
    return inf if exponent > LARGEST_EXPONENT else exp(exponent)


def labels_needed(
    successes: int, failures: int, *, gate: float, evidence: float = 20.0
) -> int:
    """Count the further labels, all successes, until the evidence is reached.

    Parameters
    ----------
    successes, failures : int
        Counts since the evidence began, neither negative.
    gate : float
        The share, in (0, 1), that is to be exceeded.
    evidence : float
        The e-value to reach, finite.

    Returns
    -------
    int
        0 when `gate_evidence` has reached it already.

    Raises
    ------
    ValueError
        If a count is negative, the gate is not in (0, 1), or the evidence is endless.

    Examples
    --------
    >>> labels_needed(0, 0, gate=0.95)
    88
    >>> labels_needed(0, 0, gate=0.995), labels_needed(0, 1, gate=0.995)
    (901, 1367)
    """
    if not evidence < inf:
        raise ValueError(f"Evidence of {evidence} is never reached.")

    def is_enough(more: int) -> bool:
        return gate_evidence(successes + more, failures, gate=gate) >= evidence

    if is_enough(0):
        return 0
    short, enough = 0, 1
    while not is_enough(enough):
        short, enough = enough, 2 * enough
    while enough - short > 1:
        middle = (short + enough) // 2
        if is_enough(middle):
            enough = middle
        else:
            short = middle
    return enough


def confidence_sequence(
    successes: int, failures: int, *, alpha: float = 0.05
) -> Interval:
    """Bound a true share so that the bounds hold at every look at once.

    Wider than an interval made for a single look: this one may be watched daily.

    Parameters
    ----------
    successes, failures : int
        Counts so far, neither negative.
    alpha : float
        Chance, in (0, 1), that the bounds ever miss the true share.

    Returns
    -------
    Interval
        All shares whose e-value, mixed over Beta(1/2, 1/2), is below 1/alpha, with
        their count. Without any observation: 0 to 1, and ``value`` is NaN.

    Raises
    ------
    ValueError
        If a count is negative or alpha is not in (0, 1).

    References
    ----------
    Robbins (1970) and Howard et al. (2021), as in `gate_evidence`.

    Examples
    --------
    >>> found = confidence_sequence(95, 5)
    >>> round(found.low, 6), round(found.high, 6)
    (0.844206, 0.992851)
    """
    _check_observations(successes, failures)
    if not 0 < alpha < 1:
        raise ValueError(f"Alpha is {alpha}: more than 0, less than 1.")
    n = successes + failures
    if n == 0:
        return Interval(value=nan, low=0.0, high=1.0, n=0)
    return Interval(
        value=successes / n,
        low=_sequence_low(successes, failures, alpha=alpha),
        high=1 - _sequence_low(failures, successes, alpha=alpha),
        n=n,
    )


def two_arm_difference(
    s1: int, n1: int, s0: int, n0: int, *, alpha: float = 0.05
) -> Difference:
    """Bound the difference of two true shares so that it may be watched daily.

    For arms that saw different items; where both answered every item,
    `paired_evidence` needs fewer.

    Parameters
    ----------
    s1, n1 : int
        Successes and observations of the arm on trial.
    s0, n0 : int
        Successes and observations of the other.
    alpha : float
        Chance, in (0, 1), that the bounds ever miss the true difference.

    Returns
    -------
    Difference
        Share of the first minus share of the second, in [-1, 1]; each arm's
        `confidence_sequence` at alpha/2. ``value`` is NaN while an arm is empty.

    Raises
    ------
    ValueError
        If there are more successes than observations, or alpha is not in (0, 1).

    Examples
    --------
    >>> found = two_arm_difference(460, 500, 4750, 5000)
    >>> round(found.low, 6), round(found.high, 6)
    (-0.094762, 0.021167)
    """
    check_counts(s1, n1, of="successes of observations on trial")
    check_counts(s0, n0, of="successes of observations beside it")
    trial = confidence_sequence(s1, n1 - s1, alpha=alpha / 2)
    other = confidence_sequence(s0, n0 - s0, alpha=alpha / 2)
    return Difference(
        value=trial.value - other.value,
        low=trial.low - other.high,
        high=trial.high - other.low,
        n=n1 + n0,
    )


def _evidence_far_below(successes: int, failures: int, *, gate: float) -> float:
    """Sum the evidence where nearly all that was seen speaks against the gate.

    There the tail of the beta distribution and the likelihood both vanish, but their
    ratio does not: it is g/(f+1) 2F1(s+f+2, 1; f+2; 1-g), a series of positive terms
    that falls faster than a geometric one.
    """
    first_ratio = (successes + failures + 2) * (1 - gate) / (failures + 2)
    terms = max(ceil(log(NEGLIGIBLE) / log(first_ratio)), FEWEST_TERMS)
    k = np.arange(terms)
    ratios = (successes + failures + 2 + k) * (1 - gate) / (failures + 2 + k)
    return gate / (failures + 1) * float(1 + np.cumprod(ratios).sum())


def _sequence_low(successes: int, failures: int, *, alpha: float) -> float:
    """Find the smallest share whose mixed e-value is below 1/alpha.

    Searched on the logarithm of the share, so that a bound near 0 keeps its digits.
    """
    if successes == 0:
        return 0.0
    mixed = float(betaln(successes + 0.5, failures + 0.5) - betaln(0.5, 0.5))

    def excess(log_share: float) -> float:
        against = float(xlog1py(failures, -exp(log_share)))
        return mixed - successes * log_share - against + log(alpha)

    seen = log(successes / (successes + failures))
    return exp(brentq(excess, SMALLEST_LOG_SHARE, seen, xtol=1e-14))


def _check_observations(successes: int, failures: int) -> None:
    if successes < 0 or failures < 0:
        raise ValueError(
            f"{successes} successes and {failures} failures are no counts."
        )
