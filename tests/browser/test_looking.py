"""Looking at pictures in a real browser: by keys, mouse, touch and without scripts."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import Label, Membership, Modality, ProductLine, User
from tests import factories
from tests.browser.conftest import begin, sign_in
from tests.browser.test_content import until

pytestmark = pytest.mark.django_db(transaction=True)

# The browser takes a tap that comes sooner after a quick finger for its end.
FLING_MS = 800
MOVED = "stage => stage.style.transform"


@pytest.fixture
def screens(transactional_db: None) -> ProductLine:
    """A line of four pictures."""
    line = factories.make_line("Screens", modality=Modality.IMAGE)
    for shade in (100, 110, 120, 130):
        factories.make_content(line, factories.make_picture(shade=shade))
    return line


@pytest.fixture
def ana(screens: ProductLine) -> User:
    return factories.make_inspector(screens, "ana")


@pytest.fixture
def finger_page(browser: Browser) -> Iterator[Page]:
    """A tablet's page."""
    tablet = browser.new_context(
        viewport={"width": 1024, "height": 768}, has_touch=True, is_mobile=True
    )
    yield tablet.new_page()
    tablet.close()


def look(page: Page) -> dict[str, float | bool]:
    """What the page would send of its view with an answer."""
    text = page.locator("[data-sight-field]").input_value()
    found: dict[str, float | bool] = json.loads(text or "{}")
    return found


def frame(page: Page) -> Locator:
    return page.locator("[data-item] [data-frame]")


def middle(page: Page) -> tuple[float, float]:
    box = frame(page).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def transform(page: Page) -> str:
    found: str = page.locator("[data-item] [data-stage]").evaluate(
        "stage => getComputedStyle(stage).transform"
    )
    return found


def corner_on_screen(page: Page) -> tuple[float, float]:
    """Where the picture's box begins on the screen, once it is painted anew."""
    page.evaluate("() => new Promise(requestAnimationFrame)")
    box = page.locator("[data-item] [data-picture]").bounding_box()
    assert box is not None
    return box["x"], box["y"]


def test_by_keys_a_picture_comes_closer_moves_changes_its_tones_and_is_reset(
    page: Page,
    live_server: LiveServer,
    screens: ProductLine,
    ana: User,
    complaints: list[str],
) -> None:
    sign_in(page, live_server, ana)
    begin(page, live_server, screens)
    assert look(page) == {}
    picture = page.locator("[data-item] [data-picture]")

    page.keyboard.press("z")
    page.keyboard.press("z")
    assert look(page)["zoom"] == 2.25
    until(page, lambda: transform(page).startswith("matrix(2.25"))
    x = look(page)["x"]
    page.keyboard.press("ArrowRight")
    assert look(page)["x"] > x
    page.keyboard.press("b")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert look(page)["brightness"] == pytest.approx(2**0.2, abs=1e-3)
    page.keyboard.press("n")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("k")
    assert look(page)["inverted"] is True
    expect(picture).to_have_css(
        "filter", "brightness(1.1487) contrast(0.933033) invert(1)"
    )
    page.keyboard.press("=")
    expect(page.locator("[data-scale]")).to_have_text("100 %")
    page.keyboard.press("x")
    expect(page.locator("[data-scale]")).to_have_text("67 %")
    page.keyboard.press("r")

    assert look(page) == {}
    expect(picture).to_have_css("filter", "none")
    assert complaints == []


def test_what_lies_under_the_cursor_stays_under_it_when_the_wheel_turns(
    page: Page, live_server: LiveServer, screens: ProductLine, ana: User
) -> None:
    sign_in(page, live_server, ana)
    begin(page, live_server, screens)
    left, top = corner_on_screen(page)
    x, y = middle(page)
    at = (x + 90, y - 60)

    page.mouse.move(*at)
    page.mouse.wheel(0, -400)
    until(page, lambda: look(page).get("zoom", 0) > 2.7)
    page.wait_for_timeout(50)

    zoom = float(look(page)["zoom"])
    new_left, new_top = corner_on_screen(page)
    assert new_left == pytest.approx(at[0] - zoom * (at[0] - left), abs=1)
    assert new_top == pytest.approx(at[1] - zoom * (at[1] - top), abs=1)


def test_a_picture_is_dragged_and_moved_with_space_and_its_tone_dragged_with_b(
    page: Page, live_server: LiveServer, screens: ProductLine, ana: User
) -> None:
    sign_in(page, live_server, ana)
    begin(page, live_server, screens)
    x, y = middle(page)
    page.mouse.move(x, y)
    for _ in range(3):
        page.keyboard.press("z")
    before = corner_on_screen(page)

    page.mouse.down()
    page.mouse.move(x + 40, y + 25)
    page.mouse.up()
    page.wait_for_timeout(50)
    dragged = corner_on_screen(page)
    assert dragged == pytest.approx((before[0] + 40, before[1] + 25), abs=1)
    page.keyboard.down(" ")
    page.mouse.move(x, y)
    page.keyboard.up(" ")
    page.wait_for_timeout(50)
    assert corner_on_screen(page) == pytest.approx(before, abs=1)

    page.keyboard.down("b")
    page.mouse.down()
    page.mouse.move(x + 100, y)
    page.mouse.up()
    page.keyboard.up("b")
    assert look(page)["brightness"] == pytest.approx(2**0.5, abs=0.01)
    page.keyboard.down("n")
    page.mouse.wheel(0, 500)
    until(page, lambda: look(page)["contrast"] == 0.5)
    page.keyboard.up("n")
    page.wait_for_timeout(50)
    assert corner_on_screen(page) == pytest.approx(before, abs=1)


