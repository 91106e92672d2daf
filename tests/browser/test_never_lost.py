"""No answer is lost and none is stored twice, whatever happens on its way."""

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import Label, ProductLine, Review, Session, User
from reviewapp.services import reviews
from tests import factories
from tests.browser.conftest import PASSWORD, begin, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

ANSWER = "**/answer/"
# By then an answer that has not arrived is said to be so.
SAID_WITHIN_MS = 10_000
GRACE_MS = 500
NOT_SAVED = "Not saved yet. Trying again"


def answers() -> list[str]:
    return [str(label) for label in Label.objects.order_by("pk")]


def rows(line: ProductLine, *widths: float) -> None:
    for width in widths:
        factories.make_item(line, row={"width": width, "height": 2.0})


@pytest.fixture
def bench(page: Page, live_server: LiveServer, line: ProductLine, ana: User) -> Page:
    """Ana's workbench with the first of three items in front."""
    rows(line, 11.0, 22.0, 33.0)
    # listened to from the first page on: on a page that is there, a request may slip by
    page.route(ANSWER, lambda route: route.fallback())
    sign_in(page, live_server, ana)
    begin(page, live_server, line)
    return page


def test_the_next_item_is_in_front_before_the_server_has_answered(bench: Page) -> None:
    waiting: list[Route] = []
    # playwright cannot wrap a list's own method
    bench.route(ANSWER, lambda route: waiting.append(route))  # noqa: PLW0108

    bench.keyboard.press("2")

    expect(bench.get_by_text("22.0")).to_be_visible()
    expect(bench.locator(".saved")).to_have_text("")
    bench.keyboard.press("1")  # one answer is on its way at a time
    bench.wait_for_timeout(GRACE_MS)
    assert len(waiting) == 1
    waiting[0].continue_()
    expect(bench.locator(".saved")).to_have_text("Saved")
    bench.keyboard.press("1")
    expect(bench.get_by_text("33.0")).to_be_visible()
    waiting[1].continue_()
    expect(bench.locator(".saved")).to_have_text("Saved")
    expect(bench.locator("#answers li")).to_have_count(2)
    assert answers() == ["Scratch", "OK"]


def test_an_answer_whose_confirmation_is_lost_is_stored_once(bench: Page) -> None:
    cut: list[int] = []

    def lose_the_first(route: Route) -> None:
        if cut:
            route.continue_()
            return
        cut.append(route.fetch().status)
        route.abort()

    bench.route(ANSWER, lose_the_first)
    bench.keyboard.press("2")

    expect(bench.get_by_text(NOT_SAVED)).to_be_visible(timeout=SAID_WITHIN_MS)
    expect(bench.get_by_text("11.0")).to_be_visible()
    expect(bench.locator(".saved")).to_have_text("Saved", timeout=SAID_WITHIN_MS)
    expect(bench.get_by_text("22.0")).to_be_visible()
    assert cut == [200]
    assert answers() == ["Scratch"]


def test_a_server_that_says_nothing_is_said_to_have_said_nothing(bench: Page) -> None:
    waiting: list[Route] = []
    # playwright cannot wrap a list's own method
    bench.route(ANSWER, lambda route: waiting.append(route))  # noqa: PLW0108

    bench.keyboard.press("2")

    expect(bench.get_by_text(NOT_SAVED)).to_be_visible(timeout=SAID_WITHIN_MS)
    expect(bench.get_by_text("11.0")).to_be_visible()
    waiting[0].continue_()
    expect(bench.locator(".saved")).to_have_text("Saved")
    expect(bench.get_by_text("22.0")).to_be_visible()
    assert answers() == ["Scratch"]


def test_an_answer_outlives_a_server_that_starts_again(bench: Page) -> None:
    refused: list[int] = []

    def start_again(route: Route) -> None:
        if len(refused) < 2:
            refused.append(503)
            route.fulfill(status=503, body="starting")
        else:
            route.continue_()

    bench.route(ANSWER, start_again)
    bench.keyboard.press("2")

    expect(bench.get_by_text(NOT_SAVED)).to_be_visible(timeout=SAID_WITHIN_MS)
    expect(bench.locator(".saved")).to_have_text("Saved", timeout=SAID_WITHIN_MS)
    assert len(refused) == 2
    assert answers() == ["Scratch"]


def test_an_answer_waits_until_its_giver_has_signed_in_again(
    bench: Page, live_server: LiveServer, ana: User
) -> None:
    Session.objects.all().delete()

    bench.keyboard.press("2")

    expect(bench.get_by_text("you are signed out")).to_be_visible(
        timeout=SAID_WITHIN_MS
    )
    expect(bench.get_by_text("11.0")).to_be_visible()
    beside = bench.context.new_page()
    beside.goto(f"{live_server.url}/sign-in/")
    beside.get_by_label("Username").fill(ana.username)
    beside.get_by_label("Password").fill(PASSWORD)
    beside.keyboard.press("Enter")
    beside.wait_for_url(f"{live_server.url}/")
    expect(bench.locator(".saved")).to_have_text("Saved", timeout=SAID_WITHIN_MS)
    assert answers() == ["Scratch"]


def test_an_answer_to_a_lost_claim_stays_on_screen(
    bench: Page, line: ProductLine, ana: User, ben: User
) -> None:
    lost = Review.objects.held_by(ana).get()
    Review.objects.filter(pk=lost.pk).update(claimed_until="2020-01-01T00:00:00Z")
    taken = reviews.claim_next(ben, line)
    assert taken == lost

    bench.keyboard.press("2")

    expect(bench.get_by_text("Your answer was Scratch")).to_be_visible()
    assert answers() == []


def test_two_tabs_give_one_label(
    bench: Page, live_server: LiveServer, line: ProductLine
) -> None:
    beside = bench.context.new_page()
    begin(beside, live_server, line)
    assert beside.url == bench.url

    bench.keyboard.press("2")
    expect(bench.locator(".saved")).to_have_text("Saved")
    beside.bring_to_front()
    beside.keyboard.press("1")

    expect(beside.get_by_text("22.0")).to_be_visible()
    beside.wait_for_timeout(GRACE_MS)
    assert answers() == ["Scratch"]


def test_any_of_the_last_answers_is_corrected_beside_the_item(bench: Page) -> None:
    for number, key in enumerate(["1", "2"], start=1):
        bench.keyboard.press(key)
        expect(bench.locator("#answers li")).to_have_count(number)

    bench.get_by_role("button", name="Change OK").click()
    expect(bench.get_by_text("11.0")).to_be_visible()
    expect(bench.locator("#answers li")).to_have_count(1)
    bench.keyboard.press("2")

    expect(bench.get_by_text("33.0")).to_be_visible()
    expect(bench.locator("#answers li")).to_have_count(2)
    assert answers() == ["OK", "Scratch", "Taken back", "Scratch"]


def test_leaving_the_page_gives_back_what_was_not_seen(
    bench: Page, live_server: LiveServer, ana: User
) -> None:
    assert Review.objects.reserved_by(ana).count() == 1

    bench.goto(f"{live_server.url}/account/")
    bench.wait_for_timeout(GRACE_MS)

    assert Review.objects.reserved_by(ana).count() == 0
    assert Review.objects.held_by(ana).count() == 1
