"""Samples: the items of a span as columns, with what a version answered on them.

A span of more than 20,000 items is read by the smallest of a lottery number that each
item's routing stores. It is the one that draws second readers: nothing about the item,
who looked at it or who decided it hangs on that number, so the sample is a fair one of
all items, and the same span always gives the same sample.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from django.db.models import F, QuerySet

from reviewapp.modalities.text import OUT_OF_VOCABULARY, out_of_vocabulary
from reviewapp.models import (
    Item,
    ModelVersion,
    Payload,
    Prediction,
    ProductLine,
    Vocabulary,
)

LARGEST_SAMPLE = 20_000
VALUE = "value:"

Value: TypeAlias = float | str | None
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a version answered: its class, how sure, and the probability of each."""

    items: tuple[int, ...]
    classes: tuple[str, ...]
    confidence: Floats
    probabilities: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Items with their columns, each in the order of the items."""

    items: tuple[int, ...]
    columns: Mapping[str, Sequence[Value]]
    answers: Answers


def sample_between(
    line: ProductLine,
    version: ModelVersion,
    start: datetime,
    end: datetime,
    *,
    most: int = LARGEST_SAMPLE,
) -> Sample:
    """Read the items that occurred in [start, end), at most so many by lot."""
    of_span = Item.objects.of_line(line).filter(
        occurred_at__gte=start, occurred_at__lt=end
    )
    return sample_of(of_span, version, most=most)


def sample_of(items: QuerySet[Item], version: ModelVersion, *, most: int) -> Sample:
    """Read items as columns, at most so many by lot, with a version's answers.

    In the order in which they came: which items are read is up to the lot, and what a
    classifier makes of them is not. New words are left to ``new_words``: when a text
    arrived, another version may have been live.
    """
    rows = sorted(
        by_lot(items)[:most].values_list("pk", "input_metrics", "payload__values"),
        key=itemgetter(0),
    )
    ids = tuple(row[0] for row in rows)
    columns = _columns((metrics, values or {}) for _pk, metrics, values in rows)
    columns.pop(OUT_OF_VOCABULARY, None)
    return Sample(
        items=ids,
        columns=columns,
        answers=_answers(ids, version),
    )


def new_words(sample: Sample, version: ModelVersion, *, since: datetime) -> list[Value]:
    """Give the share of new words of each item of a sample, by a version's vocabulary.

    Of those that occurred since its reference was taken: it may have been chosen by
    earlier ones, which have no new words then. ``None`` for them, and where a text is
    erased.
    """
    known = Vocabulary.objects.of_version(version).words()
    if known is None:
        return [None] * len(sample.items)
    texts = Payload.objects.filter(item__in=sample.items, item__occurred_at__gte=since)
    found = {
        item: out_of_vocabulary(text, known)
        for item, text in texts.values_list("item_id", "text").iterator()
    }
    return [found.get(item) for item in sample.items]


def by_lot(items: QuerySet[Item]) -> QuerySet[Item]:
    """Order items by the number that drew their second readers."""
    return items.order_by(F("routing__overlap_draw").asc(nulls_last=True), "pk")


def _columns(
    rows: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]],
) -> dict[str, list[Value]]:
    found: dict[str, list[Value]] = {}
    place = -1
    for place, (metrics, values) in enumerate(rows):
        cells = {**metrics, **{VALUE + name: cell for name, cell in values.items()}}
        for name, cell in cells.items():
            # a column that comes late was missing until then
            column = found.setdefault(name, [])
            column.extend([None] * (place - len(column)))
            column.append(_plain(cell))
    for column in found.values():
        column.extend([None] * (place + 1 - len(column)))
    return found


def _plain(cell: Any) -> Value:  # noqa: ANN401 - whatever JSON holds
    """Give a cell as a number or a word, as hours of columns count it."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return float(cell)


def _answers(ids: Sequence[int], version: ModelVersion) -> Answers:
    rows = (
        Prediction.objects.filter(item__in=ids, version=version, error="")
        .order_by("item")
        .values_list("item_id", "label_class__key", "confidence", "probabilities")
    )
    found = list(rows)
    return Answers(
        items=tuple(row[0] for row in found),
        classes=tuple(row[1] for row in found),
        confidence=np.array([row[2] for row in found], dtype=np.float64),
        probabilities=tuple(tuple(row[3] or ()) for row in found),
    )
