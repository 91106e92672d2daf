"""Runs of gold: a warm-up that is never scored, a qualification that lets in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reviewapp.errors import ConflictError
from reviewapp.models import GoldRead, GoldRun, GoldTerms, GoldUse, ProductLine, User
from reviewapp.services import gold, qualifications, reviews
from reviewapp.services.workbench import EmptyBecause, why_empty
from tests import factories
from tests.threads import together


def fill(line: ProductLine, by: User, n: int) -> None:
    for number in range(n):
        factories.make_gold(line, ("scratch", "ok")[number % 2], by=by)


def ask_for(line: ProductLine, size: int) -> None:
    line.qualification_size = size
    ProductLine.objects.filter(pk=line.pk).update(qualification_size=size)


def read_all(run: GoldRun, by: User, *, wrong: int = 0) -> GoldRun:
    """Answer a run right, but for so many of the defective items."""
    while read := qualifications.next_read(run):
        answer = read.gold.label_class
        if wrong and answer.meaning == "reject":
            wrong -= 1
            answer = run.line.classes.get(key="ok")
        qualifications.answer_read(run, place=read.place or 0, answer=answer, by=by)
        run.refresh_from_db()
    return run


def test_who_is_not_qualified_gets_no_work(
    line: ProductLine, ana: User, mia: User
) -> None:
    fill(line, mia, 4)
    ask_for(line, 4)
    factories.make_item(line)
    assert reviews.claim_next(ana, line) is None
    assert why_empty(line, ana) is EmptyBecause.NOT_QUALIFIED

    run = read_all(qualifications.begin_run(line, GoldUse.QUALIFICATION, by=ana), ana)

    assert run.is_passed
    assert reviews.claim_next(ana, line) is not None
    [standing] = [s for s in qualifications.standings_of(line) if s.inspector == ana]
    assert standing.is_qualified


def test_a_qualification_is_half_of_each_kind_and_expires(
    line: ProductLine, ana: User, mia: User
) -> None:
    fill(line, mia, 4)
    ask_for(line, 4)
    run = read_all(qualifications.begin_run(line, GoldUse.QUALIFICATION, by=ana), ana)
    score = qualifications.score_of(run)
    assert (score.shown_defects, score.hits) == (2, 2)
    assert (score.shown_goods, score.false_alarms) == (2, 0)
    assert run.valid_until is not None
    days = run.valid_until - timezone.now()
    assert timedelta(days=179) < days <= timedelta(days=180)

    GoldRun.objects.update(valid_until=timezone.now() - timedelta(seconds=1))

    assert not qualifications.may_work(ana, line)


@pytest.mark.parametrize(("least", "outcome"), [(0.5, "passed"), (0.51, "failed")])
def test_the_pass_mark_for_hits_is_the_lines(
    line: ProductLine, ana: User, mia: User, least: float, outcome: str
) -> None:
    fill(line, mia, 4)
    GoldTerms.objects.update(least_hits=least)
    ask_for(line, 4)

    run = read_all(
        qualifications.begin_run(line, GoldUse.QUALIFICATION, by=ana), ana, wrong=1
    )

    assert run.is_passed is (outcome == "passed")
    assert (run.valid_until is not None) is (outcome == "passed")


def test_cannot_tell_finds_no_defect(line: ProductLine, ana: User, mia: User) -> None:
    fill(line, mia, 2)
    ask_for(line, 2)
    run = qualifications.begin_run(line, GoldUse.QUALIFICATION, by=ana)

    for place in (1, 2):
        qualifications.answer_read(run, place=place, answer=None, by=ana)

    run.refresh_from_db()
    assert run.is_passed is False


def test_a_warm_up_is_counted_nowhere_and_qualifies_nobody(
    line: ProductLine, ana: User, mia: User
) -> None:
    fill(line, mia, 6)
    ask_for(line, 6)

    run = read_all(qualifications.begin_run(line, GoldUse.WARM_UP, by=ana), ana)

    assert run.is_passed is None
    assert not qualifications.may_work(ana, line)
    since = timezone.now() - timedelta(days=1)
    assert GoldRead.objects.hidden_on(line, since=since).tally()["answers"] == 0


def test_what_a_person_has_met_in_a_run_never_comes_hidden(
    line: ProductLine, ana: User, mia: User
) -> None:
    fill(line, mia, 6)
    read_all(qualifications.begin_run(line, GoldUse.WARM_UP, by=ana), ana)
    line.gold_share = 1.0
    for _ in range(3):
        factories.make_item(line)

    for _ in range(3):
        factories.label_next(ana, line, "ok")

    assert not GoldRead.objects.filter(use=GoldUse.HIDDEN).exists()


def test_a_run_takes_gold_that_the_person_does_not_know(
    line: ProductLine, ana: User, mia: User
) -> None:
    fill(line, mia, 4)

    with pytest.raises(ConflictError, match="5 gold items"):
        qualifications.begin_run(line, GoldUse.WARM_UP, by=ana)

    assert not GoldRun.objects.exists()


def test_terms_are_kept_and_logged(line: ProductLine, mia: User) -> None:
    terms = gold.terms_of(line)
    terms.valid_days = 30

    gold.set_terms(line, terms, share=0.02, qualification_size=20, by=mia)

    line.refresh_from_db()
    assert (line.gold_share, line.qualification_size) == (0.02, 20)
    assert gold.terms_of(line).valid_days == 30


@pytest.mark.django_db(transaction=True)
def test_two_windows_begin_one_run(line: ProductLine, ana: User, mia: User) -> None:
    fill(line, mia, 6)

    def begin() -> None:
        qualifications.begin_run(line, GoldUse.WARM_UP, by=ana)

    together(begin, begin)

    assert GoldRun.objects.count() == 1
    assert GoldRead.objects.count() == 6
