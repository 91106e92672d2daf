"""A real Chromium, Debian's own; without one these tests say so."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import User

PASSWORD = "a-long-enough-password"
NAMES = ("chromium", "chromium-browser", "google-chrome")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
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
    """Give the browser's program: CHROMIUM, one on the path, or the mac's."""
    asked = os.environ.get("CHROMIUM")
    found = [asked, *map(shutil.which, NAMES), MAC if Path(MAC).exists() else None]
    return next((path for path in found if path), None)


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

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", lambda request: found.append(request.url))
    return found


def sign_in(page: Page, server: LiveServer, user: User) -> None:
    """Sign in by keyboard."""
    page.goto(f"{server.url}/sign-in/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{server.url}/")


@pytest.fixture
def still_page(context: BrowserContext) -> Iterator[Page]:
    """A page of a browser that runs no script."""
    browser = context.browser
    assert browser is not None
    still = browser.new_context(java_script_enabled=False)
    yield still.new_page()
    still.close()
