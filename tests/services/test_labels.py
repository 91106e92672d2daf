"""Answers: fenced by their claim, idempotent by their key, undone by another row."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from reviewapp.errors import ClaimLostError, ConflictError
from reviewapp.lottery import lottery
from reviewapp.models import (
    Decision,
    Exposure,
    Item,
    Label,
    LateAnswer,
    ProductLine,
    Review,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import corrections, labels, reviews, settling
from reviewapp.services.labels import Answer
from reviewapp.services.replays import replay_line
from reviewapp.services.routings import route_items
from tests import factories


def claimed(inspector: User, line: ProductLine) -> Review:
    review = reviews.claim_next(inspector, line)
    assert review is not None
    return review


def answer(review: Review, key: str | None) -> Answer:
    assert review.claim_token is not None
    chosen = review.line.classes.get(key=key) if key else None
    return Answer(label_class=chosen, key=review.claim_token)


def test_an_answer_decides_and_hands_over_the_next_review(
    line: ProductLine, ana: User
) -> None:
    first, second = factories.make_item(line), factories.make_item(line)

    answered = factories.label_next(ana, line, "scratch")

    first.refresh_from_db()
    assert first.decision is not None
    assert (first.decision.label, first.decision.decided_by) == (
        answered.label,
        "person",
    )
    assert answered.label.shown == "nothing"
    assert answered.following is not None
    assert answered.following.item == second
    assert answered.following.claimed_by == ana


def test_the_same_answer_again_gets_the_same_outcome_and_stores_nothing(
    line: ProductLine, ana: User
) -> None:
    factories.make_item(line)
    factories.make_item(line)
    review = claimed(ana, line)
    given = answer(review, "ok")
    once = labels.answer_review(review.public_id, line, by=ana, answer=given)

    again = labels.answer_review(review.public_id, line, by=ana, answer=given)

    assert (again.label, again.following) == (once.label, once.following)
    assert Label.objects.count() == Decision.objects.count() == 1


def test_an_answer_after_somebody_else_took_the_review_is_kept_aside(
    line: ProductLine, ana: User, ben: User
) -> None:
    factories.make_item(line)
    review = claimed(ana, line)
    past = timezone.now() - timedelta(seconds=1)
    Review.objects.filter(pk=review.pk).update(claimed_until=past)
    taken = claimed(ben, line)

    with pytest.raises(ClaimLostError, match="kept"):
        labels.answer_review(
            review.public_id, line, by=ana, answer=answer(review, "ok")
        )

    assert taken.pk == review.pk
    assert LateAnswer.objects.get().inspector == ana
    assert not Label.objects.exists()


def test_a_late_answer_counts_as_long_as_nobody_else_took_the_review(
    line: ProductLine, ana: User
) -> None:
    factories.make_item(line)
    review = claimed(ana, line)
    past = timezone.now() - timedelta(hours=1)
    Review.objects.filter(pk=review.pk).update(claimed_until=past)

    labels.answer_review(review.public_id, line, by=ana, answer=answer(review, "ok"))

    assert Label.objects.get().inspector == ana


def test_an_invented_key_stores_nothing(line: ProductLine, ana: User) -> None:
    factories.make_item(line)
    review = claimed(ana, line)
    given = Answer(label_class=line.classes.get(key="ok"), key=uuid4())

    with pytest.raises(ClaimLostError):
        labels.answer_review(review.public_id, line, by=ana, answer=given)

    assert not Label.objects.exists()


def test_cannot_tell_asks_another_person(
    line: ProductLine, ana: User, ben: User
) -> None:
    item = factories.make_item(line)

    answered = factories.label_next(ana, line, None)

    item.refresh_from_db()
    assert item.decision is None
    assert answered.following is None
    assert claimed(ben, line).read_number == 2
    factories.label_next(ben, line, "ok")
    item.refresh_from_db()
    assert item.decision is not None


def test_undo_takes_label_and_decision_back_and_opens_the_review_again(
    line: ProductLine, ana: User
) -> None:
    item = factories.make_item(line)
    factories.label_next(ana, line, "scratch")

    reopened = corrections.undo_last(ana, line)

    item.refresh_from_db()
    assert reopened.item == item
    assert reopened.claimed_by == ana
    assert item.decision is not None
    assert item.decision.decided_by == "retraction"
    labels.answer_review(
        reopened.public_id, line, by=ana, answer=answer(reopened, "ok")
    )
    settling.settle_answered()
    item.refresh_from_db()
    chain = item.labels.order_by("pk").values_list("kind", "label_class__key")
    assert list(chain) == [
        ("class", "scratch"),
        ("retraction", None),
        ("class", "ok"),
    ]
    assert str(item.decision) == "OK"
    assert item.decisions.count() == 3


def test_undo_twice_is_refused(line: ProductLine, ana: User) -> None:
    factories.make_item(line)
    factories.label_next(ana, line, "ok")
    corrections.undo_last(ana, line)

    with pytest.raises(ConflictError, match="no answer"):
        corrections.undo_last(ana, line)


def test_undo_puts_the_review_in_hand_behind_the_one_undone(
    line: ProductLine, ana: User
) -> None:
    factories.make_item(line)
    factories.make_item(line)
    answered = factories.label_next(ana, line, "ok")

    corrections.undo_last(ana, line)

    assert answered.following is not None
    put_behind = Review.objects.get(pk=answered.following.pk)
    assert (put_behind.claimed_by, put_behind.is_reserved) == (ana, True)
    assert Review.objects.held_by(ana).count() == 1


@pytest.fixture
def assisted(line: ProductLine) -> Item:
    """An item whose prediction, scratch, may be shown."""
    version = factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.ASSIST, blind_share=1e-9)
    item = factories.make_item(line)
    assert version is not None
    factories.make_prediction(item, version, line.classes.get(key="scratch"))
    route_items(line.pk, [item.pk])
    return Item.objects.select_related("routing").get(pk=item.pk)


def test_an_answer_that_differs_reveals_the_prediction_and_asks_again(
    line: ProductLine, ana: User, assisted: Item
) -> None:
    review = claimed(ana, line)
    assert reviews.prediction_in_sight(review) is None

    first = labels.answer_review(
        review.public_id, line, by=ana, answer=answer(review, "ok")
    )

    assert first.revealed is not None
    assert first.following is not None
    assert first.following.pk == review.pk
    assert Exposure.objects.filter(item=assisted, user=ana).exists()
    assert not Decision.objects.exists()
    second = labels.answer_review(
        review.public_id, line, by=ana, answer=answer(first.following, "scratch")
    )
    assert second.label.supersedes == first.label
    assert (first.label.shown, second.label.shown) == ("nothing", "reveal")
    assisted.refresh_from_db()
    assert str(assisted.decision) == "Scratch"


def test_an_answer_that_agrees_skips_the_reveal(
    line: ProductLine, ana: User, assisted: Item
) -> None:
    answered = factories.label_next(ana, line, "scratch")

    assert answered.revealed is None
    assert answered.label.shown == "nothing"
    assert not Exposure.objects.exists()
    assisted.refresh_from_db()
    assert assisted.decision is not None


def test_a_second_thought_that_never_comes_lets_the_first_answer_stand(
    line: ProductLine, ana: User, ben: User, assisted: Item
) -> None:
    factories.label_next(ana, line, "ok")
    past = timezone.now() - timedelta(seconds=1)
    Review.objects.update(claimed_until=past)
    assert reviews.claim_next(ben, line) is None

    assert reviews.close_unfinished() == 1

    assisted.refresh_from_db()
    assert str(assisted.decision) == "OK"


def test_a_suggestion_is_shown_from_the_claim_on_and_noted(
    line: ProductLine, ana: User, assisted: Item
) -> None:
    factories.put_at(line, AutomationLevel.ASSIST, assist_style="suggestion_first")

    review = claimed(ana, line)

    assert reviews.prediction_in_sight(review) is not None
    assert Exposure.objects.filter(item=assisted, user=ana).exists()
    answered = factories.label_next(ana, line, "ok")
    assert answered.label.shown == "suggestion"


def test_a_share_of_assisted_items_is_drawn_to_come_the_other_way_round(
    line: ProductLine, ana: User, assisted: Item
) -> None:
    assert assisted.routing is not None
    drawn = lottery(line.style_salt, assisted.pk)
    assert assisted.routing.style_draw == drawn
    others = [factories.make_item(line) for _ in range(6)]
    version = line.in_force.live
    assert version is not None
    for item in others:
        factories.make_prediction(item, version, line.classes.get(key="scratch"))
    route_items(line.pk, [item.pk for item in others])
    factories.put_at(line, AutomationLevel.ASSIST, other_style_share=0.5)
    line.refresh_from_db()

    given = {
        answered.label.item_id: answered.label
        for answered in (factories.label_next(ana, line, "scratch") for _ in range(7))
    }

    assert len(given) == 7
    for label in given.values():
        routing = Item.objects.select_related("routing").get(pk=label.item_id).routing
        assert routing is not None
        assert routing.style_draw is not None
        is_first = routing.style_draw < label.policy.other_style_share
        assert label.shown == ("suggestion" if is_first else "nothing")
    assert replay_line(line).differences == 0


def test_only_an_assisted_item_draws_how_it_is_shown(
    line: ProductLine, assisted: Item
) -> None:
    blind = factories.make_item(line)
    route_items(line.pk, [blind.pk])

    blind = Item.objects.select_related("routing").get(pk=blind.pk)

    assert blind.routing is not None
    assert blind.routing.style_draw is None
    assert assisted.routing is not None
    assert assisted.routing.style_draw is not None


def test_a_level_that_fell_hides_what_the_route_would_show(
    line: ProductLine, ana: User, assisted: Item
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)

    answered = factories.label_next(ana, line, "ok")

    assert answered.revealed is None
    assert answered.label.shown == "nothing"


def test_two_overlapping_readers_decide_only_together(
    line: ProductLine, ana: User, ben: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, overlap_share=1.0)
    item = factories.make_item(line)

    answered = factories.label_next(ana, line, "ok")

    item.refresh_from_db()
    assert item.decision is None
    assert answered.following is None, "nobody reads an item twice"
    factories.label_next(ben, line, "ok")
    item.refresh_from_db()
    assert str(item.decision) == "OK"


def test_skipping_gives_the_review_to_somebody_else(
    line: ProductLine, ana: User, ben: User
) -> None:
    factories.make_item(line)
    review = claimed(ana, line)
    assert review.claim_token is not None

    following = reviews.skip_review(
        review.public_id, line, by=ana, key=review.claim_token, reason=""
    )

    assert following is None
    assert claimed(ben, line).pk == review.pk


def test_whoever_was_shown_the_prediction_gets_no_review_of_the_item(
    line: ProductLine, ana: User, ben: User
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    item = factories.make_item(line)
    assert version is not None
    factories.make_prediction(item, version, line.classes.get(key="ok"))

    reviews.expose_item(item, ana)

    assert reviews.claim_next(ana, line) is None
    assert claimed(ben, line).item == item
