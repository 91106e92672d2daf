"""The statements by which hours are counted; ``counts.py`` runs them.

``hour`` always means whole hours in UTC. A pair is a valid prediction that was stored
before a person's label of the same item. What the person said is the settled outcome
where there is one: an audit that a second reader resolved counts as resolved, and one
that still waits, or that nobody else has answered, as the disagreement it is. A
count's segment is its item's.
"""

from monitoring.services.segments import SEGMENT
from monitoring.windows.double_reads import GIVEN_TO_TWO


def _by_segment(statement: str) -> str:
    """Let a statement read the segment of the item it calls ``item``."""
    return statement.replace("{segment}", SEGMENT)


TOUCHED_HOURS = """
SELECT DISTINCT date_trunc('hour', item.occurred_at, 'UTC')
FROM reviewapp_item AS item
WHERE item.line_id = %(line)s AND item.id IN (
    SELECT id FROM reviewapp_item
        WHERE line_id = %(line)s AND received_at >= %(since)s
    UNION SELECT item_id FROM reviewapp_prediction WHERE predicted_at >= %(since)s
    UNION SELECT item_id FROM reviewapp_label WHERE labelled_at >= %(since)s
    UNION SELECT item_id FROM reviewapp_decision WHERE decided_at >= %(since)s
)
"""

TOUCHED_ANSWER_HOURS = """
SELECT DISTINCT date_trunc('hour', label.labelled_at, 'UTC')
FROM reviewapp_label AS label
    JOIN reviewapp_item AS item ON item.id = label.item_id
WHERE item.line_id = %(line)s AND label.item_id IN (
    SELECT item_id FROM reviewapp_label WHERE labelled_at >= %(since)s
    UNION SELECT item_id FROM reviewapp_decision WHERE decided_at >= %(since)s
)
UNION SELECT DISTINCT date_trunc('hour', at, 'UTC') FROM reviewapp_record
WHERE line_id = %(line)s AND action = 'review.skipped' AND at >= %(since)s
"""

COUNT_ITEMS = _by_segment(
    """
INSERT INTO monitoring_hourlycount
    (line_id, hour, measure, attempt, route, is_blind, segment, count)
SELECT item.line_id, date_trunc('hour', item.occurred_at, 'UTC') AS hour, 'item', 0,
    coalesce(routing.route, ''), false, {segment}, count(*)
FROM reviewapp_item AS item
    LEFT JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
WHERE item.line_id = %(line)s
    AND item.occurred_at >= %(start)s AND item.occurred_at < %(end)s
    AND date_trunc('hour', item.occurred_at, 'UTC') = ANY(%(hours)s)
GROUP BY 1, 2, 5, 7
"""
)

COUNT_PREDICTIONS = _by_segment(
    """
INSERT INTO monitoring_hourlycount
    (line_id, hour, measure, version_id, attempt, route, is_blind, predicted_id,
     segment, count)
SELECT item.line_id, date_trunc('hour', item.occurred_at, 'UTC') AS hour,
    CASE WHEN prediction.error = '' THEN 'prediction' ELSE 'error' END,
    prediction.version_id, 0, '', false, prediction.label_class_id,
    {segment}, count(*)
FROM reviewapp_item AS item
    JOIN reviewapp_prediction AS prediction ON prediction.item_id = item.id
WHERE item.line_id = %(line)s
    AND item.occurred_at >= %(start)s AND item.occurred_at < %(end)s
    AND date_trunc('hour', item.occurred_at, 'UTC') = ANY(%(hours)s)
GROUP BY 1, 2, 3, 4, 8, 9
"""
)

COUNT_DECISIONS = _by_segment(
    """
INSERT INTO monitoring_hourlycount
    (line_id, hour, measure, attempt, route, is_blind, answered_id, segment, count)
SELECT item.line_id, date_trunc('hour', item.occurred_at, 'UTC') AS hour,
    'by_' || decision.decided_by, 0, coalesce(routing.route, ''), false,
    decision.label_class_id, {segment}, count(*)
FROM reviewapp_item AS item
    JOIN reviewapp_decision AS decision ON decision.id = item.decision_id
    LEFT JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
WHERE item.line_id = %(line)s
    AND item.occurred_at >= %(start)s AND item.occurred_at < %(end)s
    AND date_trunc('hour', item.occurred_at, 'UTC') = ANY(%(hours)s)
    AND decision.decided_by IN ('model', 'person')
GROUP BY 1, 2, 3, 5, 7, 8
"""
)

