"""Deciding: appending outcomes, and numbering the feed by which they leave."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from reviewapp.models import (
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


# Three rows that only make sense together, of a statement that gives what to decide.
# The item is looked up by its number: joined to the one row, whose number the planner
# cannot know, the items would be read in order from the oldest one on.
DECIDE = """
decision AS (
    INSERT INTO reviewapp_decision (item_id, decided_by, label_class_id, label_id,
        policy_id, supersedes_id, decided_at)
    {source}
    RETURNING id, item_id, decided_at
), entry AS (
    INSERT INTO reviewapp_feedentry (decision_id, line_id)
    SELECT id, %(line)s FROM decision
), placed AS (
    UPDATE reviewapp_item SET decision_id = (SELECT id FROM decision)
    WHERE id = (SELECT item_id FROM decision)
)"""
GIVEN = """
    VALUES (%(item)s, %(decided_by)s, %(label_class)s, %(label)s, %(policy)s,
        %(supersedes)s, coalesce(%(as_of)s::timestamptz, clock_timestamp()))
"""
APPEND = f"WITH {DECIDE.format(source=GIVEN)} SELECT id, decided_at FROM decision"  # noqa: S608 - made of the constants above


def decide_by_person(
    item: Item,
    label: Label,
    *,
    label_class: LabelClass,
    policy: Policy,
    as_of: datetime | None = None,
) -> Decision:
    """Make a person's label the outcome in force; call it with the item locked."""
    made = Decision(
        item=item,
        decided_by=DecidedBy.PERSON,
        label_class=label_class,
        label=label,
        policy=policy,
        supersedes_id=item.decision_id,
    )
    return _append(made, as_of=as_of)


def retract(item: Item, *, policy: Policy) -> Decision:
    """Take the outcome in force back; call it with the item locked."""
    made = Decision(
        item=item,
        decided_by=DecidedBy.RETRACTION,
        policy=policy,
        supersedes_id=item.decision_id,
    )
    return _append(made)


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


def _append(made: Decision, *, as_of: datetime | None = None) -> Decision:
    with connection.cursor() as cursor:
        cursor.execute(
            APPEND,
            {
                "item": made.item_id,
                "decided_by": made.decided_by,
                "label_class": made.label_class_id,
                "label": made.label_id,
                "policy": made.policy_id,
                "supersedes": made.supersedes_id,
                "as_of": as_of,
                "line": made.item.line_id,
            },
        )
        made.pk, made.decided_at = cursor.fetchone()
    made.item.decision = made
    return made
