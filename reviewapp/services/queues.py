"""Counting the queues now and then, so that no page has to."""

from django.db import connection, transaction

from reviewapp.models.claims import IN_ORDER
from reviewapp.services.locks import Sweep, try_sweep

# Beyond this a queue is "at least so many": the exact length of a very long queue
# helps nobody and would be counted every few seconds.
COUNTED_UP_TO = 10_000

COUNT = f"""
INSERT INTO reviewapp_linestate
    (line_id, waiting, unrouted, overdue, set_aside, oldest_waiting_at, counted_at)
SELECT line.id, waiting.count, unrouted.count, waiting.overdue, aside.count,
    waiting.oldest, clock_timestamp()
FROM reviewapp_productline AS line
CROSS JOIN LATERAL (
    SELECT count(*), min(queued_at) AS oldest,
        count(*) FILTER (WHERE due_at < clock_timestamp()) AS overdue
    FROM (
        SELECT queued_at, due_at FROM reviewapp_review
        WHERE line_id = line.id AND closed_at IS NULL AND gold_id IS NULL
        ORDER BY {IN_ORDER} LIMIT %(limit)s
    ) AS head
) AS waiting
CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT 1 FROM reviewapp_item
        WHERE line_id = line.id AND route_by IS NOT NULL LIMIT %(limit)s
    ) AS head
) AS unrouted
CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT 1 FROM reviewapp_setaside
        WHERE line_id = line.id AND settled_at IS NULL LIMIT %(limit)s
    ) AS head
) AS aside
ON CONFLICT (line_id) DO UPDATE SET
    waiting = excluded.waiting,
    unrouted = excluded.unrouted,
    overdue = excluded.overdue,
    set_aside = excluded.set_aside,
    oldest_waiting_at = excluded.oldest_waiting_at,
    counted_at = excluded.counted_at
"""  # noqa: S608 - the order is a constant


def count_queues() -> int:
    """Refresh what pages say of each line's queue; return how many lines."""
    with transaction.atomic():
        if not try_sweep(Sweep.COUNT_QUEUES):
            return 0
        with connection.cursor() as cursor:
            cursor.execute(COUNT, {"limit": COUNTED_UP_TO})
            return int(cursor.rowcount)
