"""A planned study: parts drawn, read blind in one's own order, and what it shows."""

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from monitoring.models import Study, StudyRead
from monitoring.services import studies
from monitoring.services.study_results import result_of
from monitoring.stats.study import Verdict
from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import (
    Decision,
    GoldItem,
    GoldTerms,
    Label,
    Meaning,
    ProductLine,
    Record,
    User,
)
from reviewapp.models.versions import ModelVersion
from reviewapp.policy import AutomationLevel
from tests import factories

BACKEND = "reviewapp.sessions.PersonBackend"


def settle(line: ProductLine, inspector: User, key: str, count: int) -> None:
    """Let a person settle so many items as one class."""
    for _ in range(count):
        factories.make_item(line)
        factories.label_next(inspector, line, key)


@pytest.fixture
def zac(line: ProductLine) -> User:
    """Zac has settled items of both kinds, and takes part in nothing."""
    zac = factories.make_inspector(line, "zac")
    settle(line, zac, "ok", 8)
    settle(line, zac, "scratch", 8)
    return zac


@pytest.fixture
def study(line: ProductLine, zac: User, ana: User, ben: User, mia: User) -> Study:
    return studies.plan_study(line, parts=10, trials=2, inspectors=[ana, ben], by=mia)


def read_all(study: Study, person: User, *, wrong: int = 0) -> None:
    """Read everything rightly but the first so many good parts of the first trial."""
    keys = {True: "ok", False: "scratch"}
    slips = wrong
    while (read := studies.next_read(study, person)) is not None:
        says_good = read.part.is_good
        if says_good and read.trial == 1 and slips:
            says_good, slips = False, slips - 1
        chosen = study.line.classes.get(key=keys[says_good])
        studies.answer_read(study, place=read.place, answer=chosen, by=person)
        study.refresh_from_db()


def test_what_is_read_in_a_study_is_never_gold_for_its_reader(
    line: ProductLine, study: Study, ana: User, ben: User, mia: User
) -> None:
    dan = factories.make_inspector(line, "dan")
    part = study.parts.first()
    assert part is not None
    GoldItem.objects.create(
        item=part.item,
        line=line,
        label_class=line.classes.get(key="ok"),
        added_by=mia,
    )
    GoldTerms.objects.create(line=line)

    knows_nothing = [
        person
        for person in (ana, ben, dan)
        if GoldItem.objects.unknown_to(person).exists()
    ]

    assert knows_nothing == [dan]


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    return browser


def test_half_of_the_parts_are_good_and_everybody_reads_all_in_an_own_order(
    study: Study, ana: User, ben: User
) -> None:
    assert study.parts.filter(is_good=True).count() == 5
    assert study.parts.filter(is_good=False).count() == 5
    orders = {
        (person, trial): list(
            StudyRead.objects.of(study, person)
            .filter(trial=trial)
            .values_list("part", flat=True)
        )
        for person in (ana, ben)
        for trial in (1, 2)
    }
    parts = sorted(study.parts.values_list("pk", flat=True))
    assert all(sorted(order) == parts for order in orders.values())
    assert len({tuple(order) for order in orders.values()}) == 4
    places = StudyRead.objects.of(study, ana).values_list("trial", flat=True)
    assert list(places) == [1] * 10 + [2] * 10


