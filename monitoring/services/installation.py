"""How the installation does: processes, database and sweeps, held to their bounds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from django.db import connection
from django.db.models import Sum

from monitoring.catalogue import INSTALLATION
from monitoring.models import MetricState, ProcessKind, TaskPulse, Verdict
from monitoring.services.bounds import Asked
from monitoring.services.measurements import Value, verdict_of
from monitoring.windows.processes import Used, latencies, used_between
from reviewapp.celery import LONGEST_JOB_S, app
from reviewapp.models import LineState

HOUR = timedelta(hours=1)
RECENT = timedelta(minutes=5)
# A process that lives writes every ten seconds.
SILENT_AFTER = timedelta(seconds=35)

DATABASE = """
SELECT pg_database_size(current_database()),
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
    current_setting('max_connections')::integer,
    (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()),
    (SELECT blks_hit::float / nullif(blks_hit + blks_read, 0)
        FROM pg_stat_database WHERE datname = current_database())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One metric of the installation as it stands, and what that says."""

    asked: Asked
    value: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepState:
    """One task that beat tells the workers: its rhythm, and when it last succeeded."""

    name: str
    every_s: float
    pulse: TaskPulse | None
    late_s: float | None

    @property
    def is_late(self) -> bool:
        """Say whether it is further behind than a busy minute explains."""
        limit = INSTALLATION["sweep_lateness_s"].upper or 0
        return self.late_s is None or self.late_s > limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The installation at one moment."""

    at: datetime
    signs: list[Sign]
    processes: list[Used]
    sweeps: list[SweepState]
    waiting: int
    unrouted: int
    missing: list[ProcessKind]

    @property
    def out_of_bounds(self) -> list[Sign]:
        """Signs that are out of their bounds."""
        return [s for s in self.signs if s.verdict in {Verdict.LOW, Verdict.HIGH}]

    @property
    def late_sweeps(self) -> list[SweepState]:
        """Sweeps that are behind."""
        return [sweep for sweep in self.sweeps if sweep.is_late]

    @property
    def is_well(self) -> bool:
        """Say whether nothing needs a look."""
        return not (self.out_of_bounds or self.missing or self.late_sweeps)


def health(*, at: datetime) -> Health:
    """Gather how the installation does now."""
    hour = used_between(at - HOUR, at)
    living = [one for one in hour if at - one.seen_at <= SILENT_AFTER]
    sweeps = _sweeps(at, living)
    values = _of_processes(hour, living, recent=used_between(at - RECENT, at))
    values |= _of_database()
    lateness = [sweep.late_s for sweep in sweeps if sweep.late_s is not None]
    values["sweep_lateness_s"] = max(lateness, default=None)
    queues = LineState.objects.aggregate(
        waiting=Sum("waiting", default=0), unrouted=Sum("unrouted", default=0)
    )
    kinds = {one.kind for one in living}
    return Health(
        at=at,
        signs=[_sign(key, values.get(key)) for key in INSTALLATION],
        processes=living,
        sweeps=sweeps,
        waiting=queues["waiting"],
        unrouted=queues["unrouted"],
        missing=[kind for kind in ProcessKind if kind not in kinds],
    )


def _sign(key: str, value: float | None) -> Sign:
    metric = INSTALLATION[key]
    asked = Asked(
        metric=metric,
        state=MetricState.ACTIVE,
        lower=metric.lower,
        upper=metric.upper,
        fewest=metric.fewest,
        bound=None,
    )
    found = Value(value=value, count=0 if value is None else 1)
    return Sign(asked=asked, value=value, verdict=verdict_of(asked, found))


def _of_processes(
    hour: list[Used], living: list[Used], *, recent: list[Used]
) -> dict[str, float | None]:
    web = [one for one in hour if one.kind == ProcessKind.WEB]
    workers = [one for one in hour if one.kind == ProcessKind.WORKER]
    pages = latencies(web)
    answered = sum(one.requests for one in web)
    busy = [one for one in recent if one.kind == ProcessKind.WORKER and one.span_s]
    values: dict[str, float | None] = {
        "page_p50": _known(pages.quantile(0.5)),
        "page_p95": _known(pages.quantile(0.95)),
        "page_p99": _known(pages.quantile(0.99)),
        "pages_per_hour": answered if web else None,
        "page_error_share": (
            sum(one.errors for one in web) / answered if answered else None
        ),
        "task_failures": sum(one.errors for one in workers) if workers else None,
        "cpu_cores": (
            sum(one.cpu_s for one in recent) / max(one.span_s for one in recent)
            if any(one.span_s for one in recent)
            else None
        ),
        "worker_load": (
            min(sum(one.busy_s for one in busy) / sum(one.span_s for one in busy), 1.0)
            if busy
            else None
        ),
    }
    for kind in ProcessKind:
        values[f"{kind.value}_memory"] = _memory(living, kind)
    return values


def _memory(living: Iterable[Used], kind: ProcessKind) -> float | None:
    held = [one.resident_bytes for one in living if one.kind == kind]
    return sum(held) if held else None


def _known(value: float) -> float | None:
    return value if isfinite(value) else None


def _of_database() -> dict[str, float | None]:
    with connection.cursor() as cursor:
        cursor.execute(DATABASE)
        row = cursor.fetchone()
    if row is None:
        return {}
    size, connections, most, longest_s, hit = row
    return {
        "database_bytes": size,
        "database_connections": connections / most,
        "longest_transaction_s": float(longest_s),
        "cache_hit_share": hit,
    }


def _sweeps(at: datetime, living: Iterable[Used]) -> list[SweepState]:
    """Hold what beat tells the workers against when each last succeeded.

    One that never did is late by the time that a worker has been there for it. On the
    long queue none is late before a training could have held it up that long.
    """
    pulses = {pulse.task: pulse for pulse in TaskPulse.objects.all()}
    begun = [one.began_at for one in living if one.kind == ProcessKind.WORKER]
    found = []
    for entry in app.conf.beat_schedule.values():
        every_s = float(entry["schedule"])
        is_long = entry["options"]["queue"] == "long"
        granted_s = every_s + (LONGEST_JOB_S if is_long else 0.0)
        pulse = pulses.get(entry["task"])
        done_at = pulse.succeeded_at if pulse else None
        since = done_at or min(begun, default=None)
        late_s = None
        if since is not None:
            late_s = max((at - since).total_seconds() - granted_s, 0.0)
        found.append(
            SweepState(
                name=entry["task"].rpartition(".")[2],
                every_s=every_s,
                pulse=pulse,
                late_s=late_s,
            )
        )
    return sorted(found, key=lambda sweep: sweep.name)
