"""Skipping, and what leaves the queue: with a reason, and never silently."""

import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from reviewapp.errors import ConflictError, InvalidInputError, TooSoonError
from reviewapp.models import (
    Flag,
    FlagKind,
    Label,
    ProductLine,
    Record,
    Review,
    SetAside,
    SkipPolicy,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import asides, corrections, reviews
from reviewapp.services.routings import route_items
from tests import factories


def claimed(inspector: User, line: ProductLine) -> Review:
    review = reviews.claim_next(inspector, line)
    assert review is not None
    return review


def skip(
    inspector: User, line: ProductLine, reason: str = "bad_image"
) -> Review | None:
    review = claimed(inspector, line)
    assert review.claim_token is not None
    return reviews.skip_review(
        review.public_id, line, by=inspector, key=review.claim_token, reason=reason
    )


def test_what_is_skipped_goes_to_somebody_else(
    line: ProductLine, ana: User, ben: User
) -> None:
    item = factories.make_item(line)

    assert skip(ana, line) is None

    assert claimed(ben, line).item == item
    assert Record.objects.get(action="review.skipped").reason == "bad_image"


def test_what_is_skipped_goes_to_the_end_of_the_queue(
    line: ProductLine, ana: User
) -> None:
    line.skip_policy = SkipPolicy.END
    first, second = factories.make_item(line), factories.make_item(line)

    following = skip(ana, line)

    assert following is not None
    assert following.item == second
    answered = factories.label_next(ana, line, "ok")
    assert answered.following is not None
    assert answered.following.item == first


def test_what_is_skipped_leaves_the_queue_for_the_manager(
    line: ProductLine, ana: User, ben: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, reads_per_item=2)
    line.skip_policy = SkipPolicy.OUT
    item = factories.make_item(line)

    assert skip(ana, line) is None

    aside = SetAside.objects.open_on(line).get()
    assert (aside.item, aside.by, aside.reason) == (item, ana, "bad_image")
    assert reviews.claim_next(ben, line) is None
    assert not Review.objects.waiting_on(line).exists()


def test_what_is_sent_back_waits_again_with_all_its_reads(
    line: ProductLine, ana: User, ben: User, mia: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, reads_per_item=2)
    line.skip_policy = SkipPolicy.OUT
    item = factories.make_item(line)
    skip(ana, line)

    asides.send_back(SetAside.objects.get().pk, line, by=mia)

    factories.label_next(ana, line, "ok")
    factories.label_next(ben, line, "ok")
    item.refresh_from_db()
    assert str(item.decision) == "OK"
    assert item.reviews.count() == 2


def test_a_colleague_who_has_the_item_in_front_still_answers_it(
    line: ProductLine, ana: User, ben: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, reads_per_item=2)
    line.skip_policy = SkipPolicy.OUT
    item = factories.make_item(line)
    claimed(ben, line)

    skip(ana, line)
    factories.label_next(ben, line, "ok")

    item.refresh_from_db()
    assert item.decision is None
    assert SetAside.objects.open_on(line).get().item == item
    assert not Review.objects.waiting_on(line).exists(), "nobody is asked meanwhile"


def test_what_is_closed_has_a_note_and_is_asked_of_nobody(
    line: ProductLine, ana: User, ben: User, mia: User
) -> None:
    line.skip_policy = SkipPolicy.OUT
    factories.make_item(line)
    skip(ana, line)
    aside = SetAside.objects.get()

    with pytest.raises(InvalidInputError, match="Note"):
        asides.close_aside(aside.pk, line, by=mia, note="  ")
    asides.close_aside(aside.pk, line, by=mia, note="the lens was covered")

    assert not SetAside.objects.open_on(line).exists()
    assert reviews.claim_next(ben, line) is None
    with pytest.raises(ConflictError, match="already"):
        asides.send_back(aside.pk, line, by=mia)


def test_an_item_whose_answers_ran_out_is_read_once_more_when_it_is_sent_back(
    line: ProductLine, mia: User
) -> None:
    item = factories.make_item(line)
    people = [factories.make_inspector(line, f"person-{n}") for n in range(6)]
    for person in people[:5]:
        factories.label_next(person, line, None)
    aside = SetAside.objects.get()
    assert (aside.because, aside.by) == ("unsettled", None)

    asides.send_back(aside.pk, line, by=mia)
    factories.label_next(people[5], line, "ok")

    item.refresh_from_db()
    assert str(item.decision) == "OK"


def test_an_answer_taken_back_and_skipped_says_nothing_about_the_item(
    line: ProductLine, ana: User, ben: User, mia: User
) -> None:
    line.skip_policy = SkipPolicy.OUT
    item = factories.make_item(line)
    factories.label_next(ana, line, "scratch")
    corrections.undo_last(ana, line)
    skip(ana, line)

    asides.send_back(SetAside.objects.get().pk, line, by=mia)
    item.refresh_from_db()

    assert item.decision is not None
    assert item.decision.decided_by == "retraction"
    assert claimed(ana, line).item == item


def test_skipping_a_second_thought_lets_the_first_answer_stand(
    line: ProductLine, ana: User
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.ASSIST, blind_share=1e-9)
    item = factories.make_item(line)
    assert version is not None
    factories.make_prediction(item, version, line.classes.get(key="ok"))
    route_items(line.pk, [item.pk])
    assert factories.label_next(ana, line, "scratch").revealed is not None

    skip(ana, line)

    item.refresh_from_db()
    assert str(item.decision) == "Scratch"
    assert not Review.objects.filter(closed_at=None).exists()


def test_a_flag_is_raised_once_and_leaves_the_review_in_front(
    line: ProductLine, ana: User
) -> None:
    factories.make_item(line)
    review = claimed(ana, line)

    assert asides.flag_item(review, FlagKind.BAD_IMAGE, by=ana)
    assert not asides.flag_item(review, FlagKind.BAD_IMAGE, by=ana)

    assert Flag.objects.get().item == review.item
    assert Review.objects.held_by(ana).get() == review


def test_an_item_passes_only_after_the_shortest_look(
    line: ProductLine, ana: User
) -> None:
    line.least_look_s = 30
    factories.make_item(line)

    with pytest.raises(TooSoonError, match="30 seconds more"):
        factories.label_next(ana, line, "ok")
    assert not Label.objects.exists()
    begun = timezone.now() - timedelta(seconds=28)
    Review.objects.update(claimed_at=begun)
    with pytest.raises(TooSoonError, match=r"[12] seconds? more"):
        factories.label_next(ana, line, "ok")
    Review.objects.update(claimed_at=begun - timedelta(seconds=3))
    factories.label_next(ana, line, "ok")

    assert Label.objects.count() == 1


def test_an_item_is_rejected_without_waiting(line: ProductLine, ana: User) -> None:
    line.least_look_s = 60
    factories.make_item(line)

    factories.label_next(ana, line, "scratch")

    assert Label.objects.count() == 1


def test_the_shortest_look_is_timed_from_when_it_is_shown(
    line: ProductLine, ana: User
) -> None:
    line.least_look_s = 1
    for _ in range(2):
        factories.make_item(line)
    factories.label_next(ana, line, "scratch")

    with pytest.raises(TooSoonError):
        factories.label_next(ana, line, "ok")
    time.sleep(1.1)
    factories.label_next(ana, line, "ok")

    assert Label.objects.count() == 2


def test_no_item_is_set_aside_twice_at_a_time(line: ProductLine, ana: User) -> None:
    line.skip_policy = SkipPolicy.OUT
    item = factories.make_item(line)
    skip(ana, line)

    with pytest.raises(IntegrityError, match="set_aside_once"), transaction.atomic():
        SetAside.objects.create(line=line, item=item, because="skipped", by=ana)
