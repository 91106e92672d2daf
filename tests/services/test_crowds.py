"""A crowd at one queue, with real connections: all that may happen, all at once."""

import random
import threading
import time
from collections import Counter
from datetime import timedelta
from itertools import groupby

import pytest
from django.utils import timezone

from reviewapp.errors import ClaimLostError, ConflictError
from reviewapp.models import (
    Decision,
    Item,
    Label,
    Membership,
    ProductLine,
    Review,
    SkipPolicy,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import corrections, labels, reviews, settling
from reviewapp.services.items import Arrival, receive_items
from reviewapp.services.labels import Answer
from tests import factories
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

READS = 2
ROW = {"width": 1.0, "height": 2.0}


class Crowd:
    """Who has which review in front, as the people themselves know it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.in_front: dict[int, int] = {}
        self.did: Counter[str] = Counter()

    def take(self, review: Review, number: int) -> None:
        with self.lock:
            holder = self.in_front.setdefault(review.pk, number)
            assert holder == number, f"{review} is in front of {holder} and {number}"

    def leave(self, review: Review, act: str) -> None:
        with self.lock:
            self.in_front.pop(review.pk, None)
            self.did[act] += 1


class Inspector:
    """One person who answers, skips, forgets and undoes, as chance has it."""

    def __init__(
        self, number: int, user: User, line: ProductLine, crowd: Crowd
    ) -> None:
        self.number, self.user, self.crowd = number, user, crowd
        self.line = ProductLine.objects.with_policy().get(pk=line.pk)
        self.classes = {c.key: c for c in self.line.open_classes}
        self.chance = random.Random(number)  # noqa: S311 - no secret, and the same each time

    def work(self) -> None:
        ends = time.monotonic() + 900
        while time.monotonic() < ends:
            review = reviews.claim_next(self.user, self.line)
            while review is not None:
                self.crowd.take(review, self.number)
                review = self.act(review)
            # as a worker does every second, and here whoever has nothing else to do
            settling.settle_answered()
            waiting, unsettled = Review.objects.waiting(), Review.objects.unsettled()
            if not waiting.exists() and not unsettled.exists():
                return
            time.sleep(0.02)
        raise AssertionError("the queue never emptied")

    def act(self, review: Review) -> Review | None:
        drawn = self.chance.random()
        if drawn < 0.05:
            return self.skip(review)
        if drawn < 0.1:
            return self.forget(review)
        if drawn < 0.15:
            return self.undo(review)
        return self.answer(review, "answered")

    def answer(self, review: Review, act: str) -> Review | None:
        assert review.claim_token is not None
        key = "ok" if self.chance.random() < 0.8 else "scratch"
        self.crowd.leave(review, act)
        answered = labels.answer_review(
            review.public_id,
            self.line,
            by=self.user,
            answer=Answer(label_class=self.classes[key], key=review.claim_token),
        )
        if self.chance.random() < 0.1:
            # the answer came twice over a bad line
            again = labels.answer_review(
                review.public_id,
                self.line,
                by=self.user,
                answer=Answer(label_class=self.classes[key], key=review.claim_token),
            )
            assert again.label == answered.label
        return answered.following

    def skip(self, review: Review) -> Review | None:
        assert review.claim_token is not None
        self.crowd.leave(review, "skipped")
        return reviews.skip_review(
            review.public_id,
            self.line,
            by=self.user,
            key=review.claim_token,
            reason="other",
        )

    def forget(self, review: Review) -> Review | None:
        """Let the claim run out, and answer all the same, perhaps too late."""
        self.crowd.leave(review, "expired")
        past = timezone.now() - timedelta(seconds=1)
        Review.objects.in_hand_of(self.user).update(claimed_until=past)
        if self.chance.random() < 0.5:
            return reviews.claim_next(self.user, self.line)
        time.sleep(self.chance.random() / 100)
        try:
            return self.answer(review, "answered late")
        except ClaimLostError:
            with self.crowd.lock:
                self.crowd.did["lost"] += 1
            return reviews.claim_next(self.user, self.line)

    def undo(self, review: Review) -> Review | None:
        self.crowd.leave(review, "undid")
        try:
            return corrections.undo_last(self.user, self.line)
        except ConflictError:
            return reviews.claim_next(self.user, self.line)


def let_loose(line: ProductLine, *, people: int, items: int) -> Counter[str]:
    """Let a crowd empty a queue in which everything is read twice."""
    factories.put_at(line, AutomationLevel.SHADOW, reads_per_item=READS)
    ProductLine.objects.filter(pk=line.pk).update(
        skip_policy=SkipPolicy.END, hand_size=2
    )
    line.refresh_from_db()
    users = [factories.make_inspector(line, f"person-{n}") for n in range(people)]
    Membership.objects.update(is_adjudicator=True)
    arrivals = [Arrival(external_id=f"item-{n}", values=ROW) for n in range(items)]
    receive_items(line, arrivals)
    crowd = Crowd()
    together(*(Inspector(n, user, line, crowd).work for n, user in enumerate(users)))
    return crowd.did


def check_that_nothing_is_lost_or_doubled(items: int) -> None:
    """Hold what is stored against what the crowd was asked for."""
    assert Item.objects.count() == items
    assert not Review.objects.filter(closed_at=None).exists()
    standing = Label.objects.filter(superseded_by=None)
    assert not standing.exclude(kind="class").exists()
    reads = (
        standing.order_by("item")
        .values_list("item", "review__is_adjudication", "label_class__key")
        .iterator()
    )
    decided = dict(Item.objects.values_list("pk", "decision__label_class__key"))
    seen = 0
    for item, rows in groupby(reads, key=lambda row: row[0]):
        answers = list(rows)
        plain = [key for _item, adjudicates, key in answers if not adjudicates]
        verdicts = [key for _item, adjudicates, key in answers if adjudicates]
        assert len(plain) == READS, "exactly as many reads as were asked for"
        assert len(verdicts) <= 1
        assert len(set(plain)) == 1 or verdicts, "who differed was adjudicated"
        assert decided[item] == (verdicts or plain)[0]
        seen += 1
    assert seen == items
    whose = Label.objects.filter(supersedes=None).values_list("item", "inspector")
    assert len(whose) == len(set(whose)), "nobody read an item twice"
    heads = Decision.objects.filter(superseded_by=None)
    assert heads.count() == items


def test_four_people_at_120_items_lose_nothing_and_double_nothing(
    line: ProductLine,
) -> None:
    did = let_loose(line, people=4, items=120)

    check_that_nothing_is_lost_or_doubled(120)
    assert min(did[act] for act in ("skipped", "expired", "undid")) > 0


@pytest.mark.faults
def test_sixteen_people_at_2000_items_lose_nothing_and_double_nothing(
    line: ProductLine,
) -> None:
    did = let_loose(line, people=16, items=2_000)

    check_that_nothing_is_lost_or_doubled(2_000)
    assert min(did[act] for act in ("skipped", "expired", "undid", "lost")) > 0
