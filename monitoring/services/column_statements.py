"""The statements by which hours of numbers are counted; ``counts.py`` runs them.

A number becomes the bucket of ``monitoring.stats.sketch`` that it falls into; a text
or a flag is its own bucket. Buckets are counted first and gathered afterwards, so that
an hour of a million items is a few hundred rows by then.

``OFFSET 0`` keeps what a number is made of from being worked out anew wherever the
number is named, which took half of the time.
"""

from monitoring.stats.sketch import LOG_GAMMA, SMALLEST, ZERO

_GATHER = f"""
INSERT INTO monitoring_hourlycolumn
    (line_id, hour, "column", version_id, stage, count, missing, total, squares,
     buckets)
SELECT %(line)s, hour, name, version_id, stage,
    coalesce(sum(n) FILTER (WHERE bucket IS NOT NULL), 0),
    coalesce(sum(n) FILTER (WHERE bucket IS NULL), 0),
    coalesce(sum(total), 0), coalesce(sum(squares), 0),
    coalesce(jsonb_object_agg(bucket, n) FILTER (WHERE bucket IS NOT NULL), '{{{{}}}}')
FROM (
    SELECT hour, name, version_id, stage, n, total, squares,
        CASE WHEN side IS NULL THEN word
            WHEN side = 0 THEN '{ZERO}'
            WHEN side > 0 THEN '+' || power
            ELSE '-' || power
        END AS bucket
    FROM (
        SELECT hour, name, version_id, stage, word,
            CASE WHEN abs(v) < {SMALLEST} THEN 0 ELSE sign(v) END AS side,
            CASE WHEN abs(v) >= {SMALLEST} THEN ceil(ln(abs(v)) / {LOG_GAMMA!r})::int
            END AS power,
            count(*) AS n, sum(v) AS total, sum(v * v) AS squares
        FROM ({{numbers}} OFFSET 0) AS number
        GROUP BY 1, 2, 3, 4, 5, 6, 7
    ) AS counted
) AS named
GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 - made of the constants above

# The items of the hours, each with its hour worked out once.
_ITEMS = """(
    SELECT id, input_metrics, received_at,
        date_trunc('hour', occurred_at, 'UTC') AS hour
    FROM reviewapp_item
    WHERE line_id = %(line)s
        AND occurred_at >= %(start)s AND occurred_at < %(end)s
    OFFSET 0
) AS item"""

_INPUTS = f"""
SELECT item.hour, metric.key AS name,
    NULL::bigint AS version_id, '' AS stage,
    CASE jsonb_typeof(metric.value) WHEN 'number' THEN metric.value::float8 END AS v,
    CASE jsonb_typeof(metric.value) WHEN 'string' THEN metric.value #>> '{{}}'
    END AS word
FROM {_ITEMS}, jsonb_each(item.input_metrics) AS metric
WHERE item.hour = ANY(%(hours)s)
"""  # noqa: S608 - made of the constants above

_VALUES = f"""
SELECT item.hour,
    'value:' || cell.key AS name, NULL::bigint AS version_id, '' AS stage,
    CASE jsonb_typeof(cell.value) WHEN 'number' THEN cell.value::float8 END AS v,
    CASE jsonb_typeof(cell.value) WHEN 'number' THEN NULL
        ELSE cell.value #>> '{{}}' END AS word
FROM {_ITEMS}
    JOIN reviewapp_payload AS payload ON payload.item_id = item.id
    CROSS JOIN LATERAL jsonb_each(payload."values") AS cell
WHERE payload."values" IS NOT NULL AND item.hour = ANY(%(hours)s)
"""  # noqa: S608 - made of the constants above

_PREDICTED = f"""
SELECT item.hour, made.name,
    prediction.version_id, '' AS stage, made.v, NULL::text AS word
