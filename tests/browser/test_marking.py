"""Marking where, in a real browser: by mouse, by keys, by touch, and corrected."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import Label, Modality, ProductLine, User
from tests import factories
from tests.browser.conftest import begin, sign_in
from tests.browser.test_content import until
from tests.browser.test_looking import FLING_MS, finger_page, frame
from tests.browser.test_pages import RULES

__all__ = ["finger_page"]  # a fixture of the neighbour's

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def screens(transactional_db: None) -> ProductLine:
    """A line of pictures that asks where."""
    line = factories.make_line("Screens", modality=Modality.IMAGE, asks_where=True)
    for shade in (100, 110, 120):
        factories.make_content(line, factories.make_picture(shade=shade))
    return line


@pytest.fixture
def ana(screens: ProductLine) -> User:
    return factories.make_inspector(screens, "ana")


def sent(page: Page) -> list[dict[str, float | str]]:
    """What the page would send with an answer."""
    text = page.locator("[data-boxes-field]").input_value()
    found: list[dict[str, float | str]] = json.loads(text or "[]")
    return found


def spot(page: Page, x: float, y: float) -> tuple[float, float]:
    """Give the place on screen of shares of the picture, 400 by 300, shown whole."""
    box = frame(page).bounding_box()
    assert box is not None
    scale = min(box["width"] / 400, box["height"] / 300)
    left = box["x"] + (box["width"] - 400 * scale) / 2
    top = box["y"] + (box["height"] - 300 * scale) / 2
    return left + x * 400 * scale, top + y * 300 * scale


def drag(page: Page, *places: tuple[float, float]) -> None:
    first, *rest = [spot(page, *place) for place in places]
    page.mouse.move(*first)
    page.mouse.down()
    for place in rest:
        page.mouse.move(*place)
    page.mouse.up()


def marks(page: Page) -> Locator:
    return page.locator("[data-mark]")


def sides(box: dict[str, float | str]) -> list[float]:
    return [float(box[name]) for name in ("x", "y", "width", "height")]


def test_a_box_is_drawn_moved_sized_and_removed_by_mouse(
    page: Page,
    live_server: LiveServer,
    screens: ProductLine,
    ana: User,
    complaints: list[str],
) -> None:
    sign_in(page, live_server, ana)
    begin(page, live_server, screens)

    drag(page, (0.2, 0.2), (0.3, 0.3), (0.4, 0.5))
    assert sides(sent(page)[0]) == pytest.approx([0.2, 0.2, 0.2, 0.3], abs=0.005)
    assert sent(page)[0]["class"] == "scratch"
    drag(page, (0.3, 0.35), (0.4, 0.35), (0.5, 0.45))
    assert sides(sent(page)[0]) == pytest.approx([0.4, 0.3, 0.2, 0.3], abs=0.005)
    drag(page, (0.6, 0.6), (0.7, 0.7))
    assert sides(sent(page)[0]) == pytest.approx([0.4, 0.3, 0.3, 0.4], abs=0.005)
    page.locator("[data-mark-class]").select_option("ok")
    assert sent(page)[0]["class"] == "ok"
    drag(page, (0.1, 0.9), (0.2, 0.95))
    assert len(sent(page)) == 2

    page.get_by_role("button", name="Remove the mark").click()
    assert len(sent(page)) == 1
    page.keyboard.press("2")
    expect(page.locator(".saved")).to_have_text("Saved")

    [label] = Label.objects.all()
    assert str(label) == "Scratch"
    assert sides((label.boxes or [])[0]) == pytest.approx(
        [0.4, 0.3, 0.3, 0.4], abs=0.005
    )
    assert marks(page).count() == 0, "the next picture has none"
    assert sent(page) == []
    assert complaints == []


def test_a_box_is_made_moved_sized_named_and_removed_by_keys(
    page: Page, live_server: LiveServer, screens: ProductLine, ana: User
) -> None:
    sign_in(page, live_server, ana)
    begin(page, live_server, screens)

    page.keyboard.press("m")
    expect(marks(page)).to_be_focused()
    made = sides(sent(page)[0])
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    moved = sides(sent(page)[0])
    assert moved[0] > made[0]
    assert moved[1] > made[1]
    assert moved[2:] == made[2:]
    page.keyboard.press("Shift+ArrowRight")
    sized = sides(sent(page)[0])
    assert sized[2] > moved[2]
    assert sized[:2] == moved[:2]
    page.keyboard.press("1")
    assert sent(page)[0]["class"] == "ok"
    expect(marks(page)).to_have_attribute("aria-label", "Mark 1: OK")
    assert not Label.objects.exists(), "on a mark, a class's key answers nothing"

    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name=screens.question)).to_be_focused()
    page.keyboard.press("m")
    page.keyboard.press("Delete")
    assert len(sent(page)) == 1
    page.keyboard.press("2")
    expect(page.locator(".saved")).to_have_text("Saved")
    [kept] = Label.objects.get().boxes or []
    assert kept["class"] == "ok"


def test_boxes_keep_their_place_however_the_picture_is_looked_at(
    page: Page, live_server: LiveServer, screens: ProductLine, ana: User
) -> None:
    sign_in(page, live_server, ana)
    begin(page, live_server, screens)
    drag(page, (0.5, 0.5), (0.7, 0.7))
    before = sides(sent(page)[0])
    x, y = spot(page, 0.5, 0.5)

    page.mouse.move(x, y)
    page.keyboard.press("z")
    page.keyboard.press("z")
    assert sides(sent(page)[0]) == before
    page.keyboard.down(" ")
    page.mouse.move(x + 30, y)
    page.keyboard.up(" ")
    assert len(sent(page)) == 1
    page.mouse.move(x - 80, y - 60)
    page.mouse.down()
    page.mouse.move(x - 210, y - 150)
    page.mouse.up()

    assert len(sent(page)) == 2
    scale = (spot(page, 1, 0)[0] - spot(page, 0, 0)[0]) * 2.25
    assert sides(sent(page)[1])[2] == pytest.approx(130 / scale, abs=0.005)


def test_a_box_is_drawn_with_a_finger_and_two_fingers_draw_none(
    finger_page: Page, live_server: LiveServer, screens: ProductLine, ana: User
) -> None:
    page = finger_page
    sign_in(page, live_server, ana)
    begin(page, live_server, screens)
    touches = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [spot(page, *place) for place in places]
        given = [{"x": px, "y": py, "id": i} for i, (px, py) in enumerate(points)]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": given})

    touch("touchStart", (0.2, 0.2))
    touch("touchMove", (0.3, 0.3))
    touch("touchMove", (0.4, 0.4))
    touch("touchEnd")
    page.wait_for_timeout(FLING_MS)
    assert sides(sent(page)[0]) == pytest.approx([0.2, 0.2, 0.2, 0.2], abs=0.01)

    def is_removed_by_a_tap() -> bool:
        if marks(page).count():
            page.get_by_role("button", name="Remove the mark").tap()
        return sent(page) == []

    until(page, is_removed_by_a_tap)

    touch("touchStart", (0.4, 0.5))
    touch("touchStart", (0.4, 0.5), (0.6, 0.5))
    touch("touchMove", (0.3, 0.5), (0.7, 0.5))
    touch("touchEnd")
    page.wait_for_timeout(100)
    assert sent(page) == []
    assert "1.9" < page.locator("[data-sight-field]").input_value()[8:] < "2.1"


def test_a_correction_begins_with_the_boxes_that_were_drawn(
    page: Page, live_server: LiveServer, screens: ProductLine, ana: User
) -> None:
    sign_in(page, live_server, ana)
    begin(page, live_server, screens)
    drag(page, (0.2, 0.2), (0.4, 0.4))
    page.keyboard.press("2")
    expect(page.locator(".saved")).to_have_text("Saved")

    page.keyboard.press("Backspace")
    expect(marks(page)).to_have_count(1)
    page.keyboard.press("m")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    expect(marks(page)).to_have_count(0)
    expect(page.locator(".saved")).to_have_text("Saved")

    kept = [len(label.boxes or []) for label in Label.objects.order_by("pk")]
    assert kept == [1, 0, 2]


def test_boxes_come_back_with_an_answer_that_did_not_arrive(
    page: Page, live_server: LiveServer, screens: ProductLine, ana: User
) -> None:
    sign_in(page, live_server, ana)
    begin(page, live_server, screens)
    drag(page, (0.2, 0.2), (0.4, 0.4))

    page.context.set_offline(True)
    page.keyboard.press("2")
    expect(page.get_by_text("Not saved yet. Trying")).to_be_visible(timeout=10_000)
    expect(marks(page)).to_have_count(1)
    assert len(sent(page)) == 1
    page.context.set_offline(False)
    expect(page.locator(".saved")).to_have_text("Saved", timeout=10_000)

    assert len(Label.objects.get().boxes or []) == 1


def test_no_page_with_marks_has_a_fault_that_axe_can_find(
    page: Page, live_server: LiveServer, screens: ProductLine, ana: User
) -> None:
    sign_in(page, live_server, ana)
    begin(page, live_server, screens)
    drag(page, (0.2, 0.2), (0.4, 0.4))

    faults = Axe().run(page, options=RULES)

    assert faults.violations_count == 0, faults.generate_report()


def test_the_page_that_has_everything_makes_ten_requests(
    page: Page, live_server: LiveServer, screens: ProductLine, ana: User
) -> None:
    sign_in(page, live_server, ana)
    page.goto(f"{live_server.url}/lines/{screens.slug}/review/")
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))

    page.reload()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-live]")
    page.wait_for_load_state("networkidle")

    here = {url for url in asked if "/review" not in url or "/static/" in url}
    assert 5 < len(here) <= 9, here  # and the page itself
