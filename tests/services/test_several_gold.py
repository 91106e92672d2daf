"""Gold and runs of a line on which an item may have several classes."""

from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.models import (
    GoldItem,
    GoldRead,
    GoldRun,
    GoldUse,
    LabelClass,
    Meaning,
    ProductLine,
    Record,
    User,
)
from reviewapp.services import lines, qualifications
from reviewapp.services.several import beside_gold, names_on, read_classes
from tests import factories

FILL = import_module(
    "reviewapp.migrations.0031_give_gold_the_classes_that_stood_with_it"
)
MEANINGS = {
    "ok": Meaning.PASS,
    "dust": Meaning.NEUTRAL,
    "scratch": Meaning.REJECT,
    "stain": Meaning.REJECT,
}


@pytest.fixture
def screens(db: None) -> ProductLine:
    """A line on which an item may have several classes."""
    classes = [lines.NewClass(name=k.title(), meaning=m) for k, m in MEANINGS.items()]
    return factories.make_line("Screens", classes=classes, allows_several=True)


@pytest.fixture
def eva(screens: ProductLine) -> User:
    """Eva inspects screens."""
    return factories.make_inspector(screens, "eva")


@pytest.fixture
def max_(screens: ProductLine) -> User:
    """Max manages screens."""
    return factories.make_manager(screens, "max")


def fill(line: ProductLine, by: User, n: int = 5) -> None:
    """Make gold that is scratched and stained."""
    for _ in range(n):
        factories.make_gold(line, "scratch", also=["stain"], by=by)


def read(line: ProductLine, run: GoldRun, by: User, *keys: str) -> GoldRead:
    """Answer what comes next in a run with classes; with none it is "cannot tell"."""
    waiting = qualifications.next_read(run)
    assert waiting is not None
    deciding, *also = read_classes(keys, line.open_classes) if keys else [None]
    return qualifications.answer_read(
        run,
        place=waiting.place or 0,
        answer=deciding,
        also=[one for one in also if one is not None],
        by=by,
    )


def test_gold_is_all_that_was_adjudicated(screens: ProductLine, max_: User) -> None:
    made = factories.make_gold(screens, "scratch", also=["dust", "stain"], by=max_)

    made.refresh_from_db()
    assert (made.label_class.key, made.also) == ("scratch", ["dust", "stain"])
    details = Record.objects.get(action="gold.made").details
    assert details == {"class": "scratch", "also": ["dust", "stain"]}


def test_gold_of_one_class_has_no_other(screens: ProductLine, max_: User) -> None:
    assert factories.make_gold(screens, "scratch", by=max_).also == []


def test_gold_has_no_more_classes_than_an_item_can(
    screens: ProductLine, max_: User
) -> None:
    made = factories.make_gold(screens, "scratch", by=max_)

    with (
        pytest.raises(IntegrityError, match="gold_has_at_most_twenty_classes"),
        transaction.atomic(),
    ):
        GoldItem.objects.filter(pk=made.pk).update(also=[str(n) for n in range(20)])


def test_gold_made_before_gets_the_classes_that_stood_then(
    screens: ProductLine, max_: User
) -> None:
    before = factories.make_gold(screens, "scratch", also=["stain"], by=max_)
    later = factories.make_gold(screens, "scratch", also=["stain"], by=max_)
    GoldItem.objects.update(also=[])
    assert later.item.decision is not None
    GoldItem.objects.filter(pk=later.pk).update(
        added_at=later.item.decision.decided_at.replace(year=2020)
    )

    with connection.cursor() as cursor:
        cursor.execute(FILL.GIVE_FURTHER_CLASSES)

    before.refresh_from_db()
    later.refresh_from_db()
    assert before.also == ["stain"]
    assert later.also == [], "what was decided since is not what was known then"


@pytest.mark.parametrize(
    ("said", "missed", "too_many"),
    [
        (["scratch", "stain"], "", ""),
        (["scratch"], "Stain", ""),
        (["scratch", "dust"], "Stain", "Dust"),
        (["stain"], "Scratch", ""),
        (["ok"], "Scratch, Stain", "Ok"),
        ([], "Scratch, Stain", ""),
    ],
)
def test_a_warm_up_knows_what_was_missed_and_what_was_too_many(
    screens: ProductLine,
    eva: User,
    max_: User,
    said: list[str],
    missed: str,
    too_many: str,
) -> None:
    fill(screens, max_)
    run = qualifications.begin_run(screens, GoldUse.WARM_UP, by=eva)

    answered = read(screens, run, eva, *said)

    beside = beside_gold(answered, screens, names_on(screens))
    assert beside.known == "Scratch, Stain"
    assert (beside.missed, beside.too_many) == (missed, too_many)
    assert beside.decides_alike is ("scratch" in said)
    assert beside.is_same is (said == ["scratch", "stain"])
    assert GoldRead.objects.get(pk=answered.pk).also == said[1:]


def test_a_class_that_left_the_line_is_not_missed(
    screens: ProductLine, eva: User, max_: User
) -> None:
    fill(screens, max_)
    run = qualifications.begin_run(screens, GoldUse.WARM_UP, by=eva)
    lines.retire_class(screens.classes.get(key="stain"), by=max_)
    line = ProductLine.objects.with_policy().get(pk=screens.pk)

    answered = read(line, run, eva, "scratch")

    beside = beside_gold(answered, line, names_on(line))
    assert beside.is_same
    assert beside.known == "Scratch, Stain"


def test_a_qualification_counts_by_the_class_that_decides(
    screens: ProductLine, eva: User, max_: User
) -> None:
    fill(screens, max_, 4)
    screens.qualification_size = 4
    ProductLine.objects.filter(pk=screens.pk).update(qualification_size=4)
    run = qualifications.begin_run(screens, GoldUse.QUALIFICATION, by=eva)

    for _ in range(4):
        read(screens, run, eva, "stain", "dust")

    score = qualifications.score_of(run)
    assert (score.shown_defects, score.hits) == (4, 4)
    run.refresh_from_db()
    assert run.is_passed


@given(data=st.data())
def test_what_is_missed_and_what_is_too_many_make_the_difference_of_two_sets(
    data: st.DataObject,
) -> None:
    line = ProductLine(name="Screens", allows_several=True)
    line.open_classes = [
        LabelClass(pk=n, key=key, name=key, meaning=Meaning.REJECT)
        for n, key in enumerate("abcde")
    ]
    some = st.lists(st.sampled_from(line.open_classes), min_size=1, unique=True)
    known, said = data.draw(some), data.draw(some)
    answered = GoldRead(
        gold=GoldItem(label_class=known[0], also=[one.key for one in known[1:]]),
        label_class=said[0],
        also=[one.key for one in said[1:]],
    )

    beside = beside_gold(answered, line, {})

    is_, was = {one.key for one in known}, {one.key for one in said}
    assert set(beside.missed.split(", ")) - {""} == is_ - was
    assert set(beside.too_many.split(", ")) - {""} == was - is_
    assert beside.is_same is (is_ == was)
