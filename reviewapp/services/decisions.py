"""Deciding: appending outcomes, and numbering the feed by which they leave."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from reviewapp.models import (
    ClockNow,
    DecidedBy,
    Decision,
    FeedEntry,
    Item,
    Label,
    LabelClass,
    Policy,
)
from reviewapp.services.locks import Sweep, try_sweep

# Only rows that have committed are seen here, and a row once numbered keeps its number;
# so a later commit gets a later number, whatever its own id.
NUMBER_FEED = """
UPDATE reviewapp_feedentry AS entry
SET number = numbered.number
FROM (
    SELECT decision_id, nextval('reviewapp_feed_number') AS number
    FROM (
        SELECT decision_id FROM reviewapp_feedentry
        WHERE number IS NULL ORDER BY decision_id LIMIT %s
    ) AS waiting
) AS numbered
WHERE entry.decision_id = numbered.decision_id
"""


def decide_by_person(
    item: Item,
    label: Label,
    *,
    label_class: LabelClass,
    policy: Policy,
    as_of: datetime | None = None,
) -> Decision:
    """Make a person's label the outcome in force; call it with the item locked."""
    return _append(
        Decision(
            item=item,
            decided_by=DecidedBy.PERSON,
            label_class=label_class,
            label=label,
            policy=policy,
            supersedes_id=item.decision_id,
            decided_at=as_of or ClockNow(),
        )
    )


def retract(item: Item, *, policy: Policy) -> Decision:
    """Take the outcome in force back; call it with the item locked."""
    return _append(
        Decision(
            item=item,
            decided_by=DecidedBy.RETRACTION,
            policy=policy,
            supersedes_id=item.decision_id,
            decided_at=ClockNow(),
        )
    )


def decide_by_model(decisions: Sequence[Decision]) -> list[Decision]:
    """Store a batch of the model's decisions, and their places in the feed."""
    made = Decision.objects.bulk_create(decisions)
    FeedEntry.objects.bulk_create(
        FeedEntry(decision=decision, line_id=decision.item.line_id) for decision in made
    )
    return made


def number_feed(*, limit: int = 10_000) -> int:
    """Number the decisions that have committed since the last run; return how many."""
    with transaction.atomic():
        if not try_sweep(Sweep.NUMBER_FEED):
            return 0
        with connection.cursor() as cursor:
            cursor.execute(NUMBER_FEED, [limit])
            return int(cursor.rowcount)


def _append(decision: Decision) -> Decision:
    decision.save(force_insert=True)
    FeedEntry.objects.create(decision=decision, line_id=decision.item.line_id)
    Item.objects.filter(pk=decision.item_id).update(decision=decision)
    decision.item.decision = decision
    return decision
