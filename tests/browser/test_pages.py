"""Pages in a real browser: no complaint, no fault for a screen reader, no sideways."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from monitoring.diagnosis import Findings
from monitoring.models import AlarmCause
from monitoring.services import alarms, counts
from reviewapp.models import ProductLine, Role, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import books, levels, people, shifts
from tests import factories
from tests.browser.conftest import PASSWORD, begin, sign_in, visit

pytestmark = pytest.mark.django_db(transaction=True)

BACKEND = "reviewapp.sessions.PersonBackend"
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    },
    "resultTypes": ["violations"],
}
SCHEMES = ("light", "dark", "contrast")
CHOOSE = "look => { document.documentElement.dataset.appearance = look }"
OF_HOUSE = ["", "account/", "people/", "lines/new/", "alarms/", "account/alarms/"]
OF_HOUSE += ["account/keys/", "system/"]
OF_LINE = ["", "review/", "items/", "versions/", "datasets/", "people/", "tokens/"]
OF_LINE += ["settings/", "class-by-class/", "raise/", "alarms/", "alarms/settings/"]
OF_LINE += ["health/", "metrics/agreement/", "agreement/", "inputs/", "report/"]
OF_LINE += ["stages/", "inputs/farthest/", "measuring/", "override/raise/"]
OF_LINE += ["alarms/webhooks/"]
OF_LINE += ["thresholds/", "thresholds/certify/", "thresholds/sign/"]
OF_LINE += ["thresholds/costs/"]
OF_LINE += ["inspectors/", "inspectors/by-name/", "studies/plan/"]
OF_LINE += ["book/", "book/draft/", "book/news/", "gold/", "shifts/", "disputes/"]
OF_LINE += ["history/", "history/1/", "gates/", "canary/", "audits/", "containments/"]
OF_LINE += ["versions/rivals/", "set-aside/", "agreement/ways/"]
# Pages that this line does not have, and files.
ELSEWHERE = {"candidate-promote", "candidate-certify", "line-setup"}


@pytest.fixture
def eve(line: ProductLine) -> User:
    """Eve manages the line, inspects on it and is an admin: she sees every page."""
    eve = factories.make_user("eve", is_superuser=True)
    people.give_role(eve, line, Role.MANAGER, by=None)
    people.give_role(eve, line, Role.INSPECTOR, by=None)
    return eve


@pytest.fixture
def busy(line: ProductLine, eve: User) -> ProductLine:
    """A line in shadow with a few counted pairs, items to review, and an alarm."""
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    for _ in range(3):
        item = factories.make_item(line)
        factories.make_prediction(item, version, line.classes.get(key="ok"))
        factories.label_next(eve, line, "ok")
    factories.make_gold(line, "scratch", by=eve)
    factories.make_adjudicated(line, "scratch")
    factories.make_example(line, line.items.earliest("pk"), "ok", by=eve)
    edition = factories.make_edition(line, by=eve)
    books.note_seen(line, edition.pk, by=eve)
    books.begin_draft(line, by=eve)
    factories.make_item(line)
    factories.make_item(line)
    counts.roll_up_hours()
    shifts.start_work(line, by=eve)
    shifts.end_shift(line, by=eve)
    found = Findings(escapes=True, input_drift=False, predictions=False)
    at = timezone.now()
    alarms.ring(line, AlarmCause.ESCAPES, figures={"n": 3}, findings=found, at=at)
    return line


def walk(page: Page, server: LiveServer, line: ProductLine, eve: User) -> Iterator[str]:
    """Open every page in turn, and give the name of the one that stands there."""
    visit(page, f"{server.url}/sign-in/")
    yield "sign-in/"
    sign_in(page, server, eve)
    for path in OF_HOUSE:
        visit(page, f"{server.url}/{path}")
        yield path or "board"
    item = line.items.earliest("pk")
    alarm = line.alarms.get()
    shift = line.shifts.ended().get()
    of_rows = [f"items/{item.public_id}/", f"alarms/{alarm.pk}/", f"shifts/{shift.pk}/"]
    for path in [*OF_LINE, *of_rows]:
        visit(page, f"{server.url}/lines/{line.slug}/{path}")
        if not path:
            expect(page.locator(".plot canvas")).to_be_visible()
        yield path or "line"
    begin(page, server, line)
    yield "an item in hand"
    page.keyboard.press("1")
    expect(page.locator(".saved")).to_have_text("Saved")
    yield "an item after an answer"


def test_the_walk_leaves_no_page_of_a_line_out(
    client: Client, busy: ProductLine, eve: User
) -> None:
    client.force_login(eve, backend=BACKEND)
    known = get_resolver().reverse_dict
    names = [name for name in known if isinstance(name, str)]
    of_line = [n for n in names if known.getlist(n)[0][0][0][1] == ["slug"]]

    left_out = [
        name
        for name in of_line
        if client.get(path := reverse(name, args=[busy.slug])).status_code == 200
        and path.removeprefix(f"/lines/{busy.slug}/") not in OF_LINE
    ]

    assert len(of_line) > len(OF_LINE) / 2
    assert set(left_out) <= ELSEWHERE


def test_no_page_has_a_fault_that_axe_can_find_in_any_look(
    page: Page, live_server: LiveServer, busy: ProductLine, eve: User
) -> None:
    page.emulate_media(reduced_motion="reduce")
    axe = Axe()
    faults = []

    for name in walk(page, live_server, busy, eve):
        for scheme in SCHEMES:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.evaluate(CHOOSE, scheme if scheme == "contrast" else "")
            found = axe.run(page, options=RULES).response
            assert found["passes"], f"axe looked at nothing of {name}"
            faults += [
                f"{name}, {scheme}: {fault['id']} at {node['target']}"
                for fault in found["violations"]
                for node in fault["nodes"]
            ]

    assert faults == []


def test_no_page_complains(
    page: Page,
    live_server: LiveServer,
    busy: ProductLine,
    eve: User,
    complaints: list[str],
) -> None:
    found = {}

    for name in walk(page, live_server, busy, eve):
        if complaints:
            found[name] = complaints.copy()
            complaints.clear()
    page.wait_for_load_state("networkidle")

    assert found == {}
    assert complaints == []


def test_no_page_scrolls_sideways_on_a_phone(
    page: Page, live_server: LiveServer, busy: ProductLine, eve: User
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    wide = {}

    for name in walk(page, live_server, busy, eve):
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > page.evaluate("innerWidth"):
            wide[name] = width

    assert wide == {}


def test_a_manager_raises_a_line_by_keyboard_and_lowers_it_with_one_click(
    page: Page, live_server: LiveServer, line: ProductLine, mia: User
) -> None:
    levels.put_live(line, factories.make_version(line), by=mia)
    sign_in(page, live_server, mia)
    visit(page, f"{live_server.url}/lines/{line.slug}/")

    page.get_by_role("link", name="Raise to shadow").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Reason").focus()
    page.keyboard.type("it runs beside us")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("is at Shadow now, by policy 3")).to_be_visible()
    raised = line.policies.latest("number")
    page.get_by_role("button", name="Lower to manual").click()
    expect(page.get_by_text("is at Manual")).to_be_visible()

    assert raised.level == AutomationLevel.SHADOW
    assert raised.reason == "it runs beside us"
    lowered = line.policies.latest("number")
    assert (lowered.level, lowered.number) == (AutomationLevel.MANUAL, 4)


def test_the_first_admin_is_led_to_a_first_line(
    page: Page, live_server: LiveServer
) -> None:
    visit(page, f"{live_server.url}/welcome/{people.first_admin_key()}/")
    page.get_by_label("Name to sign in with").fill("ada")
    page.get_by_label("Password").fill("a-very-long-secret-of-ada")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Lines").click()
    page.get_by_role("link", name="Make the first line").click()

    page.get_by_label("Name", exact=True).fill("Glass panes")
    page.get_by_label("Question").fill("Is there a scratch?")
    page.get_by_label("Kind of item").select_option("image")
    page.get_by_label("Classes").fill("OK = pass\nScratch = reject")
    page.get_by_role("button", name="Make the line").click()

    expect(page.get_by_role("heading", name="Glass panes")).to_be_visible()
    line = ProductLine.objects.get()
    assert [c.meaning for c in line.classes.all()] == ["pass", "reject"]
    page.get_by_role("link", name="Items").click()
    expect(page.get_by_text("No item has arrived yet")).to_be_visible()
