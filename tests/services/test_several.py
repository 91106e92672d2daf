"""Several classes of one item: which may stand together, and what becomes of them."""

import json
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.datasetfiles.jsonl import line_of
from reviewapp.errors import InvalidInputError
from reviewapp.models import (
    GoldRead,
    Item,
    Label,
    LabelClass,
    LateAnswer,
    Meaning,
    ProductLine,
    Review,
    Role,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import (
    corrections,
    datasets,
    labels,
    lines,
    people,
    settling,
)
from reviewapp.services.decisions import number_feed
from reviewapp.services.feeds import feed_after
from reviewapp.services.labels import Answer, Answered
from reviewapp.services.routings import route_items
from reviewapp.services.several import read_classes
from reviewapp.services.stories import story_of
from reviewapp.services.workbench import workbench
from tests import factories

MEANINGS = {
    "ok": Meaning.PASS,
    "dust": Meaning.NEUTRAL,
    "scratch": Meaning.REJECT,
    "stain": Meaning.REJECT,
}
CLASSES = [LabelClass(key=k, name=k.title(), meaning=m) for k, m in MEANINGS.items()]


@pytest.fixture
def screens(db: None) -> ProductLine:
    """A line on which an item may have several classes."""
    return factories.make_line(
        "Screens",
        classes=[lines.NewClass(name=c.name, meaning=MEANINGS[c.key]) for c in CLASSES],
        allows_several=True,
    )


@pytest.fixture
def eva(screens: ProductLine) -> User:
    """Eva inspects screens."""
    return factories.make_inspector(screens, "eva")


def say(line: ProductLine, reader: User, *keys: str) -> Answered:
    """Claim the next review and answer it with classes, in whatever order."""
    review = factories.claim(reader, line)
    deciding, *also = read_classes(keys, line.open_classes)
    answer = Answer(label_class=deciding, also=also, key=review.claim_token or uuid4())
    answered = labels.answer_review(review.public_id, line, by=reader, answer=answer)
    settling.settle_answered()
    return answered


@given(keys=st.lists(st.sampled_from(list(MEANINGS)), min_size=1, unique=True))
def test_the_gravest_class_decides_and_what_passes_stands_beside_nothing_bad(
    keys: list[str],
) -> None:
    meanings = {MEANINGS[key] for key in keys}
    if {Meaning.PASS, Meaning.REJECT} <= meanings:
        with pytest.raises(InvalidInputError, match="cannot be both"):
            read_classes(keys, CLASSES)
        return

    deciding, *others = read_classes(keys, CLASSES)

    rank = [Meaning.REJECT, Meaning.NEUTRAL, Meaning.PASS].index
    places = {one.key: place for place, one in enumerate(CLASSES)}
    gravest = min(keys, key=lambda key: (rank(MEANINGS[key]), places[key]))
    assert deciding.key == gravest
    assert {one.key for one in others} == {*keys} - {gravest}
    assert [places[one.key] for one in others] == sorted(
        places[one.key] for one in others
    )


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ([], "no_class"),
        (["scratch", "scratch"], "class_twice"),
        (["scratch", "dent"], "unknown_class"),
        (["ok", "stain"], "good_and_bad"),
        (["scratch", "cannot-tell"], "cannot_tell_stands_alone"),
        ([f"class-{n}" for n in range(21)], "too_many_classes"),
    ],
)
def test_what_cannot_stand_together_is_refused_with_its_reason(
    keys: list[str], code: str
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        read_classes(keys, CLASSES)

    assert refusal.value.code == code


def test_all_classes_leave_and_the_gravest_one_decides(
    screens: ProductLine, eva: User, mia: User
) -> None:
    item = factories.make_item(screens)

    answered = say(screens, eva, "stain", "dust", "scratch")

    assert (str(answered.label), answered.label.also) == ("Scratch", ["dust", "stain"])
    item.refresh_from_db()
    assert str(item.decision) == "Scratch"
    number_feed()
    [entry] = feed_after(screens, 0, limit=10)
    assert entry.decision.also == ["dust", "stain"]
    snapshot = datasets.take_snapshot(screens, by=mia)
    [row] = datasets.rows_of(snapshot)
    sent = json.loads(line_of(row))
    assert (sent["label"], sent["also"]) == ("scratch", ["dust", "stain"])
    header, cells = b"".join(datasets.export_csv(snapshot)).decode().splitlines()
    place = header.split(",").index("also")
    assert place == header.split(",").index("label") + 1
    assert '"[""dust"", ""stain""]"' in cells
    listed = corrections.last_answers(eva, screens)
    assert [one.name for one in listed] == ["Scratch, Dust, Stain"]
    given = corrections.as_given(answered.label, listed[0].review_id, screens)
    assert given.name == listed[0].name
    found = Item.objects.get(pk=item.pk)
    assert any(
        "Scratch, Dust, Stain" in entry.what
        for entry in story_of(found, is_for_witness=False)
    )


def test_a_row_of_one_class_has_no_word_of_others(
    screens: ProductLine, eva: User, mia: User
) -> None:
    factories.make_item(screens)
    say(screens, eva, "scratch")

    [row] = datasets.rows_of(datasets.take_snapshot(screens, by=mia))

    assert "also" not in row


def test_an_answer_that_is_taken_back_begins_with_its_classes(
    screens: ProductLine, eva: User
) -> None:
    factories.make_item(screens)
    say(screens, eva, "scratch", "stain")

    reopened = corrections.undo_last(eva, screens)

    assert workbench(reopened, eva).chosen == ["scratch", "stain"]
    again = say(screens, eva, "stain")
    assert (str(again.label), again.label.also) == ("Stain", [])


def test_gold_keeps_its_classes_too(screens: ProductLine, eva: User, mia: User) -> None:
    people.give_role(mia, screens, Role.MANAGER, by=None)
    factories.make_gold(screens, "scratch", by=mia)
    screens.gold_share = 1.0
    ProductLine.objects.filter(pk=screens.pk).update(gold_share=1.0)
    for _ in range(2):
        factories.make_item(screens)
    say(screens, eva, "dust")
    assert Review.objects.held_by(eva).get().gold_id is not None

    say(screens, eva, "stain", "dust")

    assert GoldRead.objects.get().also == ["dust"]
    assert corrections.last_answers(eva, screens)[0].name == "Stain, Dust"
    reopened = corrections.undo_last(eva, screens)
    assert workbench(reopened, eva).chosen == ["stain", "dust"]


def test_a_second_thought_begins_with_the_first_answer(
    screens: ProductLine, eva: User
) -> None:
    version = factories.put_at(screens, AutomationLevel.SHADOW)
    factories.put_at(screens, AutomationLevel.ASSIST, blind_share=1e-9)
    item = factories.make_item(screens)
    assert version is not None
    factories.make_prediction(item, version, screens.classes.get(key="stain"))
    route_items(screens.pk, [item.pk])

    answered = say(screens, eva, "scratch", "stain")

    assert answered.revealed is not None, "agreement is on the class that decides"
    assert answered.following is not None
    shown = workbench(answered.following, eva)
    assert (shown.first_answer, shown.chosen) == (
        "Scratch, Stain",
        ["scratch", "stain"],
    )


def test_readers_agree_by_the_class_that_decides(
    screens: ProductLine, eva: User
) -> None:
    fay = factories.make_inspector(screens, "fay")
    factories.put_at(screens, AutomationLevel.SHADOW, reads_per_item=2)
    item = factories.make_item(screens)
    say(screens, eva, "scratch", "stain")

    say(screens, fay, "scratch", "dust")

    item.refresh_from_db()
    assert item.decision is not None
    assert (str(item.decision), item.decision.also) == ("Scratch", ["dust"])


def test_an_adjudicator_sees_all_classes_that_readers_named(
    screens: ProductLine, eva: User
) -> None:
    screens.shows_earlier_answers = True
    screens.save(update_fields=["shows_earlier_answers"])
    fay, gus = (factories.make_inspector(screens, name) for name in ("fay", "gus"))
    gus.memberships.update(is_adjudicator=True)
    factories.put_at(screens, AutomationLevel.SHADOW, reads_per_item=2)
    factories.make_item(screens)
    say(screens, eva, "scratch", "stain")
    say(screens, fay, "ok")

    shown = workbench(factories.claim(gus, screens), gus)

    assert shown.earlier == ["Ok", "Scratch", "Stain"]


def test_a_late_answer_keeps_its_classes(screens: ProductLine, eva: User) -> None:
    factories.make_item(screens)
    review = factories.claim(eva, screens)
    Review.objects.update(claim_token=uuid4())

    with pytest.raises(Exception, match="kept aside"):
        labels.answer_review(
            review.public_id,
            screens,
            by=eva,
            answer=Answer(
                label_class=screens.open_classes[2],
                also=[screens.open_classes[3]],
                key=review.claim_token or uuid4(),
            ),
        )

    assert LateAnswer.objects.get().also == ["stain"]


def test_further_classes_stand_beside_one_that_decides(
    screens: ProductLine, eva: User
) -> None:
    factories.make_item(screens)
    answered = say(screens, eva, "scratch")
    loose = Label.objects.get(pk=answered.label.pk)
    loose.pk, loose.kind, loose.label_class = None, "cannot_tell", None
    loose.also, loose.supersedes, loose.answer_key = ["stain"], answered.label, uuid4()

    with (
        pytest.raises(
            IntegrityError, match="further_classes_stand_beside_one_that_decides"
        ),
        transaction.atomic(),
    ):
        loose.save(force_insert=True)


def test_labels_keep_their_classes_when_a_line_allows_one_again(
    screens: ProductLine, eva: User, mia: User
) -> None:
    factories.make_item(screens)
    say(screens, eva, "scratch", "stain")

    lines.set_bench_terms(screens, by=mia, allows_several=False)

    [row] = datasets.rows_of(datasets.take_snapshot(screens, by=mia))
    assert row["also"] == ["stain"]
