"""Rolling hours up: each touched hour is counted anew, whole, in one transaction.

Exactly once in effect: an hour's old counts go and its new ones come together, so a run
that is repeated, killed or late leaves the same rows. A backlog is counted in steps
that each stand: ``counted_to`` never passes an hour that still waits.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
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
    COUNT_AUDITED,
    COUNT_DECISIONS,
    COUNT_ITEMS,
    COUNT_LABELS,
    COUNT_PAIRS,
    COUNT_PERMITTED,
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
    Measure.PERMITTED,
    Measure.AUDITED,
    Measure.MODEL_DECISION,
    Measure.PERSON_DECISION,
)
COUNTED_BY_ITEM = (
    COUNT_ITEMS,
    COUNT_PREDICTIONS,
    COUNT_PAIRS,
    COUNT_PERMITTED,
    COUNT_AUDITED,
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
# After days without a worker the oldest hours are counted first, a day at a time; what
# is left when a run has lasted so long waits for the next.
HOURS_A_STEP = 24
LONGEST_RUN_S = 40.0
# One hour may hold an import of a million items.
PATIENCE = "SET LOCAL statement_timeout = '5min'"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """What is counted by one kind of hour: how to find those touched, and what goes."""

    touched: str
    measures: Sequence[Measure]
    columns: Q
    statements: Sequence[str]


OF_ITEMS = "items"
COUNTINGS = {
    OF_ITEMS: Counting(
        touched=TOUCHED_HOURS,
        measures=BY_ITEM,
        columns=~Q(column__in=(*LABEL_COLUMNS, *PAGE_COLUMNS)),
        statements=COUNTED_BY_ITEM,
    ),
    "answers": Counting(
        touched=TOUCHED_ANSWER_HOURS,
        measures=BY_LABEL,
        columns=Q(column__in=LABEL_COLUMNS),
        statements=COUNTED_BY_LABEL,
    ),
    "pages": Counting(
        touched=TOUCHED_PAGE_HOURS,
        measures=(),
        columns=Q(column__in=PAGE_COLUMNS),
        statements=(COUNT_PAGES,),
    ),
}
# Each touched hour with the kind of counting that it waits for.
Waiting = set[tuple[datetime, str]]


def roll_up_hours(*, as_of: datetime | None = None) -> int:
    """Count all lines' touched hours; return how many hours were counted.

    A line that cannot be counted holds up no other; its error is raised at the end.
    """
    at, until = as_of or timezone.now(), monotonic() + LONGEST_RUN_S
    counted, failed = 0, None
    for line in ProductLine.objects.in_use():
        try:
            counted += _roll_up(line, at=at, until=until)
        except DatabaseError as error:
            logger.exception("counts.failed", extra={"line": line.slug})
            failed = error
    if failed is not None:
        raise failed
    return counted


@transaction.atomic
def recount(line: ProductLine, *, at: datetime) -> int:
    """Count a line from its beginning, as after a replayed history."""
    seize_sweep(Sweep.ROLL_UP)
    CountRun.objects.filter(line=line).delete()
    waiting = _touched_since(line, BEGINNING)
    return _count(line, None, waiting, set(), at=at)


def _roll_up(line: ProductLine, *, at: datetime, until: float) -> int:
    """Count what was touched since the last run, and what that left, step by step."""
    counted, is_first = 0, True
    while True:
        with transaction.atomic():
            if not try_sweep(Sweep.ROLL_UP):
                return counted
            with connection.cursor() as cursor:
                cursor.execute(PATIENCE)
            run = CountRun.objects.filter(line=line).first()
            waiting = _waiting_of(run)
            if is_first:
                since = (
                    (run.looked_to or run.counted_to) - OVERLAP if run else BEGINNING
                )
                waiting |= _touched_since(line, since)
            hours = sorted({hour for hour, _kind in waiting})[:HOURS_A_STEP]
            now = {(hour, kind) for hour, kind in waiting if hour in {*hours}}
            later = waiting - now
            anew = _anew_of(run) - {hour for hour, kind in now if kind == OF_ITEMS}
            if not later:
                newest = sorted(anew)[-HOURS_A_STEP:]
                now |= {(hour, OF_ITEMS) for hour in newest}
                anew -= {*newest}
            counted += _count(line, run, now, later, at=at, anew=anew)
        is_first = False
        if not (later or anew) or monotonic() >= until:
            return counted


def _count(
    line: ProductLine,
    run: CountRun | None,
    now: Waiting,
    later: Waiting,
    *,
    at: datetime,
    anew: Collection[datetime] = (),
) -> int:
    """Count some hours anew, and keep what is left for later."""
    counted = 0
    for name, counting in COUNTINGS.items():
        hours = sorted(hour for hour, kind in now if kind == name)
        if hours:
            of_line = HourlyColumn.objects.of_line(line)
            of_line.filter(counting.columns, hour__in=hours).delete()
            _recount(line, hours, counting.measures, counting.statements)
            counted += len(hours) if counting.measures else 0
    summed = sum_days(line, run, [hour for hour, _kind in now], at=at)
    CountRun.objects.update_or_create(
        line=line,
        defaults={
            "looked_to": at,
            "counted_to": min([at, *(hour for hour, _kind in later)]),
            "waiting": sorted([hour.isoformat(), kind] for hour, kind in later),
            "anew": sorted(hour.isoformat() for hour in anew),
            "summed_before": summed.before,
            "summed_zone": summed.zone,
        },
    )
    return counted


def _waiting_of(run: CountRun | None) -> Waiting:
    if run is None:
        return set()
    return {(datetime.fromisoformat(hour), kind) for hour, kind in run.waiting}


def _anew_of(run: CountRun | None) -> set[datetime]:
    return {datetime.fromisoformat(hour) for hour in run.anew} if run else set()


def _touched_since(line: ProductLine, since: datetime) -> Waiting:
    return {
        (hour, name)
        for name, counting in COUNTINGS.items()
        for hour in _touched(counting.touched, line, since)
    }


def _touched(statement: str, line: ProductLine, since: datetime) -> list[datetime]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"line": line.pk, "since": since})
        return [row[0] for row in cursor.fetchall()]


def _recount(
    line: ProductLine,
    hours: Sequence[datetime],
    measures: Sequence[Measure],
    statements: Sequence[str],
) -> None:
    HourlyCount.objects.filter(line=line, measure__in=measures, hour__in=hours).delete()
    given = counting_parameters(line) | {"line": line.pk}
    with connection.cursor() as cursor:
        for first in range(0, len(hours), HOURS_AT_ONCE):
            some = hours[first : first + HOURS_AT_ONCE]
            span = {"start": some[0], "end": some[-1] + timedelta(hours=1)}
            for statement in statements:
                cursor.execute(statement, given | span | {"hours": some})
