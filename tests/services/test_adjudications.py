"""More readers: as many as asked for, and one who settles what they leave open."""

import pytest

from reviewapp.models import (
    Exposure,
    Item,
    Membership,
    ProductLine,
    Review,
    SetAside,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import corrections, reviews
from reviewapp.services.routings import route_items
from tests import factories


@pytest.fixture
def eva(line: ProductLine) -> User:
    """Eva inspects on the line, and adjudicates."""
    user = factories.make_inspector(line, "eva")
    Membership.objects.filter(user=user).update(is_adjudicator=True)
    return user


def read_by(number: int, line: ProductLine) -> Item:
    """Make an item that so many people read."""
    factories.put_at(line, AutomationLevel.SHADOW, reads_per_item=number)
    return factories.make_item(line)


def decision_of(item: Item) -> str | None:
    item.refresh_from_db()
    return str(item.decision) if item.decision else None


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_item_is_read_as_often_as_the_line_asks(
    line: ProductLine, number: int
) -> None:
    item = read_by(number, line)
    people = [factories.make_inspector(line, f"person-{n}") for n in range(4)]

    for n in range(number):
        assert decision_of(item) is None
        factories.label_next(people[n], line, "ok")

    assert decision_of(item) == "OK"
    assert item.reviews.count() == item.labels.count() == number
    assert reviews.claim_next(people[3], line) is None


def test_the_overlap_stays_a_lottery_on_top_of_one_read(line: ProductLine) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, overlap_share=1.0)
    assert factories.make_item(line).reviews.count() == 2
    factories.put_at(line, AutomationLevel.SHADOW, overlap_share=1.0, reads_per_item=3)
    assert factories.make_item(line).reviews.count() == 3


def test_items_that_the_model_was_asked_about_are_read_as_often(
    line: ProductLine,
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.ASSIST, blind_share=1e-9, reads_per_item=2)
    item = factories.make_item(line)
    assert version is not None
    factories.make_prediction(item, version, line.classes.get(key="ok"))
    route_items(line.pk, [item.pk])

    assert item.reviews.count() == 2


def test_readers_who_differ_are_settled_by_an_adjudicator_alone(
    line: ProductLine, ana: User, ben: User, eva: User
) -> None:
    item = read_by(2, line)
    factories.label_next(ana, line, "ok")
    factories.label_next(ben, line, "scratch")
    cy = factories.make_inspector(line, "cy")

    assert reviews.claim_next(cy, line) is None
    asked = reviews.claim_next(eva, line)
    assert asked is not None
    assert asked.is_adjudication
    factories.label_next(eva, line, "scratch")

    assert decision_of(item) == "Scratch"
    assert item.reviews.count() == item.labels.count() == 3


def test_an_adjudicator_who_has_read_the_item_does_not_settle_it(
    line: ProductLine, ana: User, ben: User, eva: User
) -> None:
    item = read_by(2, line)
    factories.label_next(eva, line, "ok")
    factories.label_next(ana, line, "scratch")

    # nobody else adjudicates here, so another reader breaks the tie
    third = reviews.claim_next(ben, line)

    assert third is not None
    assert not third.is_adjudication
    assert reviews.claim_next(eva, line) is None
    assert decision_of(item) is None


def test_an_adjudicator_never_sees_the_prediction(
    line: ProductLine, ana: User, ben: User, eva: User
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(
        line,
        AutomationLevel.ASSIST,
        blind_share=1e-9,
        reads_per_item=2,
        assist_style="suggestion_first",
    )
    item = factories.make_item(line)
    assert version is not None
    factories.make_prediction(item, version, line.classes.get(key="ok"))
    route_items(line.pk, [item.pk])
    factories.label_next(ana, line, "ok")
    factories.label_next(ben, line, "scratch")

    answered = factories.label_next(eva, line, "scratch")

    assert answered.revealed is None
    assert answered.label.shown == "nothing"
    assert not Exposure.objects.filter(user=eva).exists()
    assert Exposure.objects.filter(item=item).count() == 2


def test_two_who_cannot_tell_ask_the_adjudicator(
    line: ProductLine, ana: User, ben: User, eva: User
) -> None:
    item = read_by(1, line)
    factories.label_next(ana, line, None)
    assert not Review.objects.adjudications().exists()
    factories.label_next(ben, line, None)

    assert Review.objects.adjudications().get().item == item
    factories.label_next(eva, line, "ok")

    assert decision_of(item) == "OK"


def test_an_adjudicator_who_cannot_tell_leaves_it_to_the_manager(
    line: ProductLine, ana: User, ben: User, eva: User
) -> None:
    item = read_by(2, line)
    factories.label_next(ana, line, "ok")
    factories.label_next(ben, line, "scratch")

    factories.label_next(eva, line, None)

    assert decision_of(item) is None
    assert SetAside.objects.open_on(line).get().because == "unsettled"
    assert not item.reviews.waiting().exists()


def test_a_reader_who_agrees_after_all_spares_the_adjudication(
    line: ProductLine, ana: User, ben: User, eva: User
) -> None:
    item = read_by(2, line)
    factories.label_next(ana, line, "ok")
    factories.label_next(ben, line, "scratch")
    assert Review.objects.adjudications().waiting().exists()

    corrections.undo_last(ben, line)
    factories.label_next(ben, line, "ok")

    assert decision_of(item) == "OK"
    assert reviews.claim_next(eva, line) is None


def test_what_was_adjudicated_stands_when_a_reader_answers_anew(
    line: ProductLine, ana: User, ben: User, eva: User
) -> None:
    item = read_by(2, line)
    factories.label_next(ana, line, "ok")
    factories.label_next(ben, line, "scratch")
    factories.label_next(eva, line, "scratch")

    corrections.undo_last(ben, line)
    factories.label_next(ben, line, "ok")

    assert decision_of(item) == "Scratch"
    assert not item.reviews.waiting().exists()


def test_an_adjudication_that_is_taken_back_is_open_again(
    line: ProductLine, ana: User, ben: User, eva: User
) -> None:
    item = read_by(2, line)
    factories.label_next(ana, line, "ok")
    factories.label_next(ben, line, "scratch")
    factories.label_next(eva, line, "scratch")

    corrections.undo_last(eva, line)
    item.refresh_from_db()
    assert item.decision is not None
    assert item.decision.decided_by == "retraction"
    factories.label_next(eva, line, "ok")

    assert decision_of(item) == "OK"
