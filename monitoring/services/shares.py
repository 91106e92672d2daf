"""Shares: whether a rise is of the model or of what comes, and of whom.

More defects of the known kinds bring more escapes, of which the model passes no larger
share. And more overkill is the model's where it rejects more of what people read; where
they reject less of what it rejects, it is theirs.
"""

from monitoring.stats.contrasts import contrast
from monitoring.stats.figures import Interval
from monitoring.stats.intervals import wilson
from monitoring.windows.streams import Bools, Stream

FEWEST_DEFECTS = 10
# A change is placed where differences are many, which makes their share look large.
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

    False where the model rejects more instead; ``None`` where neither can be told.
    """
    now, then = since.confirmed[began:], before.confirmed
    if then.sum() < FEWEST_DEFECTS or not now.size:
        return None
    if contrast(_share(now), _share(then)).high < 0:
        return True
    rejects = contrast(
        _share(now | since.overkills[began:], confidence=SURELY),
        _share(then | before.overkills, confidence=SURELY),
    )
    return False if rejects.low > 0 else None


def _share(said: Bools, *, confidence: float = 0.95) -> Interval:
    return wilson(int(said.sum()), int(said.size), confidence=confidence)
