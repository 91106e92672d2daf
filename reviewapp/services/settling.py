"""Settling: what answers make of an item, once a review is closed."""

from datetime import datetime
from typing import Any

from django.db.models import F, Func, Value

from reviewapp import policy
from reviewapp.models import ClockNow, DecidedBy, Exposure, Item, Label, Review
from reviewapp.policy import Settling
from reviewapp.services import decisions
from reviewapp.services.containments import propose_after
from reviewapp.services.records import SYSTEM, record
from reviewapp.services.routings import reads_wanted

NO_CLAIM: dict[str, Any] = {
    "claimed_by": None,
    "claimed_at": None,
    "claimed_until": None,
    "claim_token": None,
    "is_reserved": False,
}


def close_review(
    review: Review, label: Label, *, as_of: datetime | None = None
) -> None:
    """Close a locked review with the answer it has, and settle its item."""
    Review.objects.filter(pk=review.pk).update(
        label=label,
        awaits_second_thought=False,
        closed_at=as_of or ClockNow(),
        **NO_CLAIM,
    )
    settle(review, label, as_of=as_of)


def settle(review: Review, label: Label, *, as_of: datetime | None = None) -> None:
    """Decide a closed review's item by its answers so far, or ask for another read."""
    item, routing = review.item, review.item.routing
    wanted = reads_wanted(routing) if routing else 1
    is_only_read = review.read_number == 1 and wanted == 1
    answers = [label.label_class.key if label.label_class else None]
    decided_by_model = None
    if not is_only_read or _models_class(item):
        # Readers of one item may answer at once: the later one must see the earlier.
        item = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
        _exclude_from_other_reads(item, label)
        answers, decided_by_model = _answers(item), _models_class(item)
    settlement = policy.settle(
        answers, decided_by_model=decided_by_model, reads_wanted=wanted
    )
    match settlement.settling:
        case Settling.DECIDE if label.label_class:
            overruled = item.decision if decided_by_model is not None else None
            made = decisions.decide_by_person(
                item,
                label,
                label_class=label.label_class,
                policy=label.policy,
                as_of=as_of,
            )
            if overruled is not None:
                propose_after(made, line=review.line, overruled=overruled)
        case Settling.READ_AGAIN:
            _ask_for_another_read(review)
        case Settling.GIVE_UP:
            record(
                "item.left_open",
                actor=SYSTEM,
                line=review.line,
                subject=str(item.public_id),
            )
        case _:
            pass


def _models_class(item: Item) -> str | None:
    """Key of the class that the model decided, where its decision is in force."""
    standing = item.decision
    if standing is None or standing.decided_by != DecidedBy.MODEL:
        return None
    return standing.label_class.key if standing.label_class else None


def _exclude_from_other_reads(item: Item, label: Label) -> None:
    """Keep the reader from the item's other reads.

    One that another transaction holds is passed over: its own reader is answering it
    now, and waiting for each other would be a deadlock. Claiming checks once more.
    """
    others = Review.objects.select_for_update(skip_locked=True).filter(
        item=item, closed_at=None
    )
    Review.objects.filter(pk__in=[review.pk for review in others]).update(
        excluded=Func(F("excluded"), Value(label.inspector_id), function="array_append")
    )


def _answers(item: Item) -> list[str | None]:
    """Newest answers of an item's closed reviews, in the order of closing."""
    closed = Review.objects.filter(
        item=item, closed_at__isnull=False, label__isnull=False
    ).order_by("closed_at", "pk")
    return list(closed.values_list("label__label_class__key", flat=True))


def _ask_for_another_read(review: Review) -> None:
    reviews = Review.objects.filter(item=review.item)
    if reviews.waiting().exists():
        return
    last = reviews.order_by("-read_number").first()
    have_read = reviews.filter(label__isnull=False).values_list(
        "label__inspector", flat=True
    )
    have_seen = Exposure.objects.filter(item=review.item).values_list("user", flat=True)
    Review.objects.create(
        item=review.item,
        line=review.line,
        read_number=last.read_number + 1 if last else 1,
        priority=review.priority,
        excluded=sorted({*have_read, *have_seen}),
    )
