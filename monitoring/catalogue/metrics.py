"""What a metric is: its name, its unit, what it reads, and what it may mean.

Plain values. How one is computed from the rows that it reads is said in
``monitoring.services.measurements``; the words are marked for translation here and
translated where they are shown.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias


def gettext_noop(text: str) -> str:
    """Mark a text for translation."""
    return text


class Family(StrEnum):
    """What a metric is about."""

    SOFTWARE = "software"
    INPUT = "input"
    OUTPUT = "output"
    AGREEMENT = "agreement"
    AUDIT = "audit"
    CALIBRATION = "calibration"


class Unit(StrEnum):
    """What a value is counted in."""

    SHARE = "share"
    PER_HOUR = "per_hour"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    COUNT = "count"
    BYTES = "bytes"
    PIXELS = "pixels"
    CHARACTERS = "characters"
    DECIBELS = "decibels"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Which hourly counts are added: those that meet everything named here.

    ``measures`` and ``routes`` are the names that the counts carry; ``predicted`` and
    ``answered`` are a class's key or its meaning, ``answered`` is ``"none"`` where
    nobody could tell; ``agreed`` compares the two. ``of_version`` keeps to the version
    in question.
    """

    measures: tuple[str, ...]
    routes: tuple[str, ...] = ()
    is_blind: bool | None = None
    agreed: bool | None = None
    predicted: str | None = None
    answered: str | None = None
    of_version: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A share: how many of the ``whole`` also are the ``part``.

    Where it ``is_weighted`` each stands for as many items as it was drawn from, so that
    it is a share of all items and not of those that the lottery looked at more often.
    """

    part: Rows
    whole: Rows
    is_weighted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many an hour."""

    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A statistic of one hourly column, of words their ``commonest_share``."""

    column: str
    statistic: Literal[
        "mean", "p50", "p95", "p99", "missing_share", "commonest_share"
    ] = "mean"
    of_version: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What stands at the end of the window and is read from where it stands."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """A figure that a statistic computes from the window's own rows."""

    name: str
    has_interval: bool = True


Reads: TypeAlias = Ratio | Pace | Amount | Present | Statistic


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric of the catalogue.

    ``lower`` and ``upper`` are the bounds where a line has set none, ``fewest`` the
    observations below which there is no verdict. ``formula`` changes with the way of
    computing, so that values of two ways are never compared. ``modalities`` is empty
    for every kind of item. One that ``is_offered`` is measured where somebody adds it.
    """

    key: str
    family: Family
    unit: Unit
    reads: Reads
    title: str
    meaning: str
    rise: str
    fall: str
    formula: int = 1
    lower: float | None = None
    upper: float | None = None
    fewest: int = 200
    modalities: tuple[str, ...] = field(default=())
    is_offered: bool = False

    @property
    def has_interval(self) -> bool:
        """Say whether its value comes with an interval, where there are data."""
        if isinstance(self.reads, Statistic):
            return self.reads.has_interval
        return isinstance(self.reads, Ratio)

    @property
    def is_of_a_moment(self) -> bool:
        """Say whether it is read at the end of a window, and not over it."""
        return isinstance(self.reads, Present)
