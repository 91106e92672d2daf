"""Corrections: what a person answered last, and taking any of it back.

Taking back appends a label that supersedes the answer, and a decision that supersedes
what it decided. What other systems have read already stands in their feed: they get
the retraction and the new decision after it. The person is told that this may be so,
and not whether it is: it would tell audits and gold from the rest. What can be
taken back are the last ten answers, within the person's shift, at most 8 hours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError
from reviewapp.models import (
    AnswerKind,
    BookExample,
    ClockNow,
    Decision,
    GoldRead,
    Item,
    Label,
    ProductLine,
    Review,
    User,
)
from reviewapp.services import decisions, gold, hands
from reviewapp.services.records import record
from reviewapp.services.reviews import lock_review
from reviewapp.services.settling import NO_CLAIM
from reviewapp.services.several import names_of

UNDO_WITHIN = timedelta(hours=8)
LISTED = 10

# Answers to gold stand in their order among the others, or one could tell them apart.
LAST_ANSWERS = """
SELECT public_id, given_at, concat_ws(', ', name, CASE WHEN cardinality(also) > 0 THEN (
    SELECT string_agg(other.name, ', ' ORDER BY other.position, other.id)
    FROM reviewapp_labelclass AS other
    WHERE other.line_id = %(line)s AND other.key = ANY (given.also)
) END)
FROM ((
    SELECT review.public_id, label.labelled_at AS given_at,
        coalesce(class.name, %(cannot_tell)s) AS name, label.also
    FROM reviewapp_label AS label
        JOIN reviewapp_review AS review ON review.item_id = label.item_id
            AND review.label_id = label.id
        LEFT JOIN reviewapp_labelclass AS class ON class.id = label.label_class_id
    WHERE label.inspector_id = %(by)s AND review.line_id = %(line)s
        AND review.closed_at IS NOT NULL AND label.kind <> 'retraction'
        AND label.labelled_at > clock_timestamp() - make_interval(secs => %(within_s)s)
    ORDER BY label.id DESC LIMIT %(limit)s
) UNION ALL (
    SELECT review.public_id, read.answered_at, coalesce(class.name, %(cannot_tell)s),
        read.also
    FROM reviewapp_goldread AS read
        JOIN reviewapp_review AS review ON review.id = read.review_id
        LEFT JOIN reviewapp_labelclass AS class ON class.id = read.label_class_id
    WHERE read.inspector_id = %(by)s AND review.line_id = %(line)s
        AND review.closed_at IS NOT NULL AND read.told_at IS NULL
        AND read.answered_at > clock_timestamp() - make_interval(secs => %(within_s)s)
    ORDER BY read.answered_at DESC LIMIT %(limit)s
)) AS given
ORDER BY given_at DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """An answer that its reader can still take back."""

    review_id: UUID
    given_at: datetime
    name: str

    @property
    def moment(self) -> str:
        """When it was given, for machines."""
        return self.given_at.isoformat(timespec="seconds")

    @property
    def clock(self) -> str:
        """When it was given, by the clock on the wall."""
        return f"{timezone.localtime(self.given_at):%H:%M:%S}"


def last_answers(
    by: User, line: ProductLine, *, limit: int = LISTED
) -> list[GivenAnswer]:
    """Give a person's newest answers on a line that stand, the last one first."""
    with connection.cursor() as cursor:
        cursor.execute(
            LAST_ANSWERS,
            {
                "by": by.pk,
                "line": line.pk,
                "cannot_tell": str(AnswerKind.CANNOT_TELL.label),
                "within_s": UNDO_WITHIN.total_seconds(),
                "limit": limit,
            },
        )
        rows = cursor.fetchall()
    return [
        GivenAnswer(review_id=review_id, given_at=given_at, name=name)
        for review_id, given_at, name in rows
    ]


def as_given(label: Label, review_id: UUID, line: ProductLine) -> GivenAnswer:
    """Give a label that was just stored as its reader sees it listed."""
    name = names_of(label, {one.key: one.name for one in line.open_classes})
    return GivenAnswer(review_id=review_id, given_at=label.labelled_at, name=name)


