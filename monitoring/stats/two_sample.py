"""Whether a classifier can tell today's items from the reference."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import mannwhitneyu
from sklearn.ensemble import RandomForestClassifier

from monitoring.stats.figures import Floats

TREES = 100
LEAF = 5
FEWEST_ROWS = 2
DIMENSIONS = 2
SEED = 0  # of the trees; which half trains is drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """How well two samples can be told apart, and how many rows that was tried on."""

    auc: float
    p: float
    n_reference: int
    n_current: int


def classifier_two_sample(
    reference: npt.ArrayLike, current: npt.ArrayLike, *, rng: np.random.Generator
) -> Separation:
    """Test all columns at once, and what they have in common, for a difference.

    1. A random half of each sample trains a forest to tell current from reference.
    2. The other half gets its scores from that forest.
    3. Mann and Whitney's test compares the scores of the two samples, one-sided.

    Sees what no column shows alone, such as two features that begin to move together.
    The rows scored were not trained on, so p needs no further correction; items that
    are not independent of each other make it too small.

    Parameters
    ----------
    reference, current : (rows, features) numbers
        Features of the model's input, its embedding, or its probabilities. NaN is a
        missing value, and counts as information.
    rng : numpy.random.Generator
        Draws the halves; the same state gives the same answer.

    Returns
    -------
    Separation
        ``auc`` in [0, 1]: the chance that a current row looks more current than a
        reference row, 0.5 when nothing tells them apart; ``p`` one-sided, 1 when all
        scores are equal; the rows scored of each sample.

    Raises
    ------
    ValueError
        If a sample has fewer than 2 rows, the columns differ, or a value is infinite.

    References
    ----------
    D. Lopez-Paz and M. Oquab (2017), "Revisiting classifier two-sample tests", ICLR,
    arXiv 1610.06545; S. Rabanser, S. Guennemann and Z. C. Lipton (2019), "Failing
    loudly", NeurIPS, arXiv 1810.11953; H. B. Mann and D. R. Whitney (1947), Annals of
    Mathematical Statistics 18 (1), 50-60.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> before = rng.normal(size=(200, 2))
    >>> found = classifier_two_sample(before, before + 1, rng=rng)
    >>> found.auc > 0.6, found.p < 0.001, found.n_reference
    (True, True, 100)
    """
    first, second = _as_rows(reference), _as_rows(current)
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"{first.shape[1]} and {second.shape[1]} features cannot be compared."
        )
    trained_first, scored_first = _halves(first, rng)
    trained_second, scored_second = _halves(second, rng)
    forest = RandomForestClassifier(
        n_estimators=TREES,
        min_samples_leaf=LEAF,
        class_weight="balanced",
        random_state=SEED,
    )
    forest.fit(
        np.concatenate([trained_first, trained_second]),
        np.repeat([0, 1], [len(trained_first), len(trained_second)]),
    )
    old: Floats = forest.predict_proba(scored_first)[:, 1]
    new: Floats = forest.predict_proba(scored_second)[:, 1]
    auc, p = _compare(old, new)
    return Separation(auc=auc, p=p, n_reference=len(old), n_current=len(new))


def _compare(old: Floats, new: Floats) -> tuple[float, float]:
    """Give the chance that a new score is higher, and how rare so high a chance is."""
    if np.ptp(np.concatenate([old, new])) == 0:
        return 0.5, 1.0
    found = mannwhitneyu(new, old, alternative="greater", method="asymptotic")
    return float(found.statistic) / (len(old) * len(new)), float(found.pvalue)


def _as_rows(sample: npt.ArrayLike) -> Floats:
    rows = np.asarray(sample, dtype=np.float64)
    if rows.ndim != DIMENSIONS or len(rows) < FEWEST_ROWS or not rows.shape[1]:
        raise ValueError(f"A sample of shape {rows.shape} has no two rows of features.")
    endless = int(np.count_nonzero(np.isinf(rows)))
    if endless:
        raise ValueError(f"{endless} of {rows.size} values are infinite.")
    return rows


def _halves(rows: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw the half that trains; the other, never smaller, is scored."""
    order = rng.permutation(len(rows))
    half = len(rows) // 2
    return rows[order[:half]], rows[order[half:]]
