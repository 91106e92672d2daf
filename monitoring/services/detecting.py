"""The detectors' own state, kept for the page that shows it.

To run them takes some tenths of a second on twenty thousand labels: pages get what the
judging heard last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.core.cache import cache

from monitoring.services.detectors import Detection, detect
from reviewapp.models import Policy, ProductLine

KEPT_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Detectors:
    """All detectors of a line's live version, and when they last looked.

    Where a change began is not kept: that is for alarms.
    """

    at: datetime
    each: Sequence[Detection]


def kept_detectors(line: ProductLine, *, at: datetime) -> Detectors | None:
    """Give what was last heard, or run them; ``None`` without a version."""
    in_force = line.in_force
    if in_force.live is None:
        return None
    kept = cache.get(_key(in_force))
    return _read(kept) if kept else keep_detectors(line, detect(line, at=at), at=at)


def keep_detectors(
    line: ProductLine, heard: Sequence[Detection], *, at: datetime
) -> Detectors:
    """Keep what the detectors of the line's live version say now."""
    found = Detectors(at=at, each=[replace(one, change=None) for one in heard])
    stored = {"at": at, "each": [asdict(one) for one in found.each]}
    cache.set(_key(line.in_force), stored, KEPT_S)
    return found


def last_heard(lines: Iterable[ProductLine]) -> dict[str, Detectors]:
    """Give what is kept of lines, by their name in addresses; runs nothing."""
    keys = {_key(line.in_force): line.slug for line in lines}
    kept = cache.get_many(keys)
    return {keys[key]: _read(value) for key, value in kept.items()}


def _read(kept: dict[str, Any]) -> Detectors:
    return Detectors(at=kept["at"], each=[Detection(**one) for one in kept["each"]])


def _key(in_force: Policy) -> str:
    """Name what they depend on: a version, and the certificates of a policy."""
    return f"heard-{in_force.line_id}-{in_force.live_id}-{in_force.pk}"