def undo_last(by: User, line: ProductLine) -> Review:
    """Take the person's last answer on a line back, and put its review in front."""
    last = last_answers(by, line, limit=1)
    if not last:
        raise ConflictError(_("There is no answer of the last 8 hours to undo."))
    return take_back(last[0].review_id, line, by=by)


def take_back(review_id: UUID, line: ProductLine, *, by: User) -> Review:
    """Take a person's own answer back, and put its review in front again.

    The answer and what it decided stay as rows that are superseded. What else was in
    hand goes back to its place.
    """
    with transaction.atomic():
        review = lock_review(review_id, line)
        if not _has_answered(review, by):
            raise ConflictError(
                _("This answer has already been taken back or followed.")
            )
        if review.public_id not in {one.review_id for one in last_answers(by, line)}:
            raise ConflictError(
                _("Only your last ten answers of the past 8 hours can be corrected.")
            )
        if BookExample.objects.filter(item=review.item).exists():
            raise ConflictError(_("This item stands in the label book by now."))
        elsewhere = hands.held_elsewhere(by, line)
        if elsewhere is not None:
            raise hands.HeldElsewhereError(elsewhere)
        Review.objects.in_hand_of(by).filter(line=line).update(**NO_CLAIM)
        retraction = _retract(review, by)
        Review.objects.filter(pk=review.pk).update(
            label=retraction,
            closed_at=None,
            claimed_by=by,
            claimed_at=ClockNow(),
            claimed_until=ClockNow() + timedelta(seconds=line.claim_length_s),
            claim_token=uuid4(),
            edition=line.edition_id,
            is_reserved=False,
            is_reopened=True,
            is_unsettled=False,
        )
        hands.fill(line, by)
        number = _number_handed_out(retraction) if retraction else None
        record(
            "label.undone",
            actor=by.pseudonym,
            line=line,
            subject=str(review.public_id),
            details={"handed_out_as": number} if number else {},
        )
        reopened = Review.objects.with_item().select_related("label").get(pk=review.pk)
        reopened.line = line
        return reopened


def answer_before(review: Review) -> Label | GoldRead | None:
    """Give the answer that an open review begins with: a first one, or one taken back.

    One statement, of gold as of any other.
    """
    if review.awaits_second_thought:
        return review.label
    if not review.is_reopened:
        return None
    if review.gold_id is not None:
        gold_reads = GoldRead.objects.select_related("label_class")
        return gold_reads.filter(review=review).first()
    labels = Label.objects.select_related("label_class")
    return labels.filter(superseded_by=review.label_id).first()


def _has_answered(review: Review, by: User) -> bool:
    """Say whether the answer that a closed review stands on is the person's."""
    if review.closed_at is None:
        return False
    if review.gold_id is not None:
        return gold.has_answered(review, by)
    return review.label is not None and review.label.inspector_id == by.pk


def _retract(review: Review, by: User) -> Label | None:
    """Take back what a review stands on; ``None`` for gold, which has no label."""
    given = review.label
    if given is None:
        gold.forget_answer(review)
        return None
    retraction = Label.objects.create(
        review=review,
        item=review.item,
        inspector=by,
        kind=AnswerKind.RETRACTION,
        shown=given.shown,
        prediction=given.prediction,
        policy=review.line.in_force,
        edition_id=given.edition_id,
        supersedes=given,
    )
    # Another reader of the item may be settling it now: both would follow one decision.
    item = (
        Item.objects.select_for_update(of=("self",), no_key=True)
        .select_related("decision")
        .get(pk=review.item_id)
    )
    standing = item.decision
    if standing is not None and standing.label_id == given.pk:
        decisions.retract(item, policy=review.line.in_force)
    return retraction


def _number_handed_out(retraction: Label) -> int | None:
    """Give the feed's number of what a retracted answer had decided, if it has left."""
    decided = Decision.objects.filter(
        label=retraction.supersedes_id, feed_entry__number__isnull=False
    )
    return decided.values_list("feed_entry__number", flat=True).last()
