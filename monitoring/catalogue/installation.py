"""Metrics of the installation itself: what belongs to no line."""

from monitoring.catalogue.metrics import Family, Metric, Present, Unit
from monitoring.catalogue.metrics import gettext_noop as _


def _software(
    key: str,
    unit: Unit,
    *,
    title: str,
    meaning: str,
    rise: str,
    fall: str,
    lower: float | None = None,
    upper: float | None = None,
) -> Metric:
    return Metric(
        key=key,
        family=Family.SOFTWARE,
        unit=unit,
        reads=Present(name=key),
        title=title,
        meaning=meaning,
        rise=rise,
        fall=fall,
        lower=lower,
        upper=upper,
        fewest=0,
    )


SLOWER = _("More people at once, a busy machine, or a statement that has become slow.")
QUICKER = _("Less load, or pages that fail early.")
MORE_MEMORY = _("Larger items or models, or memory that is never given back.")
LESS_MEMORY = _("A process has begun anew, or is gone.")

INSTALLATION: dict[str, Metric] = {
    metric.key: metric
    for metric in (
        _software(
            "page_p50",
            Unit.MILLISECONDS,
            title=_("Time of a page, median"),
            meaning=_("Time that the server took for a page of the last hour, median."),
            rise=SLOWER,
            fall=QUICKER,
        ),
        _software(
            "page_p95",
            Unit.MILLISECONDS,
            title=_("Time of a page, 95 %"),
            meaning=_("Time for 95 of 100 pages of the last hour at most."),
            rise=SLOWER,
            fall=QUICKER,
            upper=1_000,
        ),
        _software(
            "page_p99",
            Unit.MILLISECONDS,
            title=_("Time of a page, 99 %"),
            meaning=_("Time for 99 of 100 pages of the last hour at most."),
            rise=SLOWER,
            fall=QUICKER,
        ),
        _software(
            "pages_per_hour",
            Unit.PER_HOUR,
            title=_("Pages an hour"),
            meaning=_("Pages and API calls that were answered in the last hour."),
            rise=_("More people at work, or a sender that repeats itself."),
            fall=_("A break, or nobody can reach the server."),
        ),
        _software(
            "page_error_share",
            Unit.SHARE,
            title=_("Pages that failed"),
            meaning=_("Of the pages of the last hour, those that ended in a fault."),
            rise=_("The database is away, or a release has a fault."),
            fall=_("What failed has been mended."),
            upper=0.01,
        ),
        _software(
            "task_failures",
            Unit.COUNT,
            title=_("Tasks that failed"),
            meaning=_("Tasks of the workers that ended in a fault in the last hour."),
            rise=_("The database or the model host is away, or a release has a fault."),
            fall=_("What failed has been mended."),
            upper=10,
        ),
        _software(
            "web_memory",
            Unit.BYTES,
            title=_("Memory of the web"),
            meaning=_("Memory that the web processes hold together."),
            rise=MORE_MEMORY,
            fall=LESS_MEMORY,
        ),
        _software(
            "worker_memory",
            Unit.BYTES,
            title=_("Memory of the workers"),
            meaning=_("Memory that the workers' processes hold together."),
            rise=MORE_MEMORY,
            fall=LESS_MEMORY,
        ),
        _software(
            "model_host_memory",
            Unit.BYTES,
            title=_("Memory of the model host"),
            meaning=_(
                "Memory that the model host holds with the models it has loaded."
            ),
            rise=MORE_MEMORY,
            fall=LESS_MEMORY,
            upper=1_800 * 1_048_576,
        ),
        _software(
            "cpu_cores",
            Unit.PLAIN,
            title=_("Processors in use"),
            meaning=_("Processor time of all processes, for each second of 5 minutes."),
            rise=_("More load, a training that runs, or a loop that does not end."),
            fall=_("Less load, or a process that is gone."),
        ),
        _software(
            "worker_load",
            Unit.SHARE,
            title=_("Load of the workers"),
            meaning=_("Share of the last 5 minutes in which a worker had a task."),
            rise=_("More items than the workers can predict, or a slow model."),
            fall=_("Fewer items, or nothing tells the workers what is due."),
            upper=0.9,
        ),
        _software(
            "database_bytes",
            Unit.BYTES,
            title=_("Size of the database"),
            meaning=_("Bytes that the database takes on disk."),
            rise=_("More items; what is older than the retention has not gone."),
            fall=_("Items were erased and their space given back."),
        ),
        _software(
            "database_connections",
            Unit.SHARE,
            title=_("Connections in use"),
            meaning=_("Of the connections that the database allows, those in use."),
            rise=_("More processes, larger pools, or connections never given back."),
            fall=_("Processes are gone."),
            upper=0.8,
        ),
        _software(
            "longest_transaction_s",
            Unit.SECONDS,
            title=_("Longest transaction"),
            meaning=_("How long the oldest transaction of the database has been open."),
            rise=_("A long export, or a process that hangs with a transaction open."),
            fall=_("It has ended."),
            upper=120,
        ),
        _software(
            "cache_hit_share",
            Unit.SHARE,
            title=_("Reads from memory"),
            meaning=_("Of the blocks that the database read, those found in memory."),
            rise=_("What is asked for fits into memory."),
            fall=_("The database has outgrown its memory, or was started anew."),
            lower=0.9,
        ),
        _software(
            "sweep_lateness_s",
            Unit.SECONDS,
            title=_("Latest sweep"),
            meaning=_("How far the most overdue sweep is behind its own rhythm."),
            rise=_("Workers, beat or the broker are down, or the workers are full."),
            fall=_("They are catching up."),
            upper=120,
        ),
    )
}
