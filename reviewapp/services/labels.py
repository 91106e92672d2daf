"""Labelling: storing an answer, and revealing after a first one.

An answer is one transaction: label, decision, and the claim of the next review. It
takes as many statements whatever the item is, so that nobody can time what it was; what
has to be weighed with the model's or others' answers is left to the sweep. Its key
is the token of the claim, made when the item was shown, so repeats are harmless and
an answer that lost its claim overwrites nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg.types.json import Jsonb

from reviewapp import policy
from reviewapp.errors import ClaimLostError, TooSoonError
from reviewapp.modalities.boxes import Box
from reviewapp.modalities.sights import Sight
from reviewapp.models import (
    AnswerKind,
    ClockNow,
    Exposure,
    Label,
    LabelClass,
    LateAnswer,
    Meaning,
    Prediction,
    ProductLine,
    Review,
    Role,
    User,
)
from reviewapp.policy import Shown
from reviewapp.services import gold
from reviewapp.services.decisions import DECIDE
from reviewapp.services.reviews import (
    claim_following,
    expose,
    lock_review,
    prediction_in_sight,
)
from reviewapp.services.settling import EXCLUDE, is_only_say, settle_with_others

# An answer is one statement, whatever becomes of it: it decides the item where it is
# the only say, and keeps the reader from the item's other reads where it is not. Each
# has a text of its own, so that its plan is the same every time and is made once.
STORE = """
WITH made AS (
    INSERT INTO reviewapp_label (review_id, item_id, inspector_id, kind, label_class_id,
        shown, prediction_id, policy_id, edition_id, answer_key, supersedes_id,
        claimed_at, labelled_at, active_ms, comment, sight, boxes, also)
    VALUES (%(review_id)s, %(item_id)s, %(inspector_id)s, %(kind)s, %(label_class_id)s,
        %(shown)s, %(prediction_id)s, %(policy_id)s, %(edition_id)s, %(answer_key)s,
        %(supersedes_id)s, %(claimed_at)s,
        coalesce(%(as_of)s::timestamptz, clock_timestamp()), %(active_ms)s, %(comment)s,
        %(sight)s, %(boxes)s, %(also)s)
    RETURNING *
)"""
SAID_ALONE = """
    SELECT item_id, 'person', label_class_id, id, policy_id, NULL::bigint, labelled_at
    FROM made
"""
CLOSE = """
UPDATE reviewapp_review AS review SET label_id = made.id, closed_at = made.labelled_at,
    awaits_second_thought = false, claimed_by_id = NULL, claimed_at = NULL,
    claimed_until = NULL, claim_token = NULL, is_reserved = false,
    is_unsettled = %(is_unsettled)s
FROM made WHERE review.id = %(review_id)s
RETURNING made.id, made.labelled_at, {decided}
"""
STORE_AND_DECIDE = f"""{STORE}, {DECIDE.format(source=SAID_ALONE)}
{CLOSE.format(decided="(SELECT id FROM decision)")}"""  # noqa: S608 - made of constants
STORE_AND_EXCLUDE = f"""{STORE}, excluded AS ({EXCLUDE})
{CLOSE.format(decided="NULL::bigint")}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an inspector said: a class, or that nobody could tell.

    ``also`` are the item's other classes; ``label_class`` is the one that decides.
    ``sight`` is ``None`` where nothing was said of it, as from a page without scripts.
    """

    label_class: LabelClass | None
    key: UUID
    active_ms: int | None = None
    comment: str = ""
    sight: Sight | None = None
    boxes: Sequence[Box] = ()
    also: Sequence[LabelClass] = ()

    @property
    def kind(self) -> AnswerKind:
        """What kind of label this becomes."""
        return AnswerKind.CLASS if self.label_class else AnswerKind.CANNOT_TELL


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of an answer.

    ``following`` is the review now held, ``None`` when the queue is empty. It is the
    same review when ``revealed`` says that the inspector now sees the prediction. The
    ``label`` of gold is a row of no table: what was said is kept as a gold read.
    """

    label: Label
    following: Review | None
    revealed: Prediction | None = None


def answer_review(
    review_id: UUID,
    line: ProductLine,
    *,
    by: User,
    answer: Answer,
    as_of: datetime | None = None,
) -> Answered:
    """Store an inspector's answer, and hold the next review.

    1. Lock the review; a repeat of a stored answer gets the same outcome again.
    2. Refuse an answer whose claim is lost, keeping it aside as a late one; and one by
       which an item would pass before the line's shortest look is over.
    3. Store the label. Where the line reveals after a first answer that differs from
       the prediction, the same review comes back with the prediction in sight.
    4. Otherwise settle the item, or leave that to the sweep, and claim the next review.
    """
    with transaction.atomic():
        review = lock_review(review_id, line)
        if review.claim_token != answer.key or review.claimed_by_id != by.pk:
            repeated = _repeated(review, by=by, answer=answer)
            if repeated is not None:
                return repeated
            _keep_late(review, by=by, answer=answer)
        else:
            if as_of is None:
                _require_look(review, answer)
            return _store(review, by=by, answer=answer, as_of=as_of)
    raise ClaimLostError(
        _(
            "Somebody else has this item now, or has answered it. Your answer was kept "
            "aside and changes nothing. Continue with the next item."
        )
    )


def _require_look(review: Review, answer: Answer) -> None:
    """Refuse to let an item pass that has been in front for too short a time."""
    least, chosen = review.line.least_look_s, answer.label_class
    if not least or chosen is None or chosen.meaning != Meaning.PASS:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp() - %s)::float8",
            [review.claimed_at],
        )
        left = math.ceil(least - cursor.fetchone()[0])
    if left > 0:
        raise TooSoonError(
            ngettext(
                "Look for %(n)d second more before you let it pass. "
                "Your answer is not stored yet.",
                "Look for %(n)d seconds more before you let it pass. "
                "Your answer is not stored yet.",
                left,
            )
            % {"n": left}
        )


