"""People and the model on the same items: by what was in sight, class by class."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite

from monitoring.catalogue import Rows
from monitoring.services.figures import Share, share
from monitoring.services.references import went_live_at
from monitoring.services.series import Point, Span, share_point
from monitoring.stats.agreement import ChanceCorrected, Kappa, cohen_kappa, gwet_ac1
from monitoring.stats.reliability import ReliabilityBin, reliability
from monitoring.windows.counts import Counted, total
from monitoring.windows.days import counted_by_day
from monitoring.windows.pairs import pairs_between
from reviewapp.models import LabelClass, Meaning, ModelVersion, ProductLine


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
    """Two raters over a span: the table of both, and what is read off it."""

    sight: Sight
    classes: Sequence[LabelClass]
    table: Sequence[Sequence[int]]
    cannot_tell: Sequence[int]
    agreed: Share | None
    kappa: Kappa | None
    ac1: ChanceCorrected | None
    by_class: Sequence[ClassAgreement]
    days: Sequence[Point]

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

    ``since_live`` are the blind pairs that agree, and all, of every day of the live
    version up to the span's end.
    """

    version: ModelVersion | None
    since_live: Mapping[date, tuple[int, int]]
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
        since_live=agreed_by_day(since, ROWS[Sight.BLIND], version),
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
    by_day = agreed_by_day(counts, rows, version)
    return Compared(
        sight=sight,
        classes=classes,
        table=table,
        cannot_tell=cannot_tell,
        agreed=share(
            sum(agreed for agreed, _n in by_day.values()),
            sum(n for _agreed, n in by_day.values()),
        ),
        kappa=_kappa(table),
        ac1=_ac1(table),
        by_class=_by_class(classes, table, cannot_tell),
        days=[share_point(day, *sums) for day, sums in by_day.items()],
    )


def agreed_by_day(
    counts: Iterable[Counted], rows: Rows, version: ModelVersion | None
) -> dict[date, tuple[int, int]]:
    """Sum pairs that agree, and all pairs, by day, oldest first."""
    by_day: dict[date, tuple[int, int]] = {}
    for one in counts:
        if one.day is not None and total([one], rows, version):
            agreed, n = by_day.get(one.day, (0, 0))
            is_same = one.predicted == one.answered
            by_day[one.day] = (agreed + one.count * is_same, n + one.count)
    return dict(sorted(by_day.items()))


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


def _by_class(
    classes: Sequence[LabelClass], table: list[list[int]], cannot_tell: list[int]
) -> list[ClassAgreement]:
    found = []
    for place, one in enumerate(classes):
        hits = table[place][place]
        found.append(
            ClassAgreement(
                name=one.name,
                meaning=one.meaning,
                found=share(hits, sum(row[place] for row in table)),
                right=share(hits, sum(table[place]) + cannot_tell[place]),
            )
        )
    return found


def _rates(counts: Sequence[Counted], version: ModelVersion | None) -> Rates:
    def n(predicted: str | None, answered: str | None) -> int:
        rows = Rows(
            measures=("pair",), is_blind=True, predicted=predicted, answered=answered
        )
        return total(counts, rows, version)

    good, bad = Meaning.PASS.value, Meaning.REJECT.value
    return Rates(
        escaped_of_passed=share(n(good, bad), n(good, None)),
        escaped_of_defects=share(n(good, bad), n(None, bad)),
        overkill_of_good=share(n(bad, good), n(None, good)),
        overkill_of_rejected=share(n(bad, good), n(bad, None)),
    )
