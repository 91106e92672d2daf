"""The shapes of a figure, and the checks of what it is computed from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = Sequence[int] | npt.NDArray[np.integer]
Table = Sequence[Sequence[int]] | npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A value and the number of observations it rests on."""

    value: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A share, the bounds around it, and the number of observations it rests on."""

    value: float
    low: float
    high: float
    n: int


def check_counts(part: int, whole: int, *, of: str) -> None:
    """Refuse a part that is negative or more than its whole.

    Raises
    ------
    ValueError
        With both counts and what they are counts ``of``.

    Examples
    --------
    >>> check_counts(3, 2, of="successes of trials")
    Traceback (most recent call last):
    ValueError: 3 of 2 is no count of successes of trials.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no count of {of}.")


def as_confidences(confidence: npt.ArrayLike) -> Floats:
    """Read confidences as one row of numbers in [0, 1].

    Raises
    ------
    ValueError
        If they are no single row, or one of them is outside [0, 1] or not a number.
    """
    values = np.asarray(confidence, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"Confidences have {values.ndim} dimensions, not 1.")
    outside = int(np.count_nonzero(~((values >= 0) & (values <= 1))))
    if outside:
        raise ValueError(
            f"{outside} of {values.size} confidences are not between 0 and 1."
        )
    return values


def as_outcomes(outcome: npt.ArrayLike, *, size: int) -> Floats:
    """Read yes-or-no outcomes as 1.0 and 0.0.

    Raises
    ------
    ValueError
        If there are not exactly ``size`` of them, or one is neither 0 nor 1.
    """
    values = np.asarray(outcome, dtype=np.float64)
    if values.shape != (size,):
        raise ValueError(f"{values.size} outcomes do not belong to {size} items.")
    other = int(np.count_nonzero((values != 0) & (values != 1)))
    if other:
        raise ValueError(f"{other} of {size} outcomes are neither 0 nor 1.")
    return values


def as_columns(
    reference_counts: Counts, current_counts: Counts
) -> tuple[Floats, Floats]:
    """Read two columns of counts over the same bins.

    Raises
    ------
    ValueError
        If the columns differ in length, one holds no item, or anything but counts.
    """
    reference = np.asarray(reference_counts, dtype=np.float64)
    current = np.asarray(current_counts, dtype=np.float64)
    if reference.ndim != 1 or reference.shape != current.shape:
        raise ValueError(
            f"Counts of shape {reference.shape} and {current.shape} are not of the same"
            " bins."
        )
    for column in (reference, current):
        is_count = (column >= 0) & (column == np.floor(column)) & np.isfinite(column)
        if not np.all(is_count):
            raise ValueError(f"{column.tolist()} holds what is no count.")
    if not reference.sum() or not current.sum():
        raise ValueError(
            f"{int(reference.sum())} reference items and {int(current.sum())} current"
            " items cannot be compared."
        )
    return reference, current
