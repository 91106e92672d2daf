"""Days, zone and segment in the address: what is refused, and what a link keeps."""

import re
from datetime import date
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.models import SegmentKind
from monitoring.services import counts
from monitoring.services.segments import set_segments
from monitoring.services.weekly import week_of
from reviewapp.models import ProductLine, User
from reviewapp.policy import AutomationLevel
from tests import factories

BACKEND = "reviewapp.sessions.PersonBackend"
BOARDS = ["", "health/", "agreement/", "inputs/", "stages/", "metrics/agreement/"]
EXTREMES = [date.min, date(1, 1, 2), date(1969, 12, 31), date(1970, 1, 1)]
EXTREMES += [date(2999, 12, 31), date(3000, 1, 1), date(9999, 12, 30), date.max]
any_day = st.sampled_from(EXTREMES) | st.dates()


@pytest.fixture
def mia_browser(mia: User) -> Client:
    browser = Client()
    browser.force_login(mia, backend=BACKEND)
    return browser


@pytest.fixture
def grouped(line: ProductLine, mia: User) -> ProductLine:
    """A line in shadow, told apart by camera, with an item of each of two."""
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    for camera in ("cam1", "cam2"):
        item = factories.make_item(line, group=f"{camera}/lot-1")
        factories.make_prediction(item, version, line.classes.get(key="ok"))
    set_segments(line, SegmentKind.GROUP, by=mia)
    counts.roll_up_hours()
    return line


def links(browser: Client, address: str) -> dict[str, dict[str, list[str]]]:
    """The last query of each path that a page links to, by path."""
    page = browser.get(address)
    assert page.status_code == 200, address
    hrefs = re.findall(r'href="([^"]+)"', page.content.decode())
    split = [urlsplit(unescape(href)) for href in hrefs]
    return {one.path: parse_qs(one.query) for one in split if one.path or one.query}


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize(
    ("first", "last"),
    [("9999-12-30", "9999-12-31"), ("0001-01-01", "0001-01-02"), ("1969-12-31", "")],
)
def test_days_at_the_ends_of_the_calendar_are_refused_like_other_wrong_ones(
    mia_browser: Client, line: ProductLine, board: str, first: str, last: str
) -> None:
    address = f"/lines/{line.slug}/{board}?from={first}&to={last}"

    page = mia_browser.get(address)
    machine = mia_browser.get(address, headers={"accept": "application/json"})

    assert page.status_code == 200
    assert "Days lie between 1970 and 2999" in page.content.decode()
    assert machine.status_code == 400


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    board=st.sampled_from(BOARDS),
    first=any_day,
    last=any_day,
    zone=st.sampled_from(["", "Asia/Seoul", "Pacific/Kiritimati", "Etc/GMT+12"]),
)
def test_whatever_days_are_asked_for_there_is_a_page_and_a_plain_answer(
    mia_browser: Client,
    line: ProductLine,
    board: str,
    first: date,
    last: date,
    zone: str,
) -> None:
    query = {"from": first.isoformat(), "to": last.isoformat(), "zone": zone}
    address = f"/lines/{line.slug}/{board}"

    page = mia_browser.get(address, query)
    machine = mia_browser.get(address, query, headers={"accept": "application/json"})

    assert page.status_code == 200
    assert machine.status_code in {200, 400}


@pytest.mark.parametrize(
    "week", ["0001-W01", "0001-W02", "1970-W01", "9999-W52", "10000-W01", "0000-W01"]
)
def test_a_week_at_the_ends_of_the_calendar_falls_back_and_refuses_machines(
    mia_browser: Client, line: ProductLine, week: str
) -> None:
    address = f"/lines/{line.slug}/report/?week={week}"

    page = mia_browser.get(address)
    machine = mia_browser.get(address, headers={"accept": "application/json"})

    assert page.status_code == 200
    assert "is no week that has begun" in page.content.decode()
    assert machine.status_code == 400


@given(year=st.integers(-1, 10_001), week=st.integers(-1, 60))
def test_a_week_is_one_that_has_a_week_before_it_and_after_it_or_none(
    year: int, week: int
) -> None:
    monday = week_of(f"{year}-W{week}")

    assert monday is None or 1970 <= monday.year <= 2999


def test_a_metric_opens_for_the_days_zone_and_segment_of_health(
    mia_browser: Client, grouped: ProductLine
) -> None:
    home = f"/lines/{grouped.slug}"
    asked = {"days": ["90"], "zone": ["Asia/Seoul"], "segment": ["cam2"]}

    health = links(mia_browser, f"{home}/health/?days=90&zone=Asia/Seoul&segment=cam2")
    metric = links(
        mia_browser, f"{home}/metrics/agreement/?days=90&zone=Asia/Seoul&segment=cam2"
    )

    assert health[f"{home}/metrics/agreement/"] == asked
    assert health[f"{home}/agreement/"] == asked
    assert metric[f"{home}/health/"] == asked
    # what is not told by segment is told of the whole line
    whole = {name: asked[name] for name in ("days", "zone")}
    assert health[f"{home}/inputs/"] == whole
    assert health[f"{home}/report/"] == whole
    assert health[f"{home}/metrics/brier/"] == whole


def test_a_link_keeps_nothing_that_was_not_asked_for_or_made_no_sense(
    mia_browser: Client, grouped: ProductLine
) -> None:
    home = f"/lines/{grouped.slug}"
    wrong = "days=31&zone=Mars/Olympus&segment=nowhere"

    plain = links(mia_browser, f"{home}/health/")
    mended = links(mia_browser, f"{home}/health/?{wrong}")

    assert plain[f"{home}/metrics/agreement/"] == {}
    assert mended[f"{home}/metrics/agreement/"] == {}


def test_another_week_is_told_in_the_same_zone_and_its_metrics_for_its_days(
    mia_browser: Client, grouped: ProductLine
) -> None:
    home = f"/lines/{grouped.slug}"
    week = f"{date.today():%G-W%V}"  # noqa: DTZ011 - any week of now will do

    found = links(mia_browser, f"{home}/report/?week={week}&zone=Asia/Seoul")

    assert found[""]["zone"] == ["Asia/Seoul"]
    assert "week" in found[""]
    metric = found[f"{home}/metrics/null_share/"]
    monday = week_of(week)
    assert monday is not None
    assert metric["from"] == [monday.isoformat()]
    assert metric["zone"] == ["Asia/Seoul"]


def test_setting_bounds_leads_back_to_the_days_that_were_shown(
    mia_browser: Client, grouped: ProductLine
) -> None:
    address = f"/lines/{grouped.slug}/metrics/agreement/?days=90"
    asked = {"lower": "95", "fewest": "50", "state": "active", "reason": "a camera"}

    answer = mia_browser.post(address, asked)

    assert answer.headers["Location"] == address
