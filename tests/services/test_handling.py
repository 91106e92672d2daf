"""How long a claim lasts: as long as people take, unless somebody fixed it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reviewapp.models import Label, ProductLine, QueueTerms, Record, Review, User
from reviewapp.services import handling
from reviewapp.services.items import Arrival, receive_items
from tests import factories


def answer_all(line: ProductLine, *, seconds: list[int]) -> None:
    """Let one person have answered as many items, each after so many seconds."""
    reader = factories.make_inspector(line, "reader")
    ok, now = line.classes.get(key="ok"), timezone.now()
    row = {"width": 1.0, "height": 2.0}
    arrivals = [
        Arrival(external_id=f"{number}", values=row) for number in range(len(seconds))
    ]
    receive_items(line, arrivals)
    waiting = list(Review.objects.order_by("pk"))
    labels = Label.objects.bulk_create(
        Label(
            review=review,
            item_id=review.item_id,
            inspector=reader,
            kind="class",
            label_class=ok,
            shown="nothing",
            policy=line.in_force,
            claimed_at=now - timedelta(seconds=taken),
            labelled_at=now,
        )
        for review, taken in zip(waiting, seconds, strict=True)
    )
    for review, label in zip(waiting, labels, strict=True):
        review.label, review.closed_at = label, now
    Review.objects.bulk_update(waiting, ["label", "closed_at"])


def test_claims_follow_how_long_people_take(line: ProductLine) -> None:
    answer_all(line, seconds=[*range(100, 300)])

    assert handling.follow_handling() == 1

    line.refresh_from_db()
    terms = QueueTerms.objects.get(line=line)
    assert (terms.handling_of, terms.handling_s) == (200, 297)
    assert line.claim_length_s == 297
    assert handling.follow_handling() == 0, "nothing has changed"


@pytest.mark.parametrize(("taken", "length"), [(5, 60), (7_000, 1_800)])
def test_a_claim_that_follows_lasts_from_one_minute_to_thirty(
    line: ProductLine, taken: int, length: int
) -> None:
    answer_all(line, seconds=[taken] * 200)

    handling.follow_handling()

    line.refresh_from_db()
    assert line.claim_length_s == length


def test_too_few_answers_leave_a_claim_as_it_is(line: ProductLine) -> None:
    answer_all(line, seconds=[20] * 199)

    assert handling.follow_handling() == 0

    assert not QueueTerms.objects.exists()


def test_a_claim_that_was_fixed_by_hand_stays_until_it_is_let_follow(
    line: ProductLine, mia: User
) -> None:
    answer_all(line, seconds=[90] * 200)
    handling.set_claim_length(line, 45, by=mia)

    assert handling.follow_handling() == 0

    line.refresh_from_db()
    assert line.claim_length_s == 45
    handling.set_claim_length(line, None, by=mia)
    line.refresh_from_db()
    assert line.claim_length_s == 90
    said = Record.objects.filter(action="line.claim_set").order_by("pk")
    assert [one.details["is_fixed"] for one in said] == [True, False]
