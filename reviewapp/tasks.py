"""Celery's door: find due work, call one service, return a count."""

from celery import shared_task

from reviewapp.models import JobKind
from reviewapp.services import (
    breaks,
    containments,
    datasets,
    decisions,
    handling,
    jobs,
    order,
    paces,
    predictions,
    queues,
    reviews,
    routings,
    settling,
    shifts,
)


@shared_task(time_limit=60)
def predict_pending() -> int:
    """Predict the items that are due; return how many."""
    return predictions.predict_pending(limit=200)


@shared_task(time_limit=60)
def route_overdue() -> int:
    """Send items whose prediction is late to people; return how many."""
    return routings.route_overdue() + reviews.close_unfinished()


@shared_task(time_limit=60)
def settle_answered() -> int:
    """Weigh new answers with the model's and other readers'; return how many items."""
    return settling.settle_answered()


@shared_task(time_limit=60)
def send_back() -> int:
    """Send items of open containments back to people; return how many."""
    return containments.send_back()


@shared_task(time_limit=60)
def number_feed() -> int:
    """Number new decisions in the feed; return how many."""
    return decisions.number_feed()


@shared_task(time_limit=60)
def count_queues() -> int:
    """Count the lines' queues; return how many lines."""
    return queues.count_queues()


@shared_task(time_limit=60)
def bring_forward() -> int:
    """Bring what is put off and near its due time forward; return how many."""
    return order.bring_forward()


@shared_task(time_limit=60)
def follow_handling() -> int:
    """Let claims last as long as people take; return how many changed."""
    return handling.follow_handling()


@shared_task(time_limit=3600)
def place_what_waits() -> int:
    """Put the queue that was asked for first in order; return how many."""
    return jobs.run_next(JobKind.PLACING, order.place_what_waits)


@shared_task(time_limit=60)
def keep_shifts() -> int:
    """Open and end shifts that nobody opened or ended; return how many."""
    return shifts.keep_shifts()


@shared_task(time_limit=60)
def bring_breaks_forward() -> int:
    """Let breaks be due sooner where people tire; return for how many shifts."""
    return breaks.bring_breaks_forward()


@shared_task(time_limit=60)
def keep_paces() -> int:
    """Work the lines' usual paces out anew; return how many lines."""
    return paces.keep_paces()


@shared_task(time_limit=3600)
def run_snapshots() -> int:
    """Take the dataset snapshot that was asked for first; return how many."""
    return jobs.run_next(JobKind.SNAPSHOT, datasets.run_snapshot)
