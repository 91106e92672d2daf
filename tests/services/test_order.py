"""The order of a queue with real rows: each rule, what is due, and a change of rule."""

import threading
from datetime import timedelta
from itertools import count

import pytest
from django.db import connection, transaction
from django.utils import timezone

from reviewapp.errors import ConflictError
from reviewapp.lottery import lottery
from reviewapp.models import (
    Item,
    Job,
    JobKind,
    JobState,
    LineState,
    OrderChoices,
    ProductLine,
    QueueTerms,
    Record,
    Review,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import jobs, order, reviews
from reviewapp.services.queues import count_queues
from reviewapp.services.routings import route_items
from tests import factories
from tests.threads import together

READERS = count(1)
CONFIDENCES = (0.9, 0.3, 0.99, 0.5, 0.7)


def set_terms(line: ProductLine, **values: object) -> QueueTerms:
    terms, _is_new = QueueTerms.objects.update_or_create(line=line, defaults=values)
    line.refresh_from_db()
    return terms


def assist(
    line: ProductLine, *confidences: float, blind_share: float = 1e-9
) -> list[Item]:
    """Bring the line to assist and let items come, each with its confidence."""
    version = line.in_force.live
    if version is None:
        version = factories.put_at(line, AutomationLevel.SHADOW)
        factories.put_at(line, AutomationLevel.ASSIST, blind_share=blind_share)
    assert version is not None
    ok = line.classes.get(key="ok")
    items = [factories.make_item(line) for _ in confidences]
    for item, confidence in zip(items, confidences, strict=True):
        factories.make_prediction(item, version, ok, confidence=confidence)
        route_items(line.pk, [item.pk])
    return items


def queued(line: ProductLine) -> list[int]:
    """Read the items in the order in which a new person gets them."""
    reader = factories.make_inspector(line, f"reader-{next(READERS)}")
    found: list[int] = []
    while True:
        review = reviews.claim_next(reader, line)
        if review is None:
            return found
        found.append(review.item_id)
        excluded = [*Review.objects.get(pk=review.pk).excluded, reader.pk]
        Review.objects.filter(pk=review.pk).update(excluded=excluded)
        assert review.claim_token is not None
        reviews.release_review(
            review.public_id, line, by=reader, key=review.claim_token
        )


def place_all(line: ProductLine) -> Job:
    assert jobs.run_next(JobKind.PLACING, order.place_what_waits) == 1
    return line.jobs.latest("pk")


def test_the_oldest_come_first_unless_a_line_says_otherwise(line: ProductLine) -> None:
    items = assist(line, *CONFIDENCES)

    assert queued(line) == [item.pk for item in items]


def test_what_its_sender_calls_urgent_comes_first_and_keeps_its_age(
    line: ProductLine,
) -> None:
    usual = factories.make_item(line)
    high = [factories.make_item(line, priority=2) for _ in range(2)]
    urgent = factories.make_item(line, priority=9)

    assert queued(line) == [item.pk for item in (urgent, *high, usual)]


def test_an_assisted_item_keeps_its_senders_priority(line: ProductLine) -> None:
    [usual] = assist(line, 0.5)
    item = factories.make_item(line, priority=1)
    route_items(line.pk, [item.pk])

    assert queued(line) == [item.pk, usual.pk]


def test_the_least_certain_come_first_where_the_line_says_so(line: ProductLine) -> None:
    set_terms(line, rule=OrderChoices.UNSURE)
    sure, unsure, surest, half, likely = assist(line, *CONFIDENCES)

    assert queued(line) == [i.pk for i in (unsure, half, likely, sure, surest)]


def test_what_the_model_gave_no_answer_to_comes_before_what_it_is_sure_of(
    line: ProductLine,
) -> None:
    set_terms(line, rule=OrderChoices.UNSURE)
    [sure] = assist(line, 0.9)
    unanswered = factories.make_item(line)
    route_items(line.pk, [unanswered.pk])

    assert queued(line) == [unanswered.pk, sure.pk]


@pytest.mark.parametrize("rule", list(OrderChoices))
def test_the_blind_share_comes_by_age_under_every_rule(
    line: ProductLine, rule: OrderChoices
) -> None:
    set_terms(line, rule=rule, age_share=0.05)
    items = assist(line, *CONFIDENCES, blind_share=1.0)

    assert {i.routing.route for i in Item.objects.select_related("routing")} == {  # type: ignore[union-attr]  # all are routed
        "blind"
    }
    assert queued(line) == [item.pk for item in items]


def test_audits_come_by_age_and_before_what_waits_for_the_unsure(
    line: ProductLine,
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        blind_share=1e-9,
        certificates=factories.certified(version, "ok"),
        canary_share=1.0,
        audit_shares={"ok": 1.0},
    )
    set_terms(line, rule=OrderChoices.UNSURE)
    LineState.objects.filter(line=line).update(judged_at=timezone.now())
    # from 0.5 on the model decides, and all it decides is audited
    unsure, *audited = assist(line, 0.4, 0.99, 0.6, 0.8)

    routes = Item.objects.order_by("pk").values_list("routing__route", flat=True)
    assert list(routes) == ["assisted", "audit", "audit", "audit"]
    assert queued(line) == [*(item.pk for item in audited), unsure.pk]


def test_with_a_mixture_the_drawn_share_comes_by_age_past_all_that_comes_later(
    line: ProductLine,
) -> None:
    terms = set_terms(line, rule=OrderChoices.MIXED, age_share=0.2)
    items = assist(line, *[0.9 - 0.01 * n for n in range(40)])
    drawn = [i.pk for i in items if lottery(terms.salt, i.pk) < terms.age_share]
    others = [i.pk for i in items if i.pk not in drawn]
    assert 0 < len(drawn) < len(others)

    found = queued(line)

    assert found == drawn + others[::-1], "the others from the least certain on"


def test_what_is_near_its_due_time_comes_first_however_sure_the_model_is(
    line: ProductLine,
) -> None:
    set_terms(line, rule=OrderChoices.UNSURE, due_after_min=60)
    sure, unsure = assist(line, 0.99, 0.1)
    assert queued(line) == [unsure.pk, sure.pk]
    assert order.bring_forward() == 0, "an hour is left"

    age = timedelta(minutes=55)
    for review in Review.objects.filter(item=sure):
        assert review.due_at is not None
        assert review.deferred_to is not None
        Review.objects.filter(pk=review.pk).update(
            queued_at=review.queued_at - age,
            deferred_to=review.deferred_to,
            due_at=review.due_at - age,
        )

    assert order.bring_forward() == 1
    assert queued(line) == [sure.pk, unsure.pk]
    assert order.bring_forward() == 0, "it is there already"


def test_what_waits_past_its_due_time_is_counted(line: ProductLine) -> None:
    set_terms(line, due_after_min=1)
    late, _fresh = (factories.make_item(line) for _ in range(2))
    for review in Review.objects.all():
        assert review.due_at is not None
        assert review.due_at - review.queued_at == timedelta(minutes=1)
    past = timezone.now() - timedelta(minutes=2)
    Review.objects.filter(item=late).update(due_at=past)

    count_queues()

    state = LineState.objects.get(line=line)
    assert (state.waiting, state.overdue) == (2, 1)


def test_a_change_of_rule_puts_what_waits_in_order(
    line: ProductLine, mia: User
) -> None:
    items = assist(line, *CONFIDENCES)
    by_confidence = [
        i.pk
        for _c, i in sorted(zip(CONFIDENCES, items, strict=True), key=lambda p: p[0])
    ]

    order.set_order(
        line, rule=OrderChoices.UNSURE, age_share=0.2, due_after_min=90, by=mia
    )
    job = place_all(line)

    assert queued(line) == by_confidence
    assert (job.state, job.done, job.total) == (JobState.DONE, 5, 5)
    assert job.result == {"waiting": 5, "moved": 5}
    assert Record.objects.get(action="line.order_set").details["rule"] == "unsure"
    order.set_order(
        line, rule=OrderChoices.OLDEST, age_share=0.2, due_after_min=None, by=mia
    )
    place_all(line)
    assert queued(line) == [item.pk for item in items]
    assert not Review.objects.exclude(due_at=None, deferred_to=None).exists()


def test_a_place_is_the_same_whether_worked_out_at_once_or_afterwards(
    line: ProductLine, mia: User
) -> None:
    terms = {"age_share": 0.5, "due_after_min": 600, "by": mia}
    assist(line, *[0.9 - 0.02 * n for n in range(20)])
    order.set_order(line, rule=OrderChoices.MIXED, **terms)  # type: ignore[arg-type]  # as given
    place_all(line)
    afterwards = dict(Review.objects.values_list("item", "deferred_to"))
    line.refresh_from_db()
    more = assist(line, *[0.9 - 0.02 * n for n in range(20)])
    at_once = dict(
        Review.objects.filter(item__in=more).values_list("item", "deferred_to")
    )

    order.set_order(line, rule=OrderChoices.OLDEST, **terms)  # type: ignore[arg-type]  # as given
    place_all(line)
    order.set_order(line, rule=OrderChoices.MIXED, **terms)  # type: ignore[arg-type]  # as given
    place_all(line)

    again = dict(Review.objects.values_list("item", "deferred_to"))
    assert {i: again[i] for i in afterwards} == afterwards
    for item, placed in at_once.items():
        told = again[item]
        assert (told is None) is (placed is None)
        if told is not None and placed is not None:
            assert abs(told - placed) < timedelta(milliseconds=100)


def test_an_order_is_not_changed_while_what_waits_is_put_into_the_one_before(
    line: ProductLine, mia: User
) -> None:
    terms = {"age_share": 0.2, "due_after_min": None, "by": mia}
    order.set_order(line, rule=OrderChoices.UNSURE, **terms)  # type: ignore[arg-type]  # as given

    with pytest.raises(ConflictError, match="still being put in order"):
        order.set_order(line, rule=OrderChoices.MIXED, **terms)  # type: ignore[arg-type]  # as given

    order.set_order(line, rule=OrderChoices.UNSURE, **terms)  # type: ignore[arg-type]  # nothing to change
    assert line.jobs.count() == 1


@pytest.mark.django_db(transaction=True)
def test_putting_in_order_waits_for_nobody_who_answers(
    line: ProductLine, mia: User
) -> None:
    items = assist(line, *CONFIDENCES)
    order.set_order(
        line, rule=OrderChoices.UNSURE, age_share=0.2, due_after_min=None, by=mia
    )
    is_locked, is_placed = threading.Event(), threading.Event()

    def answer() -> None:
        with transaction.atomic():
            Review.objects.select_for_update().get(item=items[0])
            is_locked.set()
            assert is_placed.wait(20), "the worker waited for the answer"

    def place() -> None:
        assert is_locked.wait(20)
        place_all(line)
        is_placed.set()

    together(answer, place)

    kept = Review.objects.get(item=items[0])
    assert kept.deferred_to is None
    assert Review.objects.filter(deferred_to__isnull=False).count() == 4


def test_a_skipped_item_goes_to_the_back_and_is_put_off_no_more(
    line: ProductLine, ana: User
) -> None:
    set_terms(line, rule=OrderChoices.UNSURE)
    assist(line, 0.9)
    review = factories.claim(ana, line)
    assert review.claim_token is not None

    reviews.skip_review(
        review.public_id, line, by=ana, key=review.claim_token, reason="other"
    )

    assert Review.objects.get().deferred_to is None


def test_gold_takes_the_place_of_what_would_come_next_whatever_the_order(
    line: ProductLine, ana: User, mia: User
) -> None:
    factories.make_gold(line, "scratch", by=mia)
    ProductLine.objects.filter(pk=line.pk).update(gold_share=1.0, hand_size=1)
    set_terms(line, rule=OrderChoices.UNSURE)
    assist(line, 0.9, 0.2)
    head = Review.objects.filter(deferred_to__isnull=False).earliest("deferred_to")

    review = factories.claim(ana, line)

    assert review.gold_id is not None
    dealt = Review.objects.get(pk=review.pk)
    assert head.deferred_to is not None
    assert dealt.deferred_to == head.deferred_to - timedelta(microseconds=1)


def test_a_claim_reads_a_handful_of_a_long_queue(line: ProductLine, ana: User) -> None:
    set_terms(line, rule=OrderChoices.UNSURE)
    assist(line, 0.9)
    pattern = Review.objects.get()
    later = timedelta(seconds=1)
    assert pattern.deferred_to is not None
    Review.objects.bulk_create(
        Review(
            item_id=pattern.item_id,
            line=line,
            read_number=number,
            queued_at=pattern.queued_at,
            deferred_to=pattern.deferred_to + number * later,
        )
        for number in range(2, 3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reviewapp_review")
        cursor.execute(
            "EXPLAIN SELECT id FROM reviewapp_review"
            " WHERE line_id = %s AND closed_at IS NULL"
            " ORDER BY priority DESC, coalesce(deferred_to, queued_at), id LIMIT 1",
            [line.pk],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "review_queue" in plan
    assert "Sort" not in plan
    assert reviews.claim_next(ana, line) == pattern
