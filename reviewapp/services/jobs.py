"""Long work: asked for by a row, taken by a worker, alive as long as it beats."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError, RefusedError
from reviewapp.models import ClockNow, Job, JobKind, JobState, ProductLine, User

DEAD_AFTER = timedelta(minutes=2)
MOST_ATTEMPTS = 3

Progress = Callable[[int, int], None]


def ask_for(
    kind: JobKind,
    line: ProductLine | None,
    *,
    by: User | None,
    arguments: dict[str, Any] | None = None,
) -> Job:
    """Ask for long work; one such job a line at a time."""
    try:
        with transaction.atomic():
            return Job.objects.create(
                kind=kind, line=line, asked_by=by, arguments=arguments or {}
            )
    except IntegrityError as error:
        raise ConflictError(
            _(
                "Such a job is waiting or running on this line already. Wait for its "
                "end."
            )
        ) from error


def run_next(kind: JobKind, work: Callable[[Job, Progress], dict[str, Any]]) -> int:
    """Take the next job of a kind and do it; return how many were done (0 or 1).

    A job whose worker died, because it has not beaten for a while, is taken again, but
    not more than a few times. ``work`` gets the job and a function to tell progress
    with; what it returns is the job's result. What it refuses is said in the language
    of the person who asked.
    """
    job = _take(kind)
    if job is None:
        return 0

    def progress(done: int, total: int) -> None:
        Job.objects.filter(pk=job.pk).update(
            done=done, total=total, heartbeat_at=ClockNow()
        )

    try:
        with translation.override(_language_of(job)):
            result = work(job, progress)
    except RefusedError as refusal:
        _end(job, JobState.FAILED, message=refusal.message)
    except Exception as error:
        # Whatever it was, the row must say that the job is over; the log has the rest.
        _end(job, JobState.FAILED, message=f"{type(error).__name__}: {error}"[:500])
        raise
    else:
        _end(job, JobState.DONE, result=result)
    return 1


@transaction.atomic
def _take(kind: JobKind) -> Job | None:
    silent = Q(state=JobState.RUNNING) & Q(heartbeat_at__lt=ClockNow() - DEAD_AFTER)
    job = (
        Job.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(Q(state=JobState.WAITING) | silent, kind=kind)
        .select_related("line", "asked_by")
        .order_by("pk")
        .first()
    )
    if job is None:
        return None
    if job.attempts >= MOST_ATTEMPTS:
        with translation.override(_language_of(job)):
            message = _("Its worker died %(n)d times.") % {"n": job.attempts}
        _end(job, JobState.FAILED, message=message)
        return None
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING,
        attempts=F("attempts") + 1,
        started_at=ClockNow(),
        heartbeat_at=ClockNow(),
    )
    return job


def _language_of(job: Job) -> str:
    chosen = job.asked_by.language if job.asked_by else ""
    return chosen or settings.LANGUAGE_CODE


def _end(
    job: Job,
    state: JobState,
    *,
    message: str = "",
    result: dict[str, Any] | None = None,
) -> None:
    Job.objects.filter(pk=job.pk).update(
        state=state, message=message, result=result or {}, finished_at=timezone.now()
    )
