"""Breaks: as the line says, as a person wants, and sooner where somebody tires."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from reviewapp.models import (
    GoldItem,
    GoldRead,
    OwnBreaks,
    ProductLine,
    Review,
    Shift,
    ShiftTerms,
    User,
)
from reviewapp.services import breaks, labels, reviews, shifts
from reviewapp.services.labels import Answer
from reviewapp.weariness import FEWEST_LATELY
from tests import factories


@pytest.fixture
def begun(line: ProductLine, ana: User) -> ProductLine:
    """A line where Ana has begun a shift."""
    factories.make_item(line)
    shifts.start_work(line, by=ana)
    return line


@pytest.mark.parametrize(
    ("of_line", "own", "holds"),
    [
        (None, None, 50),
        (30, None, 30),
        (30, 20, 20),
        (30, 45, 30),
        (0, 45, 45),
        (0, None, 0),
        (None, 25, 25),
        (None, 90, 50),
    ],
)
def test_the_sooner_of_the_lines_minutes_and_the_own_holds(
    begun: ProductLine, ana: User, of_line: int | None, own: int | None, holds: int
) -> None:
    if of_line is not None:
        ShiftTerms.objects.create(line=begun, break_after_min=of_line)
    if own is not None:
        shifts.set_own_breaks(ana, OwnBreaks(break_after_min=own))

    progress = shifts.progress_of(begun, ana)

    assert progress is not None
    assert (progress.break_after_min, progress.break_after_items) == (holds, 0)


def test_the_own_items_hold_on_every_line_and_for_nobody_else(
    begun: ProductLine, ana: User, ben: User
) -> None:
    ShiftTerms.objects.create(line=begun, break_after_items=300)
    shifts.set_own_breaks(ana, OwnBreaks(break_after_items=120))
    factories.make_item(begun)
    shifts.start_work(begun, by=ben)

    own, others = (shifts.progress_of(begun, one) for one in (ana, ben))

    assert own is not None
    assert others is not None
    assert (own.break_after_items, others.break_after_items) == (120, 300)


@pytest.mark.parametrize(
    "wanted",
    [
        {"break_after_min": 0},
        {"break_after_min": 241},
        {"break_after_items": 0},
        {"break_after_items": 5_001},
    ],
)
def test_the_database_refuses_what_no_line_could_say(
    ana: User, wanted: dict[str, int]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnBreaks.objects.create(person=ana, **wanted)


def long_ago(shift: Shift, **span: float) -> None:
    """Let a shift have begun earlier, with all that was answered in it."""
    back = timedelta(**span)
    Shift.objects.filter(pk=shift.pk).update(
        began_at=shift.began_at - back, resumed_at=shift.resumed_at - back
    )


def answer_as(
    line: ProductLine, by: User, *, active_ms: int, minutes_ago: float
) -> None:
    """Answer one more item, so many minutes ago."""
    factories.make_item(line)
    review = factories.claim(by, line)
    assert review.claim_token is not None
    given = Answer(
        label_class=line.classes.get(key="ok"),
        key=review.claim_token,
        active_ms=active_ms,
    )
    at = timezone.now() - timedelta(minutes=minutes_ago)
    labels.answer_review(review.public_id, line, by=by, answer=given, as_of=at)


def with_a_band(line: ProductLine, by: User, *, times: int = 100) -> None:
    """Let a person have answered in four to six seconds yesterday, and begin again."""
    shifts.end_shift(line, by=by)
    for number in range(times):
        ms = 4_000 + 20 * number
        answer_as(line, by, active_ms=ms, minutes_ago=1_440)
    factories.make_item(line)
    shifts.start_work(line, by=by)
    long_ago(Shift.objects.open().get(inspector=by), minutes=30)
    reviews.let_go_elsewhere(by, factories.make_line(f"aside of {by}"))


def read_gold(
    line: ProductLine,
    by: User,
    gold: GoldItem,
    *,
    wrong: int,
    minutes_ago: float = 15,
) -> None:
    """Let the last ten hidden gold items of a shift have so many wrong answers."""
    for place in range(10):
        at = timezone.now() - timedelta(minutes=minutes_ago + place / 10)
        closed = Review.objects.create(
            item=gold.item,
            line=line,
            read_number=100 + Review.objects.count(),
            gold=gold,
            reader=by,
            closed_at=at,
        )
        key = "ok" if place < wrong else "scratch"
        GoldRead.objects.create(
            gold=gold,
            inspector=by,
            use="hidden",
            review=closed,
            kind="class",
            label_class=line.classes.get(key=key),
            dealt_at=at,
            answered_at=at,
        )


def due(by: User) -> Shift | None:
    return Shift.objects.open().filter(inspector=by, break_due_at__isnull=False).first()


@pytest.fixture
def known(line: ProductLine, mia: User) -> GoldItem:
    """A scratch that is gold."""
    return factories.make_gold(line, "scratch", by=mia)


@pytest.mark.parametrize(("active_ms", "is_due"), [(5_000, False), (12_000, True)])
def test_whoever_slows_down_well_below_the_own_band_is_due_sooner(
    begun: ProductLine, ana: User, active_ms: int, *, is_due: bool
) -> None:
    with_a_band(begun, ana)
    for _ in range(FEWEST_LATELY):
        answer_as(begun, ana, active_ms=active_ms, minutes_ago=5)

    assert breaks.bring_breaks_forward() == is_due

    assert (due(ana) is not None) is is_due


@pytest.mark.parametrize(
    ("before", "lately", "minutes_ago"),
    [(99, FEWEST_LATELY, 5), (100, FEWEST_LATELY - 1, 5), (100, FEWEST_LATELY, 21)],
)
def test_without_enough_answers_lately_and_before_nothing_is_due(
    begun: ProductLine, ana: User, before: int, lately: int, minutes_ago: float
) -> None:
    with_a_band(begun, ana, times=before)
    for _ in range(lately):
        answer_as(begun, ana, active_ms=30_000, minutes_ago=minutes_ago)

    assert breaks.bring_breaks_forward() == 0


@pytest.mark.parametrize(("wrong", "is_due"), [(3, False), (4, True)])
def test_whoever_misses_more_known_items_is_due_sooner(
    begun: ProductLine, ana: User, known: GoldItem, wrong: int, *, is_due: bool
) -> None:
    long_ago(Shift.objects.get(inspector=ana), minutes=60)
    read_gold(begun, ana, known, wrong=wrong)
    for _ in range(6):
        answer_as(begun, ana, active_ms=1_000, minutes_ago=2)

    breaks.bring_breaks_forward()

    assert (due(ana) is not None) is is_due


@pytest.mark.parametrize(("minutes_ago", "answers"), [(5, 6), (15, 4)])
def test_gold_is_not_weighed_before_minutes_and_answers_lie_between(
    begun: ProductLine, ana: User, known: GoldItem, minutes_ago: float, answers: int
) -> None:
    long_ago(Shift.objects.get(inspector=ana), minutes=60)
    read_gold(begun, ana, known, wrong=10, minutes_ago=minutes_ago)
    for _ in range(answers):
        answer_as(begun, ana, active_ms=1_000, minutes_ago=1)

    assert breaks.bring_breaks_forward() == 0


def test_the_moment_is_drawn_and_comes_minutes_later_once(
    begun: ProductLine, ana: User, known: GoldItem
) -> None:
    long_ago(Shift.objects.get(inspector=ana), minutes=60)
    read_gold(begun, ana, known, wrong=10)
    for _ in range(6):
        answer_as(begun, ana, active_ms=1_000, minutes_ago=2)
    drawn = set()
    for _ in range(5):
        Shift.objects.update(break_due_at=None)
        assert breaks.bring_breaks_forward() == 1
        found = due(ana)
        assert found is not None
        assert found.break_due_at is not None
        drawn.add(round((found.break_due_at - timezone.now()).total_seconds()))
    assert min(drawn) >= breaks.DRAWN_S[0] - 2
    assert max(drawn) <= breaks.DRAWN_S[1]
    assert len(drawn) > 1
    assert not breaks.tell_break(begun, ana)

    Shift.objects.filter(inspector=ana).update(break_due_at=timezone.now())

    assert breaks.tell_break(begun, ana)
    assert not breaks.tell_break(begun, ana)
    assert breaks.bring_breaks_forward() == 0


def test_a_break_that_was_taken_leaves_nothing_due(
    begun: ProductLine, ana: User
) -> None:
    Shift.objects.update(break_due_at=timezone.now())
    shifts.pause(begun, by=ana)
    assert not breaks.tell_break(begun, ana)

    factories.make_item(begun)
    shifts.start_work(begun, by=ana)

    assert due(ana) is None


def test_where_no_break_is_ever_suggested_none_comes_sooner(
    begun: ProductLine, ana: User, known: GoldItem
) -> None:
    ShiftTerms.objects.create(line=begun, break_after_min=0)
    long_ago(Shift.objects.get(inspector=ana), minutes=60)
    read_gold(begun, ana, known, wrong=10)
    for _ in range(6):
        answer_as(begun, ana, active_ms=1_000, minutes_ago=2)
    assert breaks.bring_breaks_forward() == 0

    shifts.set_own_breaks(ana, OwnBreaks(break_after_min=40))

    assert breaks.bring_breaks_forward() == 1


def test_nothing_of_it_is_kept_beyond_the_shift(begun: ProductLine, ana: User) -> None:
    now = timezone.now()
    Shift.objects.update(break_due_at=now, break_told_at=now)

    ended = shifts.end_shift(begun, by=ana)

    assert ended is not None
    ended.refresh_from_db()
    assert (ended.break_due_at, ended.break_told_at) == (None, None)
