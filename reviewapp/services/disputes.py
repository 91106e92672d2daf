"""Disputes: a reader holds something against a settled answer, and gets an answer.

A manager answers who has not read the item. Upheld, gold is void for everybody, and the
decision is taken back, so that somebody who has neither read nor judged it decides
anew: whoever knows what is claimed is no blind reader any more.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviewapp.errors import ConflictError, InvalidInputError, NotAllowedError
from reviewapp.models import (
    AnswerKind,
    Dispute,
    DisputeAnswer,
    DisputeOutcome,
    GoldRead,
    Item,
    Label,
    Membership,
    ProductLine,
    Review,
    User,
)
from reviewapp.services import decisions, gold
from reviewapp.services.records import record
from reviewapp.services.settling import ask_for_another_read, has_adjudicator

SHORTEST_REASON = 10
LONGEST_REASON = 500
TELL_WHY = gettext_lazy(
    "Say why, in %(fewest)s to %(most)s characters; these are %(n)s."
)
TELL_ANSWER = gettext_lazy(
    "Answer in %(fewest)s to %(most)s characters; these are %(n)s."
)
MOST_OPEN = 20
# What was adjudicated longer ago is settled for good.
DISPUTED_WITHIN = timedelta(days=30)


def adjudicated_otherwise(by: User, line: ProductLine) -> "QuerySet[Label]":
    """Give a person's answers that an adjudicator decided otherwise, newest first."""
    return (
        Label.objects.filter(
            inspector=by,
            review__line=line,
            kind=AnswerKind.CLASS,
            superseded_by=None,
            item__payload__isnull=False,
            item__decision__label__review__is_adjudication=True,
            item__decision__decided_at__gte=timezone.now() - DISPUTED_WITHIN,
        )
        .exclude(item__decision__label_class=F("label_class"))
        .exclude(item__decision__label__inspector=by)
        .select_related("item__payload", "item__decision__label_class", "label_class")
        .order_by("-pk")
    )


def dispute_decision(
    label_id: int, line: ProductLine, *, by: User, reason: str
) -> Dispute:
    """Hold something against what an adjudicator made of an item the person has read.

    Raises
    ------
    ConflictError
        If the decision has moved on, or is disputed by the person already.
    """
    label = adjudicated_otherwise(by, line).filter(pk=label_id).first()
    if label is None or label.item.decision is None:
        raise ConflictError(
            _(
                "This decision has been changed meanwhile, or agrees with you. "
                "There is nothing to dispute."
            )
        )
    return _raise(
        Dispute(
            line=line,
            item=label.item,
            decision=label.item.decision,
            said=label.label_class,
            stands=label.item.decision.label_class,
            raised_by=by,
        ),
        reason,
    )


def dispute_gold(
    read: GoldRead, line: ProductLine, *, by: User, reason: str
) -> Dispute:
    """Hold something against the known answer of gold that a person was told of.

    Raises
    ------
    ConflictError
        If the person has disputed it already, or it is void by now.
    """
    if read.gold.voided_at is not None:
        raise ConflictError(
            _("Its answer has been found wrong, and counts for nobody.")
        )
    return _raise(
        Dispute(
            line=line,
            item=read.gold.item,
            gold_read=read,
            said=read.label_class,
            stands=read.gold.label_class,
            raised_by=by,
        ),
        reason,
    )


def _raise(dispute: Dispute, reason: str) -> Dispute:
    dispute.reason = _checked(reason, told=TELL_WHY)
    by, line = dispute.raised_by, dispute.line
    with transaction.atomic():
        # one after the other, lest two windows pass the limit together
        User.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)
        own = Dispute.objects.of(by, line)
        if own.filter(decision=dispute.decision, gold_read=dispute.gold_read).exists():
            raise ConflictError(_("You have disputed this already."))
        if own.open().count() >= MOST_OPEN:
            raise ConflictError(
                _(
                    "You have %(most)s disputes on this line that wait for an answer. "
                    "Dispute more when some have got theirs."
                )
                % {"most": MOST_OPEN}
            )
        dispute.save(force_insert=True)
        record(
            "dispute.raised",
            actor=by.pseudonym,
            line=line,
            subject=str(dispute.item.public_id),
            details={"dispute": dispute.pk},
        )
    return dispute


