"""Several classes in a real browser: put on by keys and by a finger, and saved."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import Label, Meaning, ProductLine, User
from reviewapp.services import lines
from tests import factories
from tests.browser.conftest import begin, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
STAIN = lines.NewClass(name="Stain", meaning=Meaning.REJECT)


@pytest.fixture
def screens(db: None) -> ProductLine:
    """A line on which an item may have several classes, with four items."""
    classes = (*factories.OK_OR_SCRATCH, STAIN)
    line = factories.make_line("Screens", classes=classes, allows_several=True)
    for _ in range(4):
        factories.make_item(line)
    return line


@pytest.fixture
def eva(screens: ProductLine) -> User:
    """Eva inspects screens."""
    return factories.make_inspector(screens, "eva")


def put_on(page: Page) -> list[str]:
    boxes = page.locator("[name=answer]:checked")
    return [box.get_attribute("value") or "" for box in boxes.all()]


def answers() -> list[tuple[str, list[str]]]:
    return [(str(label), label.also) for label in Label.objects.order_by("pk")]


def test_keys_put_classes_on_and_off_and_enter_saves(
    page: Page,
    live_server: LiveServer,
    screens: ProductLine,
    eva: User,
    complaints: list[str],
) -> None:
    sign_in(page, live_server, eva)
    begin(page, live_server, screens)

    page.keyboard.press("1")
    assert put_on(page) == ["ok"]
    page.keyboard.press("3")
    assert put_on(page) == ["stain"], "what passes goes when what is bad comes"
    page.keyboard.press("2")
    page.keyboard.press("3")
    assert put_on(page) == ["scratch"]
    page.keyboard.press("3")
    first = page.url
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(first)
    expect(page.locator(".saved")).to_have_text("Saved")
    assert put_on(page) == [], "they belonged to the item before"
    expect(page.locator("#answers li").first).to_contain_text("Scratch, Stain")
    page.keyboard.press("o")
    second = page.url
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(second)
    expect(page.locator(".saved")).to_have_text("Saved")

    assert answers() == [("Scratch", ["stain"]), ("OK", [])]
    page.keyboard.press("Backspace")
    expect(page).to_have_url(second)
    assert put_on(page) == ["ok"]
    assert complaints == []


def test_an_empty_answer_is_refused_in_its_place(
    page: Page, live_server: LiveServer, screens: ProductLine, eva: User
) -> None:
    sign_in(page, live_server, eva)
    begin(page, live_server, screens)

    page.keyboard.press("Enter")

    alert = page.get_by_role("alert").filter(has_text="Choose at least one class")
    expect(alert).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator(".saved")).to_have_text("Saved")
    assert answers() == [("Scratch", [])]


def test_a_finger_puts_classes_on_and_keys_go_on_from_there(
    browser: Browser, live_server: LiveServer, screens: ProductLine, eva: User
) -> None:
    context = browser.new_context(
        has_touch=True, viewport={"width": 390, "height": 844}
    )
    phone = context.new_page()
    sign_in(phone, live_server, eva)
    begin(phone, live_server, screens)
    for name in ("Scratch", "Stain"):
        answer = phone.locator(".answer", has_text=name)
        box = answer.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        answer.tap()
    assert put_on(phone) == ["scratch", "stain"]
    phone.keyboard.press("3")
    assert put_on(phone) == ["scratch"], "a key works where a finger left the focus"
    first = phone.url

    phone.get_by_role("button", name="Save").tap()

    expect(phone).not_to_have_url(first)
    expect(phone.locator(".saved")).to_have_text("Saved")
    assert answers() == [("Scratch", [])]
    context.close()
