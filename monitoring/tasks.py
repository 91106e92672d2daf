"""Celery's door to the measuring half: find due work, call one service."""

from celery import shared_task

from monitoring import sending
from monitoring.demo import history
from monitoring.services import counts, judging, measurements, training
from reviewapp.models import JobKind
from reviewapp.services import jobs


@shared_task(time_limit=60)
def roll_up_hours() -> int:
    """Count the hours touched since the last run; return how many."""
    return counts.roll_up_hours()


@shared_task(time_limit=60)
def measure_lines() -> int:
    """Measure the lines whose last finished hour is not measured; return how many."""
    return measurements.measure_lines()


@shared_task(time_limit=60)
def judge_lines() -> int:
    """Judge every line; return how many alarms began to ring."""
    return judging.judge_lines()


@shared_task(time_limit=60)
def send_deliveries() -> int:
    """Send what is due to people and webhooks; return how many got there."""
    return sending.send_deliveries()


@shared_task(time_limit=4 * 3600)
def run_trainings() -> int:
    """Train the version that was asked for first; return how many were trained."""
    return jobs.run_next(JobKind.TRAINING, training.run_training)


@shared_task(time_limit=3600)
def play_demo_histories() -> int:
    """Play the demo's past that was asked for first; return how many were played."""
    return jobs.run_next(JobKind.DEMO_HISTORY, history.play_history)
