"""Days of a table line, received in bulk: with answers, and with labels if asked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

import numpy as np
import numpy.typing as npt
from django.apps import apps
from django.db import connection

from monitoring.services import counts
from reviewapp.models import (
    AnswerKind,
    Item,
    Label,
    Prediction,
    PredictionSource,
    ProductLine,
    Review,
    User,
)
from reviewapp.services import items
from reviewapp.services.routings import route_items

_numbers = count(1)
CLOSE = """
UPDATE reviewapp_review AS review
SET label_id = made.label_id, closed_at = made.closed_at
FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[])
    AS made(review_id, label_id, closed_at)
WHERE review.id = made.review_id
"""


def let_the_planner_look() -> None:
    """Do at once what the database does by itself within a minute of so many rows.

    Of the review half's tables alone: some of PostgreSQL's are the whole server's, and
    a test that looks at them inside its transaction keeps the others waiting.
    """
    models = apps.get_app_config("reviewapp").get_models()
    tables = ", ".join(model._meta.db_table for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")


def receive(
    line: ProductLine,
    rows: Sequence[dict[str, float | str | None]],
    *,
    at: datetime,
    within: timedelta = timedelta(hours=10),
) -> list[Item]:
    """Receive rows that occurred evenly from ``at`` on."""
    gap = within / max(len(rows), 1)
    arrivals = [
        items.Arrival(
            external_id=f"row-{next(_numbers)}",
            values=dict(row),
            captured_at=at + gap * place,
        )
        for place, row in enumerate(rows)
    ]
    received = items.receive_items(line, arrivals, as_of=at + within)
    ids = [item.public_id for item in received]
    return list(Item.objects.filter(public_id__in=ids).order_by("pk"))


def answer(
    line: ProductLine,
    received: Sequence[Item],
    keys: Sequence[str],
    *,
    at: datetime,
    confidence: npt.ArrayLike = 0.9,
) -> None:
    """Store the live version's answers, and route what waits for them."""
    version = line.in_force.live
    assert version is not None
    classes = {c.key: c for c in line.classes.all()}
    sure = np.broadcast_to(np.asarray(confidence, dtype=float), len(received))
    Prediction.objects.bulk_create(
        Prediction(
            item=item,
            version=version,
            label_class=classes[key],
            confidence=float(c),
            probabilities=[float(c), 1 - float(c)],
            source=PredictionSource.WORKER,
            latency_ms=1.0,
            predicted_at=at,
        )
        for item, key, c in zip(received, keys, sure, strict=True)
    )
    route_items(line.pk, [item.pk for item in received], as_of=at)


def play_day(
    line: ProductLine,
    at: datetime,
    *,
    rng: np.random.Generator,
    shift: float = 0.0,
    rejected: float = 0.05,
    n: int = 400,
) -> list[Item]:
    """Receive and answer one ordinary day, its widths moved by ``shift`` deviations."""
    rows: list[dict[str, float | str | None]] = [
        {"width": float(width) + shift, "height": float(height)}
        for width, height in rng.normal(size=(n, 2))
    ]
    received = receive(line, rows, at=at)
    keys = ["scratch" if draw < rejected else "ok" for draw in rng.random(n)]
    sure = rng.uniform(0.85, 0.99, n)
    answer(line, received, keys, at=at + timedelta(hours=11), confidence=sure)
    let_the_planner_look()
    counts.roll_up_hours(as_of=at + timedelta(hours=24))
    return received


def label_all(
    line: ProductLine,
    person: User,
    received: Sequence[Item],
    said: Sequence[str],
    *,
    at: datetime,
) -> None:
    """Close each item's first review with a blind answer, a second apart."""
    classes = {c.key: c for c in line.classes.all()}
    reviews = {
        review.item_id: review
        for review in Review.objects.filter(item__in=received, read_number=1)
    }
    labels = Label.objects.bulk_create(
        Label(
            review=reviews[item.pk],
            item=item,
            inspector=person,
            kind=AnswerKind.CLASS,
            label_class=classes[key],
            shown="nothing",
            policy=line.in_force,
            labelled_at=at + timedelta(seconds=place),
        )
        for place, (item, key) in enumerate(zip(received, said, strict=True))
    )
    with connection.cursor() as cursor:
        cursor.execute(
            CLOSE,
            [
                [label.review_id for label in labels],
                [label.pk for label in labels],
                [label.labelled_at for label in labels],
            ],
        )
    let_the_planner_look()
