"""Corrections: which answers can be taken back, and what is said of those that left."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from reviewapp.errors import ConflictError
from reviewapp.modalities.boxes import Box
from reviewapp.modalities.sights import Sight
from reviewapp.models import (
    Decision,
    GoldRead,
    Label,
    Modality,
    ProductLine,
    Record,
    Review,
    User,
)
from reviewapp.services import corrections, decisions, labels
from reviewapp.services.labels import Answer
from reviewapp.services.workbench import workbench
from tests import factories


def make_older(label: Label, hours: float) -> None:
    """Let an answer have been given so long ago, which facts refuse otherwise."""
    then = timezone.now() - timedelta(hours=hours)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        Label.objects.filter(pk=label.pk).update(labelled_at=then)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_only_the_last_ten_answers_are_listed_and_taken_back(
    line: ProductLine, ana: User
) -> None:
    for _ in range(12):
        factories.make_item(line)
    given = [factories.label_next(ana, line, "ok").label for _ in range(11)]

    listed = corrections.last_answers(ana, line)

    newest_first = [label.review.public_id for label in reversed(given)]
    assert [one.review_id for one in listed] == newest_first[:10]
    with pytest.raises(ConflictError, match="last ten"):
        corrections.take_back(newest_first[10], line, by=ana)
    reopened = corrections.take_back(newest_first[9], line, by=ana)
    assert reopened.public_id == newest_first[9]


def test_an_answer_of_another_shift_stands(line: ProductLine, ana: User) -> None:
    for _ in range(3):
        factories.make_item(line)
    old = factories.label_next(ana, line, "ok").label
    make_older(old, 8.1)

    with pytest.raises(ConflictError, match="8 hours"):
        corrections.undo_last(ana, line)
    with pytest.raises(ConflictError, match="8 hours"):
        corrections.take_back(old.review.public_id, line, by=ana)

    recent = factories.label_next(ana, line, "ok").label
    make_older(recent, 7.9)
    assert corrections.undo_last(ana, line) == recent.review


def test_nobody_takes_back_what_another_person_answered(
    line: ProductLine, ana: User, ben: User
) -> None:
    factories.make_item(line)
    given = factories.label_next(ana, line, "ok").label

    with pytest.raises(ConflictError):
        corrections.take_back(given.review.public_id, line, by=ben)


@pytest.mark.parametrize("has_left", [False, True])
def test_a_decision_that_has_left_by_the_feed_is_noted_and_not_told(
    line: ProductLine,
    ana: User,
    has_left: bool,  # noqa: FBT001 - a case
) -> None:
    factories.make_item(line)
    factories.label_next(ana, line, "scratch")
    if has_left:
        decisions.number_feed()
    left = Decision.objects.get().feed_entry.number

    reopened = corrections.undo_last(ana, line)

    assert (left is not None) is has_left
    assert workbench(reopened, ana).corrects
    noted = Record.objects.get(action="label.undone").details
    assert noted == ({"handed_out_as": left} if has_left else {})


def test_gold_that_is_corrected_begins_with_what_was_said_of_it(
    mia: User,
) -> None:
    screens = factories.make_line("Screens", modality=Modality.IMAGE, asks_where=True)
    reader = factories.make_inspector(screens, "reader")
    factories.make_gold(screens, "scratch", by=mia, content=factories.make_picture())
    screens.gold_share = 1.0
    ProductLine.objects.filter(pk=screens.pk).update(gold_share=1.0)
    for _ in range(2):
        factories.make_content(screens, factories.make_picture())
    factories.label_next(reader, screens, "ok")
    front = Review.objects.held_by(reader).get()
    assert (front.gold_id is not None, front.claim_token is not None) == (True, True)
    box: Box = {"class": "scratch", "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}
    sight = Sight(zoom=2, x=0.5, y=0.5, brightness=1.5, contrast=1, inverted=False)
    said = Answer(
        label_class=screens.classes.get(key="ok"),
        key=front.claim_token or uuid4(),
        boxes=[box],
        sight=sight,
    )
    labels.answer_review(front.public_id, screens, by=reader, answer=said)

    reopened = corrections.undo_last(reader, screens)

    read = GoldRead.objects.get()
    assert (read.boxes, read.sight) == ([box], sight.as_json())
    assert json.loads(workbench(reopened, reader).boxes) == [box]
    assert workbench(reopened, reader).corrects