FROM {_ITEMS}
    JOIN reviewapp_prediction AS prediction ON prediction.item_id = item.id
    CROSS JOIN LATERAL (VALUES
        ('confidence', prediction.confidence),
        ('prediction_ms', prediction.latency_ms),
        ('prediction_wait_s',
            extract(epoch FROM prediction.predicted_at - item.received_at)::float8)
    ) AS made (name, v)
WHERE item.hour = ANY(%(hours)s)
"""  # noqa: S608 - made of the constants above

_STAGES = f"""
SELECT item.hour, made.name,
    prediction.version_id, told.key AS stage, made.v, made.word
FROM {_ITEMS}
    JOIN reviewapp_prediction AS prediction ON prediction.item_id = item.id
    CROSS JOIN LATERAL jsonb_each(prediction.stages) AS told
    CROSS JOIN LATERAL (VALUES
        ('stage_answer', NULL::float8, told.value ->> 'answer'),
        ('confidence', (told.value ->> 'confidence')::float8, NULL),
        ('prediction_ms', (told.value ->> 'ms')::float8, NULL)
    ) AS made (name, v, word)
WHERE prediction.stages <> '{{}}' AND item.hour = ANY(%(hours)s)
"""  # noqa: S608 - made of the constants above

_LABELLED = """
SELECT date_trunc('hour', label.labelled_at, 'UTC') AS hour, made.name,
    NULL::bigint AS version_id, '' AS stage, made.v, NULL::text AS word
FROM reviewapp_label AS label
    JOIN reviewapp_review AS review ON review.id = label.review_id
    CROSS JOIN LATERAL (VALUES
        ('queue_wait_s',
            extract(epoch FROM label.labelled_at - review.queued_at)::float8),
        ('hold_s', CASE WHEN label.claimed_at <= label.labelled_at THEN
            extract(epoch FROM label.labelled_at - label.claimed_at)::float8 END),
        ('active_s', label.active_ms / 1000.0)
    ) AS made (name, v)
WHERE review.line_id = %(line)s AND label.kind <> 'retraction'
    AND label.labelled_at >= %(start)s AND label.labelled_at < %(end)s
    AND date_trunc('hour', label.labelled_at, 'UTC') = ANY(%(hours)s)
"""

# An answer that is older than its claim was played, and was held for no time at all.
# Columns by the hour of the label; all others are by the item's own hour.
LABEL_COLUMNS = ("queue_wait_s", "hold_s", "active_s")

# Columns by the hour in which a page was asked for.
PAGE_COLUMNS = ("page_ms",)

TOUCHED_PAGE_HOURS = """
SELECT DISTINCT hour FROM monitoring_pagehour
WHERE line_id = %(line)s AND written_at >= %(since)s
"""

COUNT_PAGES = """
WITH buckets AS (
    SELECT hour, jsonb_object_agg(key, n) AS buckets
    FROM (
        SELECT hour, key, sum(value::integer) AS n
        FROM monitoring_pagehour, jsonb_each_text(buckets)
        WHERE line_id = %(line)s AND hour = ANY(%(hours)s) GROUP BY 1, 2
    ) AS bucket
    GROUP BY 1
)
INSERT INTO monitoring_hourlycolumn
    (line_id, hour, "column", version_id, stage, count, missing, total, squares,
     buckets)
SELECT %(line)s, page.hour, 'page_ms', NULL, '', sum(page.count), 0, sum(page.total),
    sum(page.squares), buckets.buckets
FROM monitoring_pagehour AS page JOIN buckets ON buckets.hour = page.hour
WHERE page.line_id = %(line)s
GROUP BY page.hour, buckets.buckets
"""

COUNT_INPUTS = _GATHER.format(numbers=_INPUTS)
COUNT_VALUES = _GATHER.format(numbers=_VALUES)
COUNT_PREDICTED = _GATHER.format(numbers=_PREDICTED)
COUNT_STAGES = _GATHER.format(numbers=_STAGES)
COUNT_LABELLED = _GATHER.format(numbers=_LABELLED)
