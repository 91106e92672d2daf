"""Routed items of a span, with their stored draws: what a policy is replayed on.

Reading is bounded. Of the newest 50,000 items of the span 5,000 are taken by the
lottery number that draws second readers, on which nothing else hangs.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from monitoring.models import HourlyCount, Measure
from monitoring.windows.samples import by_lot
from reviewapp.models import Item, ModelVersion, Prediction, ProductLine, Review
from reviewapp.policy import Draws
from reviewapp.policy import Prediction as Answer

MOST_LOOKED_AT = 50_000
MOST_REPLAYED = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedItem:
    """One routed item: the version's answer, if it was valid, and its draws."""

    pk: int
    public_id: UUID
    external_id: str
    answer: Answer | None
    draws: Draws


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedItems:
    """A lottery sample of a span, and what it covers.

    ``in_span`` items were counted there; ``looked_at`` of them were routed and read
    from, ``drawn`` by lot; those another version routed are not among ``items``.
    """

    items: tuple[ReplayedItem, ...]
    drawn: int
    in_span: int
    start: datetime
    end: datetime


def routed_items(
    line: ProductLine,
    version: ModelVersion,
    start: datetime,
    end: datetime,
    *,
    most: int = MOST_REPLAYED,
) -> ReplayedItems:
    """Draw routed items that occurred in [start, end), with a version's answers."""
    newest = (
        Item.objects.of_line(line)
        .filter(occurred_at__gte=start, occurred_at__lt=end, routing__isnull=False)
        .order_by("-occurred_at")
        .values("pk")[:MOST_LOOKED_AT]
    )
    rows = list(
        by_lot(Item.objects.filter(pk__in=newest)).values_list(
            "pk",
            "public_id",
            "external_id",
            "routing__look_draw",
            "routing__canary_draw",
            "routing__version_id",
        )[:most]
    )
    answers = {
        item_id: None if error else (key, confidence)
        for item_id, key, confidence, error in Prediction.objects.filter(
            item__in=[row[0] for row in rows], version=version
        ).values_list("item_id", "label_class__key", "confidence", "error")
    }
    items = tuple(
        ReplayedItem(
            pk=pk,
            public_id=public_id,
            external_id=external_id,
            answer=_answer(answers.get(pk), version),
            draws=Draws(look=look, canary=canary),
        )
        for pk, public_id, external_id, look, canary, version_id in rows
        if pk in answers or version_id == version.pk
    )
    return ReplayedItems(
        items=items,
        drawn=len(rows),
        in_span=items_between(line, start, end),
        start=start,
        end=end,
    )


def _answer(
    found: tuple[str | None, float | None] | None, version: ModelVersion
) -> Answer | None:
    if found is None or found[0] is None or found[1] is None:
        return None
    return Answer(
        label_class=found[0], confidence=found[1], fingerprint=version.fingerprint
    )


def items_between(line: ProductLine, start: datetime, end: datetime) -> int:
    """Count the items that occurred in [start, end), from the hourly counts."""
    counted = (
        HourlyCount.objects.of_line(line)
        .filter(measure=Measure.ITEM)
        .between(start, end)
        .aggregate(n=Sum("count", default=0))
    )
    return int(counted["n"])


def waiting_among(items: list[int]) -> set[int]:
    """Say which of the items still wait for somebody, who must not see an answer."""
    waits = Review.objects.waiting().filter(item__in=items)
    return set(waits.values_list("item_id", flat=True))
