"""Races with real connections: no review twice, and a stop means stop."""

from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from reviewapp.inheritance import RivalEvidence
from reviewapp.models import (
    Cause,
    Decision,
    GoldRead,
    GoldTerms,
    Item,
    Label,
    LineState,
    ModelVersion,
    ProductLine,
    Review,
    Role,
    Routing,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import (
    candidates,
    hands,
    labels,
    levels,
    people,
    reviews,
    settling,
)
from reviewapp.services.hands import HeldElsewhereError
from reviewapp.services.items import Arrival, ReceivedItem, receive_items
from reviewapp.services.labels import Answer
from reviewapp.services.policies import append_policy
from reviewapp.services.routings import route_items
from tests import factories
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_inspectors_hold_no_review_twice_and_lose_none(line: ProductLine) -> None:
    for _ in range(80):
        factories.make_item(line)
    people = [factories.make_inspector(line, f"person-{n}") for n in range(8)]
    held: list[int] = []

    def work(number: int) -> None:
        mine = ProductLine.objects.with_policy().get(pk=line.pk)
        review = reviews.claim_next(people[number], mine)
        while review is not None and review.claim_token is not None:
            held.append(review.pk)
            answer = Answer(label_class=mine.open_classes[0], key=review.claim_token)
            review = labels.answer_review(
                review.public_id, mine, by=people[number], answer=answer
            ).following

    together(*[lambda n=n: work(n) for n in range(8)])

    assert Counter(held).most_common(1)[0][1] == 1
    assert Label.objects.count() == Decision.objects.count() == len(held) == 80


def test_two_windows_that_open_two_lines_at_once_hold_one_item(
    line: ProductLine, ana: User
) -> None:
    other = factories.make_line("Hinges")
    people.give_role(ana, other, Role.INSPECTOR, by=None)
    for _ in range(10):
        factories.make_item(line)
        factories.make_item(other)
        refused: list[Review] = []

        def open_line(opened: ProductLine, refused: list[Review] = refused) -> None:
            mine = ProductLine.objects.with_policy().get(pk=opened.pk)
            try:
                reviews.begin_work(ana, mine)
            except HeldElsewhereError as refusal:
                refused.append(refusal.held)

        together(lambda: open_line(line), lambda: open_line(other))

        [held] = Review.objects.held_by(ana)
        assert refused == [held]
        hands.release_all(ana)


def test_two_readers_who_answer_at_once_settle_their_item(line: ProductLine) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, overlap_share=1.0)
    people = [factories.make_inspector(line, name) for name in ("ana", "ben")]
    for _ in range(10):
        item = factories.make_item(line)
        held = [reviews.claim_next(person, line) for person in people]

        def answer(number: int, held: list[object] = held) -> None:  # type: ignore[assignment]  # bound for this turn
            review = held[number]
            labels.answer_review(
                review.public_id,  # type: ignore[attr-defined]  # a review in hand
                line,
                by=people[number],
                answer=Answer(
                    label_class=line.classes.get(key="ok"),
                    key=review.claim_token,  # type: ignore[attr-defined]  # likewise
                ),
            )
            settling.settle_answered()

        together(lambda: answer(0), lambda: answer(1))
        settling.settle_answered()

        item.refresh_from_db()
        assert str(item.decision) == "OK"
        assert item.decisions.count() == 1
        for person in people:
            for left in Review.objects.held_by(person):
                assert left.claim_token is not None
                reviews.release_review(
                    left.public_id, line, by=person, key=left.claim_token
                )


def test_after_a_stop_no_decision_of_the_model_follows(line: ProductLine) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    certificate = {
        "fingerprint": version.fingerprint,
        "threshold": 0.5,
        "max_error": 0.005,
        "delta": 0.05,
        "labels": 900,
        "errors": 0,
        "upper": 0.004,
        "covers_all": False,
    }
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        certificates={"ok": certificate},
        canary_share=1.0,
        audit_shares={"ok": 1e-9},
    )
    LineState.objects.filter(line=line).update(judged_at=timezone.now())
    ok = line.classes.get(key="ok")
    items = [factories.make_item(line) for _ in range(60)]
    for item in items:
        factories.make_prediction(item, version, ok)
    acknowledged = []

    def decide() -> None:
        for item in items:
            route_items(line.pk, [item.pk])

    def stop() -> None:
        while not Decision.objects.exists():
            pass
        levels.lower_level(line, to=AutomationLevel.SHADOW, by=None)
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            acknowledged.append(cursor.fetchone()[0])

    together(decide, stop)

    late = Decision.objects.filter(decided_at__gt=acknowledged[0])
    assert not late.exists()
    assert 0 < Decision.objects.count() < 60, "the stop came in between"
    assert Item.objects.filter(routing__route="blind").exists()


