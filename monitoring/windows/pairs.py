"""Blind pairs: what the model and people said of the same items, as numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import ExtractHour, ExtractMinute, TruncDate

from monitoring.models import HourlyCount, Measure
from monitoring.windows.streams import first_blind
from reviewapp.models import (
    Meaning,
    ModelVersion,
    Policy,
    Prediction,
    ProductLine,
    Review,
)

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LARGEST_SAMPLE = 20_000
# How sure an answer was, what it was, and what people settled the item as.
WEIGHED = (
    "item__predictions__confidence",
    "item__predictions__label_class__key",
    "settled",
)

AGREES = Q(predicted=F("answered"))
AUDITED_PASS = Q(route="audit", predicted__meaning=Meaning.PASS)
ESCAPED = Q(answered__meaning=Meaning.REJECT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """How many blind pairs there are, and in how many of them both said the same."""

    pairs: int
    agreed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCounts(Agreed):
    """Blind pairs, audits of what the model passed, and the rejects among those."""

    audits: int
    escapes: int


NOTHING_COUNTED = GateCounts(pairs=0, agreed=0, audits=0, escapes=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPairs:
    """Blind pairs, as of one predicted class: how sure the model was, and how wrong."""

    confidence: Floats
    wrong: Bools


def agreement(counts: QuerySet[HourlyCount]) -> Agreed:
    """Sum blind pairs; a label of "cannot tell" is a pair that does not agree."""
    sums = counts.aggregate(
        pairs=Sum("count", default=0),
        agreed=Sum("count", filter=AGREES, default=0),
    )
    return Agreed(pairs=sums["pairs"], agreed=sums["agreed"])


def confusion(counts: QuerySet[HourlyCount]) -> list[tuple[str, str | None, int]]:
    """Sum blind pairs by what the model and the person said, by class key."""
    rows = counts.values_list("predicted__key", "answered__key").annotate(
        n=Sum("count")
    )
    return [(predicted, answered, n) for predicted, answered, n in rows.order_by()]


def agreement_by_segment(counts: QuerySet[HourlyCount]) -> dict[str, Agreed]:
    """Sum blind pairs by the part of the line; what was counted whole has no name."""
    rows = counts.values("segment").annotate(
        pairs=Sum("count"),
        agreed=Sum("count", filter=AGREES, default=0),
    )
    return {
        row["segment"]: Agreed(pairs=row["pairs"], agreed=row["agreed"])
        for row in rows.order_by()
    }


def readers(line: ProductLine, *, start: datetime, end: datetime) -> Agreed:
    """Sum items that two people read blind by lot, and those on which they agreed.

    An audit is read again only after it differs, so it says nothing of people.
    """
    return agreement(
        HourlyCount.objects.of_line(line)
        .filter(measure=Measure.READERS, route="blind")
        .between(start, end)
    )


def days_and_shifts(
    line: ProductLine, counts: QuerySet[HourlyCount]
) -> tuple[int, int]:
    """Count the days and the shifts of the line's own zone in which pairs fell."""
    zone = ZoneInfo(line.time_zone)
    rows = counts.annotate(
        day=TruncDate("hour", tzinfo=zone),
        hour_of_day=ExtractHour("hour", tzinfo=zone),
        minute=ExtractMinute("hour", tzinfo=zone),
    ).values_list("day", "hour_of_day", "minute")
    days, shifts = set(), set()
    for day, hour, minute in rows.distinct():
        days.add(day)
        shifts.add(shift_of(line, hour * 60 + minute))
    return len(days), len(shifts)


def shift_count(line: ProductLine) -> int:
    """Count the shifts of a line's day; a line without any has one."""
    return max(len(line.shift_starts), 1)


def shift_of(line: ProductLine, minute_of_day: int) -> int:
    """Give the number of the shift that a minute of the day falls into.

    Shifts begin at the line's ``shift_starts`` ("06:00"); the last one of a day runs
    over midnight. A line without any has one shift.
    """
    starts = sorted(int(text[:2]) * 60 + int(text[3:5]) for text in line.shift_starts)
    begun = [number for number, start in enumerate(starts) if start <= minute_of_day]
    return begun[-1] if begun else max(len(starts) - 1, 0)


