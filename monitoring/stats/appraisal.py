"""How one person's answers on items of known truth hold up, and repeat."""

from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

from monitoring.stats.agreement import Kappa, cohen_kappa
from monitoring.stats.figures import Figure

DIMENSIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """What one appraiser did with items whose truth is known."""

    kappa: Kappa
    miss: Figure
    false_alarm: Figure
    effectiveness: Figure
    within: Figure


def attribute_study(ratings: npt.ArrayLike, reference: npt.ArrayLike) -> Appraisal:
    """Set one appraiser's repeated answers against the reference.

    Parameters
    ----------
    ratings : (trials, items) 0 or 1
        The appraiser's answers, 0 for bad and 1 for good; one row a trial.
    reference : (items,) 0 or 1
        The truth of each item, in the same order.

    Returns
    -------
    Appraisal
        ``kappa`` of all answers against the reference; ``miss``, the share of answers
        to bad items that said good, and ``false_alarm``, of answers to good items that
        said bad, with the number of those answers, NaN where there is no such item;
        ``effectiveness``, the share of items answered right in every trial, and
        ``within``, of items answered the same in every trial, with the number of
        items. With one trial ``within`` is NaN: nothing was repeated.

    Raises
    ------
    ValueError
        If there is no answer, the items differ, or one is neither 0 nor 1.

    References
    ----------
    Automotive Industry Action Group (2010), "Measurement systems analysis", 4th
    edition, chapter III, section C.

    Examples
    --------
    >>> found = attribute_study([[0, 1, 1, 1], [0, 0, 1, 1]], [0, 0, 1, 1])
    >>> found.miss, found.effectiveness
    (Figure(value=0.25, n=4), Figure(value=0.75, n=4))
    """
    answers = _as_answers(ratings)
    truth = np.asarray(reference)
    trials, items = answers.shape
    if truth.shape != (items,) or not np.isin(truth, (0, 1)).all():
        raise ValueError(
            f"A reference of shape {truth.shape} does not say of {items} items whether"
            " they are good."
        )
    said, was = answers.ravel(), np.tile(truth, trials)
    table = [
        [int(np.count_nonzero((said == row) & (was == column))) for column in (0, 1)]
        for row in (0, 1)
    ]
    (found, alarms), (missed, passed) = table
    is_right = (answers == truth).all(axis=0)
    return Appraisal(
        kappa=cohen_kappa(table),
        miss=_share(missed, found + missed),
        false_alarm=_share(alarms, alarms + passed),
        effectiveness=_share(int(is_right.sum()), items),
        within=unanimity(answers) if trials > 1 else Figure(value=nan, n=items),
    )


def unanimity(ratings: npt.ArrayLike) -> Figure:
    """Give the share of items to which every answer was the same.

    Of one appraiser's trials it says how well they repeat; of all appraisers' trials
    together, how well the appraisers agree.

    Parameters
    ----------
    ratings : (answers, items) 0 or 1
        One row a trial, of whichever appraiser; at least two.

    Returns
    -------
    Figure
        A share in [0, 1] and the number of items.

    Raises
    ------
    ValueError
        If there are no two answers to each item, or one is neither 0 nor 1.

    References
    ----------
    As for `attribute_study`.

    Examples
    --------
    >>> unanimity([[0, 1, 1, 1], [0, 0, 1, 1]])
    Figure(value=0.75, n=4)
    """
    answers = _as_answers(ratings)
    rows, items = answers.shape
    if rows == 1:
        raise ValueError(f"1 answer to each of {items} items is always unanimous.")
    return _share(int((answers == answers[0]).all(axis=0).sum()), items)


def _as_answers(ratings: npt.ArrayLike) -> npt.NDArray[np.integer]:
    answers = np.asarray(ratings)
    if answers.ndim != DIMENSIONS or answers.size == 0:
        raise ValueError(f"Ratings of shape {answers.shape} are no trials of items.")
    other = int(np.count_nonzero(~np.isin(answers, (0, 1))))
    if other:
        raise ValueError(f"{other} of {answers.size} ratings are neither 0 nor 1.")
    return answers.astype(np.int64)


def _share(part: int, whole: int) -> Figure:
    return Figure(value=part / whole if whole else nan, n=whole)
