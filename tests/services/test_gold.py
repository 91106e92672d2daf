"""Gold: dealt by lot in place of work, known to nobody, and never a label."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from reviewapp.errors import ConflictError
from reviewapp.models import (
    AnswerKind,
    Decision,
    Exposure,
    GoldItem,
    GoldRead,
    GoldTerms,
    Item,
    Label,
    LineState,
    ProductLine,
    Record,
    Review,
    Role,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import (
    corrections,
    datasets,
    gold,
    labels,
    lines,
    people,
    reviews,
)
from reviewapp.services.labels import Answer, Answered
from reviewapp.services.queues import count_queues
from reviewapp.services.workbench import EmptyBecause, why_empty
from tests import factories


@pytest.fixture
def golden(line: ProductLine, mia: User) -> GoldItem:
    """One gold item, a scratch, on a line that deals gold whenever it can."""
    made = factories.make_gold(line, "scratch", by=mia)
    always(line)
    return made


def always(line: ProductLine) -> None:
    line.gold_share = 1.0
    ProductLine.objects.filter(pk=line.pk).update(gold_share=1.0)


def in_hand(user: User) -> list[Review]:
    return list(Review.objects.in_hand_of(user).order_by("is_reserved", "claimed_at"))


def reach_gold(line: ProductLine, reader: User, *, work: int = 3) -> Review:
    """Let a person begin among some work and come to the gold behind the first item."""
    for _ in range(work):
        factories.make_item(line)
    for _ in range(2 * work):
        factories.label_next(reader, line, "ok")
        front = Review.objects.held_by(reader).get()
        if front.gold_id is not None:
            return front
    raise AssertionError("no gold came")


def say(line: ProductLine, reader: User, review: Review, key: str) -> Answered:
    assert review.claim_token is not None
    answer = Answer(label_class=line.classes.get(key=key), key=review.claim_token)
    return labels.answer_review(review.public_id, line, by=reader, answer=answer)


def test_gold_is_made_of_what_people_settled_after_they_had_differed(
    line: ProductLine, ana: User, mia: User
) -> None:
    plain = factories.make_item(line)
    factories.label_next(ana, line, "ok")
    disputed = factories.make_adjudicated(line, "scratch")

    assert list(Item.objects.of_line(line).adjudicated()) == [disputed]
    with pytest.raises(ConflictError, match="differed"):
        gold.make_gold(line, plain, by=mia)
    made = gold.make_gold(line, disputed, by=mia)
    with pytest.raises(ConflictError, match="already"):
        gold.make_gold(line, disputed, by=mia)

    assert made.label_class.key == "scratch"
    assert Record.objects.filter(action="gold.made").count() == 1


@pytest.mark.parametrize("hand", [1, 2, 3])
def test_gold_comes_once_among_the_work_whatever_the_hand(
    line: ProductLine, ana: User, golden: GoldItem, hand: int
) -> None:
    line.hand_size = hand
    ProductLine.objects.filter(pk=line.pk).update(hand_size=hand)
    for _ in range(4):
        factories.make_item(line)

    said = 0
    while reviews.claim_next(ana, line) is not None:
        assert len(in_hand(ana)) <= hand
        factories.label_next(ana, line, "scratch")
        said += 1

    assert said == 5
    assert Label.objects.filter(inspector=ana).count() == 4
    [read] = GoldRead.objects.all()
    assert (read.gold, read.inspector, str(read.label_class)) == (
        golden,
        ana,
        "Scratch",
    )
    assert GoldItem.objects.get().dealt == 1


def test_without_a_share_no_gold_comes(
    line: ProductLine, ana: User, golden: GoldItem
) -> None:
    line.gold_share = 0.0
    for _ in range(3):
        factories.make_item(line)

    factories.label_next(ana, line, "ok")

    assert not GoldRead.objects.exists()
    assert golden.dealt == 0


@pytest.mark.usefixtures("golden")
def test_gold_alone_is_no_work(line: ProductLine, ana: User) -> None:
    assert reviews.claim_next(ana, line) is None
    factories.make_item(line)

    assert reviews.claim_next(ana, line) is not None

    assert [review.gold for review in in_hand(ana)] == [None]
    assert why_empty(line, ana) is EmptyBecause.NOT_EMPTY


def test_an_answer_to_gold_is_no_label_and_decides_nothing(
    line: ProductLine, ana: User, mia: User, golden: GoldItem
) -> None:
    front = reach_gold(line, ana)
    before = (Label.objects.count(), Decision.objects.count())

    answered = say(line, ana, front, "ok")

    assert (Label.objects.count(), Decision.objects.count()) == before
    golden.item.refresh_from_db()
    assert str(golden.item.decision) == "Scratch"
    front.refresh_from_db()
    assert (front.closed_at is not None, front.label) == (True, None)
    assert answered.following is not None
    assert answered.following.gold_id is None
    rows = list(datasets.rows_of(datasets.take_snapshot(line, by=mia)))
    assert len(rows) == before[0]


@pytest.mark.usefixtures("golden")
def test_the_database_keeps_labels_from_gold(line: ProductLine, ana: User) -> None:
    front = reach_gold(line, ana)
    label = Label.objects.latest("pk")

    with (
        pytest.raises(IntegrityError, match="gold_is_for_one_reader_and_gets_no_label"),
        transaction.atomic(),
    ):
        Review.objects.filter(pk=front.pk).update(label=label)


@pytest.mark.parametrize(
    "how", ["labelled", "exposed", "added", "met", "manages", "read in a study"]
)
def test_who_knows_the_item_never_gets_it_as_gold(
    line: ProductLine, ana: User, mia: User, golden: GoldItem, how: str
) -> None:
    reader = ana
    if how == "labelled":
        first = Label.objects.filter(item=golden.item).earliest("pk")
        reader = first.inspector
    if how == "exposed":
        version = factories.make_version(line)
        seen = factories.make_prediction(
            golden.item, version, line.classes.get(key="ok")
        )
        Exposure.objects.create(item=golden.item, user=ana, prediction=seen)
    if how == "added":
        GoldItem.objects.update(added_by=ana)
    if how == "read in a study":
        gold.note_encounters([golden.item], ana)
    if how == "manages":
        people.give_role(ana, line, Role.MANAGER, by=None)
    if how == "met":
        front = reach_gold(line, ana)
        say(line, ana, front, "ok")
    dealt = GoldRead.objects.count()
    for _ in range(3):
        factories.make_item(line)

    for _ in range(3):
        factories.label_next(reader, line, "ok")

    assert GoldRead.objects.count() == dealt, mia


def test_after_the_days_of_rest_a_person_may_meet_an_item_again(
    line: ProductLine, ana: User, golden: GoldItem
) -> None:
    say(line, ana, reach_gold(line, ana), "ok")
    long_ago = timezone.now() - timedelta(days=91)
    GoldRead.objects.update(dealt_at=long_ago)

    again = reach_gold(line, ana)

    assert again.gold == golden
    assert GoldRead.objects.filter(inspector=ana).count() == 2


@pytest.mark.usefixtures("golden")
def test_an_item_retires_after_its_showings(
    line: ProductLine, ana: User, ben: User
) -> None:
    GoldTerms.objects.update(most_reads=1)
    say(line, ana, reach_gold(line, ana), "ok")
    for _ in range(3):
        factories.make_item(line)

    for _ in range(3):
        factories.label_next(ben, line, "ok")

    assert GoldRead.objects.count() == 1
    assert not GoldItem.objects.in_use().exists()


def test_what_was_dealt_least_comes_first(
    line: ProductLine, ana: User, mia: User
) -> None:
    often = factories.make_gold(line, "scratch", by=mia)
    rarely = factories.make_gold(line, "ok", by=mia)
    GoldItem.objects.filter(pk=often.pk).update(dealt=5)
    always(line)

    assert reach_gold(line, ana).gold == rarely


@pytest.mark.usefixtures("golden")
def test_gold_of_other_columns_or_a_retired_class_does_not_come(
    line: ProductLine, ana: User
) -> None:
    columns = [{"name": "depth", "kind": "number"}]
    lines.set_schema(line, columns, by=None)
    for _ in range(3):
        factories.make_item(line, row={"depth": 1.0})

    for _ in range(3):
        factories.label_next(ana, line, "ok")

    assert not GoldRead.objects.exists()


def test_what_is_given_back_comes_again_to_its_reader_alone(
    line: ProductLine, ana: User, ben: User, golden: GoldItem
) -> None:
    front = reach_gold(line, ana)
    assert front.claim_token is not None
    reviews.release_review(front.public_id, line, by=ana, key=front.claim_token)

    line.gold_share = 0.0
    for _ in range(2):
        other = factories.label_next(ben, line, "ok").following
        assert other is None or other.gold_id is None
    factories.make_item(line)
    again = reviews.claim_next(ana, line)

    assert again is not None
    assert again.public_id == front.public_id
    assert golden.reads.count() == 1


def test_a_colleague_with_nothing_to_do_takes_no_reserved_gold(
    line: ProductLine, ana: User, ben: User, golden: GoldItem
) -> None:
    for _ in range(2):
        factories.make_item(line)
    reviews.claim_next(ana, line)
    assert [review.gold for review in in_hand(ana)] == [None, golden]
    factories.label_next(ben, line, "ok")

    assert reviews.claim_next(ben, line) is None


def test_gold_that_is_skipped_is_closed(
    line: ProductLine, ana: User, golden: GoldItem
) -> None:
    front = reach_gold(line, ana)
    assert front.claim_token is not None

    following = reviews.skip_review(
        front.public_id, line, by=ana, key=front.claim_token, reason=""
    )

    front.refresh_from_db()
    assert front.closed_at is not None
    assert following is not None
    assert golden.reads.get().answered_at is None


def test_an_answer_to_gold_is_listed_and_can_be_taken_back(
    line: ProductLine, ana: User, golden: GoldItem
) -> None:
    front = reach_gold(line, ana)
    say(line, ana, front, "ok")
    listed = corrections.last_answers(ana, line)
    assert listed[0].review_id == front.public_id
    assert len(listed) == 2

    reopened = corrections.undo_last(ana, line)

    assert reopened.public_id == front.public_id
    assert golden.reads.get().answered_at is None
    say(line, ana, reopened, "scratch")
    assert str(golden.reads.get().label_class) == "Scratch"


def test_a_repeated_answer_to_gold_is_harmless(
    line: ProductLine, ana: User, golden: GoldItem
) -> None:
    front = reach_gold(line, ana)
    first = say(line, ana, front, "ok")

    again = say(line, ana, front, "ok")

    assert again.following == first.following
    assert golden.reads.get().kind == AnswerKind.CLASS


@pytest.mark.usefixtures("golden")
def test_gold_is_nobodys_backlog_and_no_traffic(line: ProductLine, ana: User) -> None:
    front = reach_gold(line, ana)
    count_queues()
    assert LineState.objects.get(line=line).waiting == 2
    assert line.reviews.waiting().count() == 2
    answered = Review.objects.of_last_hour(line, at=timezone.now())

    say(line, ana, front, "ok")

    assert Review.objects.of_last_hour(line, at=timezone.now()) == answered


def test_retired_gold_comes_no_more_unless_it_is_in_front(
    line: ProductLine, ana: User, mia: User, golden: GoldItem
) -> None:
    front = reach_gold(line, ana)

    gold.retire_gold(golden, by=mia)

    say(line, ana, front, "scratch")
    assert golden.reads.get().answered_at is not None


def test_no_prediction_of_gold_is_ever_in_sight(
    line: ProductLine, ana: User, golden: GoldItem
) -> None:
    front = reach_gold(line, ana)
    version = factories.put_at(
        line, AutomationLevel.ASSIST, blind_share=1e-9, assist_style="suggestion_first"
    )
    assert version is not None
    routing = golden.item.routing
    assert routing is not None
    prediction = factories.make_prediction(
        golden.item, version, line.classes.get(key="ok")
    )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE reviewapp_routing SET route = 'assisted', prediction_id = %s,"
            " version_id = %s WHERE id = %s",
            [prediction.pk, version.pk, routing.pk],
        )
        cursor.execute("SET session_replication_role = origin")

    held = Review.objects.held_by(ana).with_item().get(pk=front.pk)
    held.line = line

    assert reviews.prediction_in_sight(held) is None
    assert say(line, ana, held, "scratch").revealed is None
