"""Inspectors with known faults, so that what the product finds can be checked."""

from dataclasses import dataclass
from math import log

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedInspector:
    """A person whose every weakness is a number.

    The classes are those of the line, by meaning: ``passing``, ``rejecting``, and
    ``neutral`` such as digits. Shares are in [0, 1]:

    - ``miss``: of rejecting items, how many are passed unseen;
    - ``lax``: of rejecting items that were seen, how many are passed nonetheless;
    - ``overkill``: of passing items, how many are rejected;
    - ``confusion``: of answers on the right side, how many name another class of it;
    - ``follow``: of predictions shown, how many are taken without a look.
    """

    name: str
    passing: tuple[str, ...] = ()
    rejecting: tuple[str, ...] = ()
    neutral: tuple[str, ...] = ()
    miss: float = 0.05
    lax: float = 0.0
    overkill: float = 0.01
    confusion: float = 0.0
    follow: float = 0.0
    seconds_per_item: float = 4.0
    pace_spread: float = 0.35

    def __post_init__(self) -> None:
        """Refuse shares that are none, and a pace that stands still."""
        for fault in ("miss", "lax", "overkill", "confusion", "follow"):
            share = getattr(self, fault)
            if not 0 <= share <= 1:
                raise ValueError(f"{self.name}'s {fault} is {share}: from 0 to 1.")
        if self.seconds_per_item <= 0 or self.pace_spread < 0:
            raise ValueError(f"{self.name} takes {self.seconds_per_item} s an item.")

    def answer(
        self, truth_class: str, *, shown: str | None, rng: np.random.Generator
    ) -> str:
        """Answer for one item.

        Parameters
        ----------
        truth_class : str
            The class that the item truly has.
        shown : str or None
            The prediction in sight while answering.
        rng : numpy.random.Generator
            Decides when a fault shows.

        Returns
        -------
        str
            One of the line's classes.

        Raises
        ------
        ValueError
            If the line has no such class.

        Examples
        --------
        >>> ana = SimulatedInspector(name="Ana", neutral=("0", "1"), confusion=1.0)
        >>> ana.answer("0", shown=None, rng=np.random.default_rng(1))
        '1'
        """
        if shown is not None and rng.random() < self.follow:
            return shown
        alike, opposite, wrong_share = self._side_of(truth_class)
        if opposite and rng.random() < wrong_share:
            return str(rng.choice(opposite))
        others = [label for label in alike if label != truth_class]
        if others and rng.random() < self.confusion:
            return str(rng.choice(others))
        return truth_class

    def reconsider(self, answer: str, *, shown: str, rng: np.random.Generator) -> str:
        """Stand by an answer, or take the prediction that was revealed after it."""
        return shown if rng.random() < self.follow else answer

    def seconds(self, rng: np.random.Generator) -> float:
        """Draw how long the next item takes: mostly near the usual, at times long."""
        return float(rng.lognormal(log(self.seconds_per_item), self.pace_spread))

    def _side_of(
        self, truth_class: str
    ) -> tuple[tuple[str, ...], tuple[str, ...], float]:
        """Give the classes alike in meaning, the opposite ones, and the way across."""
        if truth_class in self.rejecting:
            seen = (1 - self.miss) * (1 - self.lax)
            return self.rejecting, self.passing, 1 - seen
        if truth_class in self.passing:
            return self.passing, self.rejecting, self.overkill
        if truth_class in self.neutral:
            return self.neutral, (), 0.0
        raise ValueError(f"{self.name} knows no class {truth_class!r} on this line.")
