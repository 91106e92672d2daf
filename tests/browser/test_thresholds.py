"""A threshold dragged along its curve, and typed where no script runs."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from monitoring.services import counts
from reviewapp.models import ProductLine, User
from reviewapp.policy import AutomationLevel
from tests import factories
from tests.browser.conftest import sign_in, visit
from tests.monitoring import days

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shadow(line: ProductLine, ana: User) -> ProductLine:
    """A line in shadow whose model passed 200 items this week, all rightly."""
    factories.put_at(line, AutomationLevel.SHADOW, canary_share=1.0)
    at = timezone.now() - timedelta(days=2)
    received = days.receive(line, [{"width": 1.0, "height": 2.0}] * 200, at=at)
    sure = np.linspace(0.6, 0.99, 200)
    days.answer(line, received, ["ok"] * 200, at=at, confidence=sure)
    days.label_all(line, ana, received, ["ok"] * 200, at=at + timedelta(hours=11))
    counts.recount(line, at=timezone.now())
    return line


def test_a_dragged_threshold_says_at_once_what_would_follow(
    page: Page,
    live_server: LiveServer,
    shadow: ProductLine,
    mia: User,
    complaints: list[str],
) -> None:
    sign_in(page, live_server, mia)
    visit(page, f"{live_server.url}/lines/{shadow.slug}/thresholds/")
    field = page.locator("#id_threshold-ok")
    curve = page.locator("[data-curve] svg").first.bounding_box()
    assert curve is not None
    across, up = curve["x"], curve["y"] + curve["height"] / 2
    expect(page.get_by_text("0 of 200 items; now")).to_be_visible()

    page.mouse.move(across + curve["width"] * 0.3, up)
    page.mouse.down()
    page.mouse.move(across + curve["width"] * 0.55, up, steps=4)
    page.mouse.up()

    expect(page.get_by_text("Tried out without a certificate: OK.")).to_be_visible()
    assert 0.75 < float(field.input_value()) < 0.85
    assert "threshold-ok=0." in page.url
    assert complaints == []


def test_without_a_script_a_threshold_is_typed_and_tried_out(
    still_page: Page, live_server: LiveServer, shadow: ProductLine, mia: User
) -> None:
    sign_in(still_page, live_server, mia)
    visit(still_page, f"{live_server.url}/lines/{shadow.slug}/thresholds/")
    still_page.locator("#id_threshold-ok").fill("0.8")

    still_page.get_by_role("button", name="Try it out").click()

    warning = still_page.get_by_text("Tried out without a certificate: OK.")
    expect(warning).to_be_visible()
    expect(still_page.get_by_text("Drag across the curve")).to_be_hidden()
