"""Shares: whether a rise is of the model or of what comes, and of whom.

More defects of the known kinds bring more escapes, of which the model passes no larger
share. And more overkill is the model's where people reject as much of what it rejects
as before; where they reject less of it, it is theirs.
"""

from monitoring.stats.contrasts import contrast
from monitoring.stats.intervals import wilson
from monitoring.windows.streams import Stream

FEWEST_DEFECTS = 10
# A change is placed where escapes are many, which makes their share look large, too.
SURELY = 0.999


def misses_rose(before: Stream, since: Stream, *, began: int) -> bool | None:
    """Say whether the model passes a larger share of what people reject than before.

    ``None`` where that cannot be told: of few defects, or where the share may have
    stayed as it was or have doubled.
    """
    now = int(since.escapes[began:].sum()), int(since.rejected[began:].sum())
    then = int(before.escapes.sum()), int(before.rejected.sum())
    if min(now[1], then[1]) < FEWEST_DEFECTS:
        return None
    surely = contrast(wilson(*now, confidence=SURELY), wilson(*then, confidence=SURELY))
    if surely.low > 0:
        return True
    usual = wilson(*then)
    return False if contrast(wilson(*now), usual).high < usual.value else None


def confirmed_fell(before: Stream, since: Stream, *, began: int) -> bool | None:
    """Say whether people reject less of what the model rejects than before.

    ``None`` where that cannot be told: of few defects, or where they may reject as much
    as before, or less by as much as overkill rose.
    """
    now, then = _confirmed(since, began), _confirmed(before, 0)
    if then[0] < FEWEST_DEFECTS or not now[1]:
        return None
    change = contrast(wilson(*now), wilson(*then))
    if change.high < 0:
        return True
    overkill = float(since.overkills[began:].mean()) - float(before.overkills.mean())
    return False if change.low > -overkill else None


def _confirmed(stream: Stream, began: int) -> tuple[int, int]:
    """Count what both reject, and all labels."""
    both = stream.rejected[began:] & ~stream.escapes[began:]
    return int(both.sum()), int(both.size)
