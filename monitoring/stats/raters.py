"""How often several raters agree, beyond what chance would have given."""

from math import nan
from typing import Literal, assert_never

import numpy as np
import numpy.typing as npt

from monitoring.stats.figures import Figure, Floats

Level = Literal["nominal", "ordinal", "interval", "ratio"]

DIMENSIONS = 2
FEWEST_RATINGS = 2
FEWEST_CLASSES = 2


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


def krippendorff_alpha(ratings: npt.ArrayLike, *, level: Level = "nominal") -> Figure:
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

    Returns
    -------
    Figure
        At most 1; 0 is what chance gives. ``n`` items with two ratings or more. NaN
        when all their ratings are one and the same value.

    Raises
    ------
    ValueError
        If no item has two ratings, one is infinite, or a ratio is below 0.

    References
    ----------
    K. Krippendorff (2011), "Computing Krippendorff's alpha-reliability", University of
    Pennsylvania.

    Examples
    --------
    >>> nan = float("nan")
    >>> found = krippendorff_alpha([[1, 2, 2, nan], [1, 2, 1, 2], [1, 2, 2, 1]])
    >>> round(found.value, 6), found.n
    (0.333333, 4)
    """
    values, counts = _pairable(ratings)
    if level == "ratio" and values[0] < 0:
        raise ValueError(f"A rating of {values[0]} has no ratio to others.")
    used = counts.sum(axis=0)
    apart = _distances(values, used, level)
    per_item = counts.sum(axis=1)
    # each item's pairs weigh as much as its ratings
    weighted = counts / (per_item - 1)[:, None]
    together = counts.T @ weighted - np.diag(weighted.sum(axis=0))
    by_chance = float(used @ apart @ used) / float(used.sum() - 1)
    if by_chance == 0:
        return Figure(value=nan, n=len(counts))
    value = 1 - float((together * apart).sum()) / by_chance
    return Figure(value=value, n=len(counts))


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
