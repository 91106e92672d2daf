"""Settling: what answers make of an item, once a review is closed."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from reviewapp import settlements
from reviewapp.models import (
    AnswerKind,
    AsideBecause,
    ClockNow,
    DecidedBy,
    Decision,
    Exposure,
    Item,
    Label,
    LabelClass,
    Membership,
    QueueTerms,
    Review,
    SetAside,
)
from reviewapp.services import decisions
from reviewapp.services.containments import propose_after
from reviewapp.services.locks import Sweep, try_sweep
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
# A read that another transaction holds is passed over: its own reader is answering it
# now, and waiting for each other would be a deadlock. Claiming checks once more.
EXCLUDE = """
UPDATE reviewapp_review SET excluded = array_append(excluded, %(inspector_id)s::bigint)
WHERE id = ANY (ARRAY(
    SELECT id FROM reviewapp_review
    WHERE item_id = %(item_id)s AND closed_at IS NULL AND id <> %(review_id)s
    FOR UPDATE SKIP LOCKED
))
"""


def close_review(review: Review, label: Label) -> None:
    """Close a locked review with the answer it has, and settle its item.

    It is decided at once where that answer is the only say. Anything else waits for
    ``settle_answered``, so that whoever answers cannot time what others said.
    """
    is_alone = is_only_say(review, label)
    Review.objects.filter(pk=review.pk).update(
        label=label,
        awaits_second_thought=False,
        closed_at=ClockNow(),
        is_unsettled=not is_alone,
        **NO_CLAIM,
    )
    if is_alone and label.label_class is not None:
        _decide(review, label, label_class=label.label_class)
        return
    kept_from = {
        "item_id": review.item_id,
        "review_id": review.pk,
        "inspector_id": label.inspector_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(EXCLUDE, kept_from)


def is_only_say(review: Review, label: Label) -> bool:
    """Say whether an answer decides its item by itself.

    It names a class, and neither the model nor another reader had or will have a say.
    """
    routing = review.item.routing
    return (
        label.label_class is not None
        and review.read_number == 1
        and not review.is_adjudication
        and review.item.decision_id is None
        and (routing is None or reads_wanted(routing) == 1)
        and (label.supersedes_id is None or review.awaits_second_thought)
    )


def settle_answered(*, limit: int = 200) -> int:
    """Settle the items whose new answers have still to be weighed; return how many."""
    due = Review.objects.unsettled().order_by("item").values_list("item", flat=True)
    return sum(_settle_item(item_id) for item_id in due.distinct()[:limit])


@transaction.atomic
def _settle_item(item_id: int) -> int:
    """Settle an item once for all that was answered; an adjudication goes first.

    A review that somebody is taking back this moment is passed over.
    """
    if not try_sweep(Sweep.SETTLE_ANSWERED):
        return 0
    answered = list(
        Review.objects.unsettled()
        .select_for_update(skip_locked=True, of=("self",))
        .filter(item=item_id)
        .select_related("line", "label__label_class", "label__policy")
        .order_by("is_adjudication", "closed_at", "pk")
    )
    if not answered:
        return 0
    Review.objects.filter(pk__in=[review.pk for review in answered]).update(
        is_unsettled=False
    )
    review = answered[-1]
    if review.label is None:
        raise RuntimeError(f"{review} is closed without an answer.")
    settle_with_others(review, review.label)
    return 1


def settle_with_others(
    review: Review, label: Label, *, as_of: datetime | None = None
) -> None:
    """Decide an item by all its answers so far, or ask for another read."""
    # An answer to another read may be stored just now: one is settled after the other.
    # Whoever takes one back this moment refers to the item, and does not wait for it.
    item = (
        Item.objects.select_for_update(of=("self",), no_key=True)
        .select_related("routing", "decision__label_class")
        .get(pk=review.item_id)
    )
    review.item = item
    wanted = reads_wanted(item.routing) if item.routing else 1
    answers, decided_by_model = _answers(item), _models_class(item)
    if review.is_adjudication:
        settlement = adjudicated(label.label_class.key if label.label_class else None)
    elif _is_adjudicated(item):
        return
    else:
        settlement = _settlement(
            item, answers, decided_by_model=decided_by_model, reads_wanted=wanted
        )
    match settlement.settling:
        case Settling.DECIDE if label.label_class:
            overruled = item.decision if decided_by_model is not None else None
            made = _decide(review, label, label_class=label.label_class, as_of=as_of)
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


def _decide(
    review: Review,
    label: Label,
    *,
    label_class: LabelClass,
    as_of: datetime | None = None,
) -> Decision:
    return decisions.decide_by_person(
        review.item, label, label_class=label_class, policy=label.policy, as_of=as_of
    )


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


def _answers(item: Item) -> list[str | None]:
    """Newest answers of an item's closed reviews, in the order of closing.

    One that came while the item is being settled is weighed by the next sweep.
    """
    closed = (
        Review.objects.filter(
            item=item,
            closed_at__isnull=False,
            label__isnull=False,
            is_adjudication=False,
            is_unsettled=False,
        )
        .exclude(label__kind=AnswerKind.RETRACTION)
        .order_by("closed_at", "pk")
    )
    return list(closed.values_list("label__label_class__key", flat=True))


def ask_for_another_read(review: Review, *, is_adjudication: bool) -> None:
    """Queue one more look at an item, unless one waits or the item is set aside.

    Nor is one asked for while an answer is still to be weighed.

    An adjudication comes before other work: its item has waited for readers already.
    """
    reviews = Review.objects.filter(item=review.item)
    if reviews.waiting().exists() or reviews.unsettled().exists():
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
