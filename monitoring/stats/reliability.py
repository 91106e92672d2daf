"""How often a model was right, by how sure it said it was."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitoring.stats.figures import Interval, as_confidences, as_outcomes
from monitoring.stats.intervals import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Items of like confidence: their mean confidence, and how many were right."""

    start: float
    end: float
    confidence: float
    right: Interval


def reliability(
    confidence: npt.ArrayLike, correct: npt.ArrayLike, *, bins: int = 10
) -> list[ReliabilityBin]:
    """Group items by confidence and give the share that was right in each group.

    Parameters
    ----------
    confidence : (items,) shares in [0, 1]
        The model's confidence.
    correct : (items,) 0 or 1
        Whether the model was right.
    bins : int
        How many groups of equal width; a confidence on a border is in the upper one,
        1 in the last.

    Returns
    -------
    list of ReliabilityBin
        The groups that hold an item, in order; ``right`` with its 95 % Wilson
        interval. Empty without items.

    Raises
    ------
    ValueError
        If the rows differ in length or hold anything else, or there is no bin.

    References
    ----------
    M. H. DeGroot and S. E. Fienberg (1983), "The comparison and evaluation of
    forecasters", The Statistician 32 (1-2), 12-22.

    Examples
    --------
    >>> [last] = reliability([0.91, 0.95, 0.99], [1, 1, 0])
    >>> round(last.confidence, 2), last.right.n
    (0.95, 3)
    """
    if bins < 1:
        raise ValueError(f"{bins} bins group nothing.")
    if np.size(confidence) == 0:
        return []
    confidences = as_confidences(confidence)
    outcomes = as_outcomes(correct, size=confidences.size)
    places = np.minimum((confidences * bins).astype(int), bins - 1)
    found = []
    for place in np.unique(places):
        inside = places == place
        found.append(
            ReliabilityBin(
                start=float(place) / bins,
                end=float(place + 1) / bins,
                confidence=float(confidences[inside].mean()),
                right=wilson(int(outcomes[inside].sum()), int(inside.sum())),
            )
        )
    return found
