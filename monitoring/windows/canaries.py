"""Blind labels of items that the model would have decided, inside the share or out."""

from dataclasses import dataclass

from django.db import connection

from reviewapp.models import Policy

# Inside the share such an item is audited, outside it is blind; within a class both are
# drawn without regard to whether the model is right, so they may be counted together.
# What trained the version is looked up in place, not in a common table expression: the
# database reads such a one in one process only, and with it all that follows.
COUNT_WOULD_DECIDE = """
SELECT class.key, count(*),
    count(*) FILTER (WHERE prediction.label_class_id IS DISTINCT FROM
        CASE
            WHEN label.kind <> 'class' THEN NULL
            WHEN decision.decided_by = 'person' THEN decision.label_class_id
            WHEN decision.decided_by = 'model' AND (
                SELECT count(label_id) > 1 AND count(closed_at) = count(*)
                FROM reviewapp_review AS read WHERE read.item_id = item.id
            ) THEN decision.label_class_id
            ELSE label.label_class_id
        END),
    count(*) FILTER (WHERE label.labelled_at >= %(share_began)s)
FROM reviewapp_review AS review
    JOIN reviewapp_label AS label ON label.id = review.label_id
    JOIN reviewapp_policy AS policy ON policy.id = label.policy_id
    JOIN reviewapp_item AS item ON item.id = review.item_id
    JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
    JOIN reviewapp_prediction AS prediction ON prediction.id = routing.prediction_id
    JOIN reviewapp_labelclass AS class ON class.id = prediction.label_class_id
    LEFT JOIN reviewapp_decision AS decision ON decision.id = item.decision_id
WHERE review.line_id = %(line)s AND review.read_number = 1
    AND review.closed_at IS NOT NULL AND label.kind <> 'retraction'
    AND label.labelled_at >= %(epoch_began)s AND label.shown = 'nothing'
    AND policy.live_id = %(live)s AND policy.attempt = %(attempt)s
    AND routing.version_id = %(live)s AND routing.route IN ('blind', 'audit')
    AND routing.because IN ('certified', 'outside_canary')
    AND prediction.predicted_at <= label.labelled_at
    AND item.id NOT IN (
        SELECT taught.item_id
        FROM reviewapp_modelversion AS version
            JOIN reviewapp_snapshotrow AS entry
                ON entry.snapshot_id = version.snapshot_id
            JOIN reviewapp_label AS taught ON taught.id = entry.label_id
        WHERE version.id = %(live)s
    )
GROUP BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldDecide:
    """Blind labels of what the model would have decided as one class.

    ``fresh`` of the ``labels`` came since the canary share is what it is.
    """

    labels: int
    errors: int
    fresh: int


def would_decide(in_force: Policy) -> dict[str, WouldDecide]:
    """Count them for each predicted class, in the present epoch of the live version."""
    parameters = {
        "line": in_force.line_id,
        "live": in_force.live_id,
        "attempt": in_force.attempt,
        "epoch_began": in_force.epoch_began_at,
        "share_began": in_force.share_began_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT_WOULD_DECIDE, parameters)
        rows = cursor.fetchall()
    return {
        key: WouldDecide(labels=labels, errors=errors, fresh=fresh)
        for key, labels, errors, fresh in rows
    }
