"""The items that moved most: those of a window farthest from the reference."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any

import numpy as np

from monitoring.models import DriftWindow, ReferencePart, ReferenceWindow
from monitoring.windows.samples import Sample, Value, new_words, sample_between
from reviewapp.modalities.text import OUT_OF_VOCABULARY

SHOWN = 20
CONFIDENCE = "confidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """An item's id with what it holds in a column, and how far out that lies.

    ``distance`` is in standard deviations of the reference for a number; for a word it
    is the share of the reference that holds another. It is infinite where values are
    missing that never were.
    """

    item_id: int
    value: Value
    distance: float

    @property
    def is_new_gap(self) -> bool:
        """Say whether its value is missing, and none of the reference's was."""
        return isinf(self.distance)


def farthest_items(window: DriftWindow, column: str, *, most: int = SHOWN) -> list[Far]:
    """Give the window's items that lie farthest out in a column, the farthest first.

    Numbers by their distance from the reference's median, in its standard deviations;
    words by how rare they were there, one never seen first. What is missing lies
    nowhere, unless values are missing for the first time. Items of the reference itself
    were not compared.
    """
    part = ReferencePart.PREDICTIONS if column == CONFIDENCE else ReferencePart.INPUTS
    of_version = ReferenceWindow.objects.of_version(window.line, window.version)
    reference = of_version.filter(part=part).first()
    known = reference.columns.get(column) if reference else None
    if reference is None or known is None:
        return []
    begins = reference.begin_after(window.start)
    sample = sample_between(window.line, window.version, begins, window.end)
    items, values = _values(sample, column)
    if column == OUT_OF_VOCABULARY:
        values = new_words(sample, window.version, since=reference.taken_at)
    distances = _distances(known, values)
    order = np.argsort(-distances, kind="stable")
    return [
        Far(
            item_id=items[place],
            value=values[place],
            distance=float(distances[place]),
        )
        for place in order[:most]
        if distances[place] > 0
    ]


def _values(sample: Sample, column: str) -> tuple[Sequence[int], Sequence[Value]]:
    if column == CONFIDENCE:
        return sample.answers.items, sample.answers.confidence.tolist()
    nothing: Sequence[Value] = [None] * len(sample.items)
    return sample.items, sample.columns.get(column, nothing)


def _distances(
    known: Mapping[str, Any], values: Sequence[Value]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    before = [value for value in known["values"] if value is not None]
    is_new_gap = len(before) == len(known["values"])
    gap = np.inf if is_new_gap else 0.0
    if known["kind"] == "category":
        counts = Counter(before)
        return np.array(
            [
                gap if not isinstance(v, str) else 1 - counts[v] / len(before)
                for v in values
            ]
        )
    spread = float(np.std(before)) or 1.0
    middle = float(np.median(before)) if before else 0.0
    return np.array(
        [abs(v - middle) / spread if isinstance(v, float) else gap for v in values]
    )
