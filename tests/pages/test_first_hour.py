"""Health and a metric's page before the first full hour, and what a window's age is."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from monitoring.models import CountRun, Measurement, Verdict
from monitoring.services import counts, measurements
from reviewapp.models import ProductLine, User
from reviewapp.policy import AutomationLevel
from tests import factories

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
SHORTLY_AFTER = NOON + timedelta(minutes=20)


@pytest.fixture
def begun(line: ProductLine) -> ProductLine:
    """A line measured at noon, with nothing; 30 items have come since."""
    with time_machine.travel(NOON - timedelta(minutes=10), tick=False):
        version = factories.put_at(line, AutomationLevel.SHADOW)
        assert version is not None
    CountRun.objects.create(line=line, counted_to=NOON)
    assert measurements.measure_line(line, at=NOON)
    with time_machine.travel(NOON + timedelta(minutes=10), tick=False):
        for _ in range(30):
            item = factories.make_item(line)
            factories.make_prediction(item, version, line.classes.get(key="ok"))
    counts.roll_up_hours(as_of=SHORTLY_AFTER)
    return line


def page(user: User, address: str, *, at: datetime) -> str:
    with time_machine.travel(at, tick=False):
        browser = Client()
        browser.force_login(user, backend="reviewapp.sessions.PersonBackend")
        answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def tile(text: str, key: str) -> str:
    begins = text.index(f'id="{key}"')
    return text[begins : text.index("</li>", begins)]


def test_what_came_in_an_unfinished_hour_is_not_called_missing(
    begun: ProductLine, mia: User
) -> None:
    health = page(mia, f"/lines/{begun.slug}/health/", at=SHORTLY_AFTER)

    for key in ("null_share", "items_per_hour"):
        assert "its first hour with data is not measured yet" in tile(health, key)
    assert "n = 30" in tile(health, "null_share")
    assert "no data since" not in health


def test_the_first_sentence_says_that_most_cannot_be_judged_yet(
    begun: ProductLine, mia: User
) -> None:
    health = page(mia, f"/lines/{begun.slug}/health/", at=SHORTLY_AFTER)

    finding = health[health.index('id="health-title"') :]
    finding = finding[: finding.index("</h2>")]
    assert "The first hour with data is not measured yet." in finding
    assert "more have bounds and too little data to be judged." in finding


def test_one_metric_that_waits_is_not_said_of_the_whole_line(
    begun: ProductLine, mia: User
) -> None:
    Measurement.objects.create(
        line=begun,
        metric="items_per_hour",
        start=NOON - timedelta(days=1),
        end=NOON + timedelta(minutes=1),
        value=2.0,
        count=48,
        verdict=Verdict.UNBOUNDED,
    )

    health = page(mia, f"/lines/{begun.slug}/health/", at=SHORTLY_AFTER)

    assert "The first hour with data is not measured yet." not in health
    assert "its first hour with data is not measured yet" in tile(health, "null_share")


def test_data_that_stopped_are_missing_since_their_last_day(
    begun: ProductLine, mia: User
) -> None:
    later = NOON + timedelta(days=3)
    Measurement.objects.create(
        line=begun,
        metric="null_share",
        version=begun.in_force.live,
        start=later - timedelta(days=1),
        end=later,
        value=None,
        count=0,
        verdict=Verdict.NO_DATA,
    )

    health = page(mia, f"/lines/{begun.slug}/health/", at=later)

    assert "no data since 4 Mar 2026" in tile(health, "null_share")


def test_a_metrics_page_says_when_its_last_window_ended_and_how_long_ago(
    begun: ProductLine, mia: User
) -> None:
    address = f"/lines/{begun.slug}/metrics/backlog/"

    fresh = page(mia, address, at=SHORTLY_AFTER)
    old = page(mia, address, at=NOON + timedelta(days=5))

    assert "until 4 Mar" in fresh
    assert "<strong>5.0 d ago</strong>" in old
    assert " ago</strong>" not in fresh


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("agreement", "A verdict needs the whole 95 % interval outside of a bound"),
        ("escape_rate", "A verdict needs the whole 95 % interval outside of a bound"),
        ("prediction_p95", "two windows beyond a bound ring"),
        ("backlog", "two readings in a row beyond a bound ring"),
    ],
)
def test_what_rings_is_said_by_the_kind_of_metric_and_not_by_its_newest_row(
    begun: ProductLine, mia: User, key: str, words: str
) -> None:
    text = page(mia, f"/lines/{begun.slug}/metrics/{key}/", at=SHORTLY_AFTER)

    assert words in text


def test_a_large_count_is_written_the_same_way_everywhere(
    begun: ProductLine, mia: User
) -> None:
    Measurement.objects.create(
        line=begun,
        metric="prediction_p95",
        version=begun.in_force.live,
        start=NOON - timedelta(hours=23),
        end=NOON + timedelta(hours=1),
        value=12.0,
        count=2_321,
        verdict=Verdict.UNBOUNDED,
    )

    health = page(mia, f"/lines/{begun.slug}/health/", at=NOON + timedelta(minutes=70))

    assert "n = 2,321" in tile(health, "prediction_p95")
    assert "2321" not in health
