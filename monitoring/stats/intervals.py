"""How far a counted share may be from the true one, and how many labels that takes."""

from math import ceil, log, log1p

from scipy.special import bdtr, betaincinv, ndtri

from monitoring.stats.figures import Interval, check_counts


def clopper_pearson(k: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Bound a true share exactly: it covers at least as often as it promises.

    Parameters
    ----------
    k, n : int
        Counted and total, ``0 <= k <= n`` and ``n > 0``.
    confidence : float
        Chance, in (0, 1), that the interval holds the true share; half of the rest
        lies on each side.

    Returns
    -------
    Interval
        ``value`` = k/n, ``low`` and ``high`` in [0, 1], and ``n``.

    Raises
    ------
    ValueError
        If nothing was counted, or more than there is.

    References
    ----------
    C. J. Clopper and E. S. Pearson (1934), "The use of confidence or fiducial limits
    illustrated in the case of the binomial", Biometrika 26 (4), 404-413.

    Examples
    --------
    >>> found = clopper_pearson(3, 299)
    >>> round(found.low, 6), round(found.high, 6)
    (0.002074, 0.02904)
    """
    _check_share(k, n)
    tail = (1 - _checked_chance(confidence, of="confidence")) / 2
    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, tail))
    return Interval(value=k / n, low=low, high=upper_bound(k, n, delta=tail), n=n)


def wilson(k: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Bound a true share closely: right on average, not in every case.

    For display; a gate or a promise asks for the exact interval.

    Parameters
    ----------
    k, n : int
        Counted and total, ``0 <= k <= n`` and ``n > 0``.
    confidence : float
        Chance, in (0, 1), that the interval holds the true share, on average.

    Returns
    -------
    Interval
        ``value`` = k/n, ``low`` and ``high`` in [0, 1], and ``n``.

    Raises
    ------
    ValueError
        If nothing was counted, or more than there is.

    References
    ----------
    E. B. Wilson (1927), "Probable inference, the law of succession, and statistical
    inference", JASA 22 (158), 209-212; L. D. Brown, T. T. Cai and A. DasGupta (2001),
    "Interval estimation for a binomial proportion", Statistical Science 16 (2).

    Examples
    --------
    >>> found = wilson(95, 100)
    >>> round(found.low, 6), round(found.high, 6)
    (0.88825, 0.978456)
    """
    _check_share(k, n)
    low, high = score_bounds(k / n, n, confidence=confidence)
    return Interval(value=k / n, low=low, high=high, n=n)


def score_bounds(
    share: float, n: float, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Give Wilson's bounds of a share that is worth ``n`` even draws, whole or not.

    Parameters
    ----------
    share : float
        The share that was found, in [0, 1].
    n : float
        How many draws it rests on, above 0; of weighted labels their effective number.
    confidence : float
        Chance, in (0, 1), that the interval holds the true share, on average.

    Returns
    -------
    tuple of float
        Lower and upper bound, in [0, 1].

    Raises
    ------
    ValueError
        If ``n`` is not above 0 or ``share`` not in [0, 1].

    Examples
    --------
    >>> [round(bound, 6) for bound in score_bounds(0.95, 100)]
    [0.88825, 0.978456]
    """
    if not (n > 0 and 0 <= share <= 1):
        raise ValueError(f"A share of {share} is not one of {n} draws.")
    z = float(ndtri((1 + _checked_chance(confidence, of="confidence")) / 2))
    centre = share + z**2 / (2 * n)
    reach = z * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    scale = 1 + z**2 / n
    low = 0.0 if share == 0 else (centre - reach) / scale
    high = 1.0 if share == 1 else (centre + reach) / scale
    return low, high


def upper_bound(k: int, n: int, *, delta: float = 0.05) -> float:
    """Bound a true share from above, exactly and on one side only.

    Parameters
    ----------
    k, n : int
        Counted and total, ``0 <= k <= n`` and ``n > 0``.
    delta : float
        Chance, in (0, 1), that the true share is above the bound.

    Returns
    -------
    float
        A share in [0, 1].

    Raises
    ------
    ValueError
        If nothing was counted, or more than there is.

    References
    ----------
    Clopper and Pearson (1934), as in `clopper_pearson`.

    Examples
    --------
    >>> round(upper_bound(0, 300), 6)
    0.009936
    """
    _check_share(k, n)
    chance = 1 - _checked_chance(delta, of="delta")
    return 1.0 if k == n else float(betaincinv(k + 1, n - k, chance))


def sample_size(rate: float, *, delta: float = 0.05, errors: int = 0) -> int:
    """Give the fewest labels that can show a rate to be kept.

    Parameters
    ----------
    rate : float
        The share of errors, in (0, 1), that must not be exceeded.
    delta : float
        Chance, in (0, 1), of being wrong about it.
    errors : int
        How many errors are met on the way.

    Returns
    -------
    int
        The smallest ``n`` for which ``upper_bound(errors, n, delta=delta) <= rate``;
        without errors that is ln(delta) / ln(1 - rate), rounded up.

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, or the errors are negative.

    Examples
    --------
    >>> sample_size(0.005), sample_size(0.005, delta=0.025)
    (598, 736)
    """
    _checked_chance(rate, of="rate")
    _checked_chance(delta, of="delta")
    if errors < 0:
        raise ValueError(f"{errors} errors cannot be met.")
    low = errors  # that many labels, all wrong, show nothing
    high = max(ceil(log(delta) / log1p(-rate)), errors + 1)
    while bdtr(errors, high, rate) > delta:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if bdtr(errors, middle, rate) > delta:
            low = middle
        else:
            high = middle
    return high


def _check_share(k: int, n: int) -> None:
    check_counts(k, n, of="successes of trials")
    if n == 0:
        raise ValueError("0 of 0 trials have no share.")


def _checked_chance(chance: float, *, of: str) -> float:
    if not 0 < chance < 1:
        raise ValueError(f"The {of} is {chance}: more than 0, less than 1.")
    return chance
