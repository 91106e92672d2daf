"""Settling: what was answered is weighed with other answers by a sweep, once."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from reviewapp.models import Decision, Item, ProductLine, Review, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import corrections, labels, settling
from reviewapp.services.labels import Answer
from tests import factories
from tests.services.test_audits import audited_item


def say(line: ProductLine, reader: User, key: str | None) -> Review:
    """Claim and answer, and leave what follows to the sweep."""
    review = factories.claim(reader, line)
    chosen = line.classes.get(key=key) if key else None
    answer = Answer(label_class=chosen, key=review.claim_token or uuid4())
    labels.answer_review(review.public_id, line, by=reader, answer=answer)
    review.refresh_from_db()
    return review


def read_by_two(line: ProductLine) -> Item:
    factories.put_at(line, AutomationLevel.SHADOW, reads_per_item=2)
    return factories.make_item(line)


def test_the_only_say_decides_at_once(line: ProductLine, ana: User) -> None:
    item = factories.make_item(line)

    review = say(line, ana, "scratch")

    item.refresh_from_db()
    assert str(item.decision) == "Scratch"
    assert not review.is_unsettled
    assert settling.settle_answered() == 0


@pytest.mark.parametrize("key", ["ok", "scratch", None])
def test_an_answer_to_an_audit_waits_for_the_sweep_whatever_it_is(
    line: ProductLine, ana: User, key: str | None
) -> None:
    item = audited_item(line)

    review = say(line, ana, key)

    assert review.is_unsettled
    assert item.reviews.count() == 1
    assert settling.settle_answered() == 1
    assert item.reviews.count() == (1 if key == "ok" else 2)
    assert settling.settle_answered() == 0


def test_two_answers_of_one_sweep_make_one_decision(
    line: ProductLine, ana: User, ben: User
) -> None:
    item = read_by_two(line)
    for reader in (ana, ben):
        say(line, reader, "scratch")
    assert not Decision.objects.exists()

    assert settling.settle_answered() == 1

    item.refresh_from_db()
    assert str(item.decision) == "Scratch"
    assert Decision.objects.count() == 1
    assert not item.reviews.unsettled().exists()


def test_an_adjudication_is_weighed_before_a_read_that_comes_with_it(
    line: ProductLine, ana: User, ben: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, reads_per_item=2)
    cy = factories.make_inspector(line, "cy")
    cy.memberships.update(is_adjudicator=True)
    item = factories.make_item(line)
    say(line, ana, "ok")
    late = say(line, ben, "scratch")
    settling.settle_answered()
    Review.objects.filter(pk=late.pk).update(is_unsettled=True)
    say(line, cy, "ok")

    assert settling.settle_answered() == 1

    item.refresh_from_db()
    assert item.decision is not None
    assert item.decision.label is not None
    assert item.decision.label.inspector == cy


def test_what_is_taken_back_before_the_sweep_is_weighed_no_more(
    line: ProductLine, ana: User, ben: User
) -> None:
    item = read_by_two(line)
    for reader in (ana, ben):
        say(line, reader, "scratch")

    corrections.undo_last(ana, line)

    settling.settle_answered()
    item.refresh_from_db()
    assert item.decision is None
    say(line, ana, "scratch")
    settling.settle_answered()
    item.refresh_from_db()
    assert str(item.decision) == "Scratch"


def test_whoever_has_read_an_item_gets_no_other_read_of_it_before_the_sweep(
    line: ProductLine, ana: User
) -> None:
    read_by_two(line)

    say(line, ana, "ok")

    other = Review.objects.get(closed_at=None)
    assert other.excluded == [ana.pk]


def test_only_an_answered_review_can_wait_to_be_settled(
    line: ProductLine, ana: User
) -> None:
    factories.make_item(line)
    review = factories.claim(ana, line)

    with (
        pytest.raises(
            IntegrityError, match="only_an_answered_review_waits_to_be_settled"
        ),
        transaction.atomic(),
    ):
        Review.objects.filter(pk=review.pk).update(is_unsettled=True)
