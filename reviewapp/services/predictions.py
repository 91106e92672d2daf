"""Predicting: items that lack an answer are taken in batches and answered.

Claiming a batch is a short transaction that puts off its ``predict_after``; the model
host is asked outside of any; the answers and what follows from them are stored in
another. A worker that dies in between strands nothing: the items come up again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import assert_never

from django.conf import settings
from django.db import transaction
from django.db.models import F

from reviewapp.errors import ModelHostError
from reviewapp.modalities.tabular import Schema
from reviewapp.models import (
    ClockNow,
    Item,
    LabelClass,
    Modality,
    ModelVersion,
    Prediction,
    PredictionSource,
    ProductLine,
)
from reviewapp.policy import is_scored
from reviewapp.runtimes.answers import Answer, AnswerError
from reviewapp.runtimes.client import ModelHost, VersionRef
from reviewapp.runtimes.stages import Stage, read_stages
from reviewapp.services.media import read_medium
from reviewapp.services.routings import draw, route_items

TAKEN_FOR = timedelta(seconds=60)
TRY_AGAIN_AFTER = timedelta(seconds=5)
MOST_ATTEMPTS = 3
HOST_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One version's share of a batch: the items it has not answered yet."""

    line: ProductLine
    version: ModelVersion
    items: list[Item]


def predict_pending(*, limit: int = 200) -> int:
    """Answer the items that are due; return how many were taken."""
    taken = _take(limit)
    for line_id, group in groupby(taken, key=lambda item: item.line_id):
        predict_items(line_id, list(group))
    return len(taken)


@transaction.atomic
def _take(limit: int) -> list[Item]:
    due = (
        Item.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(predict_after__lte=ClockNow())
        .order_by("predict_after", "pk")[:limit]
    )
    ids = [item.pk for item in due]
    Item.objects.filter(pk__in=ids).update(
        predict_after=ClockNow() + TAKEN_FOR, predict_attempts=F("predict_attempts") + 1
    )
    items = Item.objects.filter(pk__in=ids).select_related("payload__schema")
    return list(items.order_by("line_id", "pk"))


def predict_items(
    line_id: int, items: Sequence[Item], *, as_of: datetime | None = None
) -> None:
    """Ask every version that is due on a line, store its answers, route the items."""
    line = ProductLine.objects.select_related(
        "policy__live__schema", "policy__candidate__schema", "policy__previous"
    ).get(pk=line_id)
    classes = {c.key: c for c in line.classes.all()}
    put_off: set[int] = set()
    for due in _due(line, items):
        try:
            answers = ask(due)
        except ModelHostError as error:
            answers, waiting = _give_up_or_wait(due, error)
            put_off |= {item.pk for item in waiting}
        _store(due.version, answers, classes, stamp=as_of or ClockNow())
    done = [item.pk for item in items if item.pk not in put_off]
    Item.objects.filter(pk__in=done).update(predict_after=None)
    Item.objects.filter(pk__in=put_off).update(
        predict_after=ClockNow() + TRY_AGAIN_AFTER
    )
    waiting_items = [i.pk for i in items if i.route_by and i.pk not in put_off]
    route_items(line_id, waiting_items, as_of=as_of)


def _due(line: ProductLine, items: Sequence[Item]) -> list[Due]:
    """Give the live version all items, and the candidate its scoring share of them."""
    in_force = line.in_force
    terms = in_force.terms()
    scored = [i for i in items if is_scored(terms, draw(line, i.pk).candidate)]
    found = []
    for version, asked in ((in_force.live, items), (in_force.candidate, scored)):
        if version is None:
            continue
        answered = set(
            Prediction.objects.filter(item__in=asked, version=version).values_list(
                "item_id", flat=True
            )
        )
        lacking = [item for item in asked if item.pk not in answered]
        if lacking:
            found.append(Due(line=line, version=version, items=lacking))
    return found


def ask(due: Due) -> list[tuple[Item, Answer | AnswerError]]:
    """Ask the model host about items, and store nothing.

    Raises
    ------
    ModelHostError
        If the host does not answer.
    """
    stages = read_stages(due.version.stages)
    answers = ask_version(due.line, due.version, due.items, stages=stages)
    return list(zip(due.items, answers, strict=True))


def ask_version(
    line: ProductLine,
    version: ModelVersion,
    items: Sequence[Item],
    *,
    stages: Sequence[Stage],
) -> list[Answer | AnswerError]:
    """Ask a version about items, through the stages given; nothing is stored.

    Raises
    ------
    ModelHostError
        If the host cannot be asked just now.
    """
    host = ModelHost(settings.MODEL_HOST_SOCKET, timeout_s=HOST_TIMEOUT_S)
    asked = VersionRef(
        sha256=version.sha256,
        preprocessing=version.preprocessing,
        classes=tuple(version.class_keys),
        stages=tuple(stages),
        warm=_warm(line),
    )
    payloads = [item.payload for item in items]
    # read when they are sent: recordings of a whole batch need not fit into memory
    media = (read_medium(payload.media_path) for payload in payloads)
    match Modality(line.modality):
        case Modality.TABULAR:
            columns = version.schema.columns if version.schema else []
            rows = [payload.values or {} for payload in payloads]
            return host.predict_rows(asked, Schema.from_json(columns), rows)
        case Modality.TEXT:
            return host.predict_texts(asked, [p.text for p in payloads])
        case Modality.IMAGE:
            return host.predict_images(asked, media)
        case Modality.AUDIO:
            return host.predict_recordings(asked, media)
        case _ as never:
            assert_never(never)


def _warm(line: ProductLine) -> tuple[str, ...]:
    """Name the files of the version that one click returns to."""
    previous = line.in_force.previous
    if previous is None:
        return ()
    stages = read_stages(previous.stages)
    return tuple(stage.sha256 for stage in stages) or (previous.sha256,)


def _give_up_or_wait(
    due: Due, error: ModelHostError
) -> tuple[list[tuple[Item, Answer | AnswerError]], list[Item]]:
    """Store a failure for items tried often enough; the others come up again."""
    failure = AnswerError(code="host_unavailable", detail=str(error)[:300])
    spent = [item for item in due.items if item.predict_attempts >= MOST_ATTEMPTS]
    waiting = [item for item in due.items if item.predict_attempts < MOST_ATTEMPTS]
    return [(item, failure) for item in spent], waiting


def _store(
    version: ModelVersion,
    answers: Sequence[tuple[Item, Answer | AnswerError]],
    classes: dict[str, LabelClass],
    *,
    stamp: datetime | ClockNow,
) -> None:
    """Store answers; whoever stored the same one first is not overwritten."""
    Prediction.objects.bulk_create(
        [_row(item, version, answer, classes, stamp=stamp) for item, answer in answers],
        ignore_conflicts=True,
    )


def _row(
    item: Item,
    version: ModelVersion,
    answer: Answer | AnswerError,
    classes: dict[str, LabelClass],
    *,
    stamp: datetime | ClockNow,
) -> Prediction:
    if isinstance(answer, Answer) and answer.label not in classes:
        answer = AnswerError(code="unknown_class", detail=answer.label)
    if isinstance(answer, AnswerError):
        return Prediction(
            item=item,
            version=version,
            error=answer.code[:40],
            error_detail=answer.detail[:300],
            source=PredictionSource.WORKER,
            predicted_at=stamp,
        )
    return Prediction(
        item=item,
        version=version,
        label_class=classes[answer.label],
        confidence=answer.confidence,
        probabilities=list(answer.probabilities),
        latency_ms=answer.latency_ms,
        stages=answer.stages,
        source=PredictionSource.WORKER,
        predicted_at=stamp,
    )
