"""What the model decided of a line's items, and what audits by lot found of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from monitoring.windows.double_reads import BLIND_TO_TWO
from reviewapp.models import DecidedBy, Item, Meaning, ProductLine

# A day, a class and a share make one stratum: all its items had the same chance. An
# error that nobody has settled yet counts as the error it is.
COUNT_AUDITS = """
SELECT (item.occurred_at AT TIME ZONE %(zone)s)::date, class.key, class.meaning,
    routing.look_share, count(*), count(*) FILTER (WHERE routing.route = 'audit'),
    count(read.id),
    count(read.id) FILTER (WHERE said.id IS DISTINCT FROM class.id),
    count(read.id) FILTER (WHERE said.meaning IS DISTINCT FROM class.meaning)
FROM reviewapp_item AS item
    JOIN reviewapp_routing AS routing
        ON routing.id = item.routing_id AND routing.may_decide
    JOIN reviewapp_prediction AS prediction ON prediction.id = routing.prediction_id
    JOIN reviewapp_labelclass AS class ON class.id = prediction.label_class_id
    LEFT JOIN reviewapp_decision AS decision ON decision.id = item.decision_id
    LEFT JOIN reviewapp_review AS read
        ON routing.route = 'audit' AND read.item_id = item.id
        AND read.read_number = 1 AND read.closed_at IS NOT NULL
    LEFT JOIN reviewapp_label AS label ON label.id = read.label_id
    LEFT JOIN LATERAL (
        SELECT count(*) AS reads, count(*) FILTER (WHERE closed_at IS NULL) AS open
        FROM reviewapp_review AS one WHERE read.id IS NOT NULL AND one.item_id = item.id
    ) AS settled ON true
    LEFT JOIN reviewapp_labelclass AS said ON said.id = CASE
        WHEN label.kind <> 'class' THEN NULL
        WHEN decision.decided_by = 'person' THEN decision.label_class_id
        WHEN decision.decided_by = 'model' AND settled.reads > 1 AND settled.open = 0
            THEN decision.label_class_id
        ELSE label.label_class_id
    END
WHERE item.line_id = %(line)s
    AND item.occurred_at >= %(start)s AND item.occurred_at < %(end)s
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 4
"""

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
class AuditDay:
    """One day's items that the model decided as one class at one audit share.

    ``wrong`` are answered audits that found another class, ``turned`` those whose class
    means something else for the item: a reject that was passed, or the other way.
    """

    day: date
    key: str
    meaning: Meaning
    share: float
    decided: int
    drawn: int
    answered: int
    wrong: int
    turned: int


def audit_days(line: ProductLine, start: datetime, end: datetime) -> list[AuditDay]:
    """Count the line's audits of [start, end) by day, class and share."""
    parameters: dict[str, Any] = {
        "line": line.pk,
        "zone": line.time_zone,
        "start": start,
        "end": end,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT_AUDITS, parameters)
        rows = cursor.fetchall()
    return [
        AuditDay(
            day=day,
            key=key,
            meaning=Meaning(meaning),
            share=share,
            decided=decided,
            drawn=drawn,
            answered=answered,
            wrong=wrong,
            turned=turned,
        )
        for day, key, meaning, share, decided, drawn, answered, wrong, turned in rows
    ]


def passed_by_people(line: ProductLine, start: datetime, end: datetime) -> int:
    """Count the line's items of [start, end) that people passed and no model might."""
    return (
        Item.objects.of_line(line)
        .filter(
            occurred_at__gte=start,
            occurred_at__lt=end,
            decision__decided_by=DecidedBy.PERSON,
            decision__label_class__meaning=Meaning.PASS,
        )
        .exclude(routing__may_decide=True)
        .count()
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
