"""The label book beside the item: by one key, by pointer, and as a page of its own."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import BookEdition, Label, ProductLine, User
from tests import factories
from tests.browser.conftest import sign_in, visit

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {"ok": "No mark longer than 2 mm.", "scratch": "A mark longer than 2 mm."}


@pytest.fixture
def edition(line: ProductLine, ana: User, mia: User) -> BookEdition:
    """The first edition of the book, with an example."""
    item = factories.make_item(line)
    factories.label_next(ana, line, "ok")
    factories.make_example(line, item, "ok", by=mia)
    return factories.make_edition(line, by=mia, note="the first", **WORDS)


def go_on(page: Page, server: LiveServer, line: ProductLine) -> None:
    """Begin, read what is new, and come to the first item; all by keyboard."""
    visit(page, f"{server.url}/lines/{line.slug}/review/")
    page.keyboard.press("Enter")
    expect(page.get_by_text("the first")).to_be_visible()
    page.wait_for_load_state("load")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=line.question)).to_be_visible()
    page.wait_for_load_state("load")


def test_one_key_opens_the_book_at_the_class_in_focus_and_closes_it(
    page: Page,
    live_server: LiveServer,
    line: ProductLine,
    ana: User,
    edition: BookEdition,
    complaints: list[str],
) -> None:
    for _ in range(3):
        factories.make_item(line)
    sign_in(page, live_server, ana)
    go_on(page, live_server, line)
    panel = page.locator("#book-panel")
    expect(panel).to_have_count(0)

    page.get_by_role("button", name="Scratch").focus()
    page.keyboard.press("l")

    expect(panel.get_by_text(WORDS["scratch"])).to_be_in_viewport()
    page.keyboard.press("l")
    expect(panel).to_be_hidden()
    page.keyboard.press("l")
    expect(panel).to_be_visible()
    page.keyboard.press("2")  # the keys go on working beside it
    expect(page.locator(".saved")).to_have_text("Saved")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    assert complaints == []
    assert Label.objects.latest("pk").edition == edition


def test_what_is_published_during_a_shift_is_shown_once_between_two_items(
    page: Page,
    live_server: LiveServer,
    line: ProductLine,
    ana: User,
    mia: User,
    edition: BookEdition,
) -> None:
    for _ in range(4):
        factories.make_item(line)
    sign_in(page, live_server, ana)
    go_on(page, live_server, line)
    factories.make_edition(line, by=mia, note="tighter at the rim")

    page.keyboard.press("1")

    expect(page.get_by_text("tighter at the rim")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=line.question)).to_be_visible()
    page.wait_for_load_state("load")
    page.keyboard.press("1")
    expect(page.locator("#answers li")).to_have_count(3)
    expect(page.get_by_text("tighter at the rim")).to_have_count(0)
    assert Label.objects.count() == 3, edition


def test_without_javascript_the_book_is_a_page_of_its_own(
    still_page: Page,
    live_server: LiveServer,
    line: ProductLine,
    ana: User,
    edition: BookEdition,
) -> None:
    factories.make_item(line)
    page = still_page
    sign_in(page, live_server, ana)
    visit(page, f"{live_server.url}/lines/{line.slug}/review/")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Read, go on").click()

    with page.expect_popup() as opened:
        page.get_by_role("link", name="Label book").click()

    expect(opened.value.get_by_text(WORDS["scratch"])).to_be_visible()
    assert edition.number == 1
