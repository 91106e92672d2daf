"""Corrections: which answers can be taken back, and what is said of those that left."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from reviewapp.errors import ConflictError
from reviewapp.models import Decision, Label, ProductLine, Record, User
from reviewapp.services import corrections, decisions
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
