"""A real Chromium, Debian's own; without one these tests say so."""

import os
import shutil
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import ProductLine, User

PASSWORD = "a-long-enough-password"
PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ICON = "/static/img/mark.svg"
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--disable-dev-shm-usage",
]

# Playwright's own loop runs in this thread, which Django would refuse.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def find_chromium() -> str | None:
    """Give the browser's program: what CHROMIUM names, or the first one installed."""
    asked = os.environ.get("CHROMIUM")
    programs = [asked] if asked else PROGRAMS
    return next((path for path in map(shutil.which, programs) if path), None)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Launch the machine's browser; never download one."""
    path = find_chromium()
    if path is None:
        advice = "No Chromium: apt-get install chromium, or set CHROMIUM to one."
        if os.environ.get("CI"):
            pytest.fail(advice, pytrace=False)
        pytest.skip(advice)
    return {"executable_path": path, "args": FLAGS}


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the console and the network complained about."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            found.append(message.text)

    def note_refusal(response: Response) -> None:
        if response.status >= HTTPStatus.BAD_REQUEST:
            found.append(f"{response.status} {response.url}")

    def note_failure(request: Request) -> None:
        # The tab's icon comes after the page; leaving early cancels it.
        is_icon = request.resource_type == "other" and request.url.endswith(ICON)
        if not (is_icon and request.failure == "net::ERR_ABORTED"):
            found.append(f"{request.failure} {request.url}")

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", note_failure)
    page.on("response", note_refusal)
    return found


@pytest.fixture
def still_page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that runs no script."""
    still = browser.new_context(java_script_enabled=False)
    yield still.new_page()
    still.close()


def visit(page: Page, address: str) -> None:
    """Open a page, which must be there: a refusal is no page to examine."""
    response = page.goto(address)
    assert response is not None
    assert response.ok, f"{response.status} {address}"


def sign_in(page: Page, server: LiveServer, user: User) -> None:
    """Sign in by keyboard."""
    visit(page, f"{server.url}/sign-in/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{server.url}/")


def begin(page: Page, server: LiveServer, line: ProductLine) -> None:
    """Take the first item of a line's queue by keyboard."""
    visit(page, f"{server.url}/lines/{line.slug}/review/")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=line.question)).to_be_visible()
    page.wait_for_load_state("load")  # its keys work from then on
