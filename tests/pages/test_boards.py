"""The pages of measuring: who sees them, what they say, and what they cost."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from monitoring.models import (
    AlarmCause,
    Bound,
    CountRun,
    Measurement,
    MetricState,
    Verdict,
)
from monitoring.services import alarms, counts, measurements
from monitoring.services.bounds import Asked, asked_of
from monitoring.services.events import EventKind, events
from monitoring.services.series import Span
from monitoring.services.weekly import week_of
from monitoring.templatetags.metric_words import happened
from reviewapp.models import ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services.queues import COUNTED_UP_TO
from tests import factories

BACKEND = "reviewapp.sessions.PersonBackend"
OF_LINE = ["health/", "metrics/agreement/", "agreement/", "inputs/", "report/"]
TOKEN = "0123456789abcdef0123456789abcdef"


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    return browser


def text(browser: Client, address: str, status: int = 200) -> str:
    response = browser.get(address)
    assert response.status_code == status, address
    return response.content.decode()


@pytest.fixture
def filled(line: ProductLine, ana: User) -> ProductLine:
    """A line in shadow: 9 blind pairs agree and 3 differ, all of today and measured."""
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    at = factories.earlier_today()
    for number in range(12):
        item = factories.make_item(line, captured_at=at)
        factories.make_prediction(item, version, line.classes.get(key="ok"))
        factories.label_next(ana, line, "ok" if number < 9 else "scratch")
    counts.roll_up_hours()
    now = timezone.now() + timedelta(hours=1)
    CountRun.objects.update(counted_to=now)
    assert measurements.measure_line(line, at=now)
    return line


@pytest.fixture
def mia_browser(mia: User) -> Client:
    return browser_of(mia)


@pytest.mark.parametrize("path", OF_LINE)
def test_pages_are_closed_to_strangers_and_outsiders(
    filled: ProductLine, zoe: User, path: str
) -> None:
    address = f"/lines/{filled.slug}/{path}"

    assert Client().get(address).status_code == 302
    assert browser_of(zoe).get(address).status_code == 404
    assert browser_of(zoe).post(address).status_code in {404, 405}


@pytest.mark.parametrize("path", OF_LINE)
def test_an_empty_line_says_why_its_pages_are_empty(
    mia_browser: Client, line: ProductLine, path: str
) -> None:
    page = text(mia_browser, f"/lines/{line.slug}/{path}")

    said = {
        "health/": "No metric can be judged yet",
        "metrics/agreement/": "No day of this span has data",
        "agreement/": "No blind pair in this span",
        "inputs/": "Nothing has arrived in this span",
        "report/": "Nothing was counted in either week",
    }
    assert said[path] in page


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("health/", 27),
        ("metrics/agreement/", 23),
        ("agreement/", 31),
        ("inputs/", 25),
        ("report/", 22),
    ],
)
def test_a_page_costs_as_many_statements_as_it_says(
    mia_browser: Client,
    filled: ProductLine,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    path: str,
    most: int,
) -> None:
    with django_assert_max_num_queries(most):
        text(mia_browser, f"/lines/{filled.slug}/{path}?days=365")


def test_health_gives_each_metric_its_value_verdict_and_meaning(
    mia_browser: Client, filled: ProductLine
) -> None:
    page = text(mia_browser, f"/lines/{filled.slug}/health/")

    assert "75.0 %" in page
    assert "not enough data: 12 of 200" in page
    assert "New items, a changed camera" in page
    for one in measured_of(filled):
        assert f'id="{one.metric.key}"' in page, one.metric.key


def test_what_is_out_of_bounds_stands_in_the_first_sentence(
    mia_browser: Client, filled: ProductLine
) -> None:
    measured = Measurement.objects.get(metric="agreement")
    Measurement.objects.create(
        line=filled,
        metric="agreement",
        version=measured.version,
        start=measured.start,
        end=measured.end + timedelta(hours=1),
        value=0.5,
        low=0.4,
        high=0.6,
        count=300,
        verdict=Verdict.LOW,
    )

    page = text(mia_browser, f"/lines/{filled.slug}/health/")

    assert "is out of its bounds:" in page
    assert '<a href="#agreement">Agreement on blind items</a>' in page


def test_a_metric_tells_its_finding_its_days_and_its_formula(
    mia_browser: Client, filled: ProductLine
) -> None:
    page = text(mia_browser, f"/lines/{filled.slug}/metrics/agreement/")

    assert "Agreement on blind items was 75.0 % on" in page
    assert "formula 2" in page
    assert 'id="plot-agreement"' in page
    assert "Set bounds" in page
    assert text(mia_browser, f"/lines/{filled.slug}/metrics/nothing/", 404)


def test_a_manager_sets_bounds_as_they_are_shown_with_a_reason(
    mia_browser: Client, filled: ProductLine, mia: User
) -> None:
    given = {
        "lower": "95",
        "upper": "",
        "fewest": "50",
        "state": "muted",
        "reason": "a new camera",
    }

    response = mia_browser.post(f"/lines/{filled.slug}/metrics/agreement/", given)

    assert response.status_code == 302
    bound = Bound.objects.get()
    assert (bound.lower, bound.upper, bound.fewest) == (0.95, None, 50)
    assert (bound.state, bound.set_by) == (MetricState.MUTED, mia)
    page = text(mia_browser, f"/lines/{filled.slug}/metrics/agreement/")
    assert "a new camera" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": ""}, "This field is required"),
        ({"lower": "90", "upper": "80"}, "not above the upper one"),
        ({"state": "gone"}, "Select a valid choice"),
        ({"lower": "nan"}, "Enter a number"),
    ],
)
def test_bounds_that_cannot_be_are_refused(
    mia_browser: Client, filled: ProductLine, change: dict[str, str], words: str
) -> None:
    given = {"lower": "", "upper": "", "fewest": "5", "state": "active", "reason": "x"}

    response = mia_browser.post(
        f"/lines/{filled.slug}/metrics/agreement/", given | change
    )

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Bound.objects.exists()


@pytest.mark.parametrize("key", ["backlog", "unrouted"])
def test_a_bound_that_a_queue_can_never_exceed_is_refused_and_says_why(
    mia_browser: Client, filled: ProductLine, key: str
) -> None:
    given = {"lower": "", "fewest": "0", "state": "active", "reason": "x"}
    address = f"/lines/{filled.slug}/metrics/{key}/"

    refused = mia_browser.post(address, given | {"upper": str(COUNTED_UP_TO)})
    taken = mia_browser.post(address, given | {"upper": str(COUNTED_UP_TO - 1)})

    assert refused.status_code == 422
    assert "A queue is counted up to 10,000 only" in refused.content.decode()
    assert taken.status_code == 302
    assert Bound.objects.get().upper == COUNTED_UP_TO - 1


def test_only_a_manager_sets_bounds(filled: ProductLine, ana: User) -> None:
    browser = browser_of(ana)
    address = f"/lines/{filled.slug}/metrics/agreement/"

    assert "Set bounds" not in text(browser, address)
    assert browser.post(address, {"state": "retired"}).status_code == 403


def test_a_retired_metric_leaves_health_and_can_be_brought_back(
    mia_browser: Client, filled: ProductLine
) -> None:
    address = f"/lines/{filled.slug}/metrics/skip_share/"
    given = {"fewest": "200", "reason": "nobody skips"}
    mia_browser.post(address, given | {"state": "retired"})

    page = text(mia_browser, f"/lines/{filled.slug}/health/")
    retired = text(mia_browser, address)
    mia_browser.post(address, given | {"state": "active"})

    assert 'id="skip_share"' not in page
    assert "Retired" in page
    assert "Bring it back below" in retired
    assert 'id="skip_share"' in text(mia_browser, f"/lines/{filled.slug}/health/")


def test_a_metric_on_offer_is_measured_once_somebody_adds_it(
    mia_browser: Client, filled: ProductLine
) -> None:
    address = f"/lines/{filled.slug}/metrics/brier/"
    assert "Can be added" in text(mia_browser, f"/lines/{filled.slug}/health/")
    offered = text(mia_browser, address)
    assert "does not measure it yet" in offered
    assert "Add this metric" in offered
    assert not any(one.metric.key == "brier" for one in measured_of(filled))

    given = {"fewest": "200", "reason": "to compare versions by it", "state": "active"}
    assert mia_browser.post(address, given).status_code == 302

    assert any(one.metric.key == "brier" for one in measured_of(filled))
    added = text(mia_browser, address)
    assert "does not measure it yet" not in added
    assert "to compare versions by it" in added


def measured_of(line: ProductLine) -> list[Asked]:
    return [one for one in asked_of(line) if one.is_measured]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("days=31", "is no span that is offered"),
        ("from=yesterday", "Write days as"),
        ("from=2026-03-02&to=2026-03-01", "From comes before to"),
        ("zone=Mars/Olympus", "There is no zone"),
        ("segment=nowhere", "There is no segment"),
    ],
)
def test_a_wrong_span_falls_back_politely_and_refuses_machines(
    mia_browser: Client, filled: ProductLine, query: str, words: str
) -> None:
    address = f"/lines/{filled.slug}/health/?{query}"

    assert words in text(mia_browser, address)
    asked = mia_browser.get(address, headers={"accept": "application/json"})
    assert asked.status_code == 400


def test_a_link_names_its_days_and_its_zone(
    mia_browser: Client, filled: ProductLine
) -> None:
    query = "from=2026-03-01&to=2026-03-14&zone=Asia/Seoul"

    page = text(mia_browser, f"/lines/{filled.slug}/inputs/?{query}")

    assert "1 Mar 2026 to 14 Mar 2026, Asia/Seoul" in page
    assert 'value="2026-03-14"' in page


def test_agreement_keeps_what_was_seen_apart_and_says_beyond_chance(
    mia_browser: Client, filled: ProductLine
) -> None:
    page = text(mia_browser, f"/lines/{filled.slug}/agreement/")

    assert "the model agrees with people on 75.0 % of the items" in page
    assert "Nobody labelled with the prediction in sight" in page
    assert "No item was read by two people" in page
    assert "3 / 12" in page, "escapes of all that the model passed"
    assert "3 / 3" in page, "escapes of all that people reject"
    assert "Share that was right by confidence" in page


def test_inputs_show_each_column_and_that_there_is_no_reference(
    mia_browser: Client, filled: ProductLine
) -> None:
    page = text(mia_browser, f"/lines/{filled.slug}/inputs/")

    assert "There is no reference to hold it against yet" in page
    assert 'id="column-width"' in page
    assert "n = 12" in page


def test_the_weekly_report_says_the_week_in_sentences(
    mia_browser: Client, filled: ProductLine, ana: User
) -> None:
    week = f"{timezone.now():%G-W%V}"

    page = text(mia_browser, f"/lines/{filled.slug}/report/?week={week}")

    assert "12 items occurred" in page
    assert "People gave 12 labels" in page
    assert "Raised to Shadow" in page
    assert ana.username not in page
    assert "<script" not in page


def test_a_week_that_is_none_falls_back(mia_browser: Client, line: ProductLine) -> None:
    page = text(mia_browser, f"/lines/{line.slug}/report/?week=soon")

    assert "is no week that has begun" in page
    assert week_of("2026-W10") == date(2026, 3, 2)
    assert week_of("2026-W54") is None


def test_an_alarm_of_midnight_belongs_to_the_week_that_begins(
    line: ProductLine,
) -> None:
    midnight = datetime(2026, 3, 9, tzinfo=UTC)
    alarms.ring(line, AlarmCause.INPUT_DRIFT, figures={}, at=midnight)

    def weeks_events(first: date) -> int:
        zone = ZoneInfo("UTC")
        return len(
            events(line, Span(first=first, last=first + timedelta(days=6), zone=zone))
        )

    assert weeks_events(date(2026, 3, 2)) == 0
    assert weeks_events(date(2026, 3, 9)) == 1


def test_an_edition_of_the_label_book_is_a_mark_on_the_plots(
    line: ProductLine, mia: User
) -> None:
    factories.make_edition(line, by=mia, note="tighter at the rim")
    today = datetime.now(UTC).date()

    [event] = events(line, Span(first=today, last=today, zone=ZoneInfo("UTC")))

    assert (event.kind, event.subject) == (EventKind.BOOK, "1")
    assert happened(event) == "Label book, edition 1"
    assert event.reason == "tighter at the rim"
