"""References: taken once for each version, from what it was calibrated on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from monitoring.models import ReferencePart, ReferenceSource, ReferenceWindow
from monitoring.services.embeddings import embed_reference, has_embedding
from monitoring.services.training import is_held_out
from monitoring.services.vocabularies import choose_vocabulary
from monitoring.windows.samples import (
    Answers,
    Sample,
    Value,
    by_lot,
    sample_of,
)
from reviewapp.errors import ModelHostError
from reviewapp.modalities.text import OUT_OF_VOCABULARY
from reviewapp.models import (
    DecidedBy,
    Item,
    Label,
    LabelClass,
    Modality,
    ModelVersion,
    Policy,
    ProductLine,
)
from reviewapp.policy import Shown
from reviewapp.runtimes.answers import Answer
from reviewapp.services.predictions import Due, ask
from reviewapp.services.vocabularies import keep_vocabulary

LARGEST = 5_000
FEWEST = 200
FIRST_ITEMS = 2_000
FIRST_DAYS = timedelta(days=14)
ASKED_AT_ONCE = 200


def take_references(*, as_of: datetime | None = None) -> int:
    """Take the references that live versions lack; return how many were taken."""
    at = as_of or timezone.now()
    lines = ProductLine.objects.in_use().select_related("policy__live__schema")
    return sum(len(take_reference(line, at=at)) for line in lines)


def take_reference(line: ProductLine, *, at: datetime) -> list[ReferenceWindow]:
    """Take what a line's live version lacks of its reference, if it can be had.

    Inputs, and what models see in them, come from all items of the snapshot that it
    learned from, answers from those that were held out. Where there are too few, or no
    snapshot as with a registered file, all come from the first 2,000 items that it was
    asked about here, or from those of its first two weeks.
    """
    version = line.in_force.live
    if version is None:
        return []
    had = set(
        ReferenceWindow.objects.of_version(line, version).values_list("part", flat=True)
    )
    taken = []
    if ReferencePart.INPUTS not in had:
        taken.append(_take_inputs(line, version, at=at))
    if ReferencePart.PREDICTIONS not in had:
        taken.append(_take_predictions(line, version, at=at))
    if ReferencePart.FEATURES not in had and has_embedding(line):
        taken.append(_take_features(line, version, at=at))
    return [made for made in taken if made is not None]


def went_live_at(line: ProductLine, version: ModelVersion) -> datetime:
    """Say since when a version has been in force on a line, the first time."""
    first = Policy.objects.filter(line=line, live=version).earliest("created_at")
    return first.created_at


def _take_inputs(
    line: ProductLine, version: ModelVersion, *, at: datetime
) -> ReferenceWindow | None:
    known = _learned_from(version)
    source = ReferenceSource.CALIBRATION
    sample: Sample | None = sample_of(known, version, most=LARGEST)
    if sample is None or len(sample.items) < FEWEST:
        source = ReferenceSource.FIRST_ITEMS
        sample = _first_items(line, version, at=at)
    if sample is None:
        return None
    columns = {name: _column(values) for name, values in sample.columns.items()}
    is_of_texts = line.modality == Modality.TEXT
    chosen = choose_vocabulary(sample.items) if is_of_texts else None
    with transaction.atomic():
        if chosen is not None:
            keep_vocabulary(version, chosen.words)
            shares = [chosen.shares.get(item) for item in sample.items]
            columns[OUT_OF_VOCABULARY] = _column(shares)
        return _store(
            line,
            version,
            part=ReferencePart.INPUTS,
            source=source,
            items=len(sample.items),
            columns=columns,
            until=_last_of(Item.objects.filter(pk__in=sample.items)),
            taken_at=at,
        )


def _take_predictions(
    line: ProductLine, version: ModelVersion, *, at: datetime
) -> ReferenceWindow | None:
    held_out = [
        item
        for item in by_lot(_learned_from(version)).select_related("payload__schema")
        if is_held_out(line, item)
    ][:LARGEST]
    answers: Answers | None = None
    source = ReferenceSource.CALIBRATION
    if len(held_out) >= FEWEST:
        try:
            answers = _asked(line, version, held_out)
        except ModelHostError:
            return None  # the next run asks again
    else:
        source = ReferenceSource.FIRST_ITEMS
        first = _first_items(line, version, at=at)
        answers = first.answers if first else None
    if answers is None or len(answers.items) < FEWEST:
        return None
    return _store(
        line,
        version,
        part=ReferencePart.PREDICTIONS,
        source=source,
        items=len(answers.items),
        columns={"confidence": _column(answers.confidence.tolist())},
        classes=dict(Counter(answers.classes)),
        probabilities=[list(row) for row in answers.probabilities],
        joint=_joint(line, answers),
        until=_last_of(Item.objects.filter(pk__in=answers.items)),
        taken_at=at,
    )


def _take_features(
    line: ProductLine, version: ModelVersion, *, at: datetime
) -> ReferenceWindow | None:
    source, fewest = ReferenceSource.CALIBRATION, FEWEST // 2
    items = _learned_from(version)
    found = embed_reference(line, items, fewest=fewest)
    if found is None:
        source = ReferenceSource.FIRST_ITEMS
        first = _first_items(line, version, at=at)
        items = Item.objects.filter(pk__in=first.items if first else ())
        found = embed_reference(line, items, fewest=fewest)
    if found is None:
        return None
    return _store(
        line,
        version,
        part=ReferencePart.FEATURES,
        source=source,
        items=len(found.rows),
        embedding=found.packed(),
        until=_last_of(items),
        taken_at=at,
    )


def _last_of(items: QuerySet[Item]) -> datetime | None:
    """Say when the last of a reference's items occurred."""
    last: datetime | None = items.aggregate(last=Max("occurred_at"))["last"]
    return last