def overdue_draws(line: ProductLine, *, before: datetime) -> int:
    """Count drawn items whose blind label should have come by now."""
    return (
        Review.objects.waiting_on(line)
        .filter(queued_at__lt=before, item__routing__route__in=["blind", "audit"])
        .filter(item__routing__version=F("line__policy__live"))[:LARGEST_SAMPLE]
        .count()
    )


def pairs_per_day(line: ProductLine, version: ModelVersion, *, at: datetime) -> float:
    """Give the pace of blind labels over the last seven days that had any."""
    zone = ZoneInfo(line.time_zone)
    rows = (
        HourlyCount.objects.of_line(line)
        .filter(measure=Measure.ANSWER, is_blind=True, version=version)
        .between(at - timedelta(days=7), at + timedelta(hours=1))
        .annotate(day=TruncDate("hour", tzinfo=zone))
        .values("day")
        .annotate(n=Sum("count"))
    )
    counts = [row["n"] for row in rows]
    return sum(counts) / len(counts) if counts else 0.0


def _blind_reviews(line: ProductLine, in_force: Policy) -> QuerySet[Review]:
    """Closed first reads that are evidence for the live version in this epoch."""
    return Review.objects.filter(
        line=line,
        read_number=1,
        closed_at__isnull=False,
        label__shown="nothing",
        label__policy__attempt=in_force.attempt,
        label__policy__live=in_force.live,
        item__routing__route__in=["blind", "audit"],
        item__predictions__version=in_force.live,
        item__predictions__error="",
        item__predictions__predicted_at__lte=F("label__labelled_at"),
    ).exclude(label__kind="retraction")


def class_pairs(line: ProductLine, in_force: Policy) -> dict[str, ClassPairs]:
    """Give the blind pairs of the live version in the present epoch, by class.

    The newest 20,000 at most. Confidences are those stored with the predictions.
    """
    rows = (
        _blind_reviews(line, in_force)
        .order_by("-closed_at")
        .values_list(
            "item__predictions__label_class__key",
            "item__predictions__confidence",
            "label__label_class__key",
        )[:LARGEST_SAMPLE]
    )
    by_class: dict[str, list[tuple[float, bool]]] = {}
    for predicted, confidence, answered in rows:
        by_class.setdefault(predicted, []).append(
            (confidence or 0, predicted != answered)
        )
    return {
        key: ClassPairs(
            confidence=np.array([confidence for confidence, _wrong in pairs]),
            wrong=np.array([wrong for _confidence, wrong in pairs]),
        )
        for key, pairs in by_class.items()
    }


def pairs_between(
    line: ProductLine, version: ModelVersion, start: datetime, end: datetime
) -> ClassPairs:
    """Give the blind pairs of a version whose items occurred in [start, end).

    The newest 20,000 at most, whatever the epoch, each as people settled it by now: for
    display, never for a gate.
    """
    rows = (
        first_blind(line, version)
        .filter(item__occurred_at__gte=start, item__occurred_at__lt=end)
        .order_by("-closed_at")
        .values_list(*WEIGHED)[:LARGEST_SAMPLE]
    )
    found = [(confidence or 0, said != settled) for confidence, said, settled in rows]
    return ClassPairs(
        confidence=np.array([confidence for confidence, _wrong in found]),
        wrong=np.array([wrong for _confidence, wrong in found], dtype=bool),
    )


def gate_counts(counts: QuerySet[HourlyCount]) -> dict[int, GateCounts]:
    """Sum what the gates of agreement and escapes are held against, by line."""
    rows = counts.values_list("line").annotate(
        pairs=Sum("count"),
        agreed=Sum("count", filter=AGREES, default=0),
        audits=Sum("count", filter=AUDITED_PASS, default=0),
        escapes=Sum("count", filter=AUDITED_PASS & ESCAPED, default=0),
    )
    return {
        line: GateCounts(pairs=n, agreed=agreed, audits=audits, escapes=escapes)
        for line, n, agreed, audits, escapes in rows.order_by()
    }


def latest_prediction_at(line: ProductLine) -> datetime | None:
    """Say when the line's newest prediction was stored."""
    newest = Prediction.objects.filter(item__line=line).order_by("-pk").first()
    return newest.predicted_at if newest else None
