"""How alike people name all classes of an item, where it may have several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np

from monitoring.services.figures import Share, share
from monitoring.stats.figures import Interval
from monitoring.stats.raters import bootstrap_alpha
from monitoring.stats.sets import distances_between

# On fewer items these figures say nothing, and are greyed.
FEWEST_ITEMS = 30
# The same answers have the same interval on each look.
SEED = 1

# What was said of one item, by the person who said it.
Named = Mapping[int, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSplit:
    """One class: of the items on which any reader named it, those where not all did."""

    name: str
    split: Share

    @property
    def is_few(self) -> bool:
        """Say whether the items are too few to say anything."""
        return self.split.of < FEWEST_ITEMS


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAgreement:
    """The agreement of all classes together, and class by class.

    ``alpha`` has no bounds where readers never differed: they would promise certainty.
    """

    alpha: Interval
    classes: list[ClassSplit]

    @property
    def is_few(self) -> bool:
        """Say whether the items are too few to say anything."""
        return self.alpha.n < FEWEST_ITEMS

    @property
    def has_bounds(self) -> bool:
        """Say whether there is an interval to show."""
        return not isnan(self.alpha.low)

    @property
    def is_defined(self) -> bool:
        """Say whether more than one answer was ever given."""
        return not isnan(self.alpha.value)


def set_agreement(
    items: Sequence[Named], names: Mapping[str, str]
) -> SetAgreement | None:
    """Compute how alike all classes were named; ``None`` where nobody read beside.

    An item with one answer says nothing. ``names`` are those of the line's classes by
    their keys, in its order.
    """
    shared = [said for said in items if len(said) > 1]
    if not shared:
        return None
    given = sorted({one for said in shared for one in said.values()}, key=sorted)
    places = {one: place for place, one in enumerate(given)}
    readers = {reader: n for n, reader in enumerate({r for s in shared for r in s})}
    ratings = np.full((len(readers), len(shared)), nan)
    for column, said in enumerate(shared):
        for reader, named in said.items():
            ratings[readers[reader], column] = places[named]
    return SetAgreement(
        alpha=bootstrap_alpha(
            ratings, apart=distances_between(given), rng=np.random.default_rng(SEED)
        ),
        classes=[
            ClassSplit(name=name, split=split)
            for key, name in names.items()
            if (split := _split(key, shared)) is not None
        ],
    )


def _split(key: str, shared: Sequence[Named]) -> Share | None:
    """Give the items on which only some named a class, of those where any did."""
    named = [[key in one for one in said.values()] for said in shared]
    return share(
        sum(any(said) and not all(said) for said in named),
        sum(any(said) for said in named),
    )
