"""The statements that claim a review; each locks the row that it changes."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from reviewapp.models.lines import ProductLine
    from reviewapp.models.people import User

# The order of the queue stands here and nowhere else. The sure ones of a line that lets
# the unsure go first count as queued when they are ``deferred_to``.
IN_ORDER = "priority DESC, coalesce(deferred_to, queued_at), id"
FIRST_OPEN = """
        SELECT id FROM reviewapp_review
        WHERE line_id = %(line)s AND closed_at IS NULL AND NOT awaits_second_thought
            AND coalesce(reader_id, %(by)s) = %(by)s AND {state}
            AND NOT excluded @> ARRAY[%(by)s]::bigint[]
            AND (NOT is_adjudication OR EXISTS (
                SELECT FROM reviewapp_membership
                WHERE user_id = %(by)s AND line_id = %(line)s AND is_adjudicator
            ))
            AND item_id <> ALL (ARRAY(
                SELECT item_id FROM reviewapp_review
                WHERE claimed_by_id = %(by)s AND closed_at IS NULL
                    AND claimed_until >= clock_timestamp()
            ))
        ORDER BY {in_order}
        LIMIT 1 FOR UPDATE SKIP LOCKED
"""
FIRST_FREE = FIRST_OPEN.format(
    state="(claimed_until IS NULL OR claimed_until < clock_timestamp())",
    in_order=IN_ORDER,
)
FIRST_OF_ANOTHERS_HAND = FIRST_OPEN.format(
    state="is_reserved AND claimed_by_id <> %(by)s", in_order=IN_ORDER
)
FIRST_OF_OWN_HAND = """
        SELECT id FROM reviewapp_review
        WHERE claimed_by_id = %(by)s AND line_id = %(line)s AND closed_at IS NULL
            AND is_reserved AND claimed_until >= clock_timestamp()
        ORDER BY claimed_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
# With the item goes whether the holder has answered another read of it.
WITH_ITEM_OF_REVIEW = """
SELECT {columns}, EXISTS (
        SELECT FROM reviewapp_label AS label WHERE label.item_id = review.item_id
            AND label.inspector_id = %(by)s AND label.review_id <> review.id
    )
    FROM review
    JOIN reviewapp_item AS item ON item.id = review.item_id
    LEFT JOIN reviewapp_payload AS payload ON payload.item_id = item.id
    LEFT JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
"""

CLAIM_FIRST = f"""
WITH review AS (
    UPDATE reviewapp_review SET
        claim_token = CASE WHEN claimed_by_id = %(by)s AND is_reserved
            AND claimed_until >= clock_timestamp() THEN claim_token ELSE %(token)s END,
        claimed_by_id = %(by)s,
        claimed_at = clock_timestamp(),
        claimed_until = clock_timestamp() + make_interval(secs => %(for_s)s),
        edition_id = %(edition)s,
        is_reserved = false
    WHERE id = coalesce(
        ({FIRST_OF_OWN_HAND}), ({FIRST_FREE}), ({FIRST_OF_ANOTHERS_HAND})
    )
    RETURNING *
)
{WITH_ITEM_OF_REVIEW}
"""  # noqa: S608 - made of the constants above

RESERVE_FIRST = f"""
WITH review AS (
    UPDATE reviewapp_review SET
        claim_token = %(token)s,
        claimed_by_id = %(by)s,
        claimed_at = clock_timestamp(),
        claimed_until = clock_timestamp() + make_interval(secs => %(for_s)s),
        is_reserved = true
    WHERE %(behind)s > (
        SELECT count(*) FROM reviewapp_review
        WHERE claimed_by_id = %(by)s AND line_id = %(line)s AND closed_at IS NULL
            AND is_reserved AND claimed_until >= clock_timestamp()
    ) AND id = ({FIRST_FREE})
    RETURNING *
)
{WITH_ITEM_OF_REVIEW}
"""  # noqa: S608 - likewise

LOCK = """
SELECT {columns}, false FROM reviewapp_review AS review
    JOIN reviewapp_item AS item ON item.id = review.item_id
    LEFT JOIN reviewapp_payload AS payload ON payload.item_id = item.id
    LEFT JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
WHERE review.public_id = %(review)s AND review.line_id = %(line)s
FOR UPDATE OF review
"""

