"""Parts of a line, as gates show them: each with its own count, or too few."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Blind pairs of one part of a line, with the exact interval of its agreement.

    Fewer than ``least`` pairs could open no gate, even without an error: too few to
    say anything.
    """

    name: str
    pairs: int
    agreed: int
    least: int
    low: float | None = None
    high: float | None = None

    @property
    def share(self) -> float | None:
        """The share of the pairs that agreed; ``None`` of nothing."""
        return self.agreed / self.pairs if self.pairs else None

    @property
    def is_enough(self) -> bool:
        """Say whether so many pairs can say anything."""
        return self.pairs >= self.least
