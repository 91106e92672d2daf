"""Shifts: begun with a line, counted at their end, and never in an answer's path."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reviewapp.models import (
    GoldRead,
    Label,
    LinePace,
    ProductLine,
    Record,
    Review,
    Shift,
    ShiftEnd,
    User,
)
from reviewapp.services import corrections, labels, paces, reviews, shifts
from reviewapp.services.labels import Answer
from tests import factories


def answer(
    line: ProductLine,
    by: User,
    key: str | None,
    *,
    active_ms: int,
    as_of: datetime | None = None,
) -> None:
    """Answer what a person has in front, as a browser that has measured its time."""
    review = Review.objects.held_by(by).get()
    assert review.claim_token is not None
    chosen = line.classes.get(key=key) if key else None
    given = Answer(label_class=chosen, key=review.claim_token, active_ms=active_ms)
    labels.answer_review(review.public_id, line, by=by, answer=given, as_of=as_of)


def move_back(shift: Shift, span: timedelta) -> None:
    """Let a shift have begun earlier."""
    Shift.objects.filter(pk=shift.pk).update(
        began_at=shift.began_at - span, resumed_at=shift.resumed_at - span
    )


@pytest.fixture
def waiting(line: ProductLine) -> ProductLine:
    """A line where six items wait."""
    for _ in range(6):
        factories.make_item(line)
    return line


def test_a_shift_begins_with_the_first_item_and_counts_at_its_end(
    waiting: ProductLine, ana: User
) -> None:
    shifts.start_work(waiting, by=ana)
    for key, active_ms in (("ok", 4_000), ("scratch", 6_000), (None, 5_400)):
        answer(waiting, ana, key, active_ms=active_ms)
    held = Review.objects.held_by(ana).get()
    assert held.claim_token is not None
    reviews.skip_review(
        held.public_id, waiting, by=ana, key=held.claim_token, reason="other"
    )

    ended = shifts.end_shift(waiting, by=ana)

    assert ended is not None
    assert (ended.answers, ended.skips, ended.untimed) == (3, 1, 0)
    assert (ended.active_s, ended.end) == (15, ShiftEnd.ENDED)
    assert not Review.objects.in_hand_of(ana).exists()
    assert shifts.end_shift(waiting, by=ana) is None


def test_who_gets_no_work_begins_no_shift(
    line: ProductLine, ana: User, mia: User
) -> None:
    factories.make_item(line)
    line.qualification_size = 10

    assert shifts.start_work(line, by=ana) is None

    assert not Shift.objects.exists()


def test_an_answer_costs_no_statement_more_within_a_shift(
    waiting: ProductLine, ana: User
) -> None:
    counted = []
    reviews.claim_next(ana, waiting)
    answer(waiting, ana, "ok", active_ms=1_000)  # what is cached is cached by then
    for begin in (reviews.claim_next, lambda by, line: shifts.start_work(line, by=by)):
        begin(ana, waiting)
        with CaptureQueriesContext(connection) as captured:
            answer(waiting, ana, "ok", active_ms=1_000)
        counted.append([query["sql"] for query in captured])

    assert Shift.objects.exists()
    assert len(counted[0]) == len(counted[1])
    assert not [sql for sql in counted[1] if "shift" in sql]


def test_breaks_active_and_idle_time_are_told_apart(
    waiting: ProductLine, ana: User
) -> None:
    now = timezone.now()
    shifts.start_work(waiting, by=ana)
    before = now - timedelta(minutes=21)
    answer(waiting, ana, "ok", active_ms=600_000, as_of=before)
    move_back(Shift.objects.get(), timedelta(minutes=60))
    shifts.pause(waiting, by=ana)
    Shift.objects.update(paused_at=now - timedelta(minutes=20))

    shifts.start_work(waiting, by=ana)
    ended = shifts.end_shift(waiting, by=ana)

    assert ended is not None
    assert ended.break_s == pytest.approx(20 * 60, abs=30)
    assert ended.active_s == 600
    assert ended.idle_s == pytest.approx(30 * 60, abs=30)


def test_who_answers_on_a_break_is_on_none(waiting: ProductLine, ana: User) -> None:
    shifts.start_work(waiting, by=ana)
    answer(waiting, ana, "ok", active_ms=1_000)
    move_back(Shift.objects.get(), timedelta(minutes=60))
    Shift.objects.update(paused_at=timezone.now() - timedelta(minutes=30))
    corrections.undo_last(ana, waiting)

    answer(waiting, ana, "scratch", active_ms=1_000)

    ended = shifts.end_shift(waiting, by=ana)
    assert ended is not None
    assert ended.break_s == 0


def test_back_from_a_break_the_minutes_begin_anew_and_the_count_goes_on(
    waiting: ProductLine, ana: User
) -> None:
    shifts.start_work(waiting, by=ana)
    answer(waiting, ana, "ok", active_ms=2_000)
    move_back(Shift.objects.get(), timedelta(minutes=40))
    before = shifts.progress_of(waiting, ana)
    shifts.pause(waiting, by=ana)

    shifts.start_work(waiting, by=ana)

    after = shifts.progress_of(waiting, ana)
    assert before is not None
    assert after is not None
    assert before.resumed_s == pytest.approx(2_400, abs=30)
    assert after.resumed_s < 30
    assert (before.answers_resumed, after.answers_resumed) == (1, 0)
    assert after.answers == 1
    assert after.active_ms == [2_000]


def test_gold_counts_among_the_others_and_what_was_wrong_is_told_at_the_end(
    line: ProductLine, ana: User, mia: User
) -> None:
    gold = factories.make_gold(line, "scratch", by=mia)
    for _ in range(3):
        factories.make_item(line)
    line.gold_share = 1.0
    shifts.start_work(line, by=ana)
    while not GoldRead.objects.filter(answered_at__isnull=False).exists():
        answer(line, ana, "ok", active_ms=1_000)
    progress = shifts.progress_of(line, ana)
    given = Label.objects.filter(inspector=ana).count()
    assert progress is not None
    assert progress.answers == given + 1
    assert not GoldRead.objects.told_to(ana).exists()

    ended = shifts.end_shift(line, by=ana)

    assert ended is not None
    assert ended.answers == given + 1
    [told] = GoldRead.objects.told_to(ana)
    assert told.gold == gold
    listed = {one.review_id for one in corrections.last_answers(ana, line)}
    assert told.review is not None
    assert told.review.public_id not in listed


def test_who_was_told_an_item_never_meets_it_again(
    line: ProductLine, ana: User, mia: User
) -> None:
    gold = factories.make_gold(line, "scratch", by=mia)
    line.gold_share = 1.0
    long_ago = timezone.now() - timedelta(days=900)
    read = GoldRead.objects.create(
        gold=gold,
        inspector=ana,
        use="hidden",
        review=Review.objects.create(
            item=gold.item,
            line=line,
            read_number=90,
            gold=gold,
            reader=ana,
            closed_at=long_ago,
        ),
        kind="class",
        label_class=line.classes.get(key="ok"),
        dealt_at=long_ago,
        answered_at=long_ago,
    )
    met = []

    for told_at in (long_ago, None):
        GoldRead.objects.filter(pk=read.pk).update(told_at=told_at)
        for _ in range(2):
            factories.make_item(line)
        factories.claim(ana, line)
        met.append(Review.objects.filter(gold=gold, closed_at=None).exists())
        Review.objects.in_hand_of(ana).update(
            claimed_by=None,
            claimed_at=None,
            claimed_until=None,
            claim_token=None,
            is_reserved=False,
        )

    assert met == [False, True]


def test_a_shift_without_a_sign_for_two_hours_ended_with_its_last_answer(
    waiting: ProductLine, ana: User
) -> None:
    shifts.start_work(waiting, by=ana)
    begun = Shift.objects.get()
    move_back(begun, timedelta(hours=3))
    last = timezone.now() - timedelta(minutes=130)
    factories.label_next(ana, waiting, "ok", as_of=last)

    assert shifts.keep_shifts() == 1

    [ended] = Shift.objects.all()
    assert (ended.end, ended.ended_at, ended.answers) == (ShiftEnd.IDLE, last, 1)
    assert ended.untimed == 1


def test_a_meal_does_not_end_a_shift(waiting: ProductLine, ana: User) -> None:
    shifts.start_work(waiting, by=ana)
    move_back(Shift.objects.get(), timedelta(hours=5))
    lately = timezone.now() - timedelta(minutes=110)
    factories.label_next(ana, waiting, "ok", as_of=lately)

    assert shifts.keep_shifts() == 0

    assert Shift.objects.open().count() == 1


def test_who_comes_back_after_hours_begins_another_shift(
    waiting: ProductLine, ana: User
) -> None:
    shifts.start_work(waiting, by=ana)
    move_back(Shift.objects.get(), timedelta(hours=3))

    shifts.start_work(waiting, by=ana)

    assert Shift.objects.ended().get().end == ShiftEnd.IDLE
    assert Shift.objects.open().count() == 1


def test_who_answers_without_having_begun_gets_a_shift_from_a_worker(
    waiting: ProductLine, ana: User, ben: User
) -> None:
    factories.label_next(ana, waiting, "ok")
    factories.label_next(ana, waiting, "ok")
    first = Label.objects.earliest("pk")

    assert shifts.keep_shifts() == 1
    assert shifts.keep_shifts() == 0

    [opened] = Shift.objects.all()
    assert (opened.inspector, opened.began_at) == (ana, first.claimed_at)
    progress = shifts.progress_of(waiting, ana)
    assert progress is not None
    assert progress.answers == 2


def test_signing_out_ends_the_shifts_of_all_lines(
    waiting: ProductLine, ana: User
) -> None:
    other = factories.make_line("Other line")
    factories.make_item(other)
    other.memberships.create(user=ana, role="inspector")
    shifts.start_work(waiting, by=ana)
    reviews.let_go_elsewhere(ana, other)
    shifts.start_work(other, by=ana)

    shifts.leave(ana)

    ends = set(Shift.objects.values_list("end", flat=True))
    assert ends == {ShiftEnd.SIGNED_OUT.value}
    assert Shift.objects.count() == 2
    assert not Review.objects.in_hand_of(ana).exists()


def test_an_answer_taken_back_counts_no_more(waiting: ProductLine, ana: User) -> None:
    shifts.start_work(waiting, by=ana)
    answer(waiting, ana, "ok", active_ms=3_000)
    corrections.undo_last(ana, waiting)
    progress = shifts.progress_of(waiting, ana)
    assert progress is not None
    assert progress.answers == 0

    answer(waiting, ana, "scratch", active_ms=2_000)

    ended = shifts.end_shift(waiting, by=ana)
    assert ended is not None
    assert (ended.answers, ended.active_s) == (1, 5)


def fill_pace(line: ProductLine, people: int, each: int) -> None:
    """Let so many people answer so many items, of 1, 2, 3 … seconds."""
    for number in range(people):
        person = factories.make_inspector(line, f"reader-{number}")
        for second in range(1, each + 1):
            factories.make_item(line)
            factories.claim(person, line)
            answer(line, person, "ok", active_ms=second * 1_000)


def test_the_usual_pace_is_the_middle_half_of_several_peoples_times(
    line: ProductLine,
) -> None:
    fill_pace(line, people=3, each=34)

    assert paces.keep_paces() == 1

    pace = LinePace.objects.get()
    assert (pace.low_s, pace.high_s, pace.answers) == (9.0, 26.0, 102)


@pytest.mark.parametrize(("people", "each"), [(2, 60), (3, 33)])
def test_of_two_people_or_of_few_answers_no_pace_is_told(
    line: ProductLine, people: int, each: int
) -> None:
    fill_pace(line, people=people, each=each)

    assert paces.keep_paces() == 0

    assert not LinePace.objects.exists()


def test_the_terms_of_breaks_are_kept_and_logged(line: ProductLine, mia: User) -> None:
    terms = shifts.terms_of(line)
    assert (terms.break_after_min, terms.break_after_items) == (50, 0)
    terms.break_after_min, terms.break_after_items = 30, 400

    shifts.set_terms(line, terms, by=mia)

    kept = shifts.terms_of(line)
    assert (kept.break_after_min, kept.break_after_items) == (30, 400)
    logged = Record.objects.get(action="shift.terms_set").details
    assert logged == {"break_after_min": 30, "break_after_items": 400}
