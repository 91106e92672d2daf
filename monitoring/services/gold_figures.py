"""How people read the gold hidden in their work: found, missed, false alarms."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitoring.stats.figures import Interval
from monitoring.stats.intervals import clopper_pearson
from reviewapp.models import GoldRead, ProductLine, User

# Below this nothing is said of a person: the interval is wider than any difference.
FEWEST_ANSWERS = 100
GOLD_DAYS = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldFigures:
    """Answers to hidden gold with exact 95 % intervals, of one person or of a line.

    ``hits`` are defective items called defective, ``false_alarms`` good ones called so;
    each is ``None`` where nothing of the kind was answered. ``unsure`` answers were
    "cannot tell", and are in neither.
    """

    inspector: User | None
    answers: int
    hits: Interval | None
    false_alarms: Interval | None
    defects: int
    missed: int
    unsure: int
    fewest: int = FEWEST_ANSWERS

    @property
    def is_few(self) -> bool:
        """Say whether the answers are too few for a word on them."""
        return self.answers < self.fewest


def gold_figures(
    line: ProductLine, *, at: datetime, only: User | None = None
) -> GoldFigures:
    """Give how a line's people, or one of them, read its hidden gold lately."""
    reads = GoldRead.objects.hidden_on(line, since=at - timedelta(days=GOLD_DAYS))
    if only is not None:
        reads = reads.filter(inspector=only)
    return _figures(reads.tally(), only)


def gold_by_name(line: ProductLine, *, at: datetime) -> list[GoldFigures]:
    """Give each person's figures on a line's hidden gold, by name."""
    since = at - timedelta(days=GOLD_DAYS)
    counted = GoldRead.objects.hidden_on(line, since=since).tally_by_inspector()
    people = User.objects.in_bulk(list(counted))
    figures = [_figures(counted[pk], person) for pk, person in people.items()]
    return sorted(
        figures, key=lambda one: one.inspector.username if one.inspector else ""
    )


def _figures(counted: dict[str, int], inspector: User | None) -> GoldFigures:
    return GoldFigures(
        inspector=inspector,
        answers=counted["answers"],
        hits=_interval(counted["hits"], counted["defects"]),
        false_alarms=_interval(counted["false_alarms"], counted["goods"]),
        defects=counted["defects"],
        missed=counted["missed"],
        unsure=counted["unsure"],
    )


def _interval(k: int, n: int) -> Interval | None:
    return clopper_pearson(k, n) if n else None
