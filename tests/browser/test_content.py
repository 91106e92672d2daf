"""Texts and recordings in a real browser: read, played and answered by keyboard."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import Label, Modality, ProductLine, Role
from reviewapp.services import hands, people
from tests import factories
from tests.browser.conftest import begin, sign_in, visit
from tests.browser.test_pages import RULES
from tests.modalities.sounds import encoded, tone

pytestmark = pytest.mark.django_db(transaction=True)

TRIES, BETWEEN_MS = 50, 100


@pytest.fixture
def microphone(transactional_db: None) -> ProductLine:
    """A line with two recordings of 20 seconds, each louder towards its end."""
    line = factories.make_line("Microphone", modality=Modality.AUDIO)
    for hertz in (300, 500):
        sound = tone(20, hertz=hertz) * np.linspace(0.1, 1, 160_000)
        factories.make_content(line, encoded(sound))
    return line


def until(page: Page, is_so: Callable[[], bool]) -> None:
    """Wait for what no expectation can name; the page's policy forbids eval."""
    for _ in range(TRIES):
        if is_so():
            return
        page.wait_for_timeout(BETWEEN_MS)
    pytest.fail("It did not become so.")


def told(page: Page, what: str) -> float:
    found: float = page.locator("[data-sound]").evaluate(f"audio => audio.{what}")
    return found


def test_a_recording_is_played_and_answered_by_keyboard(
    page: Page,
    live_server: LiveServer,
    microphone: ProductLine,
    complaints: list[str],
) -> None:
    ana = factories.make_inspector(microphone, "ana")
    sign_in(page, live_server, ana)
    begin(page, live_server, microphone)
    audio = page.locator("[data-sound]")
    wave = page.locator("[data-wave]")
    expect(wave).to_have_attribute("d", page_path := wave_path(page))
    assert page_path.count("M") == 800
    expect(page.get_by_text("play, pause")).to_be_visible()

    page.keyboard.press(" ")
    expect(audio).to_have_js_property("paused", value=False)
    until(page, lambda: told(page, "currentTime") > 0.2)
    page.keyboard.press(" ")
    expect(audio).to_have_js_property("paused", value=True)

    before = told(page, "currentTime")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert told(page, "currentTime") == pytest.approx(before + 4, abs=0.1)
    expect(page.locator("[data-played]")).not_to_have_attribute("width", "0")
    page.keyboard.press("ArrowLeft")
    assert told(page, "currentTime") == pytest.approx(before + 2, abs=0.1)

    page.keyboard.press("]")
    page.keyboard.press("]")
    assert told(page, "playbackRate") == 1.5
    page.keyboard.press("[")
    expect(page.locator("[data-speed]")).to_have_text("1.25\u00d7")

    address = audio.get_attribute("src")
    page.keyboard.press("2")
    expect(page.locator(".saved")).to_have_text("Saved")
    assert audio.get_attribute("src") != address, "the next recording is there"
    assert str(Label.objects.get()) == "Scratch"
    expect(page.locator("[data-speed]")).to_have_text("1.25\u00d7")
    assert wave_path(page) != page_path
    assert told(page, "playbackRate") == 1.25
    page.keyboard.press(" ")
    expect(audio).to_have_js_property("paused", value=False)
    assert complaints == []


def wave_path(page: Page) -> str:
    page.wait_for_selector("[data-wave][d]", state="attached")
    return page.locator("[data-wave]").get_attribute("d") or ""


def test_a_recording_is_gone_through_and_hastened_by_pointer(
    page: Page, live_server: LiveServer, microphone: ProductLine
) -> None:
    ana = factories.make_inspector(microphone, "ana")
    sign_in(page, live_server, ana)
    begin(page, live_server, microphone)
    wave_path(page)
    box = page.locator(".sound-wave").bounding_box()
    assert box is not None
    until(page, lambda: told(page, "readyState") >= 1)

    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + 10)
    page.get_by_role("button", name="faster").click()

    assert told(page, "currentTime") == pytest.approx(5, abs=0.1)
    assert told(page, "playbackRate") == 1.25


def test_space_on_a_focused_answer_gives_the_answer(
    page: Page, live_server: LiveServer, microphone: ProductLine
) -> None:
    ana = factories.make_inspector(microphone, "ana")
    sign_in(page, live_server, ana)
    begin(page, live_server, microphone)

    page.get_by_role("button", name="OK").focus()
    page.keyboard.press(" ")

    expect(page.locator(".saved")).to_have_text("Saved")
    assert str(Label.objects.get()) == "OK"


def test_without_javascript_the_browsers_own_controls_are_there(
    still_page: Page, live_server: LiveServer, microphone: ProductLine
) -> None:
    ana = factories.make_inspector(microphone, "ana")
    sign_in(still_page, live_server, ana)
    still_page.goto(f"{live_server.url}/lines/{microphone.slug}/review/")
    still_page.get_by_role("button", name="Begin").click()

    expect(still_page.locator("audio[controls]")).to_be_visible()
    expect(still_page.get_by_text("play, pause")).to_be_hidden()
    still_page.get_by_role("button", name="OK").click()
    expect(still_page.locator("audio[controls]")).to_be_visible()
    assert str(Label.objects.get()) == "OK"


def test_a_long_text_is_read_within_a_measure_and_scrolled_by_keyboard(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    line = factories.make_line("Desk", modality=Modality.TEXT)
    factories.make_content(line, "All work and no play.\n\n" * 400)
    ana = factories.make_inspector(line, "ana")
    sign_in(page, live_server, ana)
    begin(page, live_server, line)
    text = page.get_by_role("region", name="The text to inspect")

    expect(text).to_be_visible()
    measure = text.evaluate(
        """text => {
          const rule = document.createElement("span");
          rule.textContent = "0".repeat(100);
          rule.className = "item-text";
          document.body.append(rule);
          const range = document.createRange();
          range.selectNodeContents(rule);
          rule.style.whiteSpace = "nowrap";
          const ch = range.getBoundingClientRect().width / 100;
          rule.remove();
          return text.clientWidth / ch;
        }"""
    )
    assert measure <= 75
    assert text.bounding_box()["y"] >= 0  # type: ignore[index]  # it is visible
    text.focus()
    page.keyboard.press("End")
    until(page, lambda: text.evaluate("text => text.scrollTop > 500"))
    page.keyboard.press("1")
    expect(page.get_by_text("Everything is labelled")).to_be_visible()
    assert str(Label.objects.get()) == "OK"
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_a_recording_or_text_has_a_fault_or_goes_sideways(
    page: Page,
    live_server: LiveServer,
    microphone: ProductLine,
    scheme: Literal["light", "dark"],
) -> None:
    desk = factories.make_line("Desk", modality=Modality.TEXT)
    factories.make_content(desk, "No blanks: " + "x" * 3_000)
    ana = factories.make_inspector(microphone, "ana")
    for line in (microphone, desk):
        for role in (Role.INSPECTOR, Role.MANAGER):
            people.give_role(ana, line, role, by=None)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, live_server, ana)

    for line in (microphone, desk):
        begin(page, live_server, line)
        addresses = [page.url]
        for item in line.items.all():
            base = f"{live_server.url}/lines/{line.slug}/items"
            addresses.append(f"{base}/{item.public_id}/")
        for address in addresses:
            visit(page, address)
            faults = Axe().run(page, options=RULES)
            assert faults.violations_count == 0, faults.generate_report()
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 390, address
        hands.release_all(ana)  # nobody holds an item on two lines
