"""A study of a line on which an item may have several classes."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from monitoring.models import Study, StudyRead
from monitoring.services import studies
from monitoring.services.study_results import result_of
from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import Meaning, ProductLine, User
from reviewapp.services import lines
from tests import factories
from tests.monitoring.test_studies import browser_of, settle

PUT_ON = re.compile(r'name="answer" value="([a-z]+)"[^>]* checked')
CLASSES = (
    *factories.OK_OR_SCRATCH,
    lines.NewClass(name="Stain", meaning=Meaning.REJECT),
    lines.NewClass(name="Dust", meaning=Meaning.NEUTRAL),
)


@pytest.fixture
def screens(db: None) -> ProductLine:
    """A line on which an item may have several classes, with settled items."""
    line = factories.make_line("Screens", classes=CLASSES, allows_several=True)
    zac = factories.make_inspector(line, "zac")
    settle(line, zac, "ok", 5)
    settle(line, zac, "scratch", 5)
    return line


@pytest.fixture
def eva(screens: ProductLine) -> User:
    """Eva inspects screens."""
    return factories.make_inspector(screens, "eva")


@pytest.fixture
def study(screens: ProductLine, eva: User) -> Study:
    """Eva is asked to read ten parts once."""
    manager = factories.make_manager(screens, "max")
    return studies.plan_study(screens, parts=10, trials=1, inspectors=[eva], by=manager)


def address_of(study: Study) -> str:
    return reverse("study-read", args=[study.line.slug, study.number])


def send(browser: Client, study: Study, *keys: str, place: int = 1) -> tuple[int, str]:
    given = {"place": place, "answer": list(keys)}
    response = browser.post(address_of(study), given, follow=True)
    return response.status_code, response.text


def test_a_part_takes_several_classes_and_the_next_begins_with_none(
    study: Study, eva: User
) -> None:
    browser = browser_of(eva)
    page = browser.get(address_of(study)).text
    assert page.count('type="checkbox" name="answer"') == 3, "dust says neither"

    _, page = send(browser, study, "stain", "scratch")

    assert "1 of 10" in page
    assert PUT_ON.findall(page) == []
    read = StudyRead.objects.of(study, eva)[0]
    assert (str(read.label_class), read.also) == ("Scratch", ["stain"])


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ([], "Choose at least one class"),
        (["ok", "stain"], "OK passes and Stain is rejected"),
        (["scratch", "dust"], "no class of this study"),
        (["cannot-tell"], "no class of this study"),
    ],
)
def test_what_is_no_answer_is_refused_and_stays_put_on(
    study: Study, eva: User, keys: list[str], said: str
) -> None:
    status, page = send(browser_of(eva), study, *keys)

    assert status == 422
    assert said in page
    assert set(PUT_ON.findall(page)) == set(keys) & {"ok", "scratch", "stain"}
    assert not study.reads.exclude(answered_at=None).exists()


def test_the_same_answer_twice_is_taken_once_and_another_is_refused(
    study: Study, screens: ProductLine, eva: User
) -> None:
    scratch, stain = (screens.classes.get(key=key) for key in ("scratch", "stain"))
    for _ in range(2):
        studies.answer_read(study, place=1, answer=scratch, also=[stain], by=eva)

    with pytest.raises(ConflictError, match="answered this one"):
        studies.answer_read(study, place=1, answer=scratch, by=eva)


def test_an_answer_that_is_taken_back_leaves_no_class(
    study: Study, screens: ProductLine, eva: User
) -> None:
    scratch, stain = (screens.classes.get(key=key) for key in ("scratch", "stain"))
    studies.answer_read(study, place=1, answer=scratch, also=[stain], by=eva)

    studies.take_back_last(study, by=eva)

    read = StudyRead.objects.of(study, eva)[0]
    assert (read.label_class, read.also) == (None, [])


def test_a_class_that_says_neither_is_no_further_class_of_a_part(
    study: Study, screens: ProductLine, eva: User
) -> None:
    scratch, dust = (screens.classes.get(key=key) for key in ("scratch", "dust"))

    with pytest.raises(InvalidInputError, match="no class of this study"):
        studies.answer_read(study, place=1, answer=scratch, also=[dust], by=eva)


def test_further_classes_stand_beside_one_that_decides(study: Study, eva: User) -> None:
    with (
        pytest.raises(IntegrityError, match="a_study_names_further_classes_beside_one"),
        transaction.atomic(),
    ):
        StudyRead.objects.of(study, eva).update(also=["stain"])


def test_the_figures_of_a_study_are_by_the_class_that_decides(
    study: Study, screens: ProductLine, eva: User
) -> None:
    ok, stain, scratch = (
        screens.classes.get(key=key) for key in ("ok", "stain", "scratch")
    )
    while (read := studies.next_read(study, eva)) is not None:
        answer, also = (ok, []) if read.part.is_good else (scratch, [stain])
        studies.answer_read(study, place=read.place, answer=answer, also=also, by=eva)
        study.refresh_from_db()

    [found] = result_of(study).inspectors

    assert found.effectiveness is not None
    assert (found.effectiveness.count, found.effectiveness.of) == (10, 10)
