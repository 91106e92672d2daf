"""Rolling hours up: each touched hour is counted anew, whole, in one transaction.

Exactly once in effect: an hour's old counts go and its new ones come together, so a run
that is repeated, killed or late leaves the same rows.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from monitoring.models import CountRun, HourlyColumn, HourlyCount, Measure
from monitoring.services.column_statements import (
    COUNT_INPUTS,
    COUNT_LABELLED,
    COUNT_PAGES,
    COUNT_PREDICTED,
    COUNT_STAGES,
    COUNT_VALUES,
    LABEL_COLUMNS,
    PAGE_COLUMNS,
    TOUCHED_PAGE_HOURS,
)
from monitoring.services.count_statements import (
    COUNT_ANSWERS,
    COUNT_DECISIONS,
    COUNT_ITEMS,
    COUNT_LABELS,
    COUNT_PAIRS,
    COUNT_PREDICTIONS,
    COUNT_READERS,
    COUNT_SHOWN,
    COUNT_SKIPS,
    TOUCHED_ANSWER_HOURS,
    TOUCHED_HOURS,
)
from monitoring.services.days import sum_days
from monitoring.services.segments import counting_parameters
from reviewapp.models import ProductLine
from reviewapp.services.locks import Sweep, seize_sweep, try_sweep

# Longer than any transaction may last: what commits late is seen by the next run.
OVERLAP = timedelta(minutes=3)
# A year that is counted anew is counted by the week, in memory that does not grow.
HOURS_AT_ONCE = 168
# What is counted by the hour at which an item occurred, and by that of a label.
BY_ITEM = (
    Measure.ITEM,
    Measure.PREDICTION,
    Measure.PREDICTION_ERROR,
    Measure.PAIR,
    Measure.MODEL_DECISION,
    Measure.PERSON_DECISION,
)
COUNTED_BY_ITEM = (
    COUNT_ITEMS,
    COUNT_PREDICTIONS,
    COUNT_PAIRS,
    COUNT_DECISIONS,
    COUNT_INPUTS,
    COUNT_VALUES,
    COUNT_PREDICTED,
    COUNT_STAGES,
)
BY_LABEL = (
    Measure.ANSWER,
    Measure.LABEL,
    Measure.UNDONE,
    Measure.SHOWN,
    Measure.SKIP,
    Measure.READERS,
)
COUNTED_BY_LABEL = (
    COUNT_ANSWERS,
    COUNT_LABELS,
    COUNT_SHOWN,
    COUNT_SKIPS,
    COUNT_READERS,
    COUNT_LABELLED,
)
BEGINNING = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def roll_up_hours(*, as_of: datetime | None = None) -> int:
    """Count all lines' touched hours; return how many hours were counted."""
    at = as_of or timezone.now()
    return sum(_roll_up(line, at=at) for line in ProductLine.objects.in_use())


@transaction.atomic
def recount(line: ProductLine, *, at: datetime) -> int:
    """Count a line from its beginning, as after a replayed history."""
    seize_sweep(Sweep.ROLL_UP)
    CountRun.objects.filter(line=line).delete()
    return _count_touched(line, at=at)


@transaction.atomic
def _roll_up(line: ProductLine, *, at: datetime) -> int:
    return _count_touched(line, at=at) if try_sweep(Sweep.ROLL_UP) else 0


def _count_touched(line: ProductLine, *, at: datetime) -> int:
    run = CountRun.objects.filter(line=line).first()
    since = run.counted_to - OVERLAP if run else BEGINNING
    hours = _touched(TOUCHED_HOURS, line, since)
    if hours:
        HourlyColumn.objects.of_line(line).filter(hour__in=hours).exclude(
            column__in=(*LABEL_COLUMNS, *PAGE_COLUMNS)
        ).delete()
        _recount(line, hours, BY_ITEM, COUNTED_BY_ITEM)
    answer_hours = _touched(TOUCHED_ANSWER_HOURS, line, since)
    if answer_hours:
        HourlyColumn.objects.of_line(line).filter(
            hour__in=answer_hours, column__in=LABEL_COLUMNS
        ).delete()
        _recount(line, answer_hours, BY_LABEL, COUNTED_BY_LABEL)
    page_hours = _touched(TOUCHED_PAGE_HOURS, line, since)
    if page_hours:
        HourlyColumn.objects.of_line(line).filter(
            hour__in=page_hours, column__in=PAGE_COLUMNS
        ).delete()
        _recount(line, page_hours, (), (COUNT_PAGES,))
    summed = sum_days(line, run, [*hours, *answer_hours, *page_hours], at=at)
    CountRun.objects.update_or_create(
        line=line,
        defaults={
            "counted_to": at,
            "summed_before": summed.before,
            "summed_zone": summed.zone,
        },
    )
    return len(hours) + len(answer_hours)


def _touched(statement: str, line: ProductLine, since: datetime) -> list[datetime]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"line": line.pk, "since": since})
        return [row[0] for row in cursor.fetchall()]


def _recount(
    line: ProductLine,
    hours: list[datetime],
    measures: Sequence[Measure],
    statements: Sequence[str],
) -> None:
    HourlyCount.objects.filter(line=line, measure__in=measures, hour__in=hours).delete()
    given = counting_parameters(line) | {"line": line.pk}
    in_order = sorted(hours)
    with connection.cursor() as cursor:
        for first in range(0, len(in_order), HOURS_AT_ONCE):
            some = in_order[first : first + HOURS_AT_ONCE]
            span = {"start": some[0], "end": some[-1] + timedelta(hours=1)}
            for statement in statements:
                cursor.execute(statement, given | span | {"hours": some})
