"""First alarms of whole streams, without a step of Python for each item.

Both rules rest on running sums, so a stream is watched by a few passes over its array.
That they alarm at the very item where the detectors do is tested beside their use.
"""

from collections.abc import Sequence
from math import log

import numpy as np
import numpy.typing as npt

RATIOS = np.array([1.5, 2, 4])

Stream = npt.NDArray[np.bool_]


def first_alarms(
    row: Stream, thresholds: Sequence[float], *, base_rate: float
) -> list[int | None]:
    """Give the place of the mixture CUSUM's first alarm at each of some thresholds.

    A zero never raises the value, so only the ones are looked at. Before each of them
    a sum stands as far above its floor as it is above its lowest point so far.
    """
    ones = np.flatnonzero(row)
    rates = RATIOS[:, None] * base_rate
    of_one, of_zero = np.log(rates / base_rate), np.log((1 - rates) / (1 - base_rate))
    before = np.arange(ones.size)
    sums = before * of_one + (ones - before) * of_zero
    lowest = np.minimum(np.minimum.accumulate(sums, axis=1), 0)
    values = np.exp(sums - lowest + of_one).mean(axis=0)
    return [_first(values >= threshold, ones) for threshold in thresholds]


def first_alarm_of_bound(row: Stream, *, confidence: float = 0.001) -> int | None:
    """Give the place of the first alarm of HDDM-A (Frias-Blanco and others 2015).

    It compares the mean so far with the mean up to the point where mean and bound
    together were lowest.
    """
    n = np.arange(1, row.size + 1)
    mean = row.cumsum() / n
    bounded = mean + np.sqrt(log(1 / confidence) / (2 * n))
    is_lowest = bounded <= np.minimum.accumulate(bounded)
    cut = np.maximum.accumulate(np.where(is_lowest, n, 1))
    margin = np.sqrt((n - cut) / cut / n / 2 * log(2 / confidence))
    rise = mean - mean[cut - 1]
    return _first((rise >= margin) & (n > cut), n - 1)


def _first(is_alarm: Stream, places: npt.NDArray[np.integer]) -> int | None:
    found = np.flatnonzero(is_alarm)
    return int(places[found[0]]) if found.size else None
