"""The debrief of a shift: the person's own gold, pace, and what reveals did."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.services.debriefs import debrief_of
from monitoring.services.flips import Flips, flips_of
from reviewapp.models import Item, ModelVersion, ProductLine, Review, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import labels, shifts
from reviewapp.services.labels import Answer
from reviewapp.services.routings import route_items
from reviewapp.services.settling import settle_answered
from tests import factories


@pytest.fixture
def assisted(line: ProductLine) -> ProductLine:
    """A line in assist: whoever differs from the model sees its answer."""
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.ASSIST, blind_share=1e-9)
    return line


def predicted(line: ProductLine, key: str) -> Item:
    """Let an item come to people with the model's answer."""
    item = factories.make_item(line)
    version = line.in_force.live
    assert isinstance(version, ModelVersion)
    factories.make_prediction(item, version, line.classes.get(key=key))
    route_items(line.pk, [item.pk])
    return item


def say(line: ProductLine, by: User, *keys: str) -> None:
    """Answer the next item, and once more each time the prediction is revealed."""
    review = factories.claim(by, line)
    for key in keys:
        review = Review.objects.get(pk=review.pk)
        assert review.claim_token is not None
        chosen = line.classes.get(key=key)
        labels.answer_review(
            review.public_id,
            line,
            by=by,
            answer=Answer(label_class=chosen, key=review.claim_token, active_ms=1_000),
        )


def settle_by_another(line: ProductLine, item: Item, key: str, by: User) -> None:
    """Let somebody else read an item blind, and decide it so."""
    asked = Review.objects.create(
        item=item, line=line, read_number=9, is_adjudication=True
    )
    line.memberships.filter(user=by).update(is_adjudicator=True)
    say(line, by, key)
    settle_answered()
    asked.refresh_from_db()
    assert asked.closed_at is not None


def flips(line: ProductLine, by: User) -> Flips:
    now = timezone.now()
    return flips_of(by, line, start=now - timedelta(days=1), end=now)


@pytest.mark.parametrize(
    ("truth", "helpful", "harmful"), [("scratch", 1, 0), ("ok", 0, 1)]
)
def test_a_change_helped_if_others_say_what_it_became(
    assisted: ProductLine, ana: User, ben: User, truth: str, helpful: int, harmful: int
) -> None:
    item = predicted(assisted, "scratch")
    say(assisted, ana, "ok", "scratch")
    settle_by_another(assisted, item, truth, ben)

    found = flips(assisted, ana)

    assert (found.revealed, found.changed) == (1, 1)
    assert (found.helpful, found.harmful, found.undetermined) == (helpful, harmful, 0)


def test_where_only_the_own_answer_settled_nobody_can_say(
    assisted: ProductLine, ana: User
) -> None:
    predicted(assisted, "scratch")
    say(assisted, ana, "ok", "scratch")

    found = flips(assisted, ana)

    assert (found.changed, found.undetermined) == (1, 1)


def test_an_answer_that_was_kept_is_no_flip(assisted: ProductLine, ana: User) -> None:
    predicted(assisted, "scratch")
    say(assisted, ana, "ok", "ok")
    predicted(assisted, "ok")
    say(assisted, ana, "ok")

    found = flips(assisted, ana)

    assert (found.revealed, found.changed) == (1, 0)


def test_another_persons_flips_are_not_in_it(
    assisted: ProductLine, ana: User, ben: User
) -> None:
    predicted(assisted, "scratch")
    say(assisted, ben, "ok", "scratch")

    assert flips(assisted, ana).revealed == 0


def test_a_debrief_has_the_middle_half_of_the_own_times_and_says_what_is_missing(
    line: ProductLine, ana: User
) -> None:
    for _ in range(21):
        factories.make_item(line)
    shifts.start_work(line, by=ana)
    for number in range(1, 21):
        review = Review.objects.held_by(ana).get()
        assert review.claim_token is not None
        answer = Answer(
            label_class=line.classes.get(key="ok"),
            key=review.claim_token,
            active_ms=number * 1_000,
        )
        labels.answer_review(review.public_id, line, by=ana, answer=answer)
    ended = shifts.end_shift(line, by=ana)
    assert ended is not None

    found = debrief_of(ended)

    assert found.pace is not None
    assert (found.pace.low_s, found.pace.high_s, found.pace.n) == (5.75, 15.25, 20)
    assert found.usual is None
    assert found.gold.is_few
    assert (found.gold.answers, found.gold.fewest) == (0, 100)
