"""People and the model on the same items: by what was in sight, class by class."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from math import isfinite

from monitoring.catalogue import AGREED, Ratio, Rows
from monitoring.services.figures import Share, weighed
from monitoring.services.references import went_live_at
from monitoring.services.series import Point, Span, weighted_point
from monitoring.stats.agreement import ChanceCorrected, Kappa, cohen_kappa, gwet_ac1
from monitoring.stats.reliability import ReliabilityBin, reliability
from monitoring.windows.counts import Counted, groups, total
from monitoring.windows.days import counted_by_day
from monitoring.windows.pairs import pairs_between
from reviewapp.models import LabelClass, Meaning, ModelVersion, ProductLine
from reviewapp.policy import Route


class Sight(StrEnum):
    """What whoever labelled had in sight; figures of two kinds are never mixed."""

    BLIND = "blind"
    SHOWN = "shown"
    READERS = "readers"


ROWS = {
    Sight.BLIND: Rows(measures=("pair",), is_blind=True),
    Sight.SHOWN: Rows(measures=("shown",)),
    Sight.READERS: Rows(measures=("readers",), of_version=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassAgreement:
    """One class: what became of what people, and what the model, said it was."""

    name: str
    meaning: str
    found: Share | None
    right: Share | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two raters over a span: the table of both, and what is read off it.

    Where labels were drawn with unlike chances, shares are weighted to be of all items.
    The table is of labels as they were drawn, and so are kappa and AC1. ``decided`` is
    the agreement on what the model decides, from audits, ``reviewed`` on what people
    do, from blind looks.
    """

    sight: Sight
    classes: Sequence[LabelClass]
    table: Sequence[Sequence[int]]
    cannot_tell: Sequence[int]
    agreed: Share | None
    kappa: Kappa | None
    ac1: ChanceCorrected | None
    by_class: Sequence[ClassAgreement]
    days: Sequence[Point]
    is_weighted: bool
    decided: Share | None
    reviewed: Share | None

    @property
    def rows(self) -> list[tuple[LabelClass, list[tuple[int, bool]], int]]:
        """The table's rows: the class, its cells, and how many nobody could tell."""
        return [
            (
                self.classes[i],
                [(n, i == j) for j, n in enumerate(row)],
                self.cannot_tell[i],
            )
            for i, row in enumerate(self.table)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Misses and false alarms of the model on blind items, by each denominator."""

    escaped_of_passed: Share | None
    escaped_of_defects: Share | None
    overkill_of_good: Share | None
    overkill_of_rejected: Share | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that the agreement page shows.

    ``since_live`` is the agreement on blind items on every day of the live version up
    to the span's end.
    """

    version: ModelVersion | None
    since_live: Sequence[Point]
    compared: list[Compared]
    rates: Rates
    bins: list[ReliabilityBin]


def compare(line: ProductLine, span: Span) -> Comparison:
    """Compare people and the live version over a span, by what was in sight.

    Confidence is read from the pairs themselves, which are not told by segment.
    """
    version = line.in_force.live
    classes = list(line.classes.in_use())
    first = span.first
    if version is not None:
        live_on = went_live_at(line, version).astimezone(span.zone).date()
        first = min(first, live_on)
    since = counted_by_day(
        line,
        first,
        span.end,
        zone=span.zone,
        measures=["pair", "shown", "readers"],
        segment=span.segment,
    )
    counts = [one for one in since if one.day is None or one.day >= span.first]
    bins: list[ReliabilityBin] = []
    if version is not None and not span.segment:
        pairs = pairs_between(line, version, span.start_at, span.end_at)
        bins = reliability(pairs.confidence, ~pairs.wrong)
    return Comparison(
        version=version,
        since_live=weighted_days(since, AGREED, version),
        compared=[_compared(s, counts, classes, version) for s in Sight],
        rates=_rates(counts, version),
        bins=bins,
    )


def _compared(
    sight: Sight,
    counts: Sequence[Counted],
    classes: Sequence[LabelClass],
    version: ModelVersion | None,
) -> Compared:
    rows = ROWS[sight]
    places = {one.key: place for place, one in enumerate(classes)}
    table = [[0] * len(classes) for _class in classes]
    cannot_tell = [0] * len(classes)
    for one in counts:
        if not total([one], rows, version):
            continue
        row, column = places.get(one.predicted or ""), places.get(one.answered or "")
        if row is not None and column is not None:
            table[row][column] += one.count
        elif row is not None:
            cannot_tell[row] += one.count
    agreed = Ratio(part=replace(rows, agreed=True), whole=rows, is_weighted=True)
    audits, looks = (
        Ratio(
            part=replace(agreed.part, routes=(route.value,)),
            whole=replace(rows, routes=(route.value,)),
            is_weighted=True,
        )
        for route in (Route.AUDIT, Route.BLIND)
    )
    return Compared(
        sight=sight,
        classes=classes,
        table=table,
        cannot_tell=cannot_tell,
        agreed=weighed(groups(counts, agreed, version)),
        kappa=_kappa(table),
        ac1=_ac1(table),
        by_class=[_of_class(one, counts, rows, version) for one in classes],
        days=weighted_days(counts, agreed, version),
        is_weighted=len(groups(counts, agreed, version)) > 1,
        decided=weighed(groups(counts, audits, version)),
        reviewed=weighed(groups(counts, looks, version)),
    )


def weighted_days(
    counts: Iterable[Counted], reads: Ratio, version: ModelVersion | None
) -> list[Point]:
    """Give a share of all items day by day, oldest first, from the pairs of each."""
    by_day: dict[date, list[Counted]] = {}
    for one in counts:
        if one.day is not None:
            by_day.setdefault(one.day, []).append(one)
    drawn = {day: groups(own, reads, version) for day, own in sorted(by_day.items())}
    return [weighted_point(day, own) for day, own in drawn.items() if own]


def _kappa(table: list[list[int]]) -> Kappa | None:
    """Give kappa where it is defined; a table of one class has none."""
    if not sum(map(sum, table)):
        return None
    found = cohen_kappa(table)
    return found if isfinite(found.value) else None


def _ac1(table: list[list[int]]) -> ChanceCorrected | None:
    if not sum(map(sum, table)):
        return None
    found = gwet_ac1(table)
    return found if isfinite(found.value) else None


def _of_class(
    label_class: LabelClass,
    counts: Sequence[Counted],
    rows: Rows,
    version: ModelVersion | None,
) -> ClassAgreement:
    key = label_class.key
    hits = replace(rows, predicted=key, answered=key)

    def of(whole: Rows) -> Share | None:
        reads = Ratio(part=hits, whole=whole, is_weighted=True)
        return weighed(groups(counts, reads, version))

    return ClassAgreement(
        name=label_class.name,
        meaning=label_class.meaning,
        found=of(replace(rows, answered=key)),
        right=of(replace(rows, predicted=key)),
    )


def _rates(counts: Sequence[Counted], version: ModelVersion | None) -> Rates:
    blind, good, bad = ROWS[Sight.BLIND], Meaning.PASS.value, Meaning.REJECT.value
    escaped = replace(blind, predicted=good, answered=bad)
    overkill = replace(blind, predicted=bad, answered=good)

    def of(part: Rows, *, predicted: str | None, answered: str | None) -> Share | None:
        whole = replace(blind, predicted=predicted, answered=answered)
        reads = Ratio(part=part, whole=whole, is_weighted=True)
        return weighed(groups(counts, reads, version))

    return Rates(
        escaped_of_passed=of(escaped, predicted=good, answered=None),
        escaped_of_defects=of(escaped, predicted=None, answered=bad),
        overkill_of_good=of(overkill, predicted=None, answered=good),
        overkill_of_rejected=of(overkill, predicted=bad, answered=None),
    )