# The first reader's label stands for people, unless the item has been settled since.
# An item that trained the version is no witness for it.
_PAIRS = """
WITH trained AS MATERIALIZED (
    SELECT version.id AS version_id, label.item_id
    FROM reviewapp_modelversion AS version
        JOIN reviewapp_snapshotrow AS entry ON entry.snapshot_id = version.snapshot_id
        JOIN reviewapp_label AS label ON label.id = entry.label_id
    WHERE version.line_id = %(line)s
)
INSERT INTO monitoring_hourlycount
    (line_id, hour, measure, version_id, attempt, route, is_blind, predicted_id,
     answered_id, segment, inclusion, count)
SELECT item.line_id, date_trunc('hour', {time}, 'UTC') AS hour, '{measure}',
    prediction.version_id,
    CASE WHEN policy.live_id = prediction.version_id THEN policy.attempt ELSE 0 END,
    coalesce(routing.route, ''),
    label.shown = 'nothing' AND coalesce(routing.route, '') IN ('blind', 'audit'),
    prediction.label_class_id,
    {outcome},
    {segment},
    routing.inclusion,
    count(*)
FROM reviewapp_review AS review
    JOIN reviewapp_item AS item ON item.id = review.item_id
    JOIN reviewapp_label AS label ON label.id = review.label_id
    JOIN reviewapp_policy AS policy ON policy.id = label.policy_id
    JOIN reviewapp_prediction AS prediction
        ON prediction.item_id = item.id AND prediction.error = ''
        AND prediction.predicted_at <= label.labelled_at
    LEFT JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
    LEFT JOIN reviewapp_decision AS decision ON decision.id = item.decision_id
    CROSS JOIN LATERAL ({reads}) AS settled
WHERE review.line_id = %(line)s AND review.read_number = 1
    AND review.closed_at IS NOT NULL AND label.kind <> 'retraction'
    AND {time} >= %(start)s AND {time} < %(end)s
    AND date_trunc('hour', {time}, 'UTC') = ANY(%(hours)s)
    AND NOT EXISTS (
        SELECT FROM trained
        WHERE trained.item_id = item.id AND trained.version_id = prediction.version_id
    )
GROUP BY 1, 2, 4, 5, 6, 7, 8, 9, 10, 11
"""

# What the model might decide, by its class and by the chance that people look at it.
COUNT_PERMITTED = _by_segment(
    """
INSERT INTO monitoring_hourlycount
    (line_id, hour, measure, version_id, attempt, route, is_blind, predicted_id,
     segment, inclusion, count)
SELECT item.line_id, date_trunc('hour', item.occurred_at, 'UTC') AS hour, 'permitted',
    routing.version_id, 0, routing.route, false, prediction.label_class_id, {segment},
    routing.inclusion, count(*)
FROM reviewapp_item AS item
    JOIN reviewapp_routing AS routing
        ON routing.id = item.routing_id AND routing.may_decide
    JOIN reviewapp_prediction AS prediction ON prediction.id = routing.prediction_id
WHERE item.line_id = %(line)s
    AND item.occurred_at >= %(start)s AND item.occurred_at < %(end)s
    AND date_trunc('hour', item.occurred_at, 'UTC') = ANY(%(hours)s)
GROUP BY 1, 2, 4, 6, 8, 9, 10
"""
)

# What people said of those that the lottery drew, as it is settled by now: an error
# that nobody has settled yet counts as the error it is.
_AUDITED = """
INSERT INTO monitoring_hourlycount
    (line_id, hour, measure, version_id, attempt, route, is_blind, predicted_id,
     answered_id, segment, inclusion, count)
SELECT item.line_id, date_trunc('hour', item.occurred_at, 'UTC') AS hour, 'audited',
    routing.version_id, 0, routing.route, true, prediction.label_class_id, {outcome},
    {segment}, routing.inclusion, count(*)
FROM reviewapp_item AS item
    JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
        AND routing.may_decide AND routing.route = 'audit'
    JOIN reviewapp_prediction AS prediction ON prediction.id = routing.prediction_id
    JOIN reviewapp_review AS review ON review.item_id = item.id
        AND review.read_number = 1 AND review.closed_at IS NOT NULL
    JOIN reviewapp_label AS label
        ON label.id = review.label_id AND label.kind <> 'retraction'
    LEFT JOIN reviewapp_decision AS decision ON decision.id = item.decision_id
    CROSS JOIN LATERAL ({reads}) AS settled
WHERE item.line_id = %(line)s
    AND item.occurred_at >= %(start)s AND item.occurred_at < %(end)s
    AND date_trunc('hour', item.occurred_at, 'UTC') = ANY(%(hours)s)
GROUP BY 1, 2, 4, 6, 8, 9, 10, 11
"""

