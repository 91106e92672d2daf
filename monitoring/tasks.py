"""Celery's door to the measuring half: find due work, call one service."""

from time import perf_counter
from typing import Any

from celery import Task, shared_task
from celery.signals import task_postrun, task_prerun, worker_process_init
from django.conf import settings

from monitoring import sending
from monitoring.demo import history
from monitoring.models import ProcessKind
from monitoring.services import (
    audit_rates,
    audit_shares,
    canaries,
    counts,
    deliveries,
    drift,
    judging,
    measurements,
    samples,
    training,
)
from monitoring.services.recording import Recorder, recorder_of
from reviewapp.models import JobKind
from reviewapp.services import jobs


@shared_task(time_limit=900)
def roll_up_hours() -> int:
    """Count the hours touched since the last run; return how many."""
    return counts.roll_up_hours()


@shared_task(time_limit=60)
def measure_lines() -> int:
    """Measure the lines whose last finished hour is not measured; return how many."""
    return measurements.measure_lines()


@shared_task(time_limit=600)
def compare_lines() -> int:
    """Hold the windows that have ended against their references; say how many."""
    return drift.compare_lines()


@shared_task(time_limit=60)
def judge_lines() -> int:
    """Judge every line; return how many alarms began to ring."""
    return judging.judge_lines()


@shared_task(time_limit=600)
def follow_audits() -> int:
    """Let the lines' audit shares follow the day; return how many changed."""
    return audit_shares.follow_audits()


@shared_task(time_limit=600)
def keep_audit_rates() -> int:
    """Work out what the audits of a week say of each line; return of how many."""
    return audit_rates.keep_audit_rates()


@shared_task(time_limit=60)
def advance_canaries() -> int:
    """Widen the canary shares that may go by themselves; return how many."""
    return canaries.advance_canaries()


@shared_task(time_limit=60)
def send_deliveries() -> int:
    """Send what is due to people and webhooks; return how many got there."""
    return sending.send_deliveries()


@shared_task(time_limit=60)
def drop_deliveries() -> int:
    """Drop what was sent or given up two weeks ago; return how many went."""
    return deliveries.drop_old()


@shared_task(time_limit=60)
def sample_model_host() -> int:
    """Write down how the model host does; return how many samples that gave."""
    return int(samples.sample_model_host())


@shared_task(time_limit=60)
def thin_samples() -> int:
    """Thin and drop old samples of processes; return how many went."""
    return samples.thin_samples()


@shared_task(time_limit=4 * 3600)
def run_trainings() -> int:
    """Train the version that was asked for first; return how many were trained."""
    return jobs.run_next(JobKind.TRAINING, training.run_training)


@shared_task(time_limit=3600)
def play_demo_histories() -> int:
    """Play the demo's past that was asked for first; return how many were played."""
    return jobs.run_next(JobKind.DEMO_HISTORY, history.play_history)


_begun: dict[str, float] = {}


@worker_process_init.connect
def _begin_recording(**_signal: Any) -> None:
    """Let a worker's child write samples from its beginning, also while it idles."""
    _recorder()


@task_prerun.connect
def _note_beginning(task_id: str, **_signal: Any) -> None:
    _begun[task_id] = perf_counter()


@task_postrun.connect
def _note_end(
    task_id: str, task: "Task[Any, Any]", state: str | None, **_signal: Any
) -> None:
    began = _begun.pop(task_id, None)
    if began is None:
        return
    _recorder().note_task(
        task.name, perf_counter() - began, is_error=state == "FAILURE"
    )


def _recorder() -> Recorder:
    return recorder_of(ProcessKind.WORKER, every_s=settings.PROCESS_SAMPLE_S)
