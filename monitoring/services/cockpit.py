"""What the model's decisions cost in errors: escapes and overkill with both counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Sum

from monitoring.models import HourlyCount
from monitoring.stats.figures import Interval
from monitoring.stats.intervals import clopper_pearson
from monitoring.stats.weighting import weighted_share
from reviewapp.models import Meaning, ProductLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Errors of one kind among blind labels, with the interval of their share.

    It is exact where all labels had one chance of being asked for; where they had not,
    each is weighed by it and the share is not the one count over the other.
    ``of`` are the labels of what the model said alike; ``truly`` all those that people
    said are what was missed. Both are counts, so that nobody takes one share for the
    other.
    """

    wrong: int
    of: int
    truly: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


class Cell(NamedTuple):
    """Labels of one prediction, one answer and one chance, and how many there are."""

    said: str
    answered: str | None
    inclusion: float | None
    labels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The errors of what the model decides, or would; ``is_audited`` says which."""

    escapes: Errors
    overkill: Errors
    is_audited: bool


def errors_of(line: ProductLine, *, start: datetime, end: datetime) -> Kept | None:
    """Count escapes and overkill of the live version; ``None`` without one.

    Where it decides, audits of its decisions count; below, all blind labels of what it
    would have said. The two are drawn with other chances, and are not added up.
    """
    in_force = line.in_force
    if in_force.live is None:
        return None
    is_audited = in_force.automation_level.may_decide
    rows = (
        HourlyCount.objects.of_line(line)
        .blind_pairs(in_force.live)
        .between(start, end)
        .filter(route="audit" if is_audited else "blind")
        .values_list("predicted__meaning", "answered__meaning", "inclusion")
        .annotate(n=Sum("count"))
        .order_by()
    )
    table = [Cell(*row) for row in rows]
    return Kept(
        escapes=_errors(table, said=Meaning.PASS, truly=Meaning.REJECT),
        overkill=_errors(table, said=Meaning.REJECT, truly=Meaning.PASS),
        is_audited=is_audited,
    )


def _errors(table: list[Cell], *, said: Meaning, truly: Meaning) -> Errors:
    drawn: dict[float, list[int]] = {}
    for cell in table:
        if cell.said == said:
            own = drawn.setdefault(cell.inclusion or 1.0, [0, 0])
            own[0] += cell.labels * (cell.answered == truly)
            own[1] += cell.labels
    all_of_them = sum(cell.labels for cell in table if cell.answered == truly)
    wrong = sum(errors for errors, _of in drawn.values())
    of = sum(labels for _errors, labels in drawn.values())
    if not of:
        return Errors(wrong=0, of=0, truly=all_of_them)
    interval: Interval = (
        clopper_pearson(wrong, of)
        if len(drawn) == 1
        else weighted_share(
            [(errors, labels, chance) for chance, (errors, labels) in drawn.items()]
        )
    )
    return Errors(
        wrong=wrong,
        of=of,
        truly=all_of_them,
        value=interval.value,
        low=interval.low,
        high=interval.high,
    )