def _repeated(review: Review, *, by: User, answer: Answer) -> Answered | None:
    stored = (
        Label.objects.filter(answer_key=answer.key, inspector=by, review=review).first()
        if review.gold_id is None
        else gold.stored_answer(review, by=by, key=answer.key)
    )
    if stored is None:
        return None
    if review.awaits_second_thought and review.claimed_by_id == by.pk:
        revealed = prediction_in_sight(review)
        return Answered(label=stored, following=review, revealed=revealed)
    following = Review.objects.held_by(by).filter(line=review.line).with_item().first()
    if following is not None:
        following.line = review.line
    return Answered(label=stored, following=following)


def _keep_late(review: Review, *, by: User, answer: Answer) -> None:
    LateAnswer.objects.get_or_create(
        review=review,
        answer_key=answer.key,
        defaults={
            "inspector": by,
            "kind": answer.kind,
            "label_class": answer.label_class,
            "also": [one.key for one in answer.also],
        },
    )


def _store(
    review: Review, *, by: User, answer: Answer, as_of: datetime | None
) -> Answered:
    in_sight = prediction_in_sight(review)
    _keep_sight(by, review.line, answer.sight)
    label = _new_label(review, by=by, answer=answer, in_sight=in_sight, as_of=as_of)
    if review.gold_id is not None:
        gold.store_and_close(label, as_of=as_of)
        return Answered(label=label, following=claim_following(by, review.line))
    revealed = _prediction_to_reveal(review, answer=answer, in_sight=in_sight)
    if revealed is not None:
        label.save(force_insert=True)
        expose(review, by, revealed)
        _hold_for_second_thought(review, label)
        return Answered(label=label, following=review, revealed=revealed)
    _store_and_close(review, label, as_of=as_of)
    return Answered(label=label, following=claim_following(by, review.line))


def _keep_sight(by: User, line: ProductLine, sight: Sight | None) -> None:
    """Show the person's next picture as this one was looked at, if that is new."""
    if sight is None or sight.as_json() == line.kept_sight:
        return
    held = by.memberships.filter(line=line, role=Role.INSPECTOR)
    held.update(sight=sight.as_json())


def _store_and_close(review: Review, label: Label, *, as_of: datetime | None) -> None:
    """Store a label, close its review and settle its item as far as it does alone.

    In a history that is replayed, with ``as_of``, nobody waits for the sweep.
    """
    is_alone = is_only_say(review, label)
    values = {
        field.attname: getattr(label, field.attname)
        for field in Label._meta.concrete_fields  # noqa: SLF001 - Django's public name for it
    }
    for name in ("sight", "boxes"):
        values[name] = values[name] and Jsonb(values[name])
    values |= {
        "as_of": as_of,
        "line": review.line_id,
        "is_unsettled": as_of is None and not is_alone,
    }
    with connection.cursor() as cursor:
        cursor.execute(STORE_AND_DECIDE if is_alone else STORE_AND_EXCLUDE, values)
        label.pk, label.labelled_at, decided = cursor.fetchone()
    review.label = label
    if decided is not None:
        review.item.decision_id = decided
    if as_of is not None and not is_alone:
        settle_with_others(review, label, as_of=as_of)


def _new_label(
    review: Review,
    *,
    by: User,
    answer: Answer,
    in_sight: Prediction | None,
    as_of: datetime | None,
) -> Label:
    seen, shown = in_sight, Shown.NOTHING
    if in_sight is not None:
        shown = Shown.REVEAL if review.awaits_second_thought else Shown.SUGGESTION
    elif review.label_id is not None:
        # An earlier answer was taken back: whoever saw the prediction then, saw it.
        exposure = Exposure.objects.filter(item=review.item, user=by).first()
        if exposure is not None:
            seen, shown = exposure.prediction, Shown.REVEAL
    return Label(
        review=review,
        item=review.item,
        inspector=by,
        kind=answer.kind,
        label_class=answer.label_class,
        shown=shown.value,
        prediction=seen,
        policy=review.line.in_force,
        edition_id=review.edition_id,
        answer_key=answer.key,
        supersedes_id=review.label_id,
        claimed_at=review.claimed_at,
        labelled_at=as_of or ClockNow(),
        active_ms=answer.active_ms,
        comment=answer.comment,
        sight=answer.sight.as_json() if answer.sight else None,
        boxes=list(answer.boxes) or None,
        also=[one.key for one in answer.also],
    )


def _prediction_to_reveal(
    review: Review, *, answer: Answer, in_sight: Prediction | None
) -> Prediction | None:
    in_force, routing = review.line.in_force, review.item.routing
    if in_sight is not None or review.label_id is not None or review.is_adjudication:
        return None
    if routing is None or routing.prediction_id is None:
        return None
    may = policy.may_reveal(
        in_force.terms(),
        policy.Route(routing.route),
        is_of_deciding_version=in_force.names(routing.version_id),
    )
    if not may or answer.label_class is None:
        return None
    predicted = routing.prediction
    if predicted is None:
        return None
    return predicted if predicted.label_class_id != answer.label_class.pk else None


def _hold_for_second_thought(review: Review, label: Label) -> None:
    review.claim_token = uuid4()
    review.label, review.awaits_second_thought = label, True
    Review.objects.filter(pk=review.pk).update(
        label=label,
        awaits_second_thought=True,
        claim_token=review.claim_token,
        claimed_until=ClockNow() + timedelta(seconds=review.line.claim_length_s),
    )
