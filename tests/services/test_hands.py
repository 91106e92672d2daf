"""Hands: what comes next is reserved, keeps nobody waiting, and is not yet shown."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reviewapp.models import Exposure, ProductLine, Review, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import hands, reviews
from reviewapp.services.routings import route_items
from tests import factories


def held(user: User) -> Review:
    return Review.objects.held_by(user).get()


def reserved(user: User) -> list[Review]:
    return list(Review.objects.reserved_by(user))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_hand_holds_as_many_as_the_line_says(
    line: ProductLine, ana: User, size: int
) -> None:
    line.hand_size = size
    items = [factories.make_item(line) for _ in range(4)]

    review = reviews.claim_next(ana, line)

    assert review is not None
    assert review.item == items[0]
    assert [one.item for one in review.behind] == items[1:size]
    assert [one.item for one in reserved(ana)] == items[1:size]


def test_what_was_reserved_comes_to_the_front_with_the_key_it_had(
    line: ProductLine, ana: User
) -> None:
    for _ in range(3):
        factories.make_item(line)
    reviews.claim_next(ana, line)
    [behind] = reserved(ana)

    answered = factories.label_next(ana, line, "ok")

    assert answered.following == behind
    assert answered.following is not None
    assert answered.following.claim_token == behind.claim_token
    assert behind.claimed_at is not None
    assert answered.following.claimed_at is not None
    assert answered.following.claimed_at > behind.claimed_at, "its clock begins now"
    assert len(reserved(ana)) == 1


def test_who_has_nothing_else_gets_what_another_only_reserved(
    line: ProductLine, ana: User, ben: User
) -> None:
    for _ in range(2):
        factories.make_item(line)
    front = reviews.claim_next(ana, line)
    [behind] = reserved(ana)

    given = reviews.claim_next(ben, line)

    assert given == behind
    assert held(ana) == front
    assert reserved(ana) == []
    assert given is not None
    assert given.claim_token != behind.claim_token


def test_what_is_reserved_is_given_away_before_what_is_in_front(
    line: ProductLine, ana: User, ben: User
) -> None:
    factories.make_item(line)
    reviews.claim_next(ana, line)

    assert reviews.claim_next(ben, line) is None


def test_two_reads_of_one_item_never_meet_in_a_hand(
    line: ProductLine, ana: User, ben: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, overlap_share=1.0)
    factories.make_item(line)

    reviews.claim_next(ana, line)

    assert Review.objects.waiting().count() == 2
    assert reserved(ana) == []
    assert reviews.claim_next(ben, line) is not None


def test_a_pause_gives_the_whole_hand_back(line: ProductLine, ana: User) -> None:
    for _ in range(3):
        factories.make_item(line)
    review = reviews.claim_next(ana, line)
    assert review is not None
    assert review.claim_token is not None

    reviews.release_review(review.public_id, line, by=ana, key=review.claim_token)

    assert not Review.objects.in_hand_of(ana).exists()


def test_leaving_gives_back_what_was_not_seen(line: ProductLine, ana: User) -> None:
    for _ in range(3):
        factories.make_item(line)
    front = reviews.claim_next(ana, line)

    assert hands.put_back(ana, line) == 1

    assert list(Review.objects.in_hand_of(ana)) == [front]


def test_what_expires_behind_is_free_again(
    line: ProductLine, ana: User, ben: User
) -> None:
    for _ in range(2):
        factories.make_item(line)
    reviews.claim_next(ana, line)
    past = timezone.now() - timedelta(seconds=1)
    Review.objects.filter(is_reserved=True).update(claimed_until=past)

    assert reviews.claim_next(ben, line) is not None
    assert factories.label_next(ana, line, "ok").following is None


def test_a_suggestion_is_noted_when_it_is_shown_and_not_when_it_is_reserved(
    line: ProductLine, ana: User
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(
        line,
        AutomationLevel.ASSIST,
        blind_share=1e-9,
        assist_style="suggestion_first",
    )
    items = [factories.make_item(line) for _ in range(2)]
    assert version is not None
    for item in items:
        factories.make_prediction(item, version, line.classes.get(key="ok"))
    route_items(line.pk, [item.pk for item in items])

    reviews.claim_next(ana, line)
    assert [e.item_id for e in Exposure.objects.all()] == [items[0].pk]
    factories.label_next(ana, line, "ok")

    assert Exposure.objects.filter(item=items[1], user=ana).exists()