# Gold takes the place of what the person would have got, just before it, so that it
# comes only where work waits and comes back to its place when it is given back. The
# gold item is the row that is locked and changed: it is never dealt more often than
# it may be, and its count numbers the reads, as no statement sees what another has
# inserted meanwhile.
DEAL_GOLD = f"""
WITH place AS (
    SELECT priority, queued_at, deferred_to FROM reviewapp_review
    WHERE line_id = %(line)s AND closed_at IS NULL AND NOT awaits_second_thought
        AND reader_id IS NULL AND NOT is_adjudication AND (claimed_until IS NULL
            OR claimed_until < clock_timestamp())
        AND NOT excluded @> ARRAY[%(by)s]::bigint[]
    ORDER BY {IN_ORDER} LIMIT 1
), picked AS (
    SELECT gold.id FROM reviewapp_golditem AS gold
        JOIN reviewapp_goldterms AS terms ON terms.line_id = gold.line_id
        JOIN reviewapp_payload AS payload ON payload.item_id = gold.item_id
        JOIN reviewapp_labelclass AS class
            ON class.id = gold.label_class_id AND class.retired_at IS NULL
    WHERE gold.line_id = %(line)s AND gold.retired_at IS NULL
        AND gold.dealt < terms.most_reads
        AND payload.schema_id IS NOT DISTINCT FROM %(schema)s
        AND NOT EXISTS (
            SELECT FROM reviewapp_membership AS manages
            WHERE manages.user_id = %(by)s AND manages.line_id = %(line)s
                AND manages.role = 'manager'
        )
        AND gold.added_by_id <> %(by)s
        AND NOT EXISTS (
            SELECT FROM reviewapp_label AS label
            WHERE label.item_id = gold.item_id AND label.inspector_id = %(by)s
        )
        AND NOT EXISTS (
            SELECT FROM reviewapp_exposure AS exposure
            WHERE exposure.item_id = gold.item_id AND exposure.user_id = %(by)s
        )
        AND NOT EXISTS (
            SELECT FROM reviewapp_encounter AS encounter
            WHERE encounter.item_id = gold.item_id AND encounter.user_id = %(by)s
        )
        AND NOT EXISTS (
            SELECT FROM reviewapp_goldread AS read
            WHERE read.gold_id = gold.id AND read.inspector_id = %(by)s
                AND (read.told_at IS NOT NULL OR read.dealt_at
                    > clock_timestamp() - make_interval(days => terms.rest_days))
        )
        AND NOT EXISTS (
            SELECT FROM reviewapp_review AS open
            WHERE open.reader_id = %(by)s AND open.line_id = %(line)s
                AND open.closed_at IS NULL
        )
        AND %(behind)s >= (
            SELECT count(*) FROM reviewapp_review
            WHERE claimed_by_id = %(by)s AND line_id = %(line)s AND closed_at IS NULL
                AND is_reserved AND claimed_until >= clock_timestamp()
        ) + %(is_reserved)s::int
        AND EXISTS (SELECT FROM place)
    ORDER BY gold.dealt, md5(%(token)s::text || gold.id)
    LIMIT 1 FOR UPDATE OF gold SKIP LOCKED
), dealt AS (
    UPDATE reviewapp_golditem AS gold SET dealt = gold.dealt + 1
    FROM picked WHERE gold.id = picked.id
    RETURNING gold.id, gold.item_id, gold.dealt
), review AS (
    INSERT INTO reviewapp_review (public_id, item_id, line_id, read_number, priority,
        queued_at, deferred_to, excluded, gold_id, reader_id, claimed_by_id, claimed_at,
        claimed_until, claim_token, edition_id, is_reserved, awaits_second_thought)
    SELECT gen_random_uuid(), dealt.item_id, %(line)s, dealt.dealt + (
            SELECT max(read_number) FROM reviewapp_review AS earlier
            WHERE earlier.item_id = dealt.item_id AND earlier.gold_id IS NULL
        ), place.priority, place.queued_at - interval '1 microsecond',
        place.deferred_to - interval '1 microsecond', '{{{{}}}}'::bigint[], dealt.id,
        %(by)s, %(by)s, clock_timestamp(),
        clock_timestamp() + make_interval(secs => %(for_s)s), %(token)s, %(edition)s,
        %(is_reserved)s, false
    FROM dealt CROSS JOIN place
    RETURNING *
), read AS (
    INSERT INTO reviewapp_goldread (gold_id, inspector_id, use, review_id, dealt_at)
    SELECT gold_id, reader_id, 'hidden', id, claimed_at FROM review
)
{WITH_ITEM_OF_REVIEW}
"""  # noqa: S608 - likewise


def claim_terms(line: "ProductLine", *, by: "User", token: UUID) -> dict[str, Any]:
    """Give the parameters of the statements that claim a review."""
    return {
        "line": line.pk,
        "by": by.pk,
        "token": token,
        "for_s": line.claim_length_s,
        "edition": line.edition_id,
        "behind": line.hand_size - 1,
    }
