"""Assisted items by the way in which the prediction was shown, drawn by lot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from reviewapp.models import ProductLine
from reviewapp.policy import AssistStyle, AutomationLevel

# So many of the newest closed reviews of a span are read at most.
NEWEST = 100_000

# First reads of assisted items under a policy that drew both ways. Which way it was is
# what the lottery said at the first answer, whatever came of it. An item counts as
# settled where it is gold, or where the decision in force is a person's and somebody
# else said the same to whom nothing could be shown, whatever the answer: an
# adjudicator, or a reader at a level that shows nothing. Of other readers only those
# who agreed with the model were shown nothing.
READS = """
WITH read AS (
    SELECT terms.assist_style AS style, terms.other_style_share AS share,
        (terms.assist_style = 'suggestion_first')
            <> (routing.style_draw < terms.other_style_share) AS is_before,
        review.closed_at, predicted.label_class_id AS predicted,
        final.label_class_id AS answer, first.kind = 'class' AS names_class,
        first.label_class_id AS first_answer, thought.id AS thought,
        thought.label_class_id AS second_answer,
        first.active_ms + CASE WHEN thought.id IS NULL THEN 0
            ELSE thought.active_ms END AS active_ms,
        coalesce(gold.label_class_id, CASE WHEN witness.is_there
            THEN decision.label_class_id END) AS truth
    FROM (
        SELECT * FROM reviewapp_review
        WHERE line_id = %(line)s AND closed_at IS NOT NULL
            AND closed_at >= %(start)s AND closed_at < %(end)s
        ORDER BY closed_at DESC LIMIT %(newest)s
    ) AS review
        JOIN reviewapp_label AS final ON final.id = review.label_id
        JOIN reviewapp_item AS item ON item.id = review.item_id
        JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
        JOIN reviewapp_prediction AS predicted ON predicted.id = routing.prediction_id
        JOIN reviewapp_label AS first ON first.review_id = review.id
            AND first.supersedes_id IS NULL
        JOIN reviewapp_policy AS terms ON terms.id = first.policy_id
        LEFT JOIN reviewapp_label AS thought ON thought.supersedes_id = first.id
            AND thought.shown = 'reveal' AND thought.kind <> 'retraction'
        LEFT JOIN reviewapp_golditem AS gold ON gold.item_id = item.id
            AND gold.voided_at IS NULL
        LEFT JOIN reviewapp_decision AS decision ON decision.id = item.decision_id
            AND decision.decided_by = 'person'
        CROSS JOIN LATERAL (
            SELECT EXISTS (
                SELECT FROM reviewapp_review AS other
                    JOIN reviewapp_label AS said ON said.id = other.label_id
                    JOIN reviewapp_policy AS seen ON seen.id = said.policy_id
                WHERE other.item_id = item.id AND other.id <> review.id
                    AND other.closed_at IS NOT NULL AND said.shown = 'nothing'
                    AND said.label_class_id = decision.label_class_id
                    AND said.inspector_id <> final.inspector_id
                    AND (other.is_adjudication OR seen.level < %(assist)s)
            ) AS is_there
        ) AS witness
    WHERE review.read_number = 1 AND NOT review.is_adjudication
        AND final.kind <> 'retraction' AND routing.route = 'assisted'
        AND routing.style_draw IS NOT NULL AND terms.other_style_share > 0
        AND terms.level >= %(assist)s AND (terms.live_id = routing.version_id
            OR (terms.candidate_share > 0 AND terms.candidate_id = routing.version_id))
)
"""
COUNT = f"""
{READS}
SELECT style, share, is_before, min(closed_at), max(closed_at), count(*),
    count(*) FILTER (WHERE answer = predicted),
    count(*) FILTER (WHERE is_revealed),
    count(*) FILTER (WHERE is_revealed AND thought IS NOT NULL
        AND second_answer IS DISTINCT FROM first_answer),
    count(active_ms), count(truth),
    count(*) FILTER (WHERE answer = truth),
    count(*) FILTER (WHERE truth = predicted),
    count(*) FILTER (WHERE truth = predicted AND answer = truth),
    count(*) FILTER (WHERE truth <> predicted AND answer = truth),
    count(*) FILTER (WHERE truth <> predicted AND answer = predicted)
FROM read CROSS JOIN LATERAL (
    SELECT NOT is_before AND names_class AND first_answer <> predicted AS is_revealed
) AS reveal
GROUP BY style, share, is_before
"""  # noqa: S608 - made of the constant above
TIMES = f"""
{READS}, ranked AS (
    SELECT active_ms, row_number() OVER (ORDER BY active_ms) AS rank
    FROM read WHERE active_ms IS NOT NULL AND style = %(style)s AND share = %(share)s
        AND is_before = %(is_before)s
)
SELECT rank, active_ms FROM ranked WHERE rank = ANY (%(ranks)s)
"""  # noqa: S608 - made of the constant above


@dataclass(frozen=True, slots=True, kw_only=True)
class WayCount:
    """Items of one way of showing, counted under the same lottery.

    ``usual`` and ``share`` are the terms of the policy, by which alone two ways can be
    compared. ``same`` answers are the prediction; of the ``revealed`` some were then
    ``changed``. Of the ``settled`` the answer was ``right``, and so was the model on
    ``model_right``; where it was wrong people were right, or followed it.
    """

    usual: AssistStyle
    share: float
    way: AssistStyle
    first_at: datetime
    last_at: datetime
    answered: int
    same: int
    revealed: int
    changed: int
    timed: int
    settled: int
    right: int
    model_right: int
    right_with_model: int
    right_against_model: int
    followed_wrong: int

    @property
    def model_wrong(self) -> int:
        """Settled items on which the model was wrong."""
        return self.settled - self.model_right


def way_counts(
    line: ProductLine, *, start: datetime, end: datetime, newest: int = NEWEST
) -> list[WayCount]:
    """Count a line's assisted first reads that were closed in [start, end), by way."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, _span(line, start, end, newest))
        rows = cursor.fetchall()
    return [
        WayCount(
            usual=AssistStyle(style),
            share=share,
            way=AssistStyle.SUGGESTION_FIRST if before else AssistStyle.ANSWER_FIRST,
            first_at=first_at,
            last_at=last_at,
            answered=counts[0],
            same=counts[1],
            revealed=counts[2],
            changed=counts[3],
            timed=counts[4],
            settled=counts[5],
            right=counts[6],
            model_right=counts[7],
            right_with_model=counts[8],
            right_against_model=counts[9],
            followed_wrong=counts[10],
        )
        for style, share, before, first_at, last_at, *counts in rows
    ]


def times_at(
    line: ProductLine,
    counted: WayCount,
    ranks: Sequence[int],
    *,
    start: datetime,
    end: datetime,
    newest: int = NEWEST,
) -> dict[int, int]:
    """Give the active milliseconds at some ranks, the shortest item at rank 1.

    The time of an item is that of its first answer and of the one after the reveal.
    """
    parameters = _span(line, start, end, newest) | {
        "style": counted.usual.value,
        "share": counted.share,
        "is_before": counted.way is AssistStyle.SUGGESTION_FIRST,
        "ranks": sorted(set(ranks)),
    }
    with connection.cursor() as cursor:
        cursor.execute(TIMES, parameters)
        return dict(cursor.fetchall())


def _span(
    line: ProductLine, start: datetime, end: datetime, newest: int
) -> dict[str, Any]:
    return {
        "line": line.pk,
        "start": start,
        "end": end,
        "newest": newest,
        "assist": AutomationLevel.ASSIST.value,
    }
