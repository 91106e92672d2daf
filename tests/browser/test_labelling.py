"""Labelling in a real browser: by keyboard, without scripts, with the network cut."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import Label, ProductLine, User
from tests import factories
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def begin(page: Page, server: LiveServer, user: User, line: ProductLine) -> None:
    sign_in(page, server, user)
    page.goto(f"{server.url}/lines/{line.slug}/review/")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Is there a defect?")).to_be_visible()


def answers() -> list[str]:
    return [str(label) for label in Label.objects.order_by("pk")]


def test_three_items_are_labelled_from_the_keyboard_and_the_last_is_undone(
    page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    for _ in range(4):
        factories.make_item(line)
    begin(page, live_server, ana, line)

    for number, key in enumerate(["1", "2", "u"], start=1):
        before = page.url
        page.keyboard.press(key)
        expect(page).not_to_have_url(before)
        expect(page.get_by_role("status").first).to_have_text("Saved")
        expect(page.locator("#review-title")).to_be_focused()
        assert len(answers()) == number

    page.keyboard.press("Backspace")
    expect(page.get_by_text("Cannot tell").first).to_be_visible()
    page.wait_for_timeout(300)
    assert answers() == ["OK", "Scratch", "Cannot tell", "Taken back"]


def test_a_held_key_labels_once(
    page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    for _ in range(3):
        factories.make_item(line)
    begin(page, live_server, ana, line)
    before = page.url

    page.keyboard.down("1")
    for _ in range(10):
        page.keyboard.down("1")
    page.keyboard.up("1")

    expect(page).not_to_have_url(before)
    page.wait_for_timeout(500)
    assert answers() == ["OK"]


def test_a_double_click_and_the_way_back_store_one_label(
    page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    factories.make_item(line)
    begin(page, live_server, ana, line)

    page.get_by_role("button", name="Scratch").dblclick()
    expect(page.get_by_text("Everything is labelled")).to_be_visible()
    page.go_back()
    page.wait_for_timeout(300)

    assert answers() == ["Scratch"]


def test_without_javascript_everything_works_by_pointer(
    still_page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    for _ in range(2):
        factories.make_item(line)
    page = still_page
    sign_in(page, live_server, ana)
    page.goto(f"{live_server.url}/lines/{line.slug}/review/")
    page.get_by_role("button", name="Begin").click()

    page.get_by_role("button", name="OK").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Scratch").click()
    page.get_by_role("button", name="Cannot tell").click()

    assert answers() == ["OK", "Taken back", "Scratch", "Cannot tell"]


def test_an_answer_survives_a_cut_network(
    page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    for _ in range(2):
        factories.make_item(line)
    begin(page, live_server, ana, line)
    before = page.url

    page.context.set_offline(True)
    page.keyboard.press("2")
    expect(page.get_by_text("Not saved yet")).to_be_visible(timeout=10_000)
    expect(page).to_have_url(before)
    assert answers() == []
    page.context.set_offline(False)

    expect(page).not_to_have_url(before, timeout=10_000)
    assert answers() == ["Scratch"]
