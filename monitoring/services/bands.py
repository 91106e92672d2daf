"""Reference bands: where nine tenths of what a version knew lay, column by column."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from monitoring.models import ReferencePart, ReferenceWindow
from reviewapp.models import ModelVersion, ProductLine

LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A column of a reference: its median with its 5 and 95 % quantiles, or shares."""

    count: int
    low: float = 0.0
    middle: float = 0.0
    high: float = 0.0
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A version's reference of what arrives, with the band of each column."""

    reference: ReferenceWindow
    bands: Mapping[str, Band]


def known_of(line: ProductLine, version: ModelVersion) -> Known | None:
    """Give what a version knew of what arrives; ``None`` while nothing is frozen."""
    references = ReferenceWindow.objects.of_version(line, version)
    reference = (
        references.filter(part=ReferencePart.INPUTS).defer("columns", "joint").first()
    )
    if reference is None:
        return None
    return Known(reference=reference, bands=bands_by_id(reference.pk))


@lru_cache(maxsize=64)
def bands_by_id(reference_id: int) -> Mapping[str, Band]:
    """Give a reference's bands; rows that never change are read once."""
    columns = ReferenceWindow.objects.values_list("columns", flat=True)
    found = {
        name: _band(column) for name, column in columns.get(pk=reference_id).items()
    }
    return {name: band for name, band in found.items() if band is not None}


def _band(column: Mapping[str, Any]) -> Band | None:
    """Describe a column's values; one that only held gaps has no band."""
    present = [value for value in column["values"] if value is not None]
    if not present:
        return None
    if column["kind"] == "category":
        counts = Counter(map(str, present))
        shares = {word: n / len(present) for word, n in counts.items()}
        return Band(count=len(present), shares=shares)
    low, middle, high = np.quantile(np.array(present, float), (LOW, MIDDLE, HIGH))
    return Band(
        count=len(present), low=float(low), middle=float(middle), high=float(high)
    )
