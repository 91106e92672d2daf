"""Labelling in a real browser: by keyboard, without scripts, with the network cut."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import Label, ProductLine, Review, User
from tests import factories
from tests.browser.conftest import begin, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

# Long enough for a second answer to arrive, were one sent.
GRACE_MS = 500


def answers() -> list[str]:
    return [str(label) for label in Label.objects.order_by("pk")]


def held_address(server: LiveServer, user: User) -> str:
    return f"{server.url}/reviews/{Review.objects.held_by(user).get().public_id}/"


def test_three_items_are_labelled_from_the_keyboard_and_the_last_is_undone(
    page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    for _ in range(4):
        factories.make_item(line)
    sign_in(page, live_server, ana)
    begin(page, live_server, line)
    answered = page.url

    for number, key in enumerate(["1", "2", "u"], start=1):
        answered = page.url
        page.keyboard.press(key)
        expect(page).not_to_have_url(answered)
        expect(page.locator(".saved")).to_have_text("Saved")
        expect(page.get_by_role("heading", name=line.question)).to_be_focused()
        assert len(answers()) == number
    page.keyboard.press("Backspace")

    expect(page).to_have_url(answered)
    assert answered == held_address(live_server, ana)
    assert answers() == ["OK", "Scratch", "Cannot tell", "Taken back"]


def test_a_held_key_labels_once(
    page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    for _ in range(3):
        factories.make_item(line)
    sign_in(page, live_server, ana)
    begin(page, live_server, line)
    before = page.url

    page.keyboard.down("1")
    expect(page).not_to_have_url(before)
    expect(page.get_by_role("heading", name=line.question)).to_be_focused()
    for _ in range(5):
        page.keyboard.down("1")  # held on over the next item, which repeats it
    page.wait_for_timeout(GRACE_MS)
    page.keyboard.up("1")

    assert answers() == ["OK"]


def test_a_double_click_and_the_way_back_store_one_label(
    page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    for _ in range(2):
        factories.make_item(line)
    sign_in(page, live_server, ana)
    begin(page, live_server, line)
    before = page.url

    page.get_by_role("button", name="Scratch").dblclick()
    expect(page).not_to_have_url(before)
    page.go_back()

    expect(page.get_by_role("button", name="Begin")).to_be_visible()
    page.wait_for_timeout(GRACE_MS)
    assert answers() == ["Scratch"]


def test_without_javascript_everything_works_by_pointer(
    still_page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    for _ in range(3):
        factories.make_item(line)
    page = still_page
    sign_in(page, live_server, ana)
    page.goto(f"{live_server.url}/lines/{line.slug}/review/")
    page.get_by_role("button", name="Begin").click()

    page.get_by_role("button", name="OK").click()
    page.get_by_role("button", name="Scratch").click()
    page.get_by_role("button", name="Cannot tell").click()
    page.get_by_role("button", name="Undo").click()

    expect(page).to_have_url(held_address(live_server, ana))
    assert answers() == ["OK", "Scratch", "Cannot tell", "Taken back"]


def test_an_answer_survives_a_cut_network(
    page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    for _ in range(2):
        factories.make_item(line)
    sign_in(page, live_server, ana)
    begin(page, live_server, line)
    before = page.url

    page.context.set_offline(True)
    page.keyboard.press("1")
    expect(page.get_by_text("Not saved yet. Trying")).to_be_visible(timeout=10_000)
    page.keyboard.press("1")  # an impatient second press changes nothing
    expect(page).to_have_url(before)
    assert answers() == []
    page.context.set_offline(False)

    expect(page).not_to_have_url(before, timeout=10_000)
    expect(page.get_by_text("Not saved yet. Trying")).to_be_hidden()
    page.wait_for_timeout(GRACE_MS)
    assert answers() == ["OK"]
