"""Days of audits as lots: which pass, how often to look, what is let through."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan, nan
from typing import NamedTuple

from scipy.stats import binom

from monitoring.stats.figures import Interval, check_counts
from monitoring.stats.intervals import upper_bound
from monitoring.stats.sampling import Stratum, stratified_error_interval

FAILURES_OF_DAYS = (2, 5)
CLEAN_TO_NORMAL = 5
CLEAN_TO_REDUCED = 10


class Severity(StrEnum):
    """How often people look at what the model decided."""

    TIGHTENED = "tightened"
    NORMAL = "normal"
    REDUCED = "reduced"


class Lot(NamedTuple):
    """A day's audits of one class, and how many of them were wrong."""

    audits: int
    wrong: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRates:
    """What a model lets through and throws away, each over both its denominators.

    ``escape`` is defective items of all it passed, ``miss`` of all defective ones it
    decided; ``false_reject`` is good items of all it rejected, ``overkill`` of all good
    ones it decided. ``None`` where there is nothing to divide by.
    """

    escape: Interval | None
    miss: Interval | None
    false_reject: Interval | None
    overkill: Interval | None


def acceptance_number(audits: int, rate: float, *, risk: float = 0.05) -> int:
    """Give the most errors at which a lot is accepted.

    Parameters
    ----------
    audits : int
        Items looked at, 0 or more.
    rate : float
        The share of errors, in (0, 1), that may be.
    risk : float
        Chance, in (0, 1), of refusing a lot that just keeps the rate.

    Returns
    -------
    int
        The smallest number that errors at that rate exceed with a chance of at most
        ``risk``.

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, or the audits are negative.

    References
    ----------
    ISO 2859-1 (1999), "Sampling procedures for inspection by attributes", whose normal
    plans accept a lot at the limit in about 95 of 100 cases.

    Examples
    --------
    >>> acceptance_number(10, 0.005), acceptance_number(30, 0.005)
    (0, 1)
    """
    if not (0 < rate < 1 and 0 < risk < 1):
        raise ValueError(f"Rate {rate} and risk {risk}: more than 0, less than 1.")
    if audits < 0:
        raise ValueError(f"{audits} audits cannot be.")
    return int(binom.ppf(1 - risk, audits, rate))


def severity_after(lots: Sequence[tuple[int, int]], *, rate: float) -> Severity:
    """Say how often to look after a run of days, beginning at normal.

    1. Normal to tightened: two of five days in a row, or fewer, were refused.
    2. Tightened to normal: five days in a row were accepted.
    3. Normal to reduced: ten days in a row were accepted.
    4. Reduced to normal: a day was refused.

    Parameters
    ----------
    lots : (audits, wrong) each
        Days in order; one without an audit says nothing and is passed over.
    rate : float
        The share of errors, in (0, 1), that may be.

    Returns
    -------
    Severity

    Raises
    ------
    ValueError
        If a day has more errors than audits.

    References
    ----------
    ISO 2859-1 (1999), section 9.3, switching rules; the ten lots before reduced
    inspection as in MIL-STD-105E (1989), section 4.7.3.

    Examples
    --------
    >>> str(severity_after([(30, 0)] * 10, rate=0.005))
    'reduced'
    >>> str(severity_after([(30, 3), (30, 0), (30, 2)], rate=0.005))
    'tightened'
    """
    severity = Severity.NORMAL
    since: list[bool] = []  # whether each day since the last switch was refused
    for audits, wrong in lots:
        check_counts(wrong, audits, of="errors of audits")
        if not audits:
            continue
        since.append(wrong > acceptance_number(audits, rate))
        following = _switched(severity, since)
        if following is not severity:
            severity, since = following, []
    return severity


