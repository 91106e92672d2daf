"""Dry runs: a proposed policy asked about items that the present one has routed.

Both policies are asked about the same items with the draws that were stored for them,
so that what differs is the policy and nothing else. Nothing is written.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitoring.windows.replayed import (
    ReplayedItem,
    ReplayedItems,
    routed_items,
    waiting_among,
)
from reviewapp.models import ProductLine
from reviewapp.policy import Policy, Route, Routing, route

SPAN = timedelta(days=7)
MOST_NAMED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Items of one class that go another way; no class where no answer was valid."""

    before: Route
    after: Route
    label_class: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedChange:
    """One item that goes another way, for the list of the first."""

    item: ReplayedItem
    before: Route
    after: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a proposed policy would have done with the items of a span.

    ``decided`` counts, by class, the items that the model would decide; ``looked_at``
    those that a person would see. ``held_back`` changed items still wait for somebody
    and are counted, not named: the list gives away what the model said.
    """

    sample: ReplayedItems
    changes: tuple[Change, ...]
    named: tuple[NamedChange, ...]
    held_back: int
    decided: Counter[str]
    decided_before: int
    looked_at: int
    looked_at_before: int

    @property
    def replayed(self) -> int:
        """How many items were asked about."""
        return len(self.sample.items)

    @property
    def changed(self) -> int:
        """How many of them go another way."""
        return sum(change.count for change in self.changes)


def sample_last_week(line: ProductLine, *, at: datetime) -> ReplayedItems | None:
    """Draw the items of seven days up to the last full hour, as hours are counted.

    ``None`` without a live version.
    """
    live = line.in_force.live
    end = at.replace(minute=0, second=0, microsecond=0)
    return routed_items(line, live, end - SPAN, end) if live else None


def replay(sample: ReplayedItems, present: Policy, proposed: Policy) -> DryRun:
    """Ask both policies about every item of a sample."""
    asked = [
        (
            item,
            route(present, item.answer, item.draws),
            route(proposed, item.answer, item.draws),
        )
        for item in sample.items
    ]
    changed = [one for one in asked if one[1].route is not one[2].route]
    first = changed[: 4 * MOST_NAMED]
    waiting = waiting_among([item.pk for item, _before, _after in first])
    named = [one for one in first if one[0].pk not in waiting][:MOST_NAMED]
    return DryRun(
        sample=sample,
        changes=_counted(changed),
        named=tuple(
            NamedChange(item=item, before=before.route, after=after.route)
            for item, before, after in named
        ),
        held_back=len(waiting),
        decided=Counter(
            item.answer.label_class
            for item, _before, after in asked
            if after.may_decide and item.answer is not None
        ),
        decided_before=sum(before.may_decide for _item, before, _after in asked),
        looked_at=_looked_at(after for _item, _before, after in asked),
        looked_at_before=_looked_at(before for _item, before, _after in asked),
    )


def _counted(
    changed: list[tuple[ReplayedItem, Routing, Routing]],
) -> tuple[Change, ...]:
    counts = Counter(
        (
            before.route,
            after.route,
            item.answer.label_class if item.answer is not None else None,
        )
        for item, before, after in changed
    )
    return tuple(
        Change(before=before, after=after, label_class=key, count=count)
        for (before, after, key), count in counts.most_common()
    )


def _looked_at(routings: Iterable[Routing]) -> int:
    return sum(routing.route is not Route.AUTOMATIC for routing in routings)
