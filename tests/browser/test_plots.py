"""Plots in a browser: a day without data is a gap, and a day on its own is seen."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from monitoring.services import counts
from reviewapp.models import ProductLine, User
from tests import factories
from tests.browser.conftest import sign_in, visit

pytestmark = pytest.mark.django_db(transaction=True)
PAINTED = """canvas => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const probe = document.createElement("span");
  probe.style.color = "var(--model)";
  document.body.append(probe);
  const ink = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  probe.remove();
  const columns = new Set();
  for (let i = 0; i < data.length; i += 4) {
    if (ink.every((part, at) => Math.abs(data[i + at] - part) < 8))
      columns.add(Math.floor((i / 4) % width));
  }
  return [...columns].map((x) => x / width).sort((a, b) => a - b);
}"""


@pytest.fixture
def with_gaps(line: ProductLine) -> ProductLine:
    """A line with three items on each of three days: one alone, and two together."""
    for days in (20, 2, 1):
        for _ in range(3):
            at = timezone.now() - timedelta(days=days)
            factories.make_item(line, captured_at=at)
    counts.roll_up_hours()
    return line


def test_no_line_goes_through_days_without_data(
    page: Page, live_server: LiveServer, with_gaps: ProductLine, mia: User
) -> None:
    sign_in(page, live_server, mia)
    visit(page, f"{live_server.url}/lines/{with_gaps.slug}/metrics/items_per_hour/")
    canvas = page.locator(".plot canvas")
    expect(canvas).to_be_visible()

    columns = canvas.evaluate(PAINTED)

    lone = [x for x in columns if x < 0.6]
    assert lone, "the day on its own is drawn"
    assert max(lone) - min(lone) < 0.03, "and it is a dot"
    assert [x for x in columns if x > 0.85], "the last two days are a line"
    assert not [x for x in columns if 0.6 <= x <= 0.85]


def test_the_cursor_says_of_a_day_that_it_has_no_data(
    page: Page, live_server: LiveServer, with_gaps: ProductLine, mia: User
) -> None:
    sign_in(page, live_server, mia)
    visit(page, f"{live_server.url}/lines/{with_gaps.slug}/metrics/items_per_hour/")
    reading = page.locator("[data-plot-reading]")
    expect(reading).to_contain_text("n = 3")

    page.locator(".plot .u-over").hover(position={"x": 4, "y": 40})

    expect(reading).to_contain_text("no data")
