"""How often several raters agree, beyond what chance would have given."""

from math import nan
from typing import Literal, assert_never

import numpy as np
import numpy.typing as npt

from monitoring.stats.figures import Figure, Floats, Interval

Level = Literal["nominal", "ordinal", "interval", "ratio"]

DIMENSIONS = 2
FEWEST_RATINGS = 2
FEWEST_CLASSES = 2
RESAMPLES = 2_000


def fleiss_kappa(counts: npt.ArrayLike) -> Figure:
    """Give the agreement of several raters beyond that of drawing from all ratings.

    For display, never a gate alone: it shares the faults of `agreement.cohen_kappa`.

    Parameters
    ----------
    counts : (items, classes) counts
        How many raters put each item into each class. Every item has the same number
        of ratings, at least 2, by whichever raters; where some are missing, ask
        `krippendorff_alpha`.

    Returns
    -------
    Figure
        At most 1, and the number of items. NaN when only one class was ever given:
        chance alone explains everything.

    Raises
    ------
    ValueError
        If there is no item, fewer than two classes, items have different numbers of
        ratings, or anything is no count.

    References
    ----------
    J. L. Fleiss (1971), "Measuring nominal scale agreement among many raters",
    Psychological Bulletin 76 (5), 378-382.

    Examples
    --------
    >>> fleiss_kappa([[2, 0], [1, 1], [0, 2], [0, 2]])
    Figure(value=0.4666666666666667, n=4)
    """
    given = np.asarray(counts, dtype=np.float64)
    if given.ndim != DIMENSIONS or not len(given) or given.shape[1] < FEWEST_CLASSES:
        raise ValueError(f"A table of shape {given.shape} has no items by classes.")
    if not np.all((given >= 0) & (given == np.floor(given)) & np.isfinite(given)):
        raise ValueError("The table holds what is no count.")
    ratings = given.sum(axis=1)
    raters = float(ratings[0])
    if np.any(ratings != raters) or raters < FEWEST_RATINGS:
        raise ValueError(
            f"Items have {int(ratings.min())} to {int(ratings.max())} ratings, not one"
            " number of two or more."
        )
    shares = given.sum(axis=0) / given.sum()
    if shares.max() == 1:
        return Figure(value=nan, n=len(given))
    pairs = (given * (given - 1)).sum(axis=1) / (raters * (raters - 1))
    by_chance = float((shares**2).sum())
    value = (float(pairs.mean()) - by_chance) / (1 - by_chance)
    return Figure(value=value, n=len(given))


def krippendorff_alpha(
    ratings: npt.ArrayLike,
    *,
    level: Level = "nominal",
    apart: npt.ArrayLike | None = None,
) -> Figure:
    """Give the agreement of several raters of whom not each rated every item.

    Parameters
    ----------
    ratings : (raters, items) numbers
        NaN where a rater did not rate an item. An item with fewer than two ratings
        says nothing of agreement and is left out.
    level : {"nominal", "ordinal", "interval", "ratio"}
        How far apart two ratings are: nominal, the same or not; ordinal, by how many
        ratings lie between; interval, by their difference; ratio, by their difference
        in relation to their sum, for numbers not below 0.
    apart : (k, k) numbers not below 0, optional
        How far apart each two ratings are, in place of a level: then ratings are the
        places 0 to k - 1 of whatever was said. The table is symmetric with 0 on its
        diagonal, and taken as it is, not squared; of sets of classes
        `sets.distances_between` gives it.

    Returns
    -------
    Figure
        At most 1; 0 is what chance gives. ``n`` items with two ratings or more. NaN
        when all their ratings are one and the same value, or lie at no distance.

    Raises
    ------
    ValueError
        If no item has two ratings, one is infinite, a ratio is below 0, a rating is no
        place in ``apart``, or ``apart`` is no table of distances.

    References
    ----------
    K. Krippendorff (2011), "Computing Krippendorff's alpha-reliability", University of
    Pennsylvania. R. Passonneau (2006), "Measuring agreement on set-valued items (MASI)
    for semantic and pragmatic annotation", LREC 2006, 831-836.

    Examples
    --------
    >>> nan = float("nan")
    >>> found = krippendorff_alpha([[1, 2, 2, nan], [1, 2, 1, 2], [1, 2, 2, 1]])
    >>> round(found.value, 6), found.n
    (0.333333, 4)
    """
    values, counts = _pairable(ratings)
    distances = _given(apart, values)
    if distances is None:
        distances = _distances(values, counts.sum(axis=0), level)
    [value] = _alphas(counts, np.ones((1, len(counts))), distances)
    return Figure(value=float(value), n=len(counts))


