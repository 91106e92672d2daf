"""How far apart two answers are that name several classes each."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from monitoring.stats.figures import Floats

Classes = AbstractSet[str]
Distance = Callable[[Classes, Classes], float]

# How much of what two sets share counts, by how they stand to each other.
SUBSET = 2 / 3
OVERLAP = 1 / 3


def jaccard_distance(one: Classes, other: Classes) -> float:
    """Give the share of all named classes that only one of two answers named.

    Parameters
    ----------
    one, other : sets
        The classes of each answer; two that name nothing are alike.

    Returns
    -------
    float
        In [0, 1]: 0 for the same classes, 1 for none in common.

    References
    ----------
    P. Jaccard (1912), "The distribution of the flora in the alpine zone", New
    Phytologist 11 (2), 37-50.

    Examples
    --------
    >>> jaccard_distance({"scratch"}, {"scratch", "stain"})
    0.5
    """
    named = one | other
    return len(one ^ other) / len(named) if named else 0.0


def masi_distance(one: Classes, other: Classes) -> float:
    """Give how far two sets are apart, less where one only leaves something out.

    What is shared by Jaccard's measure counts fully for the same classes, for two
    thirds where one answer holds the other, and for one third where each has classes
    that the other has not.

    Parameters
    ----------
    one, other : sets
        The classes of each answer; two that name nothing are alike.

    Returns
    -------
    float
        In [0, 1], never below `jaccard_distance`: 0 for the same classes, 1 for none in
        common. Of two single classes it is 0 or 1.

    References
    ----------
    R. Passonneau (2006), "Measuring agreement on set-valued items (MASI) for semantic
    and pragmatic annotation", LREC 2006, 831-836.

    Examples
    --------
    >>> round(masi_distance({"scratch"}, {"scratch", "stain"}), 6)
    0.666667
    >>> round(masi_distance({"scratch", "dust"}, {"scratch", "stain"}), 6)
    0.888889
    """
    if one == other:
        return 0.0
    counts = SUBSET if one <= other or other <= one else OVERLAP
    return 1 - counts * (1 - jaccard_distance(one, other))


def distances_between(
    sets: Sequence[Classes], distance: Distance = masi_distance
) -> Floats:
    """Give how far apart each two of some sets are.

    Parameters
    ----------
    sets : (k,) sets
        Usually each that was ever given, once.
    distance : function of two sets
        Symmetric, not below 0, and 0 of a set and itself.

    Returns
    -------
    (k, k) float
        As `raters.krippendorff_alpha` takes it as ``apart``.

    Examples
    --------
    >>> distances_between([{"a"}, {"a", "b"}], jaccard_distance).tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    apart = [[distance(one, other) for other in sets] for one in sets]
    return np.array(apart, dtype=np.float64).reshape(len(sets), len(sets))
