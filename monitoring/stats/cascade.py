"""What two checks in a row let through, when they may miss the same items."""

from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

from monitoring.stats.figures import Floats, Interval, Table
from monitoring.stats.intervals import wilson

DIMENSIONS = 2
TWO_BY_TWO = (2, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """What each of two stages lets through, and what both do together."""

    first_passes: Interval
    second_passes: Interval
    second_catches_missed: Interval
    second_catches_caught: Interval
    escapes: Interval
    escapes_if_independent: float
    caught_by_first_alone: Interval
    caught_by_second_alone: Interval
    n: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attribution:
    """The share that escapes all stages, and what each stage alone holds back."""

    escapes: float
    held_back: Floats
    n: int


def two_stages(table: Table, *, confidence: float = 0.95) -> Cascade:
    """Give the escapes of two stages as they are, beside what independence promises.

    Misses multiply only if the second stage finds what the first missed as easily as
    anything else. It rarely does: what is hard for one is hard for both. So the second
    stage is measured on what the first one passed, by an audit at the end of the line.

    Parameters
    ----------
    table : (2, 2) counts
        Defective items only, by an audit that found them whatever the stages said:
        ``[[caught by both, by the first only], [by the second only, by none]]``. Both
        stages answered every item; where the line stops at the first catch, the
        second stage's answer is taken in its shadow.
    confidence : float
        Of each interval, in (0, 1).

    Returns
    -------
    Cascade
        Shares in [0, 1] with their Wilson bounds and counts. Of all defective items:
        ``first_passes`` and ``second_passes``, each stage taken alone; ``escapes``,
        both; ``escapes_if_independent``, the product of the first two;
        ``caught_by_first_alone`` and ``caught_by_second_alone``, which would escape
        without that stage. Of the items that the first stage missed or caught:
        ``second_catches_missed`` and ``second_catches_caught``, equal but for chance
        if the stages are independent, and NaN between 0 and 1 where there are none.

    Raises
    ------
    ValueError
        If it is no table of counts or holds no item.

    References
    ----------
    E. B. Wilson (1927), as in `intervals.wilson`; B. Littlewood, P. Popov and
    L. Strigini (2001), "Modelling software design diversity", ACM Computing Surveys
    33 (2), 177-208, for why misses are not independent.

    Examples
    --------
    >>> found = two_stages([[750, 150], [50, 50]])
    >>> found.escapes.value, round(found.escapes_if_independent, 6)
    (0.05, 0.02)
    """
    (both, first_only), (second_only, neither) = _checked_table(table)
    n = both + first_only + second_only + neither

    def share(part: int, whole: int) -> Interval:
        if whole == 0:
            return Interval(value=nan, low=0.0, high=1.0, n=0)
        return wilson(part, whole, confidence=confidence)

    missed_by_first, missed_by_second = second_only + neither, first_only + neither
    return Cascade(
        first_passes=share(missed_by_first, n),
        second_passes=share(missed_by_second, n),
        second_catches_missed=share(second_only, missed_by_first),
        second_catches_caught=share(both, both + first_only),
        escapes=share(neither, n),
        escapes_if_independent=(missed_by_first / n) * (missed_by_second / n),
        caught_by_first_alone=share(first_only, n),
        caught_by_second_alone=share(second_only, n),
        n=n,
    )


def leave_one_out(caught: npt.ArrayLike) -> Attribution:
    """Say how many more items would escape if each stage in turn were not there.

    Parameters
    ----------
    caught : (items, stages) 0 or 1
        Defective items only; whether each stage caught it, or would have.

    Returns
    -------
    Attribution
        ``escapes``, the share that no stage catches; ``held_back``, for each stage the
        share that it alone catches. These do not add up to all that is caught: what
        two stages catch is held back by either.

    Raises
    ------
    ValueError
        If there is no item or no stage, or anything but 0 and 1.

    Examples
    --------
    >>> found = leave_one_out([[1, 1], [1, 0], [0, 1], [0, 0]])
    >>> found.escapes, found.held_back.tolist()
    (0.25, [0.25, 0.25])
    """
    marks = np.asarray(caught)
    if marks.ndim != DIMENSIONS or marks.size == 0:
        raise ValueError(f"Marks of shape {marks.shape} are no items by stages.")
    other = int(np.count_nonzero(~np.isin(marks, (0, 1))))
    if other:
        raise ValueError(f"{other} of {marks.size} marks are neither 0 nor 1.")
    catches = marks.sum(axis=1)
    is_only = (marks == 1) & (catches == 1)[:, None]
    return Attribution(
        escapes=float((catches == 0).mean()),
        held_back=is_only.mean(axis=0),
        n=len(marks),
    )


def _checked_table(table: Table) -> list[list[int]]:
    counts = np.asarray(table)
    if counts.shape != TWO_BY_TWO:
        raise ValueError(f"A table of shape {counts.shape} is not one of two stages.")
    if not np.all((counts >= 0) & (counts == np.floor(counts)) & np.isfinite(counts)):
        raise ValueError(f"The table holds what is no count: {counts.tolist()}.")
    if not counts.sum():
        raise ValueError("0 defective items were checked by both stages.")
    whole: list[list[int]] = counts.astype(np.int64).tolist()
    return whole
