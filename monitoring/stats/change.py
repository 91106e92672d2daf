"""Detecting that the rate of disagreement has risen, at a stated false-alarm rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log

from monitoring.stats.changepoint import ChangePoint, locate_change
from monitoring.stats.charts import Limits, Smoothed, Sums, cusum, ewma, ewma_limits
from monitoring.stats.shape import Shape, ShapeOfChange, shape_of_change

__all__ = [
    "ChangePoint",
    "Limits",
    "MixtureCusum",
    "Shape",
    "ShapeOfChange",
    "Smoothed",
    "Sums",
    "cusum",
    "ewma",
    "ewma_limits",
    "locate_change",
    "shape_of_change",
]

LARGEST_RATE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gains:
    """What one observation adds to the logarithm of each alternative."""

    of_one: tuple[float, ...]
    of_zero: tuple[float, ...]


def _gains(base_rate: float, ratios: Sequence[float]) -> _Gains:
    if not 0 < base_rate < LARGEST_RATE:
        raise ValueError(f"The base rate is {base_rate}: more than 0, below 0.95.")
    rates = [min(LARGEST_RATE, ratio * base_rate) for ratio in ratios]
    return _Gains(
        of_one=tuple(log(rate / base_rate) for rate in rates),
        of_zero=tuple(log((1 - rate) / (1 - base_rate)) for rate in rates),
    )


class MixtureCusum:
    """A CUSUM e-detector over a mixture of raised rates.

    For each alternative rate ``p1`` it keeps ``M = max(M, 1) * LR(x)``; its value is
    the equal-weight mean of the M. While the true rate is at most ``base_rate``, the
    expected number of observations until an alarm is at least ``threshold``. That also
    holds where each observation has a quiet rate of its own, known before it is made.

    Parameters
    ----------
    base_rate : float
        Upper bound of the quiet rate, in (0, 1).
    threshold : float
        Value at which it alarms, more than 1.
    ratios : sequence of float
        Raised rates as multiples of ``base_rate``, each cut at 0.95.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    References
    ----------
    G. Lorden (1971), "Procedures for reacting to a change in distribution", Annals of
    Mathematical Statistics 42 (6). J. Shin, A. Ramdas, A. Rinaldo (2022),
    "E-detectors: a nonparametric framework for sequential change detection",
    arXiv 2203.03532.

    Examples
    --------
    >>> detector = MixtureCusum(0.05, 250, ratios=(2,))
    >>> for x in [0] * 10 + [1, 1, 0, 1]:
    ...     detector.update(x)
    >>> round(detector.value, 6)
    7.578947
    """

    def __init__(
        self,
        base_rate: float,
        threshold: float,
        *,
        ratios: Sequence[float] = (1.5, 2, 4),
    ) -> None:
        if not 0 < base_rate < LARGEST_RATE:
            raise ValueError(f"The base rate is {base_rate}: more than 0, below 0.95.")
        if threshold <= 1 or not ratios:
            raise ValueError("The threshold is more than 1, and there is a ratio.")
        self.threshold = threshold
        self.base_rate = base_rate
        self.count = 0
        self._ratios = tuple(ratios)
        self._gains: dict[float, _Gains] = {}
        self._logs = [0.0] * len(self._ratios)
        self._starts = [1] * len(self._ratios)

    def update(self, x: int, *, base_rate: float | None = None) -> None:
        """Take the next observation, 1 for a disagreement and 0 for none.

        ``base_rate`` bounds the quiet rate of this one observation where it differs
        from that of the rest, as with answers of which the model was not sure.
        """
        self.count += 1
        rate = self.base_rate if base_rate is None else base_rate
        if rate not in self._gains:
            self._gains[rate] = _gains(rate, self._ratios)
        gains = self._gains[rate]
        for i, gain in enumerate(gains.of_one if x else gains.of_zero):
            if self._logs[i] <= 0:
                self._logs[i] = 0.0
                self._starts[i] = self.count
            self._logs[i] += gain

    @property
    def value(self) -> float:
        """Mean of the alternatives' values after the newest observation; 1 before."""
        if not self.count:
            return 1.0
        try:
            return sum(exp(value) for value in self._logs) / len(self._logs)
        except OverflowError:
            return inf

    @property
    def alarm(self) -> bool:
        """Whether the value has reached the threshold."""
        return self.value >= self.threshold

    @property
    def change_start(self) -> int:
        """Estimate of the first changed observation, counted from 1.

        The one after the leading alternative last stood at its floor.
        """
        leading = max(range(len(self._logs)), key=self._logs.__getitem__)
        return self._starts[leading]
