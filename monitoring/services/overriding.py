"""Overrides that are over: ended by the judging, before it says that it has judged.

So none outlives the monitor. Where the judging stands still, an override that is over
is not taken back, and items go to people once the last judgement is too old.
"""

from datetime import datetime

from monitoring.services.evidence import gather
from reviewapp.models import ProductLine
from reviewapp.services import overrides


def end_override(line: ProductLine, *, at: datetime) -> bool:
    """End the override of a line if its time is up; say whether that was so."""
    ends_at = line.in_force.override_ends_at
    if ends_at is None or at < ends_at:
        return False
    overrides.end_override(line, gather(line, as_of=at), as_of=at)
    return True
