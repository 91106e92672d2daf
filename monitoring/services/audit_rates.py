"""What audits say of a line's decisions, weighted, kept for the pages that show it.

A sweep adds a week up now and then; the line's page only takes what was kept, and says
from when it is.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from math import isnan
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from monitoring.services.audits import rates_between
from monitoring.services.freshness import OLDEST_COUNTS
from monitoring.stats.figures import Interval
from monitoring.windows.audits import audits_are_counted
from reviewapp.models import ProductLine
from reviewapp.policy import AutomationLevel

DAYS = 7
KEPT_S = 7200


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRates:
    """Escapes of all it passed, overkill of all good ones it decided, of some days.

    ``None`` where nothing was decided, or no audit of it has been answered.
    """

    at: datetime
    escape: Interval | None
    overkill: Interval | None
    days: int = DAYS


def kept_rates(line: ProductLine) -> AuditRates | None:
    """Give what was last worked out; ``None`` where nothing is kept."""
    if not line.in_force.automation_level.may_decide:
        return None
    kept: dict[str, Any] | None = cache.get(_key(line))
    if kept is None:
        return None
    return AuditRates(
        at=datetime.fromtimestamp(kept["at"], UTC),
        escape=_interval(kept["escape"]),
        overkill=_interval(kept["overkill"]),
    )


def keep_audit_rates(*, as_of: datetime | None = None) -> int:
    """Work out and keep the rates of the lines whose model decides; say of how many.

    Of a line that is not counted that far nothing new is kept.
    """
    at = as_of or timezone.now()
    lines = ProductLine.objects.in_use().filter(
        policy__level__gte=AutomationLevel.PARTIAL
    )
    kept = 0
    for line in lines.select_related("policy"):
        if audits_are_counted(line, at - OLDEST_COUNTS):
            _keep(line, at=at)
            kept += 1
    return kept


def _keep(line: ProductLine, *, at: datetime) -> None:
    found = rates_between(line, at - timedelta(days=DAYS), at)
    stored = {
        "at": at.timestamp(),
        "escape": _stored(found.escape),
        "overkill": _stored(found.overkill),
    }
    cache.set(_key(line), stored, KEPT_S)


def _stored(found: Interval | None) -> dict[str, Any] | None:
    is_known = found is not None and found.n > 0 and not isnan(found.value)
    return asdict(found) if found is not None and is_known else None


def _interval(kept: dict[str, Any] | None) -> Interval | None:
    return Interval(**kept) if kept else None


def _key(line: ProductLine) -> str:
    """Name whose decisions the rates are of: another version has its own."""
    return f"audit-rates-{line.pk}-{line.in_force.live_id}"
