"""The page of both ways of showing a suggestion: for whom, its words, its cost."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from monitoring.services.figures import share
from monitoring.services.ways import Asked, Beside, Part
from monitoring.templatetags.way_words import ways_drawing
from reviewapp.models import Item, Label, ProductLine, Review, Role, User
from reviewapp.policy import AssistStyle, AutomationLevel
from reviewapp.services import people
from tests import factories
from tests.monitoring.test_ways import ANSWER, SUGGESTION, arrive, say
from tests.pages.test_levels import browser_of


@pytest.fixture
def drawn(line: ProductLine) -> ProductLine:
    """A line in assist that shows half of its suggestions the other way."""
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(
        line, AutomationLevel.ASSIST, blind_share=1e-9, other_style_share=0.5
    )
    return line


def page_of(line: ProductLine, by: User, query: str = "") -> str:
    response = browser_of(by).get(f"/lines/{line.slug}/agreement/ways/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_managers_and_scientists_see_it_and_nobody_else(
    drawn: ProductLine, ana: User, mia: User, zoe: User, ada: User
) -> None:
    sam = factories.make_user("sam")
    people.give_role(sam, drawn, Role.SCIENTIST, by=None)
    address = f"/lines/{drawn.slug}/agreement/ways/"

    got = [browser_of(one).get(address).status_code for one in (mia, sam, ana, ada)]

    assert got == [200, 200, 403, 403]
    assert browser_of(zoe).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert browser_of(mia).post(address).status_code == 405


def test_without_a_share_it_says_where_to_set_one(line: ProductLine, mia: User) -> None:
    page = page_of(line, mia)

    assert "there is nothing to compare" in page
    assert f'href="/lines/{line.slug}/settings/#looks-title"' in page


def test_with_a_share_and_no_answer_it_says_what_is_awaited(
    drawn: ProductLine, mia: User
) -> None:
    page = page_of(drawn, mia)
    assert "no such item of this span is answered yet" in page
    assert "50.0 % comes the other way round" in page
    assert "this line is at" not in page

    factories.put_at(drawn, AutomationLevel.SHADOW)

    assert "this line is at Shadow" in page_of(drawn, mia)


def test_too_few_answers_are_counted_and_no_share_is_told(
    drawn: ProductLine, ana: User, mia: User
) -> None:
    for _ in range(3):
        arrive(drawn, ANSWER)
        say(drawn, ana, "ok")

    page = page_of(drawn, mia)

    assert "Not enough to compare yet: 0 items" in page
    assert "not enough: 3 of 100" in page
    assert "not enough: 0 of 100" in page
    assert "100.0 %" not in page


def repeat(line: ProductLine, item: Item, way: AssistStyle, times: int) -> None:
    """Let as many more items have been answered like this one."""
    label = Label.objects.get(item=item)
    review = Review.objects.get(item=item)
    for _ in range(times):
        made = arrive(line, way)
        copied = Review.objects.get(item=made)
        said = Label.objects.create(
            review=copied,
            item=made,
            inspector=label.inspector,
            kind=label.kind,
            label_class=label.label_class,
            shown=label.shown,
            prediction=label.prediction,
            policy=label.policy,
            active_ms=label.active_ms,
        )
        Review.objects.filter(pk=copied.pk).update(
            label=said, closed_at=review.closed_at
        )


def answered(line: ProductLine, way: AssistStyle, by: User, n: int) -> None:
    """Let so many items have been answered as the model did."""
    item = arrive(line, way)
    say(line, by, "ok")
    repeat(line, item, way, n - 1)


def test_enough_answers_are_compared_in_a_sentence_a_plot_and_a_table(
    drawn: ProductLine, ana: User, mia: User
) -> None:
    for way in (SUGGESTION, ANSWER):
        answered(drawn, way, ana, 100)

    page = page_of(drawn, mia, "?days=7")

    assert "People end with the model&#x27;s answer on 100.0 %" in page or (
        "People end with the model's answer on 100.0 %" in page
    )
    assert "no difference that can be told" in page
    assert page.count('class="ways-first"') == 1
    assert page.count('class="ways-second"') == 1
    assert "0.0 points" in page
    assert "Compared are only items of the same time" in page
    assert str(ana) not in page


@pytest.mark.parametrize(
    ("counts", "first_tick", "last_tick"),
    [
        ((402, 408, 364, 369), "96 %", "100 %"),
        ((90, 200, 110, 200), "30 %", "70 %"),
        ((0, 200, 200, 200), "0 %", "100 %"),
        ((0, 200, 1, 200), "0 %", "4 %"),
    ],
)
def test_the_scale_is_as_narrow_as_the_intervals_allow(
    counts: tuple[int, int, int, int], first_tick: str, last_tick: str
) -> None:
    first, second = share(*counts[:2]), share(*counts[2:])
    row = Beside(
        asked=Asked.SAME,
        suggestion_first=Part(share=first, n=counts[1]),
        answer_first=Part(share=second, n=counts[3]),
        difference=None,
    )

    drawing = ways_drawing([row])

    ticks = drawing["ticks"]
    assert (ticks[0]["text"], ticks[-1]["text"]) == (first_tick, last_tick)
    ends = float(ticks[0]["x"]), float(ticks[-1]["x"])
    for mark in (drawing["rows"][0]["first"], drawing["rows"][0]["second"]):
        assert ends[0] <= float(mark["low"]) <= float(mark["high"]) <= ends[1]


def test_it_costs_the_same_however_many_answers_there_are(
    drawn: ProductLine, ana: User, mia: User
) -> None:
    browser, address = browser_of(mia), f"/lines/{drawn.slug}/agreement/ways/"
    counted = []
    for n in (100, 30):
        for way in (SUGGESTION, ANSWER):
            answered(drawn, way, ana, n)
        browser.get(address)
        with CaptureQueriesContext(connection) as captured:
            browser.get(address)
        counted.append(len(captured))

    assert counted[0] == counted[1]
    assert counted[0] <= 12


def test_it_is_linked_from_where_the_share_is_set_and_from_agreement(
    drawn: ProductLine, ana: User, mia: User
) -> None:
    address = f'href="/lines/{drawn.slug}/agreement/ways/"'

    for path in ("settings", "agreement"):
        page = browser_of(mia).get(f"/lines/{drawn.slug}/{path}/").content.decode()
        assert page.count(address) == 1
    page = browser_of(ana).get(f"/lines/{drawn.slug}/agreement/").content.decode()
    assert address not in page


def test_a_span_in_the_address_is_the_one_that_is_compared(
    drawn: ProductLine, ana: User, mia: User
) -> None:
    arrive(drawn, ANSWER)
    say(drawn, ana, "ok")
    day = timezone.now().date()

    today = page_of(drawn, mia, f"?from={day:%Y-%m-%d}&zone=UTC")
    before = page_of(drawn, mia, "?from=2026-01-01&to=2026-01-31&zone=UTC")

    assert "Not enough to compare yet" in today
    assert "no such item of this span is answered yet" in before
