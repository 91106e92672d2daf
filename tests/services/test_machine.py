"""The queue as a machine: whatever people do in whatever order, its facts hold."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from reviewapp.errors import ClaimLostError, ConflictError
from reviewapp.models import (
    Decision,
    Item,
    Label,
    Membership,
    ProductLine,
    Review,
    SetAside,
    SkipPolicy,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import asides, corrections, labels, reviews, settling
from reviewapp.services.labels import Answer
from tests import factories

PEOPLE = ("ana", "ben", "cy", "dan", "eva")
MOST_ITEMS = 4

people = st.sampled_from(PEOPLE)
answers = st.sampled_from(["ok", "scratch", None])


class Queue(RuleBasedStateMachine):
    """Five people, one of whom manages and two of whom adjudicate, and a few items.

    The model of the machine is what each person believes to have in front.
    """

    def __init__(self) -> None:
        super().__init__()
        self.in_front: dict[str, Review] = {}
        # what one example stores is rolled back at its end
        self.savepoint = transaction.savepoint()
        self.line: ProductLine = factories.make_line(f"Line {id(self)}")
        self.users: dict[str, User] = {
            name: factories.make_inspector(self.line, f"{name}-{id(self)}")
            for name in PEOPLE
        }
        adjudicators = [self.users["dan"], self.users["eva"]]
        Membership.objects.filter(user__in=adjudicators).update(is_adjudicator=True)

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    @rule(reads=st.integers(1, 3), policy=st.sampled_from(list(SkipPolicy)))
    def change_the_line(self, reads: int, policy: SkipPolicy) -> None:
        factories.put_at(self.line, AutomationLevel.SHADOW, reads_per_item=reads)
        self.line.skip_policy = policy
        self.line.save(update_fields=["skip_policy"])

    @precondition(lambda self: self.line.items.count() < MOST_ITEMS)
    @rule()
    def receive(self) -> None:
        factories.make_item(self.line)

    @rule(name=people)
    def claim(self, name: str) -> None:
        self.follow(name, reviews.claim_next(self.users[name], self.line))

    @precondition(lambda self: self.in_front)
    @rule(data=st.data(), key=answers, is_late=st.booleans())
    def answer(self, data: st.DataObject, key: str | None, *, is_late: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.in_front)))
        review = self.in_front[name]
        if is_late:
            self.expire(name)
        assert review.claim_token is not None
        chosen = self.line.classes.get(key=key) if key else None
        given = Answer(label_class=chosen, key=review.claim_token)
        act: Any = {"by": self.users[name], "answer": given}
        try:
            answered = labels.answer_review(review.public_id, self.line, **act)
        except ClaimLostError:
            self.follow(name, None)
            return
        repeated = labels.answer_review(review.public_id, self.line, **act)
        assert repeated.label == answered.label
        self.follow(name, answered.following)

    @precondition(lambda self: self.in_front)
    @rule(data=st.data(), is_pause=st.booleans())
    def leave(self, data: st.DataObject, *, is_pause: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.in_front)))
        review, user = self.in_front[name], self.users[name]
        assert review.claim_token is not None
        following = None
        try:
            if is_pause:
                reviews.release_review(
                    review.public_id, self.line, by=user, key=review.claim_token
                )
            else:
                following = reviews.skip_review(
                    review.public_id,
                    self.line,
                    by=user,
                    key=review.claim_token,
                    reason="other",
                )
        except ClaimLostError:
            following = None
        self.follow(name, following)

    @rule(name=people)
    def expire(self, name: str) -> None:
        past = timezone.now() - timedelta(seconds=1)
        Review.objects.in_hand_of(self.users[name]).update(claimed_until=past)

    @rule(name=people)
    def undo(self, name: str) -> None:
        try:
            reopened = corrections.undo_last(self.users[name], self.line)
        except ConflictError:
            return
        self.follow(name, reopened)

    @precondition(lambda self: self.line.asides.filter(settled_at=None).exists())
    @rule(is_closed=st.booleans())
    def deal_with_what_was_set_aside(self, *, is_closed: bool) -> None:
        aside, mia = SetAside.objects.open_on(self.line)[0], self.users["ana"]
        if is_closed:
            asides.close_aside(aside.pk, self.line, by=mia, note="withdrawn")
            return
        try:
            asides.send_back(aside.pk, self.line, by=mia)
        except ConflictError:
            aside.item.refresh_from_db()
            assert aside.item.decision is not None

    @rule()
    def sweep(self) -> None:
        settling.settle_answered()

    def follow(self, name: str, review: Review | None) -> None:
        if review is None:
            self.in_front.pop(name, None)
        else:
            self.in_front[name] = review

    @invariant()
    def nobody_reads_an_item_twice(self) -> None:
        rows = Label.objects.filter(item__line=self.line, supersedes=None)
        read = list(rows.values_list("item", "inspector"))
        assert len(read) == len(set(read))
        held = Review.objects.filter(line=self.line, closed_at=None, label=None)
        for review in held.exclude(claimed_by=None):
            assert (review.item_id, review.claimed_by_id) not in set(read)

    @invariant()
    def no_adjudicator_has_read_what_they_settle(self) -> None:
        for review in Review.objects.adjudications().filter(line=self.line):
            by = review.label.inspector if review.label else review.claimed_by
            if by is None:
                continue
            others = Label.objects.filter(item=review.item, inspector=by)
            assert not others.exclude(review=review).exists()
            assert by.memberships.filter(is_adjudicator=True).exists()

    @invariant()
    def every_item_is_decided_asked_for_or_with_the_manager(self) -> None:
        for item in Item.objects.filter(line=self.line).select_related("decision"):
            is_decided = item.decision is not None and item.decision.label_class
            is_asked_for = item.reviews.waiting().exists()
            is_due = item.reviews.unsettled().exists()
            assert is_decided or is_asked_for or is_due or item.asides.exists(), item

    @invariant()
    def a_decision_rests_on_a_label_that_stands(self) -> None:
        heads = Decision.objects.filter(item__line=self.line, superseded_by=None)
        for head in heads.exclude(label=None).select_related("label", "item"):
            assert head.item.decision_id == head.pk
            assert head.label is not None
            later = Label.objects.filter(supersedes=head.label)
            assert not later.exists(), "what it rests on was taken back"

    @invariant()
    def no_item_gets_more_reads_than_it_may(self) -> None:
        for item in Item.objects.filter(line=self.line):
            standing = item.labels.filter(superseded_by=None, kind="class")
            plain = standing.exclude(review__is_adjudication=True)
            assert plain.count() <= len(PEOPLE)
            adjudicated = standing.filter(review__is_adjudication=True)
            assert adjudicated.count() <= 1


@pytest.mark.django_db
def test_the_queue_holds_its_facts_whatever_people_do() -> None:
    assert connection.in_atomic_block
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.faults
@pytest.mark.django_db
def test_the_queue_holds_its_facts_for_a_long_time() -> None:
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=300,
            stateful_step_count=60,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
