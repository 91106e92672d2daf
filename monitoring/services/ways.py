"""The two ways of showing a prediction, side by side: what each makes of answers.

A line may draw some of its assisted items to be shown the other way. Items under one
share of one style were parted by nothing but that lottery, so they alone are compared;
where a span has several such terms, those under which most was answered.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitoring.services.figures import Share, share
from monitoring.stats.contrasts import FEWEST_VALUES, contrast, median_ranks
from monitoring.stats.figures import Interval
from monitoring.stats.sequential import Difference
from monitoring.windows.ways import WayCount, times_at, way_counts
from reviewapp.models import ProductLine
from reviewapp.policy import AssistStyle

# Below this nothing is said of a share: its interval is wider than what one looks for.
FEWEST = 100


class Asked(StrEnum):
    """What is asked of each way, each with a denominator of its own."""

    SAME = "same"
    CHANGED = "changed"
    RIGHT = "right"
    RIGHT_WITH_MODEL = "right_with_model"
    RIGHT_AGAINST_MODEL = "right_against_model"
    FOLLOWED_WRONG = "followed_wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One way's share, and out of how many; below the fewest it says nothing."""

    share: Share | None
    n: int
    fewest: int = FEWEST

    @property
    def is_few(self) -> bool:
        """Say whether it rests on too little for a word."""
        return self.n < self.fewest


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One question asked of both ways; ``None`` where a way knows no such thing.

    The difference is the first way's share minus the second's, where both are enough.
    """

    asked: Asked
    suggestion_first: Part | None
    answer_first: Part
    difference: Difference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The median of the active seconds at an item, by way, and their difference."""

    suggestion_first: Interval | None
    answer_first: Interval | None
    difference: Difference | None
    timed: dict[AssistStyle, int] = field(default_factory=dict)
    fewest: int = FEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Both ways under one lottery: ``share`` came otherwise than ``usual``.

    ``others`` are the items of the span under other terms, which are not in it.
    """

    usual: AssistStyle
    share: float
    first_at: datetime
    last_at: datetime
    answered: dict[AssistStyle, int]
    others: int
    rows: list[Beside]
    times: Times

    def row(self, asked: Asked) -> Beside:
        """Give what was found on one question."""
        return next(row for row in self.rows if row.asked is asked)


def compare_ways(line: ProductLine, *, start: datetime, end: datetime) -> Ways | None:
    """Compare both ways over [start, end); ``None`` where nothing was answered."""
    counted = way_counts(line, start=start, end=end)
    if not counted:
        return None
    terms = _terms_of_most(counted)
    arms = {one.way: one for one in counted if (one.usual, one.share) == terms}
    return Ways(
        usual=terms[0],
        share=terms[1],
        first_at=min(one.first_at for one in arms.values()),
        last_at=max(one.last_at for one in arms.values()),
        answered={way: arms[way].answered if way in arms else 0 for way in AssistStyle},
        others=sum(one.answered for one in counted if one not in arms.values()),
        rows=[_beside(asked, arms) for asked in Asked],
        times=_times(line, arms, start=start, end=end),
    )


def _terms_of_most(counted: Iterable[WayCount]) -> tuple[AssistStyle, float]:
    sums: dict[tuple[AssistStyle, float], int] = {}
    for one in counted:
        terms = (one.usual, one.share)
        sums[terms] = sums.get(terms, 0) + one.answered
    return max(sums, key=lambda terms: (sums[terms], terms))


def _beside(asked: Asked, arms: dict[AssistStyle, WayCount]) -> Beside:
    first = (
        None
        if asked is Asked.CHANGED
        else _part(asked, arms.get(AssistStyle.SUGGESTION_FIRST))
    )
    second = _part(asked, arms.get(AssistStyle.ANSWER_FIRST))
    return Beside(
        asked=asked,
        suggestion_first=first,
        answer_first=second,
        difference=_difference(first, second),
    )


def _part(asked: Asked, counted: WayCount | None) -> Part:
    if counted is None:
        return Part(share=None, n=0)
    k, n = {
        Asked.SAME: (counted.same, counted.answered),
        Asked.CHANGED: (counted.changed, counted.revealed),
        Asked.RIGHT: (counted.right, counted.settled),
        Asked.RIGHT_WITH_MODEL: (counted.right_with_model, counted.model_right),
        Asked.RIGHT_AGAINST_MODEL: (counted.right_against_model, counted.model_wrong),
        Asked.FOLLOWED_WRONG: (counted.followed_wrong, counted.model_wrong),
    }[asked]
    return Part(share=share(k, n), n=n)


def _difference(first: Part | None, second: Part) -> Difference | None:
    if first is None or first.is_few or second.is_few:
        return None
    if first.share is None or second.share is None:
        return None
    return contrast(_interval(first.share), _interval(second.share))


def _interval(found: Share) -> Interval:
    return Interval(value=found.value, low=found.low, high=found.high, n=found.of)


def _times(
    line: ProductLine,
    arms: dict[AssistStyle, WayCount],
    *,
    start: datetime,
    end: datetime,
) -> Times:
    found = {
        way: _median(line, counted, start=start, end=end)
        for way, counted in arms.items()
    }
    first = found.get(AssistStyle.SUGGESTION_FIRST)
    second = found.get(AssistStyle.ANSWER_FIRST)
    return Times(
        suggestion_first=first,
        answer_first=second,
        difference=contrast(first, second) if first and second else None,
        timed={way: arms[way].timed if way in arms else 0 for way in AssistStyle},
    )


def _median(
    line: ProductLine, counted: WayCount, *, start: datetime, end: datetime
) -> Interval | None:
    """Give the median in seconds with its bounds; ``None`` of too few times."""
    n = counted.timed
    if n < max(FEWEST, FEWEST_VALUES):
        return None
    low, high = median_ranks(n)
    middle = ((n + 1) // 2, n // 2 + 1)
    at = times_at(line, counted, [low, *middle, high], start=start, end=end)
    if len(at) < len({low, *middle, high}):  # answers were taken back meanwhile
        return None
    return Interval(
        value=(at[middle[0]] + at[middle[1]]) / 2000,
        low=at[low] / 1000,
        high=at[high] / 1000,
        n=n,
    )
