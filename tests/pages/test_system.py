"""The system page, and what Prometheus gets: counts of the database, for its token."""

import re
from datetime import UTC, datetime, timedelta
from math import log
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from monitoring.catalogue import INSTALLATION
from monitoring.models import Measurement, ProcessKind, ProcessSample, TaskPulse
from monitoring.services import counts
from monitoring.services.evidence import gather
from monitoring.services.exposition import exported, exposition
from monitoring.services.installation import health
from reviewapp.celery import app
from reviewapp.models import LineState, ProductLine, User
from reviewapp.policy import AutomationLevel
from tests import factories

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def filled(line: ProductLine, ana: User) -> ProductLine:
    """A line in shadow with 12 blind pairs, of which 3 differ."""
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    for number in range(12):
        item = factories.make_item(line)
        factories.make_prediction(item, version, line.classes.get(key="ok"))
        factories.label_next(ana, line, "ok" if number < 9 else "scratch")
    counts.roll_up_hours()
    return line


def text(user: User) -> str:
    """The system page as one person gets it."""
    browser = Client()
    browser.force_login(user, backend="reviewapp.sessions.PersonBackend")
    return browser.get("/system/").content.decode()


def test_a_quiet_installation_says_what_is_missing(ada: User) -> None:
    page = text(ada)

    assert "Something needs a look" in page
    assert "no process of this kind has been seen" in page
    for metric in INSTALLATION.values():
        assert str(metric.title) in page


def test_the_system_page_says_that_all_is_well(ada: User) -> None:
    live()

    page = text(ada)

    assert "All is well" in page


def test_a_sweep_that_has_not_run_yet_is_neither_well_nor_late(ada: User) -> None:
    live()
    rare = max(app.conf.beat_schedule.values(), key=lambda one: one["schedule"])
    TaskPulse.objects.filter(task=rare["task"]).delete()

    page = text(ada)

    assert page.count('data-verdict="no_data">not yet</span>') == 1
    assert "All is well" in page


def live() -> None:
    """One process of each kind, seen just now, and every sweep done."""
    now = timezone.now()
    for kind in ProcessKind:
        ProcessSample.objects.create(
            kind=kind,
            name="a",
            began_at=now - timedelta(minutes=5),
            at=now - timedelta(seconds=5),
            resident_bytes=100_000_000,
            cpu_s=2.0,
            requests=100,
            buckets={"+58": 100} if kind is not ProcessKind.MODEL_HOST else {},
        )
    for entry in app.conf.beat_schedule.values():
        TaskPulse.objects.create(task=entry["task"], succeeded_at=now, took_s=0.1)


def scrape(browser: Client | None = None, **extra: Any) -> tuple[int, str]:
    response = (browser or Client()).get("/metrics", **extra)
    return response.status_code, response.content.decode()


@pytest.mark.django_db
def test_metrics_are_there_for_the_token_and_for_nobody_else() -> None:
    with override_settings(METRICS_TOKEN=TOKEN):
        assert scrape()[0] == 404
        assert scrape(headers={"authorization": f"Bearer {TOKEN}x"})[0] == 404
        assert scrape(headers={"authorization": f"Bearer {TOKEN}"})[0] == 200


@pytest.mark.django_db
def test_without_a_token_only_this_machine_may_scrape() -> None:
    assert scrape()[0] == 200
    assert scrape(REMOTE_ADDR="10.0.0.7")[0] == 404
    assert scrape(headers={"x-forwarded-for": "127.0.0.1"})[0] == 404
    with override_settings(TRUSTED_PROXY=True):
        assert scrape()[0] == 404


def test_metrics_count_what_the_database_counts(filled: ProductLine) -> None:
    live()

    _status, said = scrape()

    line = f'line="{filled.slug}"'
    version = filled.versions.get().name
    assert f"review_items_total{{{line}}} 12" in said
    pairs = f'review_blind_pairs_total{{{line},version="{version}"}} 12'
    assert pairs in said
    assert f'version="{version}",type="escape"}} 3' in said
    assert f'review_line_level{{{line},version="{version}",level="shadow"}} 1' in said
    assert 'review_job_last_success_timestamp_seconds{job="measure_lines"}' in said
    assert 'review_page_latency_seconds{quantile="0.5"}' in said


def test_a_scraped_moment_is_right_to_the_second(filled: ProductLine) -> None:
    live()
    judged = timezone.now()
    LineState.objects.filter(line=filled).update(judged_at=judged)

    said = scrape()[1]

    [stamp] = re.findall(r"review_line_judged_timestamp_seconds\{.*?\} (\S+)", said)
    [pulse] = re.findall(r'last_success_timestamp\S+"measure_lines"\} (\S+)', said)
    assert abs(float(stamp) - judged.timestamp()) < 1
    assert abs(float(pulse) - judged.timestamp()) < 60


def test_no_label_of_a_metric_names_an_item_or_a_person(
    filled: ProductLine, ana: User
) -> None:
    live()
    names = {
        name
        for metric in exported(at=timezone.now())
        for labels in metric.values
        for name, _text in labels
    }

    assert names <= {
        *("line", "version", "level", "class", "type", "decision_by", "cause"),
        *("metric", "process", "job", "quantile", "gate", "state"),
    }
    assert re.search(rf"\b{ana.username}\b", scrape()[1]) is None


def test_the_long_queue_is_late_once_no_training_can_be_why(line: ProductLine) -> None:
    live()
    pulse = TaskPulse.objects.filter(task="monitoring.tasks.compare_lines")

    pulse.update(succeeded_at=timezone.now() - timedelta(hours=4))
    assert health(at=timezone.now()).late_sweeps == []
    pulse.update(succeeded_at=timezone.now() - timedelta(hours=4, minutes=5))

    [late] = health(at=timezone.now()).late_sweeps
    assert late.name == "compare_lines"


def test_days_of_sums_and_hours_are_counted_once_each(line: ProductLine) -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    factories.make_item(line, captured_at=at)
    factories.make_item(line, captured_at=timezone.now())
    counts.roll_up_hours()

    assert f'review_items_total{{line="{line.slug}"}} 2' in scrape()[1]


def test_what_speaks_for_a_gate_is_exported(filled: ProductLine) -> None:
    without_version = factories.make_line("Nobody helps")
    gathered = gather(filled)
    assert gathered.agreement_evidence is not None

    [told] = [
        one for one in exported(at=timezone.now()) if one.name == "review_gate_log_e"
    ]

    by_gate = {dict(labels)["gate"]: value for labels, value in told.values.items()}
    assert by_gate["agreement"] == log(gathered.agreement_evidence) < 0
    assert by_gate["escapes"] == 0
    assert without_version.slug not in "".join(told.written())


def test_an_old_measurement_says_nothing_of_now_but_when_it_was(
    filled: ProductLine,
) -> None:
    now = timezone.now()
    Measurement.objects.create(
        line=filled,
        metric="agreement",
        start=now - timedelta(hours=30),
        end=now - timedelta(hours=2),
        value=0.5,
        count=400,
        verdict="low",
    )

    told = exposition(at=now)
    later = exposition(at=now + timedelta(hours=2))

    named = f'line="{filled.slug}",metric="agreement"'
    assert f"review_metric_out_of_bounds{{{named}}} 1" in told
    assert f"review_metric_value{{{named}}}" not in later
    measured = f'review_line_measured_timestamp_seconds{{line="{filled.slug}"}}'
    assert measured in told
    assert measured in later
