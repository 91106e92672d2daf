"""The usual pace of each line: a band that says nothing of any one person."""

from django.db import connection, transaction

from reviewapp.models import LinePace
from reviewapp.services.locks import Sweep, try_sweep

# Of fewer people a band would say how fast one of them is; of fewer answers, nothing.
FEWEST_PEOPLE = 3
FEWEST_ANSWERS = 100
READ_UP_TO = 2_000
DAYS = 14

# The reviews that closed last, by the index of the closed ones; an answer to gold is no
# label, so it is in no band.
KEEP = """
INSERT INTO reviewapp_linepace (line_id, low_s, high_s, answers)
SELECT line.id, lately.quartiles[1] / 1000, lately.quartiles[2] / 1000, lately.answers
FROM reviewapp_productline AS line
CROSS JOIN LATERAL (
    SELECT count(*) AS answers, count(DISTINCT label.inspector_id) AS people,
        percentile_cont(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY label.active_ms)
            AS quartiles
    FROM (
        SELECT label_id FROM reviewapp_review
        WHERE line_id = line.id AND closed_at IS NOT NULL
            AND closed_at > statement_timestamp() - make_interval(days => %(days)s)
        ORDER BY closed_at DESC LIMIT %(limit)s
    ) AS closed
        JOIN reviewapp_label AS label ON label.id = closed.label_id
    WHERE label.active_ms IS NOT NULL AND label.kind <> 'retraction'
) AS lately
WHERE line.archived_at IS NULL AND lately.answers >= %(answers)s
    AND lately.people >= %(people)s
"""


def keep_paces() -> int:
    """Work the lines' bands out anew; return how many lines have one."""
    with transaction.atomic():
        if not try_sweep(Sweep.KEEP_PACES):
            return 0
        LinePace.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                KEEP,
                {
                    "days": DAYS,
                    "limit": READ_UP_TO,
                    "answers": FEWEST_ANSWERS,
                    "people": FEWEST_PEOPLE,
                },
            )
            return int(cursor.rowcount)
