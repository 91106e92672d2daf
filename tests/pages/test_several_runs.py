"""Runs of gold, its list and the debrief, where an item may have several classes."""

import re

import pytest
from django.test import Client

from reviewapp.models import GoldRead, GoldRun, Meaning, ProductLine, Review, User
from reviewapp.services import lines, shifts
from tests import factories
from tests.pages.test_gold import PLACE
from tests.pages.test_levels import browser_of

PUT_ON = re.compile(r'name="answer" value="([a-z]+)"[^>]* checked')
ANSWER = re.compile(r'<label class="answer".*?</label>', re.DOTALL)
CLASSES = (
    *factories.OK_OR_SCRATCH,
    lines.NewClass(name="Stain", meaning=Meaning.REJECT),
)


@pytest.fixture
def screens(db: None) -> ProductLine:
    """A line on which an item may have several classes, with gold of two."""
    line = factories.make_line("Screens", classes=CLASSES, allows_several=True)
    manager = factories.make_manager(line, "max")
    for _ in range(6):
        factories.make_gold(line, "scratch", also=["stain"], by=manager)
    return line


@pytest.fixture
def eva(screens: ProductLine) -> User:
    """Eva inspects screens."""
    return factories.make_inspector(screens, "eva")


@pytest.fixture
def browser(eva: User) -> Client:
    """Eva's browser."""
    return browser_of(eva)


def begin(browser: Client, line: ProductLine, use: str = "warm_up") -> str:
    address = f"/lines/{line.slug}/gold/runs/begin/"
    return browser.post(address, {"use": use}, follow=True).content.decode()


def say(browser: Client, line: ProductLine, page: str, *keys: str) -> tuple[int, str]:
    place = PLACE.search(page)
    assert place
    run = GoldRun.objects.get()
    response = browser.post(
        f"/lines/{line.slug}/gold/runs/{run.pk}/",
        {"place": place[1], "answer": list(keys)},
        follow=True,
    )
    return response.status_code, response.content.decode()


def test_a_run_offers_the_classes_as_the_workbench_does(
    screens: ProductLine, browser: Client, eva: User
) -> None:
    factories.make_item(screens)
    browser.post(f"/lines/{screens.slug}/review/begin/")
    held = Review.objects.held_by(eva).get()
    bench = browser.get(f"/reviews/{held.public_id}/").content.decode()

    page = begin(browser, screens)

    assert ANSWER.findall(page) == ANSWER.findall(bench)
    assert len(ANSWER.findall(page)) == 3
    assert page.count('data-hotkey="Enter"') == bench.count('data-hotkey="Enter"') == 1


def test_a_warm_up_tells_what_was_missed_and_what_was_too_many(
    screens: ProductLine, browser: Client
) -> None:
    page = begin(browser, screens)

    _, page = say(browser, screens, page, "stain", "scratch")
    assert "The last one was <strong>Scratch, Stain</strong>, as you said." in page
    _, page = say(browser, screens, page, "scratch")
    assert "Missed: Stain" in page
    assert "Too many" not in page
    assert "Scratch decides, and you named it" in page
    assert 'data-kind="warning"' not in page, "what counts is right"
    _, page = say(browser, screens, page, "ok")
    assert "Missed: Scratch, Stain" in page
    assert "Too many: OK" in page
    assert "of yours it would have been OK" in page
    _, page = say(browser, screens, page, "cannot-tell")
    assert "The last one was <strong>Scratch, Stain</strong>.</p>" in page

    said = GoldRead.objects.filter(answered_at__isnull=False).order_by("place")
    assert [(str(read.label_class), read.also) for read in said] == [
        ("Scratch", ["stain"]),
        ("Scratch", []),
        ("OK", []),
        ("None", []),
    ]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ([], "Choose at least one class"),
        (["ok", "scratch"], "OK passes and Scratch is rejected"),
        (["scratch", "dent"], "The class dent is not in use"),
    ],
)
def test_what_cannot_be_is_refused_and_stays_put_on(
    screens: ProductLine, browser: Client, keys: list[str], said: str
) -> None:
    page = begin(browser, screens)

    status, page = say(browser, screens, page, *keys)

    assert status == 422
    assert said in page
    assert set(PUT_ON.findall(page)) == {key for key in keys if key != "dent"}
    assert not GoldRead.objects.filter(answered_at__isnull=False).exists()


def test_what_was_put_on_belongs_to_one_item(
    screens: ProductLine, browser: Client
) -> None:
    page = begin(browser, screens)

    _, following = say(browser, screens, page, "scratch")
    assert PUT_ON.findall(following) == []
    _, again = say(browser, screens, page, "stain", "ok")

    assert PUT_ON.findall(again) == [], "it was sent of the item before"


def test_a_run_of_a_line_of_one_class_takes_one(
    screens: ProductLine, browser: Client
) -> None:
    ProductLine.objects.update(allows_several=False)
    page = begin(browser, screens)
    assert "checkbox" not in page

    status, page = say(browser, screens, page, "scratch", "stain")
    assert status == 422
    assert "More than one class was chosen" in page
    _, page = say(browser, screens, page, "scratch")

    assert "The last one was <strong>Scratch</strong>, as you said." in page


def test_a_qualification_says_by_what_it_counts(
    screens: ProductLine, browser: Client
) -> None:
    ProductLine.objects.update(qualification_size=6)

    page = begin(browser, screens, "qualification")

    assert "It counts by the gravest class that you put on." in page


def test_managers_see_all_classes_of_gold(screens: ProductLine) -> None:
    manager = factories.make_manager(screens, "mia")
    factories.make_adjudicated(screens, "stain", also=[])
    factories.make_adjudicated(screens, "scratch", also=["stain"])

    page = browser_of(manager).get(f"/lines/{screens.slug}/gold/").content.decode()

    assert page.count("Scratch</span>, Stain") == 7
    assert "Stain</span></td>" in page


def test_a_debrief_names_all_classes_of_gold_that_was_answered_otherwise(
    screens: ProductLine, browser: Client, eva: User
) -> None:
    screens.gold_share = 1.0
    ProductLine.objects.update(gold_share=1.0)
    for _ in range(2):
        factories.make_item(screens)
    shifts.start_work(screens, by=eva)
    factories.label_next(eva, screens, "ok")
    while not GoldRead.objects.filter(answered_at__isnull=False).exists():
        factories.label_next(eva, screens, "stain")
    ended = shifts.end_shift(screens, by=eva)
    assert ended is not None

    page = browser.get(f"/lines/{screens.slug}/shifts/{ended.pk}/").content.decode()

    assert "You said Stain. It is <strong>Scratch, Stain</strong>." in page
