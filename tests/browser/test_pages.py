"""Pages in a real browser: no complaint, no fault for a screen reader, no sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from monitoring.services import counts
from reviewapp.models import ProductLine, Role, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import lines, people
from tests import factories
from tests.browser.conftest import PASSWORD, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }
}
TABS = ["", "review/", "items/", "versions/", "datasets/", "people/", "tokens/"]
TABS += ["settings/", "class-by-class/", "raise/"]


@pytest.fixture
def busy(line: ProductLine, mia: User) -> ProductLine:
    """A line in shadow with a few pairs, whose manager also inspects."""
    people.give_role(mia, line, Role.INSPECTOR, by=None)
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    for number in range(4):
        item = factories.make_item(line)
        factories.make_prediction(item, version, line.classes.get(key="ok"))
        if number < 3:
            factories.label_next(mia, line, "ok")
    factories.make_item(line)
    counts.roll_up_hours()
    return line


def addresses(server: LiveServer, line: ProductLine) -> list[str]:
    below = [f"{server.url}/lines/{line.slug}/{tab}" for tab in TABS]
    item = line.items.first()
    assert item is not None
    below.append(f"{server.url}/lines/{line.slug}/items/{item.public_id}/")
    return [f"{server.url}/", f"{server.url}/account/", *below]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_fault_that_axe_can_find(
    page: Page, live_server: LiveServer, busy: ProductLine, mia: User, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
    faults = {}
    page.goto(f"{live_server.url}/sign-in/")
    pages = [page.url]
    sign_in(page, live_server, mia)
    axe = Axe()

    for address in [*addresses(live_server, busy), *pages]:
        page.goto(address)
        found = axe.run(page, options=RULES).response["violations"]
        if found:
            faults[address.removeprefix(live_server.url)] = [
                (fault["id"], [node["target"] for node in fault["nodes"]][:3])
                for fault in found
            ]
    page.goto(f"{live_server.url}/lines/{busy.slug}/review/")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Is there a defect?")).to_be_visible()
    found = axe.run(page, options=RULES).response["violations"]

    assert faults == {}
    assert found == []


def test_no_page_complains(
    page: Page,
    live_server: LiveServer,
    busy: ProductLine,
    mia: User,
    complaints: list[str],
) -> None:
    sign_in(page, live_server, mia)

    for address in addresses(live_server, busy):
        page.goto(address, wait_until="networkidle")
    page.goto(f"{live_server.url}/lines/{busy.slug}/", wait_until="networkidle")

    expect(page.locator(".plot canvas")).to_be_visible()
    assert complaints == []


def test_no_page_scrolls_sideways_on_a_phone(
    page: Page, live_server: LiveServer, busy: ProductLine, mia: User
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, live_server, mia)
    wide = []

    for address in addresses(live_server, busy):
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(address.removeprefix(live_server.url))

    assert wide == []


def test_a_manager_raises_a_line_by_keyboard_and_lowers_it_with_one_click(
    page: Page, live_server: LiveServer, line: ProductLine, mia: User
) -> None:
    lines.put_live(line, factories.make_version(line), by=mia)
    sign_in(page, live_server, mia)
    page.goto(f"{live_server.url}/lines/{line.slug}/raise/")

    page.get_by_label("Reason").fill("it runs beside us")
    page.get_by_label("Your password, again").fill(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_text("is at Shadow now, by policy 3")).to_be_visible()
    page.get_by_role("button", name="Lower to manual").click()
    expect(page.get_by_text("is at Manual")).to_be_visible()


def test_the_first_admin_is_led_to_a_first_line(
    page: Page, live_server: LiveServer
) -> None:
    page.goto(f"{live_server.url}/welcome/{people.first_admin_key()}/")
    page.get_by_label("Name to sign in with").fill("ada")
    page.get_by_label("Password").fill("a-very-long-secret-of-ada")
    page.keyboard.press("Enter")

    page.get_by_label("Name:", exact=True).fill("Glass panes")
    page.get_by_label("Question").fill("Is there a scratch?")
    page.get_by_label("Kind of item").select_option("image")
    page.get_by_label("Classes").fill("OK = pass\nScratch = reject")
    page.get_by_role("button", name="Make the line").click()

    expect(page.get_by_role("heading", name="Glass panes")).to_be_visible()
    line = ProductLine.objects.get()
    assert [c.meaning for c in line.classes.all()] == ["pass", "reject"]
    page.get_by_role("link", name="Items").click()
    expect(page.get_by_text("No item has arrived yet")).to_be_visible()