def test_half_of_each_kind_are_those_of_which_the_model_was_least_sure(
    line: ProductLine, ana: User, mia: User
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert isinstance(version, ModelVersion)
    unsure = set()
    for number in range(40):
        item = factories.make_item(line)
        is_unsure = number % 10 == 3
        confidence = 0.51 if is_unsure else 0.95
        chosen = line.classes.get(key="ok" if number < 20 else "scratch")
        factories.make_prediction(item, version, chosen, confidence=confidence)
        factories.label_next(ana, line, chosen.key)
        if is_unsure:
            unsure.add(item.pk)

    study = studies.plan_study(line, parts=10, trials=1, inspectors=[ana], by=mia)

    assert unsure <= set(study.parts.values_list("item", flat=True))


def test_a_study_that_cannot_be_drawn_says_what_is_missing(
    line: ProductLine, ana: User, mia: User
) -> None:
    settle(line, ana, "ok", 6)

    with pytest.raises(InvalidInputError, match=r"5 items .* rejected.*there are 0"):
        studies.plan_study(line, parts=10, trials=2, inspectors=[ana], by=mia)

    assert not Study.objects.exists()


def test_what_people_read_shows_with_intervals_and_verdicts(
    study: Study, ana: User, ben: User
) -> None:
    read_all(study, ana)
    read_all(study, ben, wrong=1)

    found = result_of(study)

    by_name = {one.inspector: one for one in found.inspectors}
    assert found.between is not None
    assert (found.between.count, found.between.of) == (9, 10)
    right, slipped = by_name[ana], by_name[ben]
    assert right.effectiveness is not None
    assert slipped.effectiveness is not None
    assert (right.effectiveness.count, slipped.effectiveness.count) == (10, 9)
    assert slipped.false_alarm is not None
    assert (slipped.false_alarm.count, slipped.false_alarm.of) == (1, 10)
    assert slipped.within is not None
    assert slipped.within.value == pytest.approx(0.9)
    assert slipped.verdict.effectiveness is Verdict.ACCEPTABLE
    assert slipped.verdict.false_alarm is Verdict.MARGINAL
    assert right.is_few
    # by hand: of 20 answers to 10 good and 10 bad one differs, chance 0.5
    assert slipped.appraisal.kappa.value == pytest.approx(0.9)
    assert np.isclose(right.appraisal.kappa.value, 1.0)


def test_the_last_answer_ends_the_study_and_touches_no_item(
    study: Study, ana: User, ben: User
) -> None:
    before = (Label.objects.count(), Decision.objects.count())

    read_all(study, ana)
    assert Study.objects.filter(closed_at=None).exists()
    read_all(study, ben)

    assert not Study.objects.filter(closed_at=None).exists()
    assert (Label.objects.count(), Decision.objects.count()) == before


def test_an_answer_is_taken_once_and_a_slip_can_be_taken_back(
    study: Study, ana: User
) -> None:
    ok, scratch = (study.line.classes.get(key=key) for key in ("ok", "scratch"))
    studies.answer_read(study, place=1, answer=ok, by=ana)
    studies.answer_read(study, place=1, answer=ok, by=ana)
    with pytest.raises(ConflictError, match="already"):
        studies.answer_read(study, place=1, answer=scratch, by=ana)

    studies.take_back_last(study, by=ana)
    read = studies.next_read(study, ana)
    assert read is not None
    assert read.place == 1
    with pytest.raises(ConflictError, match="no answer"):
        studies.take_back_last(study, by=ana)


def test_a_closed_study_takes_nothing(study: Study, ana: User, mia: User) -> None:
    studies.close_study(study, by=mia)

    with pytest.raises(ConflictError, match="closed"):
        studies.answer_read(
            study, place=1, answer=study.line.classes.get(key="ok"), by=ana
        )


def test_a_class_that_says_neither_is_no_answer(study: Study, ana: User) -> None:
    neither = study.line.classes.create(
        key="other", name="Other", meaning=Meaning.NEUTRAL, position=9
    )

    with pytest.raises(InvalidInputError, match="no class of this study"):
        studies.answer_read(study, place=1, answer=neither, by=ana)

    assert neither not in studies.classes_of(study.line)
    assert not study.reads.exclude(answered_at=None).exists()


def test_the_database_keeps_an_answer_whole(study: Study, ana: User) -> None:
    read = StudyRead.objects.of(study, ana)[0]

    with pytest.raises(IntegrityError), transaction.atomic():
        StudyRead.objects.filter(pk=read.pk).update(
            label_class=study.line.classes.get(key="ok")
        )


def test_a_part_is_read_in_the_browser_and_no_page_tells_which_it_is(
    study: Study, ana: User
) -> None:
    browser = browser_of(ana)
    address = reverse("study-read", args=[study.line.slug, study.number])
    shown = browser.get(address)
    assert shown.status_code == 200
    assert "0 of 20" in shown.text
    read = StudyRead.objects.of(study, ana)[0]
    assert str(read.part.item.public_id) not in shown.text

    answered = browser.post(address, {"place": 1, "answer": "ok"}, follow=True)
    assert "1 of 20" in answered.text
    refused = browser.post(address, {"place": 1, "answer": "scratch"})
    assert refused.status_code == 409
    nothing = browser.post(address, {"place": 2, "answer": "none"})
    assert nothing.status_code == 422
    back = browser.post(
        reverse("study-take-back", args=[study.line.slug, study.number]), follow=True
    )
    assert "0 of 20" in back.text


def test_an_inspector_sees_the_own_part_only_and_a_managers_look_is_logged(
    study: Study, ana: User, ben: User, mia: User
) -> None:
    read_all(study, ana)
    read_all(study, ben)
    address = reverse("study", args=[study.line.slug, study.number])

    own = browser_of(ana).get(address)
    assert "ana" in own.text
    assert "ben" not in own.text
    assert not Record.objects.filter(action="inspectors.seen").exists()

    everybody = browser_of(mia).get(address)
    assert "ben" in everybody.text
    looked = Record.objects.get(action="inspectors.seen")
    assert (looked.actor, looked.subject) == (mia.pseudonym, "study 1")


def test_a_study_is_planned_in_the_browser(
    line: ProductLine, zac: User, ana: User, mia: User
) -> None:
    browser = browser_of(mia)
    address = reverse("study-plan", args=[line.slug])
    assert "ana" in browser.get(address).text

    empty = browser.post(address, {"parts": 10, "trials": 2})
    assert empty.status_code == 422
    many = browser.post(address, {"parts": 100, "trials": 2, "inspectors": [ana.pk]})
    assert many.status_code == 422
    assert "Ask for fewer parts" in many.text
    other = factories.make_inspector(factories.make_line("Other"), "oto")
    foreign = browser.post(
        address, {"parts": 10, "trials": 2, "inspectors": [other.pk]}
    )
    assert foreign.status_code == 422

    planned = browser.post(
        address, {"parts": 10, "trials": 2, "inspectors": [ana.pk]}, follow=True
    )
    assert "Study 1 is planned" in planned.text
    waiting = browser_of(ana).get(reverse("line-inspectors", args=[line.slug]))
    assert "Study 1 asks you to read" in waiting.text


def test_the_golden_sample_is_no_part_of_a_study(
    line: ProductLine, zac: User, ana: User, ben: User, mia: User
) -> None:
    line.golden = Label.objects.filter(inspector=zac).latest("pk").item
    line.save(update_fields=["golden"])

    with pytest.raises(InvalidInputError, match="there are 7"):
        studies.plan_study(line, parts=16, trials=2, inspectors=[ana, ben], by=mia)