def bootstrap_alpha(
    ratings: npt.ArrayLike,
    *,
    apart: npt.ArrayLike,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
) -> Interval:
    """Give Krippendorff's alpha at given distances with its 95 % interval.

    The interval holds the middle 95 % of the alphas of as many items, drawn again and
    again from those that there are: items are drawn and never single ratings, since the
    ratings of one item belong together.

    Parameters
    ----------
    ratings, apart
        As for `krippendorff_alpha`.
    rng : Generator
        Where the draws come from.
    resamples : int
        How many draws there are, at least 1.

    Returns
    -------
    Interval
        ``value``, ``low`` and ``high`` at most 1, and the number of items with two
        ratings or more. Draws of which alpha does not exist, as of one value alone, are
        left out; all NaN where it does not exist of the items themselves. Where no
        ratings of an item differ the value is 1 and the bounds are NaN: a few items
        without a difference are not certainty.

    Raises
    ------
    ValueError
        As `krippendorff_alpha` does, or if there are no draws.

    References
    ----------
    B. Efron and R. J. Tibshirani (1993), "An introduction to the bootstrap", Chapman
    and Hall, chapter 13.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> found = bootstrap_alpha([[0, 1] * 20, [0, 1] * 19 + [1, 0]],
    ...                         apart=[[0, 1], [1, 0]], rng=rng)
    >>> round(found.value, 3), round(found.low, 3), found.high <= 1, found.n
    (0.901, 0.749, True, 40)
    """
    if resamples < 1:
        raise ValueError(f"{resamples} draws give no interval.")
    values, counts = _pairable(ratings)
    distances = _given(apart, values)
    if distances is None:
        raise ValueError("Distances between the ratings are missing.")
    # items that were rated alike are one row, drawn as often as there are of them
    rows, alike = np.unique(counts, axis=0, return_counts=True)
    [value] = _alphas(rows, alike[None, :].astype(np.float64), distances)
    drawn = rng.multinomial(len(counts), alike / len(counts), size=resamples)
    alphas = _alphas(rows, drawn.astype(np.float64), distances)
    known = alphas[~np.isnan(alphas)]
    if value == 1 or not known.size:
        return Interval(value=float(value), low=nan, high=nan, n=len(counts))
    low, high = np.quantile(known, [0.025, 0.975])
    return Interval(value=float(value), low=float(low), high=float(high), n=len(counts))


def _alphas(counts: Floats, weights: Floats, apart: Floats) -> Floats:
    """Give alpha of items that stand for as many as a row of ``weights`` says."""
    # each item's pairs weigh as much as its ratings
    per_item = counts.sum(axis=1)
    differ = ((counts @ apart) * counts).sum(axis=1) / (per_item - 1)
    used = weights @ counts
    by_chance = ((used @ apart) * used).sum(axis=1) / (used.sum(axis=1) - 1)
    observed = weights @ differ
    alphas: Floats = 1 - np.divide(
        observed, by_chance, out=np.full_like(by_chance, nan), where=by_chance > 0
    )
    return alphas


def _given(apart: npt.ArrayLike | None, values: Floats) -> Floats | None:
    """Give the distances that were handed in, between the values that there are."""
    if apart is None:
        return None
    table = np.asarray(apart, dtype=np.float64)
    if table.ndim != DIMENSIONS or table.shape[0] != table.shape[1]:
        raise ValueError(f"A table of shape {table.shape} is none of distances.")
    is_distance = np.all(table >= 0) and np.all(np.isfinite(table))
    if not is_distance or np.any(np.diag(table)) or np.any(table != table.T):
        raise ValueError(
            "Distances are finite, not below 0, the same both ways, and 0 to itself."
        )
    places = values.astype(np.int64)
    if np.any(places != values) or places[0] < 0 or places[-1] >= len(table):
        raise ValueError(
            f"Ratings from {values[0]} to {values[-1]} are no places in a table of"
            f" {len(table)}."
        )
    return table[np.ix_(places, places)]


def _pairable(ratings: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Give the values in order, and how often each item that can be paired has each."""
    given = np.asarray(ratings, dtype=np.float64)
    if given.ndim != DIMENSIONS:
        raise ValueError(f"Ratings have {given.ndim} dimensions, not raters by items.")
    if np.any(np.isinf(given)):
        raise ValueError(f"{int(np.isinf(given).sum())} ratings are infinite.")
    is_rated = ~np.isnan(given)
    is_paired = is_rated.sum(axis=0) >= FEWEST_RATINGS
    if not is_paired.any():
        raise ValueError(f"0 of {given.shape[1]} items have two ratings.")
    kept, shown = given[:, is_paired], is_rated[:, is_paired]
    values, places = np.unique(kept[shown], return_inverse=True)
    counts = np.zeros((kept.shape[1], values.size))
    np.add.at(counts, (np.nonzero(shown)[1], places), 1)
    return values, counts


def _distances(values: Floats, used: Floats, level: Level) -> Floats:
    """Say how far apart each two values are, squared."""
    if level == "ratio" and values[0] < 0:
        raise ValueError(f"A rating of {values[0]} has no ratio to others.")
    difference = values[:, None] - values[None, :]
    match level:
        case "nominal":
            differ: Floats = (difference != 0).astype(np.float64)
            return differ
        case "ordinal":
            middles = np.cumsum(used) - used / 2
            ranks: Floats = (middles[:, None] - middles[None, :]) ** 2
            return ranks
        case "interval":
            squares: Floats = difference**2
            return squares
        case "ratio":
            total = values[:, None] + values[None, :]
            apart = np.divide(
                difference, total, out=np.zeros_like(total), where=total > 0
            )
            parts: Floats = apart**2
            return parts
        case never:
            assert_never(never)
