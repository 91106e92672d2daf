"""Disputes: raised once with a reason, answered once by somebody who is no party."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from reviewapp.errors import ConflictError, InvalidInputError, NotAllowedError
from reviewapp.models import (
    DecidedBy,
    Dispute,
    DisputeAnswer,
    DisputeOutcome,
    GoldRead,
    GoldRun,
    GoldUse,
    Item,
    Label,
    ProductLine,
    Record,
    Review,
    Role,
    User,
)
from reviewapp.services import disputes, people, shifts
from tests import factories

REASON = "The mark is on the glass above it."
WORDS = "Seen again with the book: it is above 2 mm."


@pytest.fixture
def eve(line: ProductLine) -> User:
    """Eve adjudicates on the line."""
    return make_adjudicator(line, "eve")


def make_adjudicator(line: ProductLine, name: str) -> User:
    person = factories.make_user(name)
    people.give_role(person, line, Role.INSPECTOR, by=None, is_adjudicator=True)
    return person


@pytest.fixture
def adjudicated(line: ProductLine, ana: User, ben: User, eve: User) -> Item:
    """An item that Ana called OK, Ben a scratch, and Eve a scratch."""
    factories.read_twice(line, 1.0)
    item = factories.make_item(line)
    factories.label_next(ana, line, "ok")
    factories.label_next(ben, line, "scratch")
    factories.label_next(eve, line, "scratch")
    factories.read_twice(line, 0.0)
    return Item.objects.get(pk=item.pk)


def raise_dispute(line: ProductLine, by: User, reason: str = REASON) -> Dispute:
    label = Label.objects.get(inspector=by)
    return disputes.dispute_decision(label.pk, line, by=by, reason=reason)


@pytest.fixture
def told(line: ProductLine, ana: User, mia: User) -> GoldRead:
    """Gold that is a scratch, which Ana let pass and was told of."""
    factories.make_gold(line, "scratch", by=mia)
    for _ in range(2):
        factories.make_item(line)
    line.gold_share = 1.0
    shifts.start_work(line, by=ana)
    while not GoldRead.objects.filter(answered_at__isnull=False).exists():
        factories.label_next(ana, line, "ok")
    line.gold_share = 0.0
    shifts.end_shift(line, by=ana)
    return GoldRead.objects.told_to(ana).get()


def test_only_who_was_decided_against_can_dispute(
    line: ProductLine, adjudicated: Item, ana: User, ben: User, eve: User
) -> None:
    assert [one.item for one in disputes.adjudicated_otherwise(ana, line)] == [
        adjudicated
    ]

    dispute = raise_dispute(line, ana)

    assert (dispute.said.key, dispute.stands.key) == ("ok", "scratch")
    assert Record.objects.get(action="dispute.raised").actor == ana.pseudonym
    for person in (ben, eve):
        with pytest.raises(ConflictError, match="nothing to dispute"):
            raise_dispute(line, person)
    label = Label.objects.get(inspector=ana)
    with pytest.raises(ConflictError, match="nothing to dispute"):
        disputes.dispute_decision(label.pk, line, by=ben, reason=REASON)


def test_what_was_adjudicated_long_ago_is_settled(
    line: ProductLine, ana: User, ben: User, eve: User
) -> None:
    factories.read_twice(line, 1.0)
    factories.make_item(line)
    long_ago = timezone.now() - timedelta(days=31)
    for person, key in ((ana, "ok"), (ben, "scratch"), (eve, "scratch")):
        factories.label_next(person, line, key, as_of=long_ago)

    assert not disputes.adjudicated_otherwise(ana, line).exists()


@pytest.mark.parametrize("reason", ["too short", "   no   t   ", "x" * 501])
def test_a_reason_has_ten_to_five_hundred_characters(
    line: ProductLine, adjudicated: Item, ana: User, reason: str
) -> None:
    with pytest.raises(InvalidInputError, match="10 to 500 characters"):
        raise_dispute(line, ana, reason)

    assert not Dispute.objects.exists()


def test_the_same_is_disputed_once(
    line: ProductLine, adjudicated: Item, ana: User
) -> None:
    raise_dispute(line, ana)

    with pytest.raises(ConflictError, match="disputed this already"):
        raise_dispute(line, ana)

    assert Dispute.objects.count() == 1


def test_a_person_has_so_many_open_disputes_on_a_line_at_most(
    line: ProductLine, told: GoldRead, ana: User, mia: User
) -> None:
    run = GoldRun.objects.create(line=line, inspector=ana, use=GoldUse.WARM_UP)
    reads = [
        GoldRead(gold=told.gold, inspector=ana, use=GoldUse.WARM_UP, run=run, place=n)
        for n in range(1, disputes.MOST_OPEN + 1)
    ]
    for read in GoldRead.objects.bulk_create(reads):
        read.label_class = told.label_class
        disputes.dispute_gold(read, line, by=ana, reason=REASON)
    with pytest.raises(ConflictError, match="wait for an answer"):
        disputes.dispute_gold(told, line, by=ana, reason=REASON)

    last = Dispute.objects.latest("pk")
    disputes.answer_dispute(last, outcome=DisputeOutcome.DECLINED, words=WORDS, by=mia)

    disputes.dispute_gold(told, line, by=ana, reason=REASON)


def test_declined_everything_stands(
    line: ProductLine, adjudicated: Item, ana: User, mia: User
) -> None:
    dispute = raise_dispute(line, ana)

    disputes.answer_dispute(
        dispute, outcome=DisputeOutcome.DECLINED, words=WORDS, by=mia
    )

    adjudicated.refresh_from_db()
    assert adjudicated.decision == dispute.decision
    [answered] = Dispute.objects.answered_since(ana, timezone.now() - timedelta(days=1))
    assert answered.answer.words == WORDS
    with pytest.raises(ConflictError, match="answered already"):
        disputes.answer_dispute(
            dispute, outcome=DisputeOutcome.UPHELD, words=WORDS, by=mia
        )


def test_upheld_another_adjudicator_decides_anew_blind(
    line: ProductLine, adjudicated: Item, ana: User, eve: User, mia: User
) -> None:
    people.give_role(mia, line, Role.INSPECTOR, by=None, is_adjudicator=True)
    max_ = make_adjudicator(line, "max")
    dispute = raise_dispute(line, ana)

    disputes.answer_dispute(dispute, outcome=DisputeOutcome.UPHELD, words=WORDS, by=mia)

    adjudicated.refresh_from_db()
    assert adjudicated.decision is not None
    assert adjudicated.decision.decided_by == DecidedBy.RETRACTION
    assert adjudicated.decision.supersedes == dispute.decision
    asked = Review.objects.waiting().get(item=adjudicated)
    assert asked.is_adjudication
    assert {ana.pk, eve.pk, mia.pk} <= set(asked.excluded)
    factories.label_next(max_, line, "ok")
    adjudicated.refresh_from_db()
    assert adjudicated.decision.label_class == line.classes.get(key="ok")
    assert not disputes.adjudicated_otherwise(ana, line).exists()


def test_nothing_is_taken_back_where_nobody_could_decide_anew(
    line: ProductLine, adjudicated: Item, ana: User, mia: User
) -> None:
    dispute = raise_dispute(line, ana)

    with pytest.raises(ConflictError, match="Nobody is left"):
        disputes.answer_dispute(
            dispute, outcome=DisputeOutcome.UPHELD, words=WORDS, by=mia
        )

    adjudicated.refresh_from_db()
    assert adjudicated.decision == dispute.decision
    assert not DisputeAnswer.objects.exists()


def test_neither_who_raised_it_nor_who_read_the_item_answers(
    line: ProductLine, adjudicated: Item, ana: User, ben: User, eve: User
) -> None:
    dispute = raise_dispute(line, ana)

    for person in (ana, ben, eve):
        with pytest.raises(NotAllowedError):
            disputes.answer_dispute(
                dispute, outcome=DisputeOutcome.DECLINED, words=WORDS, by=person
            )

    assert not DisputeAnswer.objects.exists()


def test_upheld_gold_is_void_and_counts_against_nobody(
    line: ProductLine, told: GoldRead, ana: User, mia: User
) -> None:
    since = timezone.now() - timedelta(days=1)
    assert GoldRead.objects.hidden_on(line, since=since).tally()["missed"] == 1
    dispute = disputes.dispute_gold(told, line, by=ana, reason=REASON)

    disputes.answer_dispute(dispute, outcome=DisputeOutcome.UPHELD, words=WORDS, by=mia)

    told.gold.refresh_from_db()
    assert told.gold.voided_at is not None
    assert told.gold.retired_at is not None
    assert GoldRead.objects.hidden_on(line, since=since).tally()["missed"] == 0
    item = Item.objects.get(pk=told.gold.item_id)
    assert item.decision is not None
    assert item.decision.decided_by == DecidedBy.RETRACTION
    assert Review.objects.waiting().filter(item=item).exists()


def test_a_dispute_and_its_answer_are_never_changed(
    line: ProductLine, adjudicated: Item, ana: User, mia: User
) -> None:
    dispute = raise_dispute(line, ana)
    disputes.answer_dispute(
        dispute, outcome=DisputeOutcome.DECLINED, words=WORDS, by=mia
    )

    for rows, change in (
        (Dispute.objects.all(), {"reason": "something else"}),
        (DisputeAnswer.objects.all(), {"words": "something else"}),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        DisputeAnswer.objects.all().delete()