def answer_dispute(
    dispute: Dispute, *, outcome: DisputeOutcome, words: str, by: User
) -> DisputeAnswer:
    """Answer a dispute in words, once; upheld, what it is about is taken back.

    Raises
    ------
    NotAllowedError
        If the person raised it or has read the item.
    ConflictError
        If it has been answered, or nobody would be left to decide the item anew.
    """
    said = _checked(words, told=TELL_ANSWER)
    with transaction.atomic():
        item = Item.objects.select_for_update(of=("self",), no_key=True).get(
            pk=dispute.item_id
        )
        held = Dispute.objects.select_for_update(of=("self",)).with_judge(by)
        dispute = held.select_related("line", "decision", "gold_read__gold").get(
            pk=dispute.pk
        )
        if dispute.is_party:
            raise NotAllowedError(
                _(
                    "You have read this item or disputed it. Somebody who has not "
                    "answers."
                )
            )
        if not dispute.is_open:
            raise ConflictError(_("This dispute has been answered already."))
        answer = DisputeAnswer.objects.create(
            dispute=dispute, outcome=outcome, words=said, answered_by=by
        )
        if outcome == DisputeOutcome.UPHELD:
            _uphold(dispute, item, by=by)
        record(
            f"dispute.{outcome.value}",
            actor=by.pseudonym,
            line=dispute.line,
            subject=str(item.public_id),
            details={"dispute": dispute.pk},
            reason=said,
        )
        return answer


def _uphold(dispute: Dispute, item: Item, *, by: User) -> None:
    if hasattr(item, "gold"):
        gold.void_gold(item.gold, by=by)
    standing = item.decision
    if standing is None or standing.label_class_id != dispute.stands_id:
        return  # it has been corrected meanwhile
    line = ProductLine.objects.with_policy().get(pk=dispute.line_id)
    decided = standing.label
    decisions.retract(item, policy=line.in_force)
    was_adjudicated = decided is not None and decided.review.is_adjudication
    _ask_anew(item, line, by=by, was_adjudicated=was_adjudicated)


def _ask_anew(
    item: Item, line: ProductLine, *, by: User, was_adjudicated: bool
) -> None:
    """Ask for one more read of an item, by nobody who has read or judged it.

    What an adjudicator has decided only another one can decide again.
    """
    adjudicates = has_adjudicator(item)
    last = Review.objects.filter(item=item).order_by("-read_number")[0]
    last.line, last.item = line, item
    ask_for_another_read(last, is_adjudication=adjudicates)
    asked = Review.objects.waiting().filter(item=item)
    for review in asked.select_for_update():
        review.excluded = sorted({*review.excluded, by.pk})
        review.save(update_fields=["excluded"])
        if was_adjudicated and not _may_be_adjudicated(review, line):
            raise ConflictError(
                _(
                    "Nobody is left on this line who may adjudicate this item anew. "
                    "Let another inspector adjudicate first, under People."
                )
            )


def _may_be_adjudicated(review: Review, line: ProductLine) -> bool:
    return review.is_adjudication and (
        Membership.objects.filter(line=line, is_adjudicator=True, user__is_active=True)
        .exclude(user__in=review.excluded)
        .exists()
    )


def _checked(words: str, *, told: Promise) -> str:
    text = " ".join(words.split())
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        raise InvalidInputError(
            str(told)
            % {"fewest": SHORTEST_REASON, "most": LONGEST_REASON, "n": len(text)},
            code="reason_length",
        )
    return text
