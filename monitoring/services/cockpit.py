"""What the model's decisions cost in errors: escapes and overkill with both counts."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from monitoring.models import HourlyCount
from monitoring.stats.intervals import clopper_pearson
from reviewapp.models import Meaning, ProductLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Errors of one kind among blind labels, with the exact interval of their share.

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
        .values_list("predicted__meaning", "answered__meaning")
        .annotate(n=Sum("count"))
        .order_by()
    )
    table = {(said, answered): n for said, answered, n in rows}
    return Kept(
        escapes=_errors(table, said=Meaning.PASS, truly=Meaning.REJECT),
        overkill=_errors(table, said=Meaning.REJECT, truly=Meaning.PASS),
        is_audited=is_audited,
    )


def _errors(
    table: dict[tuple[str, str | None], int], *, said: Meaning, truly: Meaning
) -> Errors:
    wrong = table.get((said, truly), 0)
    of = sum(n for (one, _answered), n in table.items() if one == said)
    all_of_them = sum(n for (_said, one), n in table.items() if one == truly)
    if not of:
        return Errors(wrong=0, of=0, truly=all_of_them)
    interval = clopper_pearson(wrong, of)
    return Errors(
        wrong=wrong,
        of=of,
        truly=all_of_them,
        value=wrong / of,
        low=interval.low,
        high=interval.high,
    )