_SETTLED = {
    "outcome": """CASE
        WHEN label.kind <> 'class' THEN NULL
        WHEN decision.decided_by = 'person' THEN decision.label_class_id
        WHEN decision.decided_by = 'model' AND settled.reads > 1 AND settled.open = 0
            THEN decision.label_class_id
        ELSE label.label_class_id
    END""",
    "reads": """
        SELECT count(label_id) AS reads,
            count(*) FILTER (WHERE closed_at IS NULL) AS open
        FROM reviewapp_review AS read WHERE read.item_id = item.id
    """,
    "segment": "{segment}",
}
COUNT_PAIRS = _by_segment(
    _PAIRS.format(time="item.occurred_at", measure="pair", **_SETTLED)
)
COUNT_ANSWERS = _by_segment(
    _PAIRS.format(time="label.labelled_at", measure="answer", **_SETTLED)
)
COUNT_AUDITED = _by_segment(_AUDITED.format(**_SETTLED))

# What people did in an hour, by the hour of the label itself.
COUNT_LABELS = _by_segment(
    """
INSERT INTO monitoring_hourlycount
    (line_id, hour, measure, attempt, route, is_blind, answered_id, segment, count)
SELECT item.line_id, date_trunc('hour', label.labelled_at, 'UTC') AS hour,
    CASE label.kind WHEN 'retraction' THEN 'undone' ELSE 'label' END, 0,
    coalesce(routing.route, ''), false, label.label_class_id,
    {segment}, count(*)
FROM reviewapp_label AS label
    JOIN reviewapp_item AS item ON item.id = label.item_id
    LEFT JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
WHERE item.line_id = %(line)s
    AND label.labelled_at >= %(start)s AND label.labelled_at < %(end)s
    AND date_trunc('hour', label.labelled_at, 'UTC') = ANY(%(hours)s)
GROUP BY 1, 2, 3, 5, 7, 8
"""
)

COUNT_SHOWN = _by_segment(
    """
INSERT INTO monitoring_hourlycount
    (line_id, hour, measure, version_id, attempt, route, is_blind, predicted_id,
     answered_id, segment, count)
SELECT item.line_id, date_trunc('hour', label.labelled_at, 'UTC') AS hour, 'shown',
    prediction.version_id, 0, coalesce(routing.route, ''), false,
    prediction.label_class_id, label.label_class_id, {segment}, count(*)
FROM reviewapp_label AS label
    JOIN reviewapp_item AS item ON item.id = label.item_id
    JOIN reviewapp_prediction AS prediction ON prediction.id = label.prediction_id
    LEFT JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
WHERE item.line_id = %(line)s AND label.shown <> 'nothing'
    AND label.kind <> 'retraction'
    AND label.labelled_at >= %(start)s AND label.labelled_at < %(end)s
    AND date_trunc('hour', label.labelled_at, 'UTC') = ANY(%(hours)s)
GROUP BY 1, 2, 4, 6, 8, 9, 10
"""
)

COUNT_SKIPS = """
INSERT INTO monitoring_hourlycount
    (line_id, hour, measure, attempt, route, is_blind, count)
SELECT line_id, date_trunc('hour', at, 'UTC') AS hour, 'skip', 0, '', false, count(*)
FROM reviewapp_record
WHERE line_id = %(line)s AND action = 'review.skipped'
    AND at >= %(start)s AND at < %(end)s
    AND date_trunc('hour', at, 'UTC') = ANY(%(hours)s)
GROUP BY 1, 2
"""

# The first two blind readers of an item that was given to two, by the hour of the
# second one's label.
COUNT_READERS = _by_segment(
    """
INSERT INTO monitoring_hourlycount
    (line_id, hour, measure, attempt, route, is_blind, predicted_id, answered_id,
     segment, count)
SELECT item.line_id, date_trunc('hour', second.labelled_at, 'UTC') AS hour, 'readers',
    0, routing.route, true, first.label_class_id, second.label_class_id,
    {segment}, count(*)
FROM reviewapp_label AS second
    JOIN reviewapp_review AS later ON later.item_id = second.item_id
        AND later.read_number = 2 AND later.label_id = second.id
        AND later.closed_at IS NOT NULL
    JOIN reviewapp_item AS item ON item.id = later.item_id
    JOIN reviewapp_review AS earlier ON earlier.item_id = item.id
        AND earlier.read_number = 1 AND earlier.closed_at IS NOT NULL
    JOIN reviewapp_label AS first ON first.id = earlier.label_id
    JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
    JOIN reviewapp_policy AS policy ON policy.id = routing.policy_id
WHERE item.line_id = %(line)s
    AND first.kind = 'class' AND first.shown = 'nothing'
    AND second.kind = 'class' AND second.shown = 'nothing'
    AND {given_to_two}
    AND second.labelled_at >= %(start)s AND second.labelled_at < %(end)s
    AND date_trunc('hour', second.labelled_at, 'UTC') = ANY(%(hours)s)
GROUP BY 1, 2, 5, 7, 8, 9
""".replace("{given_to_two}", GIVEN_TO_TWO)
)
