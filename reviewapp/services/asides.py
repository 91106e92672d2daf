"""Setting items aside for the manager, and settling what was set aside.

Nothing leaves the queue silently: what is skipped on a line that takes it out, and
what its readers cannot settle, stands in one list until a manager has dealt with it.
"""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import (
    AnswerKind,
    AsideBecause,
    AsideOutcome,
    ClockNow,
    Flag,
    FlagKind,
    Item,
    ProductLine,
    QueueTerms,
    Review,
    SetAside,
    User,
)
from reviewapp.services.records import record
from reviewapp.services.settling import (
    NO_CLAIM,
    ask_for_another_read,
    has_adjudicator,
)


def set_aside(review: Review, *, by: User, reason: str) -> SetAside:
    """Take a locked review's item out of the queue, inside the caller's transaction.

    Its other reviews leave with it, but for those that somebody has in front: their
    readers' answers count.
    """
    Item.objects.select_for_update(of=("self",), no_key=True).get(pk=review.item_id)
    aside, _is_new = SetAside.objects.get_or_create(
        item=review.item,
        settled_at=None,
        defaults={
            "line": review.line,
            "because": AsideBecause.SKIPPED,
            "by": by,
            "reason": reason,
        },
    )
    others = Review.objects.select_for_update(skip_locked=True).free()
    leaving = [other.pk for other in others.filter(item=review.item)]
    Review.objects.filter(pk__in=[review.pk, *leaving]).update(
        closed_at=ClockNow(), **NO_CLAIM
    )
    return aside


def send_back(aside_id: int, line: ProductLine, *, by: User) -> SetAside:
    """Put an item that was set aside back into the queue.

    Raises
    ------
    ConflictError
        If it has been dealt with, or has a decision by now.
    """
    with transaction.atomic():
        aside = _lock(aside_id, line)
        if aside.item.decision is not None and aside.item.decision.label_class:
            raise ConflictError(_("This item has been decided meanwhile. Close it."))
        _settle(aside, AsideOutcome.RETURNED, by=by)
        left = Review.objects.filter(
            Q(label=None) | Q(label__kind=AnswerKind.RETRACTION),
            item=aside.item,
            gold=None,
            closed_at__gte=aside.set_aside_at,
        )
        due_at = QueueTerms.objects.of_line(line).due_at(ClockNow())
        again = {"queued_at": ClockNow(), "deferred_to": None, "due_at": due_at}
        if not left.update(closed_at=None, **again):
            _read_again(aside.item, line)
        return aside


def close_aside(aside_id: int, line: ProductLine, *, by: User, note: str) -> SetAside:
    """Leave an item that was set aside undecided for good, with a note why.

    Raises
    ------
    InvalidInputError
        If nothing is noted.
    ConflictError
        If it has been dealt with.
    """
    if not note.strip():
        raise InvalidInputError(
            _("Note why nobody will decide it."), code="note_missing"
        )
    with transaction.atomic():
        aside = _lock(aside_id, line)
        _settle(aside, AsideOutcome.CLOSED, by=by, note=note.strip())
        return aside


def flag_item(review: Review, kind: FlagKind, *, by: User) -> bool:
    """Note that something is wrong with a review's item; say whether that is new."""
    _flag, is_new = Flag.objects.get_or_create(item=review.item, user=by, kind=kind)
    return is_new


def _lock(aside_id: int, line: ProductLine) -> SetAside:
    aside = line.asides.select_for_update().get(pk=aside_id)
    if aside.settled_at is not None:
        raise ConflictError(_("This item has been dealt with already."))
    aside.item = (
        Item.objects.select_for_update(of=("self",), no_key=True)
        .select_related("decision")
        .get(pk=aside.item_id)
    )
    return aside


def _settle(
    aside: SetAside, outcome: AsideOutcome, *, by: User, note: str = ""
) -> None:
    aside.outcome, aside.settled_by, aside.note = outcome, by, note
    aside.settled_at = timezone.now()
    aside.save(update_fields=["outcome", "settled_by", "settled_at", "note"])
    record(
        f"aside.{outcome.value}",
        actor=by.pseudonym,
        line=aside.line,
        subject=str(aside.item.public_id),
        reason=note,
    )


def _read_again(item: Item, line: ProductLine) -> None:
    """Ask for one more read of an item whose answers ran out."""
    last = Review.objects.filter(item=item).order_by("-read_number")[0]
    last.line, last.item = line, item
    ask_for_another_read(last, is_adjudication=has_adjudicator(item))