def test_two_senders_of_the_same_new_items_store_each_once(line: ProductLine) -> None:
    arrivals = [
        Arrival(external_id=f"item-{n:03d}", values={"width": 1.0, "height": 2.0})
        for n in range(300)
    ]
    answers: list[ReceivedItem] = []

    def send(batch: list[Arrival]) -> None:
        mine = ProductLine.objects.with_policy().get(pk=line.pk)
        answers.extend(receive_items(mine, batch))

    together(lambda: send(arrivals), lambda: send(arrivals[::-1]))

    assert Item.objects.count() == len(arrivals)
    assert Review.objects.count() == len(arrivals)
    assert sum(answer.is_new for answer in answers) == len(arrivals)
    told = {(answer.external_id, answer.public_id) for answer in answers}
    assert told == set(Item.objects.values_list("external_id", "public_id"))


def certified(version: ModelVersion) -> dict[str, dict[str, object]]:
    return {
        "ok": {
            "fingerprint": version.fingerprint,
            "threshold": 0.5,
            "max_error": 0.005,
            "delta": 0.05,
            "labels": 900,
            "errors": 0,
            "upper": 0.004,
            "covers_all": False,
        }
    }


def test_promotions_and_returns_in_flight_leave_each_item_one_decision_of_its_policy(
    line: ProductLine, mia: User
) -> None:
    live = factories.put_at(line, AutomationLevel.SHADOW)
    assert live is not None
    fresh = factories.make_version(line)
    always = {"audit_shares": {"ok": 1e-9}, "requirements": {"canary_steps": [1.0]}}
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        certificates=certified(live),
        canary_share=1.0,
        **always,
    )
    LineState.objects.filter(line=line).update(judged_at=timezone.now())
    better = RivalEvidence(
        items=900,
        paired_evidence=1e6,
        classes=2,
        worst_class_evidence=0.1,
        days=2,
        open_alarms=0,
    )
    ok = line.classes.get(key="ok")
    items = [factories.make_item(line) for _ in range(120)]
    for item in items:
        factories.make_prediction(item, live, ok)
        factories.make_prediction(item, fresh, ok)
    half = len(items) // 2

    def decide(mine: list[Item]) -> None:
        for item in mine:
            route_items(line.pk, [item.pk])

    def swap() -> None:
        mine = ProductLine.objects.with_policy().get(pk=line.pk)
        for _ in range(10):
            candidates.put_on_trial(mine, fresh, by=mia)
            append_policy(
                mine,
                cause=Cause.CERTIFIED,
                by=mia,
                changes={
                    "candidate_certificates": certified(fresh),
                    "candidate_share": 0.5,
                },
            )
            number = mine.in_force.number
            candidates.promote(
                mine, better, by=mia, reason="better", seen_policy=number
            )
            candidates.return_to_previous(mine, by=mia)

    together(lambda: decide(items[:half]), lambda: decide(items[half:]), swap)

    assert line.policies.filter(cause=Cause.PROMOTED).count() == 10
    assert Decision.objects.count() == len(items)
    assert Routing.objects.values("policy").distinct().count() > 1, "in flight"
    for item in Item.objects.select_related(
        "decision__policy", "routing__prediction", "decision__routing"
    ):
        made, routed = item.decision, item.routing
        assert made is not None
        assert routed is not None
        assert made.routing == routed
        assert made.policy_id == routed.policy_id
        assert made.policy.names(routed.version_id)
        assert routed.prediction is not None
        assert routed.prediction.version_id == routed.version_id


def test_people_at_once_never_show_an_item_more_often_than_it_may_be(
    line: ProductLine, mia: User
) -> None:
    made = factories.make_gold(line, "scratch", by=mia)
    GoldTerms.objects.update(most_reads=3)
    ProductLine.objects.filter(pk=line.pk).update(gold_share=1.0)
    people = [factories.make_inspector(line, f"person-{n}") for n in range(8)]
    for _ in range(40):
        factories.make_item(line)

    def work(person: User) -> None:
        mine = ProductLine.objects.with_policy().get(pk=line.pk)
        for _ in range(4):
            factories.label_next(person, mine, "ok")

    together(*[lambda person=person: work(person) for person in people])

    made.refresh_from_db()
    assert made.dealt == GoldRead.objects.count() == 3
    assert GoldRead.objects.values("inspector").distinct().count() == 3
    numbers = list(made.item.reviews.values_list("read_number", flat=True))
    assert len(set(numbers)) == len(numbers)
