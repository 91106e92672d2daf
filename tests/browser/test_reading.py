"""Words found in a text, values of a row pointed at, keys pressed into their form."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import Label, Modality, ProductLine, User
from tests import factories
from tests.browser.conftest import begin, sign_in, visit
from tests.browser.test_content import until

pytestmark = pytest.mark.django_db(transaction=True)


def highlighted(page: Page, name: str) -> list[str]:
    """The words that a highlight lies over."""
    found: list[str] = page.locator("[data-text]").evaluate(
        "(_text, name) => [...(CSS.highlights.get(name) ?? [])].map(String)", name
    )
    return found


def test_words_are_found_by_key_stepped_through_and_sought_in_the_next_text(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    line = factories.make_line("Desk", modality=Modality.TEXT)
    text = "Win a prize.\n" + "All work and no play.\n" * 200 + "WIN <b>now</b>, win!"
    factories.make_content(line, text)
    factories.make_content(line, "Nothing to win here.")
    ana = factories.make_inspector(line, "ana")
    sign_in(page, live_server, ana)
    begin(page, live_server, line)
    region = page.get_by_role("region", name="The text to inspect")

    page.keyboard.press("/")
    expect(page.locator("[data-find]")).to_be_focused()
    page.keyboard.type("win")
    page.keyboard.press("Enter")
    assert highlighted(page, "found") == ["Win", "WIN", "win"]
    expect(page.locator("[data-found]")).to_have_text("1 / 3")
    page.keyboard.press("n")
    assert highlighted(page, "found-now") == ["WIN"]
    until(page, lambda: region.evaluate("text => text.scrollTop > 500"))
    page.keyboard.press("Shift+N")
    expect(page.locator("[data-found]")).to_have_text("1 / 3")
    assert region.text_content() == text

    page.keyboard.press("1")
    expect(page.locator(".saved")).to_have_text("Saved")
    assert str(Label.objects.get()) == "OK"
    assert highlighted(page, "found-now") == ["win"]
    page.get_by_label("Find").fill("prize")
    expect(page.locator("[data-found]")).to_have_text("not there")
    assert complaints == []


def test_the_values_of_a_row_are_pointed_at_one_after_the_other(
    page: Page, live_server: LiveServer
) -> None:
    columns = [
        {"name": "width", "kind": "number", "unit": "mm", "low": 2, "high": 4},
        {"name": "height", "kind": "number", "low": 2, "high": 4},
        {"name": "depth", "kind": "number"},
    ]
    line = factories.make_line(columns=columns)
    factories.make_item(line, row={"width": 5.5, "height": 1.0})
    ana = factories.make_inspector(line, "ana")
    sign_in(page, live_server, ana)
    begin(page, live_server, line)
    expect(page.get_by_text("▲ 1.5 above 4")).to_be_visible()
    expect(page.get_by_text("▼ 1 below 2")).to_be_visible()
    expect(page.get_by_text("2 \u2013 4 mm")).to_be_visible()
    expect(page.get_by_text("∅ missing")).to_be_visible()
    pointed = page.locator("[data-row][aria-current]")

    page.keyboard.press("j")
    expect(pointed).to_contain_text("width")
    page.keyboard.press("j")
    expect(pointed).to_contain_text("height")
    page.get_by_role("button", name="Next value").click()
    expect(pointed).to_contain_text("depth")
    page.keyboard.press("k")
    page.keyboard.press("k")
    page.keyboard.press("k")

    expect(pointed).to_contain_text("width")
    expect(pointed).to_have_count(1)
    expect(page.locator("[data-now]")).to_contain_text("5.5 mm")


def test_a_key_is_pressed_into_its_field_and_then_acts_on_the_workbench(
    page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    factories.make_item(line)
    factories.make_item(line)
    sign_in(page, live_server, ana)
    visit(page, f"{live_server.url}/account/keys/")

    page.get_by_label("Cannot tell").focus()
    page.keyboard.press(";")
    page.get_by_label("Undo the last answer").focus()
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    begin(page, live_server, line)
    page.keyboard.press("?")
    sheet = page.locator("[data-sheet] dl")
    expect(sheet.locator("div").filter(has_text="Cannot tell")).to_contain_text(";")
    page.keyboard.press(";")
    expect(page.locator(".saved")).to_have_text("Saved")
    page.keyboard.press("Delete")

    expect(page.locator("#answers li")).to_have_count(0)
    kept = [str(label) for label in Label.objects.order_by("pk")]
    assert kept == ["Cannot tell", "Taken back"]


def test_without_javascript_a_key_is_typed_and_a_clash_is_said_beside_both(
    still_page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    sign_in(still_page, live_server, ana)
    visit(still_page, f"{live_server.url}/account/keys/")

    still_page.get_by_label("Skip").fill("u")
    still_page.get_by_role("button", name="Save").click()

    words = "u would do both: “Skip” and “Cannot tell”."
    expect(still_page.get_by_text(words)).to_be_visible()
    still_page.get_by_role("button", name="All under the left hand").click()
    expect(still_page.get_by_label("Cannot tell")).to_have_value("c")
