"""The detectors on the agreement page: each state has its words, and its figures."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from monitoring.models import AlarmCause
from monitoring.services import counts, judging
from monitoring.services.comparing import compare
from monitoring.services.detecting import kept_detectors
from monitoring.services.detectors import Detected
from monitoring.services.exposition import exposition
from monitoring.services.series import Span
from monitoring.services.smoothing import SmoothedDays, smooth_disagreement
from monitoring.stats.charts import WIDTH
from monitoring.templatetags.metric_words import plain
from reviewapp.models import ProductLine, User
from reviewapp.policy import AutomationLevel
from tests.monitoring.test_detectors import (
    DAY,
    MONDAY,
    label_day,
    put_live_at,
    usual,
)
from tests.pages.test_boards import browser_of, text


def agreement(browser: Client, line: ProductLine) -> str:
    return " ".join(text(browser, f"/lines/{line.slug}/agreement/").split())


@pytest.fixture
def mia_browser(mia: User) -> Client:
    return browser_of(mia)


def test_without_a_version_there_is_no_detector(
    mia_browser: Client, line: ProductLine
) -> None:
    assert "detectors-title" not in agreement(mia_browser, line)


def test_without_labels_each_says_that_there_are_none(
    mia_browser: Client, line: ProductLine
) -> None:
    put_live_at(line, AutomationLevel.SHADOW)

    assert agreement(mia_browser, line).count("no blind label since it began") == 3


def test_before_a_thousand_labels_only_a_promise_can_be_held(
    mia_browser: Client, line: ProductLine, ana: User
) -> None:
    put_live_at(line, AutomationLevel.SHADOW)
    label_day(line, ana, 0, usual(200, escapes=1))

    page = agreement(mia_browser, line)

    assert "cannot look" not in page
    assert page.count("as promised") == 3


def test_a_detector_shows_its_value_its_threshold_and_its_usual_rate(
    mia_browser: Client,
    line: ProductLine,
    ana: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    put_live_at(line, AutomationLevel.SHADOW)
    for day in range(3):
        label_day(line, ana, day, usual(400, escapes=4, overkills=4))
    label_day(line, ana, 3, usual(100, escapes=9))
    at = MONDAY + 4 * DAY
    found = kept_detectors(line, at=at)
    assert found is not None
    [one] = [one for one in found.each if one.cause == AlarmCause.ESCAPES]
    assert one.state == Detected.WARNING
    assert one.value is not None
    assert one.threshold is not None

    with time_machine.travel(at, tick=False), django_assert_max_num_queries(26):
        page = agreement(mia_browser, line)

    assert "warns: a change may have begun" in page
    assert f"{one.value:,.0f} of {one.threshold:.0f}" in page
    assert page.count("own first labels") == 3


def test_a_detector_is_not_quiet_about_days_without_labels(
    mia_browser: Client, line: ProductLine, ana: User
) -> None:
    put_live_at(line, AutomationLevel.SHADOW)
    for day in range(3):
        label_day(line, ana, day, usual(400, escapes=4, overkills=4))

    with time_machine.travel(MONDAY + 6 * DAY, tick=False):
        assert "no labelled item since" not in agreement(mia_browser, line)
    with time_machine.travel(MONDAY + 8 * DAY, tick=False):
        page = agreement(mia_browser, line)

    assert page.count("no labelled item since 4 Mar 2026") == 3


def test_pages_and_scrapes_get_what_the_judging_heard_last(
    line: ProductLine, ana: User
) -> None:
    put_live_at(line, AutomationLevel.SHADOW)
    for day in range(3):
        label_day(line, ana, day, usual(400, escapes=4, overkills=4))
    at = MONDAY + 3 * DAY
    assert "review_cusum_ratio{" not in exposition(at=at)

    judging.judge_lines(as_of=at)

    later = at + timedelta(minutes=4)
    kept = kept_detectors(line, at=later)
    assert kept is not None
    assert kept.at == at
    named = f'review_cusum_ratio{{line="{line.slug}",cause="escapes",among="all"}} '
    [told] = [row for row in exposition(at=later).splitlines() if named in row]
    assert 0 < float(told.removeprefix(named)) < 1


def test_the_share_that_differs_is_smoothed_from_the_first_thousand_labels_on(
    mia_browser: Client, line: ProductLine, ana: User
) -> None:
    put_live_at(line, AutomationLevel.SHADOW)
    for day in range(3):
        label_day(line, ana, day, usual(400, escapes=4, overkills=4))
    at = MONDAY + 3 * DAY
    counts.recount(line, at=at)
    with time_machine.travel(at, tick=False):
        assert "after the version's first thousand blind labels" in agreement(
            mia_browser, line
        )
    label_day(line, ana, 3, usual(100, escapes=9))
    label_day(line, ana, 4, usual(100, escapes=2))
    at = MONDAY + 5 * DAY
    counts.recount(line, at=at)

    with time_machine.travel(at, tick=False):
        page = agreement(mia_browser, line)
    whole, last = (smoothed(line, days=days, at=at) for days in (9, 2))

    assert whole.labels == 1200
    assert whole.usual == pytest.approx(0.02)
    # 0.1 * 9 % + 0.9 * 2 %, then 0.1 * 2 % + 0.9 * that
    assert [point.value for point in whole.points] == pytest.approx([0.027, 0.0263])
    high = 0.02 + WIDTH * (0.01 * 0.0196 / 100 + 0.01 * 0.0196 / 1200) ** 0.5
    assert whole.points[0].high == pytest.approx(high)
    assert last.points == whole.points[-1:]
    assert "smoothed 2.6 %" in page
    assert "Zone of a quiet line" in page


def test_a_curve_is_not_begun_before_a_thousand_labels(
    mia_browser: Client, line: ProductLine, ana: User
) -> None:
    put_live_at(line, AutomationLevel.SHADOW)
    for day in range(2):
        label_day(line, ana, day, usual(400))
    at = MONDAY + 2 * DAY
    counts.recount(line, at=at)

    with time_machine.travel(at, tick=False):
        assert "smoothed" not in agreement(mia_browser, line)
    found = smoothed(line, days=9, at=at)
    assert (found.labels, found.usual, found.points) == (800, None, [])


def smoothed(line: ProductLine, *, days: int, at: datetime) -> SmoothedDays:
    zone = ZoneInfo(line.time_zone)
    last = at.astimezone(zone).date()
    first = last - timedelta(days=days - 1)
    found = compare(line, Span(first=first, last=last, zone=zone))
    return smooth_disagreement(found.since_live, shown_from=first)


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.9694, "0.969"), (74.83, "74.8"), (999.4, "999"), (999.9999, "1,000")],
)
def test_a_value_is_written_in_three_digits_or_whole(
    value: float, written: str
) -> None:
    assert plain(value) == written
