"""The statements by which a batch of items is stored; ``items.py`` runs them."""

MAKE_STAGING = """
CREATE TEMPORARY TABLE IF NOT EXISTS staged_item (
    external_id text, "group" text, captured_at timestamptz,
    content_sha256 text, input_metrics jsonb, "values" jsonb,
    "text" text, media_path text, media_type text, media_sha256 text, width int,
    height int, original_sha256 text, original_name text,
    item_id bigint, look_draw float8, canary_draw float8, candidate_draw float8,
    overlap_draw float8
) ON COMMIT DELETE ROWS
"""

# What an earlier batch of the same transaction left; nothing, as a rule.
CLEAR_STAGING = "DELETE FROM staged_item"

COPY_STAGED = "COPY staged_item FROM STDIN"

# Foreign keys are checked at commit, so an item may name its routing before the
# routing is there. Routing ids are taken from their sequence in the same statement.
SPREAD = """
WITH new_item AS (
    INSERT INTO reviewapp_item (
        id, public_id, line_id, external_id, "group", captured_at, received_at,
        occurred_at, content_sha256, input_metrics, predict_after, predict_attempts,
        route_by, routing_id
    )
    SELECT item_id, gen_random_uuid(), %(line)s, external_id, "group", captured_at,
        %(at)s, coalesce(captured_at, %(at)s), content_sha256, input_metrics,
        %(predict_after)s::timestamptz, 0, %(route_by)s::timestamptz,
        CASE WHEN %(is_routed_now)s THEN nextval('reviewapp_routing_id_seq') END
    FROM staged_item
    ON CONFLICT (line_id, external_id) DO NOTHING
    RETURNING id, routing_id
), new_payload AS (
    INSERT INTO reviewapp_payload (
        item_id, schema_id, "values", "text", media_path, media_type, media_sha256,
        width, height, original_sha256, original_name
    )
    SELECT item_id,
        CASE WHEN "values" IS NOT NULL THEN %(schema)s::bigint END, "values",
        "text", media_path, media_type, media_sha256, width, height,
        original_sha256, original_name
    FROM staged_item JOIN new_item ON id = item_id
), new_routing AS (
    INSERT INTO reviewapp_routing (
        id, item_id, policy_id, version_id, route, may_decide, was_held, inclusion,
        because, look_draw, canary_draw, canary_share, candidate_draw, candidate_share,
        overlap_draw, overlap_share, routed_at
    )
    SELECT routing_id, item_id, %(policy)s, %(version)s::bigint, 'blind', false, false,
        1, %(because)s, look_draw, canary_draw, %(canary_share)s, candidate_draw,
        %(candidate_share)s, overlap_draw, %(overlap_share)s, %(at)s
    FROM staged_item JOIN new_item ON id = item_id
    WHERE %(is_routed_now)s
)
INSERT INTO reviewapp_review (
    public_id, item_id, line_id, read_number, priority, queued_at, excluded,
    awaits_second_thought
)
SELECT gen_random_uuid(), item_id, %(line)s, read_number, 0, %(at)s, '{}', false
FROM staged_item
    JOIN new_item ON id = item_id
    CROSS JOIN generate_series(1, 2) AS read_number
WHERE %(is_routed_now)s
    AND (read_number = 1 OR overlap_draw < %(overlap_share)s)
ORDER BY item_id, read_number
"""

# One look into the index of names for each staged item: LIMIT keeps the planner, whose
# figures are old while millions arrive, from reading the whole table instead.
READ_KNOWN = """
SELECT item.external_id, item.public_id, item.id = staged.item_id,
    item.content_sha256 = staged.content_sha256
FROM staged_item AS staged
    CROSS JOIN LATERAL (
        SELECT id, external_id, public_id, content_sha256 FROM reviewapp_item
        WHERE line_id = %s AND external_id = staged.external_id
        LIMIT 1
    ) AS item
"""
