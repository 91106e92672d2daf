"""What a proposed policy would cost: errors in all traffic, people, and money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan, sqrt

from django.db.models import Avg, Count, StdDev

from monitoring.models import CostMatrix
from monitoring.services.dry_run import SPAN, DryRun
from monitoring.services.figures import Share, share
from monitoring.stats.operating import Part, share_of_traffic
from monitoring.windows.certifying import ClassLabels
from reviewapp.models import Label, Meaning, ProductLine
from reviewapp.policy import AutomationLevel, Policy

SHIFT_H = 8
NEWEST_LABELS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An amount with the bounds around it; ``None`` where it is not known."""

    value: float | None
    low: float
    high: float

    def times(self, factor: float) -> "Amount":
        """Give so many times the amount."""
        value = None if self.value is None else self.value * factor
        return Amount(value=value, low=self.low * factor, high=self.high * factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Bad decisions per item of traffic, and the labels that say so."""

    amount: Amount
    bad: int
    labels: int
    decided: int

    @property
    def per_100_thousand(self) -> Amount:
        """The rate as it is read."""
        return self.amount.times(100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingTime:
    """Active seconds that a person took for an item, over the newest labels."""

    seconds: Amount
    labels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """What would follow from a proposed policy, item by item, person by person."""

    coverage: Share | None
    coverage_before: Share | None
    escapes: Rate | None
    overkill: Rate | None
    other_errors: Rate | None
    looks: Share | None
    items_per_day: float
    handling: HandlingTime | None
    hours_per_day: Amount | None
    people: Amount | None
    money_per_day: Amount | None
    currency: str


def consequences(
    run: DryRun,
    proposed: Policy,
    labels: Mapping[str, ClassLabels],
    meanings: Mapping[str, Meaning],
    *,
    handling: HandlingTime | None,
    costs: CostMatrix | None,
) -> Consequences:
    """Say what a policy would do to items, people and money, with its bounds."""

    def rate(of: Meaning) -> Rate | None:
        keys = [key for key, meaning in meanings.items() if meaning is of]
        parts = [_part(key, run, proposed, labels) for key in keys]
        return _rate(parts) if parts else None

    per_day = run.sample.in_span / SPAN.days
    escapes, overkill = rate(Meaning.PASS), rate(Meaning.REJECT)
    looks = share(run.looked_at, run.replayed)
    hours = None
    if looks is not None and handling is not None:
        one = handling.seconds
        hours = Amount(
            value=None if one.value is None else looks.value * one.value,
            low=looks.low * one.low,
            high=looks.high * one.high,
        ).times(per_day / 3600)
    money = None
    if costs is not None and looks is not None:
        reviews = Amount(value=looks.value, low=looks.low, high=looks.high)
        errors = ((escapes, costs.escape), (overkill, costs.overkill))
        money = _sum(
            [reviews.times(per_day * float(costs.review))]
            + [
                found.amount.times(per_day * float(cost))
                for found, cost in errors
                if found is not None
            ]
        )
    return Consequences(
        coverage=share(run.decided.total(), run.replayed),
        coverage_before=share(run.decided_before, run.replayed),
        escapes=escapes,
        overkill=overkill,
        other_errors=rate(Meaning.NEUTRAL),
        looks=looks,
        items_per_day=per_day,
        handling=handling,
        hours_per_day=hours,
        people=None if hours is None else hours.times(1 / SHIFT_H),
        money_per_day=money,
        currency=costs.currency if costs else "",
    )


def handling_time(line: ProductLine, *, at: datetime) -> HandlingTime | None:
    """Measure the active seconds of the newest labels of the last seven days."""
    newest = (
        Label.objects.filter(
            item__line=line,
            labelled_at__gte=at - SPAN,
            labelled_at__lte=at,
            active_ms__isnull=False,
        )
        .order_by("-labelled_at")
        .values("pk")[:NEWEST_LABELS]
    )
    found = Label.objects.filter(pk__in=newest).aggregate(
        n=Count("pk"), mean=Avg("active_ms"), spread=StdDev("active_ms")
    )
    if not found["n"]:
        return None
    mean, error = found["mean"] / 1000, found["spread"] / 1000 / sqrt(found["n"])
    seconds = Amount(
        value=mean, low=max(mean - 1.96 * error, 0.0), high=mean + 1.96 * error
    )
    return HandlingTime(seconds=seconds, labels=found["n"])


def decides_from(policy: Policy, key: str) -> float | None:
    """Give the confidence from which a policy lets a class decide; ``None``: never."""
    held = policy.certificates.get(key)
    if held is None or held.fingerprint != policy.live:
        return None
    if policy.level is AutomationLevel.FULL:
        return (held.chosen or 0.0) if held.covers_all else None
    return held.decides_from


def _part(
    key: str, run: DryRun, proposed: Policy, labels: Mapping[str, ClassLabels]
) -> Part:
    threshold = decides_from(proposed, key)
    found = labels.get(key)
    if threshold is None or found is None:
        return Part(
            decided=run.decided[key], seen=max(run.replayed, 1), bad=0, labels=0
        )
    covered = found.confidence >= threshold
    return Part(
        decided=run.decided[key],
        seen=run.replayed,
        bad=int(found.harmful[covered].sum()),
        labels=int(covered.sum()),
    )


def _rate(parts: Sequence[Part]) -> Rate:
    deciding = [part for part in parts if part.decided]
    found = share_of_traffic(deciding)
    return Rate(
        amount=Amount(
            value=None if isnan(found.value) else found.value,
            low=found.low,
            high=found.high,
        ),
        bad=sum(part.bad for part in deciding),
        labels=found.n,
        decided=sum(part.decided for part in deciding),
    )


def _sum(amounts: Sequence[Amount]) -> Amount:
    values = [amount.value for amount in amounts]
    known = [value for value in values if value is not None]
    return Amount(
        value=sum(known) if len(known) == len(values) else None,
        low=sum(amount.low for amount in amounts),
        high=sum(amount.high for amount in amounts),
    )