def _switched(severity: Severity, refused: Sequence[bool]) -> Severity:
    failures, days = FAILURES_OF_DAYS
    match severity:
        case Severity.NORMAL if sum(refused[-days:]) >= failures:
            return Severity.TIGHTENED
        case Severity.NORMAL if _is_clean(refused, CLEAN_TO_REDUCED):
            return Severity.REDUCED
        case Severity.TIGHTENED if _is_clean(refused, CLEAN_TO_NORMAL):
            return Severity.NORMAL
        case Severity.REDUCED if refused[-1]:
            return Severity.NORMAL
        case _:
            return severity


def _is_clean(refused: Sequence[bool], days: int) -> bool:
    return len(refused) >= days and not any(refused[-days:])


def corrected_upper(
    upper: float, missed: int, shown: int, *, delta: float = 0.025
) -> float:
    """Widen a bound on errors by how many errors the people who looked miss.

    Parameters
    ----------
    upper : float
        A bound, in [0, 1], from what people found.
    missed, shown : int
        Errors that were shown to people blind, and those of them that they passed.
    delta : float
        Chance, in (0, 1), that people miss more than is assumed. It adds to the
        chance that ``upper`` itself is too low.

    Returns
    -------
    float
        ``upper / (1 - most that people miss)``, at most 1. People find an error that
        is none so rarely, since it takes two of them, that it is not counted.

    Raises
    ------
    ValueError
        If nothing was shown, or more was missed than shown.

    References
    ----------
    W. J. Rogan and B. Gladen (1978), "Estimating prevalence from the results of a
    screening test", American Journal of Epidemiology 107, 71-76; here with
    specificity 1.

    Examples
    --------
    >>> round(corrected_upper(0.01, 5, 100), 6)
    0.011272
    """
    most = upper_bound(missed, shown, delta=delta)
    return 1.0 if most >= 1 else min(upper / (1 - most), 1.0)


def error_rates(
    passed: Sequence[tuple[int, int, int]],
    rejected: Sequence[tuple[int, int, int]],
    *,
    confidence: float = 0.95,
) -> ErrorRates:
    """Bound what a model lets through and throws away, from audits of its decisions.

    A rate over all defective, or all good, items needs both kinds of decision: each
    then gets half of the chance of being wrong, and the worst of both is taken.

    Parameters
    ----------
    passed, rejected : (size, audited, wrong) each
        Strata as in `sampling.stratified_error_interval`: what the model passed, and
        those that were defective; what it rejected, and those that were good.
    confidence : float
        Chance, in (0, 1), that an interval holds the true share.

    Returns
    -------
    ErrorRates

    Raises
    ------
    ValueError
        If a stratum's counts do not fit each other.

    Examples
    --------
    >>> found = error_rates([(8000, 400, 2)], [(1500, 150, 6)])
    >>> found.escape.value, round(found.miss.value, 6), round(found.overkill.value, 6)
    (0.005, 0.027027, 0.007481)
    """
    out, thrown = _items(passed), _items(rejected)
    each = (1 + confidence) / 2
    low = stratified_error_interval(passed, confidence=each) if out else None
    high = stratified_error_interval(rejected, confidence=each) if thrown else None
    return ErrorRates(
        escape=stratified_error_interval(passed, confidence=confidence)
        if out
        else None,
        miss=_of_both(low, out, high, thrown) if low and high else None,
        false_reject=stratified_error_interval(rejected, confidence=confidence)
        if thrown
        else None,
        overkill=_of_both(high, thrown, low, out) if low and high else None,
    )


def _items(strata: Sequence[tuple[int, int, int]]) -> int:
    return sum(Stratum(*stratum).size for stratum in strata)


def _of_both(wrong: Interval, size: int, other: Interval, rest: int) -> Interval | None:
    """Bound errors of one kind of decision among all items they belong to."""

    def share(errors: float, spoiled: float) -> float:
        total = size * errors + rest * (1 - spoiled)
        return size * errors / total if total else nan

    low, high = share(wrong.low, other.low), share(wrong.high, other.high)
    return Interval(
        value=share(wrong.value, other.value),
        low=0.0 if isnan(low) else low,
        high=1.0 if isnan(high) else high,
        n=wrong.n + other.n,
    )
