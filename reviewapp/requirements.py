"""How little a line may ask of its gates: the floors, and how far they give way.

Pure, as ``policy.py`` is. A manager sets what the gates ask for, down to a floor; an
admin may lower a floor in writing, down to a limit that nobody passes.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from reviewapp.policy import Requirements


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """How far one setting may go, from the strictest to the laxest value.

    ``floor`` is the laxest that a manager may set, ``limit`` the laxest floor that an
    admin may set. For an error or an age the laxest value is the largest.
    """

    strictest: float
    floor: float
    limit: float

    @property
    def is_stricter_up(self) -> bool:
        """Say whether a larger value asks for more."""
        return self.strictest > self.limit

    def is_laxer(self, value: float, than: float) -> bool:
        """Say whether a value asks for less than another."""
        return value < than if self.is_stricter_up else value > than


RANGES: Mapping[str, Range] = {
    "blind_pairs": Range(strictest=100_000, floor=300, limit=100),
    "days": Range(strictest=365, floor=3, limit=1),
    "evidence": Range(strictest=10_000, floor=20, limit=10),
    "agreement": Range(strictest=0.999, floor=0.9, limit=0.5),
    "answered_share": Range(strictest=1, floor=0.9, limit=0.5),
    "calibration_error": Range(strictest=0.005, floor=0.1, limit=0.2),
    "partial_days": Range(strictest=365, floor=7, limit=1),
    "escape": Range(strictest=0.0001, floor=0.02, limit=0.1),
    "open_containments": Range(strictest=0, floor=0, limit=10),
    "certificate_days": Range(strictest=1, floor=180, limit=365),
    "bake_days": Range(strictest=90, floor=1, limit=0.25),
    "bake_labels": Range(strictest=100_000, floor=30, limit=10),
}
# Whole numbers; the others are shares, e-values and parts of days.
WHOLE = (
    "blind_pairs",
    "days",
    "partial_days",
    "open_containments",
    "certificate_days",
    "bake_labels",
)


def floor_of(name: str, floors: Mapping[str, float]) -> float:
    """Give the floor of a setting: the one an admin moved it to, else the usual."""
    return floors.get(name, RANGES[name].floor)


def below_floor(
    asked: Mapping[str, float], floors: Mapping[str, float]
) -> dict[str, float]:
    """Give the settings that ask for less than their floor, each with the floor."""
    return {
        name: floor_of(name, floors)
        for name, value in asked.items()
        if name in RANGES and RANGES[name].is_laxer(value, floor_of(name, floors))
    }


def outside(asked: Mapping[str, float]) -> list[str]:
    """Name the settings that lie beyond what can be asked for at all."""
    return [
        name
        for name, value in asked.items()
        if name in RANGES
        and not (
            min(RANGES[name].strictest, RANGES[name].limit)
            <= value
            <= max(RANGES[name].strictest, RANGES[name].limit)
        )
    ]


def changed(asked: Requirements, wanted: Mapping[str, float]) -> dict[str, float]:
    """Give those of the wanted settings that differ from what is asked for now."""
    present = asdict(asked)
    return {name: value for name, value in wanted.items() if value != present[name]}


def loosened(asked: Requirements, wanted: Mapping[str, float]) -> list[str]:
    """Name the settings that would ask for less than now."""
    present = asdict(asked)
    return [
        name
        for name, value in wanted.items()
        if name in RANGES and RANGES[name].is_laxer(value, present[name])
    ]
