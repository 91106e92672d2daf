"""The queue's verbs: claim a review, skip it, give it back."""

from typing import assert_never
from uuid import UUID

from django.db import transaction
from django.db.models import F, Func, Value
from django.utils.translation import gettext as _

from reviewapp import policy
from reviewapp.errors import ClaimLostError
from reviewapp.models import (
    ClockNow,
    Exposure,
    Item,
    Prediction,
    ProductLine,
    Review,
    SkipPolicy,
    User,
)
from reviewapp.policy import Shown
from reviewapp.services import hands, qualifications
from reviewapp.services.asides import set_aside
from reviewapp.services.records import record
from reviewapp.services.settling import NO_CLAIM, close_review


def claim_next(inspector: User, line: ProductLine) -> Review | None:
    """Hold the first review a person may have; ``None`` when there is none.

    Whoever already holds a review of the line gets that one again.
    """
    with transaction.atomic():
        # One after the other, lest two windows each take one.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=inspector.pk)
        held = Review.objects.held_by(inspector).with_item().filter(line=line).first()
        if held is None:
            return claim_following(inspector, line)
        held.line = line
        if not held.awaits_second_thought:
            hands.fill(line, inspector)
        return held


def begin_work(inspector: User, line: ProductLine) -> Review | None:
    """Hold the first review of a line for a person who has none in front elsewhere.

    Raises
    ------
    HeldElsewhereError
        If there is one on another line: nobody holds two without knowing it.
    """
    with transaction.atomic():
        # As in claiming: two windows that open two lines come one after the other.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=inspector.pk)
        elsewhere = hands.held_elsewhere(inspector, line)
        if elsewhere is not None:
            raise hands.HeldElsewhereError(elsewhere)
        return claim_next(inspector, line)


def let_go_elsewhere(inspector: User, line: ProductLine) -> int:
    """Give back all that a person holds on other lines; say how much that was.

    A first answer that waits for its second thought stands.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=inspector.pk)
        held = Review.objects.in_hand_of(inspector).exclude(line=line)
        first_answers = held.filter(awaits_second_thought=True)
        let_go = 0
        for review_id, line_id in first_answers.values_list("public_id", "line"):
            there = ProductLine.objects.with_policy().get(pk=line_id)
            review = lock_review(review_id, there)
            if review.awaits_second_thought and review.label is not None:
                close_review(review, review.label)
                let_go += 1
        return let_go + held.filter(awaits_second_thought=False).update(**NO_CLAIM)


def claim_following(inspector: User, line: ProductLine) -> Review | None:
    """Put the next review in front and fill the hand, inside the caller's transaction.

    The claim begins anew here, when the review is shown, and so does the exposure.
    """
    if not qualifications.may_work(inspector, line):
        return None
    review = hands.take_first(line, inspector)
    if review is None:
        return None
    added = hands.fill(line, inspector)
    if len(added) == line.hand_size - 1:
        review.behind = added
    suggestion = prediction_in_sight(review)
    if suggestion is not None:
        expose(review, inspector, suggestion)
    return review


def prediction_in_sight(review: Review) -> Prediction | None:
    """Give the prediction that the page may show now; ``None`` almost always.

    The server sends nothing else of it: what is not returned here is not in the page.
    """
    in_force, routing = review.line.in_force, review.item.routing
    if routing is None or routing.prediction_id is None:
        return None
    if review.gold_id is not None or review.is_adjudication:
        return None
    terms, is_deciding = in_force.terms(), in_force.names(routing.version_id)
    route = policy.Route(routing.route)
    if review.awaits_second_thought:
        may = policy.may_reveal(terms, route, is_of_deciding_version=is_deciding)
        return routing.prediction if may else None
    shown = policy.shown_first(
        terms,
        route,
        is_of_deciding_version=is_deciding,
        style_draw=routing.style_draw,
    )
    return routing.prediction if shown is Shown.SUGGESTION else None


def lock_review(review_id: UUID, line: ProductLine) -> Review:
    """Lock a review's row; ``line`` is its line with the policy in force."""
    review = Review.objects.lock(line, review_id)
    review.line = line
    return review