def _learned_from(version: ModelVersion) -> QuerySet[Item]:
    """Give the items of the snapshot that a version learned from, if there is one."""
    if version.snapshot is None:
        return Item.objects.none()
    ids = version.snapshot.entries.values("label__item")
    return Item.objects.filter(pk__in=ids, payload__isnull=False)


def _first_items(
    line: ProductLine, version: ModelVersion, *, at: datetime
) -> Sample | None:
    """Give the first items a version was asked about, once there are enough."""
    since = went_live_at(line, version)
    answered = Item.objects.of_line(line).filter(
        occurred_at__gte=since, predictions__version=version, predictions__error=""
    )
    in_order = answered.order_by("occurred_at", "pk").values_list("occurred_at", "pk")
    first = list(in_order[:FIRST_ITEMS])
    is_old = at - since >= FIRST_DAYS and len(first) >= FEWEST
    if len(first) < FIRST_ITEMS and not is_old:
        return None
    ids = [pk for _at, pk in first]
    return sample_of(Item.objects.filter(pk__in=ids), version, most=FIRST_ITEMS)


def _asked(line: ProductLine, version: ModelVersion, items: Sequence[Item]) -> Answers:
    """Ask a version about held-out items; what it cannot answer is left out."""
    found: list[tuple[int, Answer]] = []
    for start in range(0, len(items), ASKED_AT_ONCE):
        some = list(items[start : start + ASKED_AT_ONCE])
        for item, answer in ask(Due(line=line, version=version, items=some)):
            if isinstance(answer, Answer):
                found.append((item.pk, answer))
    return Answers(
        items=tuple(pk for pk, _answer in found),
        classes=tuple(answer.label for _pk, answer in found),
        confidence=np.array([answer.confidence for _pk, answer in found]),
        probabilities=tuple(tuple(answer.probabilities) for _pk, answer in found),
    )


def _joint(line: ProductLine, answers: Answers) -> dict[str, dict[str, int]] | None:
    """Count answers by what people settled; ``None`` without any settled item."""
    settled = settled_classes(line, answers.items)
    counts: dict[str, dict[str, int]] = {}
    for item, predicted in zip(answers.items, answers.classes, strict=True):
        truth = settled.get(item)
        if truth is not None:
            row = counts.setdefault(predicted, {})
            row[truth] = row.get(truth, 0) + 1
    return counts or None


def settled_classes(line: ProductLine, items: Sequence[int]) -> Mapping[int, str]:
    """Give the class that stands for each item: by people's decision, else their label.

    Only blind labels count, and a decision only where a person made it.
    """
    labelled = (
        Label.objects.filter(
            item__in=items,
            item__line=line,
            superseded_by=None,
            shown=Shown.NOTHING.value,
            label_class__isnull=False,
        )
        .order_by("item", "-labelled_at", "-pk")
        .distinct("item")
        .values_list("item_id", "label_class__key")
    )
    decided = LabelClass.objects.filter(
        decisions__item__in=items,
        decisions__decided_by=DecidedBy.PERSON,
        decisions__superseded_by=None,
        decisions__label__shown=Shown.NOTHING.value,
    ).values_list("decisions__item_id", "key")
    return {**dict(labelled), **dict(decided)}


def _column(values: Sequence[Value]) -> dict[str, object]:
    """Keep a column: of words if it holds any, else of numbers."""
    is_of_words = any(isinstance(value, str) for value in values)
    return {"kind": "category" if is_of_words else "number", "values": list(values)}


def _store(
    line: ProductLine, version: ModelVersion, *, part: ReferencePart, **values: object
) -> ReferenceWindow | None:
    """Keep a reference; whoever took the same one first is not overwritten."""
    ReferenceWindow.objects.bulk_create(
        [ReferenceWindow(line=line, version=version, part=part, **values)],
        ignore_conflicts=True,
    )
    return ReferenceWindow.objects.of_version(line, version).filter(part=part).first()
