"""How a line is measured: a manager sets it, beside what the line's traffic says."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from monitoring.models import WindowSize
from monitoring.services import counts
from monitoring.services.windowsizes import Size, size_of
from reviewapp.models import ProductLine, Record, User
from tests.monitoring.days import receive

BACKEND = "reviewapp.sessions.PersonBackend"
GIVEN = {
    "hours": "48",
    "items": "700",
    "judged_from": "250",
    "longest_days": "21",
    "reason": "a slow line",
}


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    return browser


@pytest.fixture
def mia_browser(mia: User) -> Client:
    return browser_of(mia)


def text(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_a_manager_sets_how_long_a_window_is(
    mia_browser: Client, line: ProductLine, mia: User
) -> None:
    response = mia_browser.post(f"/lines/{line.slug}/measuring/window/", GIVEN)

    assert response.status_code == 302
    assert response["Location"] == f"/lines/{line.slug}/measuring/"
    assert size_of(line) == Size(hours=48, items=700, judged_from=250, longest_days=21)
    assert WindowSize.objects.get().set_by == mia
    record = Record.objects.get(action="window_size.set")
    assert (record.subject, record.reason) == ("48 h, 700 items", "a slow line")
    page = text(mia_browser, f"/lines/{line.slug}/measuring/")
    assert "A window lasts 2 days or as long as it takes to hold 700 items" in page
    assert "a slow line" in page
    inputs = text(mia_browser, f"/lines/{line.slug}/inputs/")
    assert "until it holds 700 items, whichever is longer, with no verdict" in inputs


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"judged_from": "29"}, "greater than or equal to 30"),
        ({"items": "29"}, "greater than or equal to 30"),
        ({"judged_from": "701"}, "full with fewer items than it takes"),
        ({"hours": "0"}, "greater than or equal to 1"),
        ({"longest_days": "61"}, "less than or equal to 60"),
        ({"longest_days": "1"}, "shorter than the hours that it lasts"),
        ({"hours": ""}, "This field is required"),
    ],
)
def test_a_window_that_could_not_be_judged_is_refused(
    mia_browser: Client, line: ProductLine, change: dict[str, str], words: str
) -> None:
    response = mia_browser.post(f"/lines/{line.slug}/measuring/window/", GIVEN | change)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not WindowSize.objects.exists()


def test_the_suggestion_comes_from_the_lines_own_traffic(
    mia_browser: Client, line: ProductLine
) -> None:
    address = f"/lines/{line.slug}/measuring/"
    assert "Nothing has arrived in the last 28 days" in text(mia_browser, address)
    now = timezone.now()
    for day in range(20):
        at = now - timedelta(days=20 - day)
        receive(line, [{"width": 1.0, "height": 1.0}] * 20, at=at)
    counts.roll_up_hours(as_of=now)

    page = text(mia_browser, address)

    assert "The line is slow" in page
    assert "Use the suggestion" in page
    assert 'name="longest_days" value="21"' in page


def test_the_suggestion_is_taken_in_one_click(
    mia_browser: Client, line: ProductLine
) -> None:
    now = timezone.now()
    rows: list[dict[str, float | str | None]] = [{"width": 1.0, "height": 1.0}]
    receive(line, rows * 450, at=now - timedelta(hours=20))
    counts.roll_up_hours(as_of=now)
    set_so = {"hours": "24", "items": "400", "judged_from": "200", "longest_days": "14"}

    mia_browser.post(f"/lines/{line.slug}/measuring/window/", set_so)

    page = text(mia_browser, f"/lines/{line.slug}/measuring/")
    assert "The usual window suits it" in page
    assert "The line is set so." in page
    assert "Use the suggestion" not in page
