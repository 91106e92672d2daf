"""Samples of processes: tallied in memory, thinned with age, none of it lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from monitoring import tasks
from monitoring.models import (
    CountRun,
    HourlyColumn,
    Measurement,
    PageHour,
    ProcessKind,
    ProcessSample,
    TaskPulse,
    Verdict,
)
from monitoring.services import counts, measurements, recording, samples
from monitoring.services.recording import Recorder, recorder_of
from monitoring.stats.sketch import Sketch
from reviewapp.models import ProductLine
from tests import factories

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def sample(at: datetime, *, name: str = "a", **values: int) -> ProcessSample:
    return ProcessSample.objects.create(
        kind=ProcessKind.WEB,
        name=name,
        began_at=NOON,
        at=at,
        resident_bytes=100_000_000,
        cpu_s=1.0,
        **values,
    )


@pytest.mark.django_db
def test_what_a_process_served_is_written_with_its_memory_and_time() -> None:
    recorder = Recorder(ProcessKind.WEB)
    for took_s in (0.01, 0.02, 0.5):
        recorder.note(took_s, is_error=took_s > 0.1)

    written = recorder.write()

    assert (written.requests, written.errors) == (3, 1)
    assert written.resident_bytes > 1_000_000
    assert written.cpu_s > 0
    median = Sketch(count=3, buckets=written.buckets).quantile(0.5)
    assert median == pytest.approx(20, rel=0.02)


@pytest.mark.django_db
def test_samples_only_grow_so_that_a_lost_one_loses_nothing() -> None:
    recorder = Recorder(ProcessKind.WEB)
    recorder.note(0.01, is_error=False)
    recorder.write().delete()
    recorder.note(0.01, is_error=False)

    assert recorder.write().requests == 2


@pytest.mark.django_db
def test_a_task_that_ran_leaves_its_pulse() -> None:
    recorder = Recorder(ProcessKind.WORKER)
    recorder.note_task("sweep", 0.2, is_error=False)
    recorder.write()
    recorder.note_task("sweep", 0.3, is_error=True)
    recorder.write()

    pulse = TaskPulse.objects.get(task="sweep")

    assert pulse.succeeded_at is not None
    assert pulse.failed_at is not None
    assert pulse.failed_at > pulse.succeeded_at
    assert pulse.took_s == 0.3


@pytest.mark.django_db
def test_a_page_is_tallied_and_a_probe_is_not(client: Client) -> None:
    recorder = recorder_of(ProcessKind.WEB, every_s=0)
    before = recorder.requests

    client.get("/sign-in/")
    client.get("/livez")

    assert recorder.requests == before + 1
    assert recorder_of(ProcessKind.WEB, every_s=0) is recorder


@pytest.mark.django_db
def test_tallying_costs_the_request_no_statement(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        client.get("/sign-in/")


def test_a_page_of_a_line_is_tallied_with_the_line(
    ana_browser: Client, line: ProductLine
) -> None:
    recorder = recorder_of(ProcessKind.WEB, every_s=0)
    recorder.pages.clear()
    factories.make_item(line)
    begun = ana_browser.post(f"/lines/{line.slug}/review/begin/")

    ana_browser.get(begun["Location"])
    ana_browser.get(f"/lines/{line.slug}/health/")
    ana_browser.get("/account/")

    assert {line_id for line_id, _hour in recorder.pages} == {line.pk}
    assert sum(pages.count for pages in recorder.pages.values()) == 2


def test_pages_of_a_line_become_a_column_of_its_hours_once(line: ProductLine) -> None:
    first, second = Recorder(ProcessKind.WEB), Recorder(ProcessKind.WEB, pid=1)
    for recorder in (first, second):
        for took_s in (0.010, 0.010, 0.010, 0.400):
            recorder.note_page(took_s, is_error=False, line_id=line.pk)
        recorder.write()
        recorder.write()
    counts.roll_up_hours()
    first.note_page(0.400, is_error=False, line_id=line.pk)
    first.write()
    counts.roll_up_hours()
    counts.roll_up_hours()

    column = HourlyColumn.objects.get(line=line, column="page_ms")
    assert column.count == sum(column.buckets.values()) == 9
    assert column.total == pytest.approx(6 * 10 + 3 * 400)
    end = column.hour + timedelta(hours=1)
    CountRun.objects.update(counted_to=end)
    measurements.measure_line(line, at=end)
    median = Measurement.objects.get(metric="line_page_p50")
    assert median.value == pytest.approx(10, rel=0.02)
    assert median.verdict == Verdict.NOT_ENOUGH
    slow = Measurement.objects.get(metric="line_page_p95")
    assert slow.value == pytest.approx(400, rel=0.02)


def test_pages_stay_counted_when_items_of_their_hour_are_counted_anew(
    line: ProductLine,
) -> None:
    recorder = Recorder(ProcessKind.WEB)
    recorder.note_page(0.010, is_error=False, line_id=line.pk)
    recorder.write()
    counts.roll_up_hours()
    PageHour.objects.update(written_at=NOON)
    factories.make_item(line)

    counts.roll_up_hours()

    assert HourlyColumn.objects.get(line=line, column="page_ms").count == 1


def test_an_hour_that_is_over_and_written_is_forgotten(line: ProductLine) -> None:
    recorder = Recorder(ProcessKind.WEB)
    with time_machine.travel(NOON, tick=False):
        recorder.note_page(0.010, is_error=False, line_id=line.pk)
    recorder.note_page(0.010, is_error=False, line_id=line.pk)

    recorder.write()

    assert len(recorder.pages) == 1
    assert PageHour.objects.count() == 2


def test_pages_of_a_line_that_is_gone_hold_nothing_up(db: None) -> None:
    recorder = Recorder(ProcessKind.WEB)
    recorder.note_page(0.010, is_error=False, line_id=0)

    assert recorder.write().requests == 1
    assert not PageHour.objects.exists()


def test_a_workers_task_is_tallied_by_its_signals(db: None) -> None:
    recorder = tasks._recorder()
    recorder.pulses.clear()

    tasks.thin_samples.apply()

    assert recorder.pulses["monitoring.tasks.thin_samples"].succeeded_at is not None


@pytest.mark.django_db
def test_after_a_day_one_sample_in_five_minutes_stays_and_it_is_the_last() -> None:
    for number in range(60):
        sample(NOON + number * timedelta(seconds=10), requests=number)

    gone = samples.thin_samples(as_of=NOON + timedelta(days=2))

    assert gone == 58
    assert [s.requests for s in ProcessSample.objects.order_by("at")] == [29, 59]
    assert samples.thin_samples(as_of=NOON + timedelta(days=2)) == 0


@pytest.mark.django_db
def test_a_day_is_kept_whole_and_ninety_days_are_all() -> None:
    for number in range(6):
        sample(NOON + number * timedelta(seconds=10), requests=number)

    assert samples.thin_samples(as_of=NOON + timedelta(hours=20)) == 0
    assert samples.thin_samples(as_of=NOON + timedelta(days=91)) == 6


@pytest.mark.django_db
def test_the_database_refuses_more_errors_than_requests() -> None:
    with pytest.raises(IntegrityError, match="no_more_errors_than_requests"):
        sample(NOON, requests=1, errors=2)


@pytest.mark.django_db
def test_the_model_host_is_asked_and_written_down(model_host: Path) -> None:
    assert samples.sample_model_host(as_of=NOON)

    written = ProcessSample.objects.get(kind=ProcessKind.MODEL_HOST)
    assert written.resident_bytes > 1_000_000
    assert written.cpu_s > 0


@pytest.mark.django_db
def test_a_silent_model_host_leaves_no_sample(
    tmp_path: Path,
) -> None:
    with override_settings(MODEL_HOST_SOCKET=tmp_path / "none.sock"):
        assert samples.sample_model_host() is False

    assert not ProcessSample.objects.exists()


def test_no_process_is_taken_for_an_earlier_one() -> None:
    name = recording.process_name("machine", 7, NOON)

    assert name != recording.process_name("machine", 7, NOON + timedelta(seconds=1))
    assert name != recording.process_name("other", 7, NOON)
