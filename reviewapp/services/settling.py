"""Settling: what answers make of an item, once a review is closed."""

from datetime import datetime
from typing import Any

from django.db.models import F, Func, Value

from reviewapp import settlements
from reviewapp.models import (
    AnswerKind,
    AsideBecause,
    ClockNow,
    DecidedBy,
    Exposure,
    Item,
    Label,
    Membership,
    QueueTerms,
    Review,
    SetAside,
)
from reviewapp.services import decisions
from reviewapp.services.containments import propose_after
from reviewapp.services.records import SYSTEM, record
from reviewapp.services.routings import reads_wanted
from reviewapp.settlements import Settlement, Settling, adjudicated

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
    if review.is_adjudication:
        settlement = adjudicated(label.label_class.key if label.label_class else None)
    elif not is_only_read and _is_adjudicated(item):
        return
    else:
        settlement = _settlement(
            item, answers, decided_by_model=decided_by_model, reads_wanted=wanted
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
        case Settling.READ_AGAIN | Settling.ADJUDICATE:
            is_adjudication = settlement.settling is Settling.ADJUDICATE
            ask_for_another_read(review, is_adjudication=is_adjudication)
        case Settling.GIVE_UP:
            leave_to_manager(review)
        case _:
            pass
    is_settled = settlement.settling in {Settling.DECIDE, Settling.STAND}
    if is_settled and (label.supersedes_id or len(answers) > wanted):
        _withdraw_other_reads(item, wanted)


def _settlement(
    item: Item,
    answers: list[str | None],
    *,
    decided_by_model: str | None,
    reads_wanted: int,
) -> Settlement:
    """Settle by the answers; who may adjudicate is asked only where it matters."""
    terms: Any = {"decided_by_model": decided_by_model, "reads_wanted": reads_wanted}
    found = settlements.settle(answers, may_adjudicate=True, **terms)
    if found.settling is Settling.ADJUDICATE and not has_adjudicator(item):
        return settlements.settle(answers, **terms)
    return found


def has_adjudicator(item: Item) -> bool:
    """Say whether somebody may adjudicate an item: nobody who has read or seen it."""
    return (
        Membership.objects.filter(
            line=item.line_id, is_adjudicator=True, user__is_active=True
        )
        .exclude(user__in=_out_as_readers(item))
        .exists()
    )


def _out_as_readers(item: Item) -> list[int]:
    """Give the people who have read an item, or have been shown its prediction."""
    have_read = Label.objects.filter(item=item).values_list("inspector", flat=True)
    have_seen = Exposure.objects.filter(item=item).values_list("user", flat=True)
    return sorted({*have_read, *have_seen})


def _is_adjudicated(item: Item) -> bool:
    """Say whether an adjudicator has decided an item; then no read does any more."""
    return (
        Review.objects.adjudications()
        .filter(item=item, closed_at__isnull=False, label__label_class__isnull=False)
        .exists()
    )


def _withdraw_other_reads(item: Item, wanted: int) -> None:
    """Take back what was asked for beyond the wanted reads, unless somebody has it."""
    others = (
        Review.objects.select_for_update(skip_locked=True)
        .free()
        .filter(item=item, read_number__gt=wanted)
    )
    Review.objects.filter(pk__in=[review.pk for review in others]).update(
        closed_at=ClockNow(), **NO_CLAIM
    )


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
    closed = (
        Review.objects.filter(
            item=item,
            closed_at__isnull=False,
            label__isnull=False,
            is_adjudication=False,
        )
        .exclude(label__kind=AnswerKind.RETRACTION)
        .order_by("closed_at", "pk")
    )
    return list(closed.values_list("label__label_class__key", flat=True))


def ask_for_another_read(review: Review, *, is_adjudication: bool) -> None:
    """Queue one more look at an item, unless one waits or the item is set aside.

    An adjudication comes before other work: its item has waited for readers already.
    """
    reviews = Review.objects.filter(item=review.item)
    if reviews.waiting().exists():
        return
    if review.item.asides.filter(settled_at=None).exists():
        return
    last = reviews.order_by("-read_number").first()
    Review.objects.create(
        item=review.item,
        line=review.line,
        read_number=last.read_number + 1 if last else 1,
        priority=review.priority + 1 if is_adjudication else review.priority,
        due_at=QueueTerms.objects.of_line(review.line).due_at(ClockNow()),
        excluded=_out_as_readers(review.item),
        is_adjudication=is_adjudication,
    )


def leave_to_manager(review: Review) -> None:
    """Set an item aside whose readers could not settle it."""
    SetAside.objects.get_or_create(
        item=review.item,
        settled_at=None,
        defaults={"line": review.line, "because": AsideBecause.UNSETTLED},
    )
    record(
        "item.left_open",
        actor=SYSTEM,
        line=review.line,
        subject=str(review.item.public_id),
    )