def expose(review: Review, user: User, prediction: Prediction) -> None:
    """Note that a person sees an item's prediction from now on."""
    Exposure.objects.bulk_create(
        [Exposure(item=review.item, user=user, prediction=prediction)],
        ignore_conflicts=True,
    )


def skip_review(
    review_id: UUID, line: ProductLine, *, by: User, key: UUID, reason: str
) -> Review | None:
    """Pass a review on to where the line says, and hold the next one.

    A first answer that waits for its second thought stands.
    """
    with transaction.atomic():
        review = lock_review(review_id, line)
        _require_claim(review, by=by, key=key)
        if review.awaits_second_thought and review.label is not None:
            close_review(review, review.label)
            return claim_following(by, line)
        _pass_on(review, by=by, reason=reason)
        record(
            "review.skipped",
            actor=by.pseudonym,
            line=review.line,
            subject=str(review.public_id),
            reason=reason,
        )
        return claim_following(by, line)


def _pass_on(review: Review, *, by: User, reason: str) -> None:
    same = Review.objects.filter(pk=review.pk)
    if review.gold_id is not None:
        # nobody else gets this reader's gold
        same.update(closed_at=ClockNow(), **NO_CLAIM)
        return
    match SkipPolicy(review.line.skip_policy):
        case SkipPolicy.OTHERS:
            same.update(
                excluded=Func(F("excluded"), Value(by.pk), function="array_append"),
                queued_at=ClockNow(),
                deferred_to=None,
                **NO_CLAIM,
            )
        case SkipPolicy.END:
            same.update(queued_at=ClockNow(), deferred_to=None, **NO_CLAIM)
        case SkipPolicy.OUT:
            set_aside(review, by=by, reason=reason)
        case never:
            assert_never(never)


def release_review(review_id: UUID, line: ProductLine, *, by: User, key: UUID) -> None:
    """Give a review back to the queue, where it keeps its place, and what came next."""
    with transaction.atomic():
        review = lock_review(review_id, line)
        _require_claim(review, by=by, key=key)
        hands.put_back(by, line)
        if review.awaits_second_thought and review.label is not None:
            close_review(review, review.label)
            return
        Review.objects.filter(pk=review.pk).update(**NO_CLAIM)


def _require_claim(review: Review, *, by: User, key: UUID) -> None:
    if review.claim_token != key or review.claimed_by_id != by.pk:
        raise ClaimLostError(
            _("Somebody else has this item now. Continue with the next item.")
        )


def close_unfinished(*, limit: int = 100) -> int:
    """Let first answers stand whose second thought never came; return how many."""
    expired = Review.objects.waiting().filter(
        awaits_second_thought=True, claimed_until__lt=ClockNow()
    )
    closed = 0
    for review_id, line_id in expired.values_list("public_id", "line")[:limit]:
        line = ProductLine.objects.with_policy().get(pk=line_id)
        with transaction.atomic():
            review = lock_review(review_id, line)
            if review.awaits_second_thought and review.label is not None:
                close_review(review, review.label)
                closed += 1
    return closed


@transaction.atomic
def expose_item(item: Item, user: User) -> None:
    """Note that a person asked to see an item's predictions, and is out as a reader."""
    Exposure.objects.bulk_create(
        [
            Exposure(item=item, user=user, prediction=prediction)
            for prediction in item.predictions.all()
        ],
        ignore_conflicts=True,
    )
    Review.objects.filter(item=item, closed_at=None).exclude(
        excluded__contains=[user.pk]
    ).update(excluded=Func(F("excluded"), Value(user.pk), function="array_append"))
    record(
        "prediction.shown",
        actor=user.pseudonym,
        line=item.line,
        subject=str(item.public_id),
    )