def test_a_view_stays_from_item_to_item_goes_with_the_answer_and_comes_back(
    page: Page, live_server: LiveServer, screens: ProductLine, ana: User
) -> None:
    sign_in(page, live_server, ana)
    begin(page, live_server, screens)
    page.keyboard.press("z")
    page.keyboard.press("k")
    address = page.locator("[data-picture]").get_attribute("src")

    page.keyboard.press("1")
    expect(page.locator(".saved")).to_have_text("Saved")
    assert page.locator("[data-picture]").get_attribute("src") != address
    assert look(page)["zoom"] == 1.5
    until(page, lambda: transform(page).startswith("matrix(1.5"))
    page.keyboard.press("2")
    expect(page.locator("#answers li")).to_have_count(2)
    page.reload()

    until(page, lambda: transform(page).startswith("matrix(1.5"))
    expect(page.locator("[data-picture]")).to_have_css(
        "filter", "brightness(1) contrast(1) invert(1)"
    )
    seen = [label.sight for label in Label.objects.order_by("pk")]
    assert [(s["zoom"], s["inverted"]) for s in seen if s] == [(1.5, True)] * 2
    assert Membership.objects.get(user=ana).sight == seen[1]


def test_the_golden_sample_stands_beside_it_and_moves_with_it(
    page: Page,
    live_server: LiveServer,
    screens: ProductLine,
    ana: User,
    complaints: list[str],
) -> None:
    ben = factories.make_inspector(screens, "ben")
    ProductLine.objects.update(
        golden=factories.label_next(ben, screens, "ok").label.item
    )
    sign_in(page, live_server, ana)
    begin(page, live_server, screens)
    sample = page.locator("[data-golden] img")
    expect(sample).to_be_hidden()

    page.keyboard.press("g")
    expect(sample).to_be_visible()
    page.keyboard.press("z")
    page.keyboard.press("k")
    both = page.locator("[data-stage]")
    until(page, lambda: all("1.5" in s.evaluate(MOVED) for s in both.all()))
    boxes = [stage.bounding_box() for stage in both.all()]
    frames = [one.bounding_box() for one in page.locator("[data-frame]").all()]
    for box, around in zip(boxes, frames, strict=True):
        assert box is not None
        assert around is not None
        assert box["width"] == pytest.approx(1.5 * around["width"], abs=1)
        assert box["x"] - around["x"] == pytest.approx(-around["width"] / 4, abs=1)
    expect(sample).to_have_css("filter", "brightness(1) contrast(1) invert(1)")
    page.keyboard.press("1")
    expect(page.locator(".saved")).to_have_text("Saved")
    expect(sample).to_be_visible()
    page.get_by_role("button", name="Golden sample").click()
    expect(sample).to_be_hidden()
    assert complaints == []


def test_two_fingers_bring_a_picture_closer_and_every_control_is_large_enough(
    finger_page: Page, live_server: LiveServer, screens: ProductLine, ana: User
) -> None:
    page = finger_page
    sign_in(page, live_server, ana)
    begin(page, live_server, screens)
    x, y = middle(page)
    touches = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        given = [{"x": px, "y": py, "id": i} for i, (px, py) in enumerate(points)]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": given})

    touch("touchStart", (x - 40, y))
    touch("touchStart", (x - 40, y), (x + 40, y))
    touch("touchMove", (x - 60, y), (x + 60, y))
    touch("touchMove", (x - 80, y), (x + 80, y))
    touch("touchEnd")
    until(page, lambda: abs(look(page).get("zoom", 0) - 2) < 0.05)
    before = corner_on_screen(page)
    touch("touchStart", (x, y))
    touch("touchMove", (x + 30, y + 10))
    touch("touchEnd")
    page.wait_for_timeout(50)
    after = corner_on_screen(page)
    assert after == pytest.approx((before[0] + 30, before[1] + 10), abs=2)

    small = []
    for control in page.locator("button, a.button, summary, [data-tone]").all():
        box = control.bounding_box()
        if box and control.is_visible() and box["height"] < 44:
            small.append((control.inner_text(), box["height"]))
    assert small == []
    page.wait_for_timeout(FLING_MS)
    reset = page.get_by_role("button", name="Reset")

    def is_reset_by_a_tap() -> bool:
        reset.tap()
        return look(page) == {}

    until(page, is_reset_by_a_tap)


def test_the_controls_of_an_empty_queue_are_large_enough_for_a_finger(
    finger_page: Page, live_server: LiveServer, screens: ProductLine, ana: User
) -> None:
    while screens.reviews.waiting().exists():
        factories.label_next(ana, screens, "ok")
    page = finger_page
    sign_in(page, live_server, ana)
    page.goto(f"{live_server.url}/lines/{screens.slug}/review/")

    controls = page.locator("button, a.button").all()

    heights = [box["height"] for one in controls if (box := one.bounding_box())]
    assert len(heights) > 5
    assert min(heights) >= 44


def test_without_javascript_the_picture_is_whole_and_opens_at_its_actual_size(
    still_page: Page, live_server: LiveServer, screens: ProductLine, ana: User
) -> None:
    sign_in(still_page, live_server, ana)
    still_page.goto(f"{live_server.url}/lines/{screens.slug}/review/")
    still_page.get_by_role("button", name="Begin").click()

    expect(still_page.get_by_alt_text("The item to inspect")).to_be_visible()
    expect(still_page.get_by_role("button", name="Closer")).to_be_hidden()
    still_page.get_by_role("button", name="OK").click()
    assert Label.objects.get().sight is None
    still_page.get_by_role("link", name="Actual size").click()
    assert still_page.url.endswith("/medium/")
