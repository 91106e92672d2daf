"""Shares of all items, from counts of labels that were drawn with unlike chances."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitoring.stats.figures import Interval, check_counts
from monitoring.stats.intervals import score_bounds


class Group(NamedTuple):
    """Labels drawn with one chance: how many are the whole, and how many the part."""

    part: int
    whole: int
    inclusion: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedShare(Interval):
    """A share of all items, and the number of even draws that would say as much."""

    effective: float


def weighted_share(
    groups: Sequence[tuple[int, int, float]], *, confidence: float = 0.95
) -> WeightedShare:
    """Estimate a share of all items where some had a better chance of being labelled.

    Each label stands for ``1 / inclusion`` items, as in `sampling.hajek`; the interval
    is Wilson's for the effective number of labels. That is the smaller of two: what
    uneven weights leave whatever they are weights of, and what the spread that was seen
    is worth. Where all chances are equal it is Wilson's interval of the plain counts.

    For display and for bounds of a metric; a gate or a promise asks for
    `sampling.stratified_error_interval`.

    Parameters
    ----------
    groups : (part, whole, inclusion) each
        See `Group`: counts with ``part <= whole`` and a chance in (0, 1].
    confidence : float
        Chance, in (0, 1), that the interval holds the true share, on average.

    Returns
    -------
    WeightedShare
        ``value``, ``low``, ``high`` in [0, 1], ``n`` labels, ``effective`` <= ``n``.

    Raises
    ------
    ValueError
        If counts do not fit each other, there are none, or a chance is not in (0, 1].

    References
    ----------
    J. Hajek (1971); L. Kish (1965), "Survey Sampling", section 11.7, on uneven weights;
    E. L. Korn and B. I. Graubard (1998), "Confidence intervals for proportions with
    small expected number of positive counts", Survey Methodology 24, 193-201; C. Franco
    and others (2019), "Comparative study of confidence intervals for proportions in
    complex sample surveys", Journal of Survey Statistics and Methodology 7, 334-364.

    Examples
    --------
    >>> found = weighted_share([(33, 40, 0.1), (176, 180, 0.05)])
    >>> round(found.value, 6), round(found.low, 6), round(found.high, 6), found.n
    (0.9625, 0.927463, 0.980961, 220)
    """
    given = [Group(*group) for group in groups]
    for group in given:
        check_counts(group.part, group.whole, of="labels that are the part")
        if not 0 < group.inclusion <= 1:
            raise ValueError(f"{group.inclusion} is no chance in (0, 1].")
    n = sum(group.whole for group in given)
    if n == 0:
        raise ValueError("A share of 0 labels has no value.")
    stood_for = sum(group.whole / group.inclusion for group in given)
    value = sum(group.part / group.inclusion for group in given) / stood_for
    value = min(value, 1.0)
    uneven = sum(group.whole / group.inclusion**2 for group in given)
    spread = sum(
        (group.part * (1 - value) ** 2 + (group.whole - group.part) * value**2)
        / group.inclusion**2
        for group in given
    )
    effective = stood_for**2 / uneven
    if spread > 0:
        effective = min(effective, value * (1 - value) * stood_for**2 / spread)
    # a single label is worth one, whatever is lost in rounding
    effective = min(max(effective, 1.0), float(n))
    low, high = score_bounds(value, effective, confidence=confidence)
    return WeightedShare(value=value, low=low, high=high, n=n, effective=effective)
