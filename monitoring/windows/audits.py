"""What the model decided of a line's items, and what audits by lot found of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db import connection

from monitoring.models import CountRun, Measure
from monitoring.windows.counts import Counted, counted
from monitoring.windows.double_reads import BLIND_TO_TWO
from reviewapp.models import Meaning, ProductLine
from reviewapp.policy import Route

MEASURES = (Measure.PERMITTED, Measure.AUDITED)

# Defective items that two or more people read blind, drawn without regard to the model.
COUNT_MISSES = """
SELECT count(*), count(*) FILTER (WHERE class.meaning = 'pass')
FROM reviewapp_label AS label
    JOIN reviewapp_item AS item ON item.id = label.item_id
    JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
    JOIN reviewapp_policy AS policy ON policy.id = routing.policy_id
    JOIN reviewapp_decision AS decision ON decision.id = item.decision_id
    JOIN reviewapp_labelclass AS truth
        ON truth.id = decision.label_class_id AND truth.meaning = 'reject'
    JOIN reviewapp_labelclass AS class ON class.id = label.label_class_id
WHERE item.line_id = %(line)s
    AND item.occurred_at >= %(start)s AND item.occurred_at < %(end)s
    AND {blind_to_two}
    AND label.shown = 'nothing' AND label.kind = 'class'
    AND NOT EXISTS (
        SELECT FROM reviewapp_label AS later WHERE later.supersedes_id = label.id
    )
""".replace("{blind_to_two}", BLIND_TO_TWO)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCounts:
    """Items that the model decided as one class at one audit share.

    All of them had the same chance of a look. ``wrong`` are answered audits that found
    another class, ``turned`` those whose class means something else for the item: a
    reject that was passed, or the other way.
    """

    key: str
    meaning: Meaning
    share: float
    decided: int
    drawn: int
    answered: int
    wrong: int
    turned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDay(AuditCounts):
    """Those of one day of the line's own zone."""

    day: date


def audit_days(line: ProductLine, start: datetime, end: datetime) -> list[AuditDay]:
    """Give the line's audits of the hours in [start, end) by day, class and share."""
    found = counted(line, start, end, by_day=True, measures=MEASURES)
    return [
        AuditDay(day=day, **asdict(one))
        for day, of_day in groupby(found, key=lambda one: one.day)
        if day is not None
        for one in audits_in(of_day)
    ]


def audits_are_counted(line: ProductLine, until: datetime) -> bool:
    """Say whether all audits of what occurred before a moment are counted."""
    run = CountRun.objects.filter(line=line).first()
    return run is not None and run.is_whole_before(until)


def audits_in(counts: Iterable[Counted]) -> list[AuditCounts]:
    """Read audits off the counts of a span, by class and share."""
    sums: dict[tuple[str, str, float], Counter[str]] = {}
    for one in counts:
        if one.measure not in MEASURES:
            continue
        # a permitted prediction has a class and a chance
        key, meaning = one.predicted or "", one.predicted_meaning or ""
        own = sums.setdefault((key, meaning, one.inclusion or 1.0), Counter())
        if one.measure == Measure.PERMITTED:
            own["decided"] += one.count
            own["drawn"] += one.count * (one.route == Route.AUDIT.value)
        else:
            own["answered"] += one.count
            own["wrong"] += one.count * (one.answered != key)
            own["turned"] += one.count * (one.answered_meaning != meaning)
    return [
        AuditCounts(
            key=key,
            meaning=Meaning(meaning),
            share=share,
            decided=own["decided"],
            drawn=own["drawn"],
            answered=own["answered"],
            wrong=own["wrong"],
            turned=own["turned"],
        )
        for (key, meaning, share), own in sorted(sums.items())
    ]


def passed_by_people(counts: Iterable[Counted]) -> int:
    """Count the items of a span that people passed and no model might decide."""
    return sum(
        one.count
        for one in counts
        if one.measure == Measure.PERSON_DECISION
        and one.answered_meaning == Meaning.PASS
        and one.route not in {Route.AUTOMATIC.value, Route.AUDIT.value}
    )


def second_reads(line: ProductLine, start: datetime, end: datetime) -> tuple[int, int]:
    """Count blind reads of defective items drawn for two readers, and those passed.

    What both readers miss is seen by nobody, so the share is rather too low.
    """
    parameters: dict[str, Any] = {"line": line.pk, "start": start, "end": end}
    with connection.cursor() as cursor:
        cursor.execute(COUNT_MISSES, parameters)
        shown, missed = cursor.fetchone()
    return shown, missed
