"""Samples of processes that do not write their own, and samples that grew old."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from monitoring.models import PageHour, ProcessKind, ProcessSample
from monitoring.services.recording import process_name
from reviewapp.errors import ModelHostError
from reviewapp.runtimes.client import ModelHost
from reviewapp.services.locks import Sweep, try_sweep

HOST_TIMEOUT_S = 2.0
KEPT_WHOLE = timedelta(days=1)
KEPT = timedelta(days=90)

# Of five minutes of a process the last sample stays: it holds what those before held.
THIN = """
DELETE FROM monitoring_processsample AS sample
WHERE sample.at < %(until)s AND EXISTS (
    SELECT FROM monitoring_processsample AS later
    WHERE later.kind = sample.kind AND later.name = sample.name
        AND later.at > sample.at
        AND date_bin('5 minutes', later.at, 'epoch')
            = date_bin('5 minutes', sample.at, 'epoch')
)
"""


def sample_model_host(*, as_of: datetime | None = None) -> bool:
    """Ask the model host how it does, and write it down; ``False`` if it is silent.

    It knows no database, so a worker writes for it.
    """
    host = ModelHost(settings.MODEL_HOST_SOCKET, timeout_s=HOST_TIMEOUT_S)
    try:
        said = host.stats()
    except ModelHostError:
        return False
    pid, began_s = int(str(said["pid"])), float(str(said["began_s"]))
    began_at = datetime.fromtimestamp(began_s, tz=UTC)
    ProcessSample.objects.create(
        kind=ProcessKind.MODEL_HOST,
        name=process_name(str(settings.MODEL_HOST_SOCKET), pid, began_at),
        began_at=began_at,
        at=as_of or timezone.now(),
        resident_bytes=int(str(said["resident_bytes"])),
        cpu_s=float(str(said["cpu_s"])),
        requests=int(str(said["answered"])),
    )
    return True


@transaction.atomic
def thin_samples(*, as_of: datetime | None = None) -> int:
    """Thin samples after a day to one in five minutes, and drop them after 90 days.

    Return how many went. Nothing that was served is lost by thinning: samples count
    since a process began.
    """
    if not try_sweep(Sweep.THIN_SAMPLES):
        return 0
    at = as_of or timezone.now()
    dropped, _by_model = ProcessSample.objects.filter(at__lt=at - KEPT).delete()
    # their hours are counted long since, and stay
    PageHour.objects.filter(hour__lt=at - KEPT).delete()
    with connection.cursor() as cursor:
        cursor.execute(THIN, {"until": at - KEPT_WHOLE})
        return dropped + int(cursor.rowcount)
