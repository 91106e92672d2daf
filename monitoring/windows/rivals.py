"""Blind labels of items that both the live version and the candidate answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from reviewapp.models import Item, LabelClass, Policy, Prediction, Review

# What people settled on stands for people, as in the hourly counts. An answer that
# failed is not right; one that came after the label, or on an item that trained either
# version, is no witness.
COUNT_RIVALS = """
WITH trained AS MATERIALIZED (
    SELECT label.item_id
    FROM reviewapp_modelversion AS version
        JOIN reviewapp_snapshotrow AS entry ON entry.snapshot_id = version.snapshot_id
        JOIN reviewapp_label AS label ON label.id = entry.label_id
    WHERE version.id IN (%(live)s, %(candidate)s)
), answered AS (
    SELECT routing.policy_id, routing.inclusion,
        live.label_class_id AS live_said, candidate.label_class_id AS candidate_said,
        CASE
            WHEN label.kind <> 'class' THEN NULL
            WHEN decision.decided_by = 'person' THEN decision.label_class_id
            WHEN decision.decided_by = 'model' AND settled.reads > 1
                AND settled.open = 0 THEN decision.label_class_id
            ELSE label.label_class_id
        END AS people_said
    FROM reviewapp_review AS review
        JOIN reviewapp_label AS label ON label.id = review.label_id
        JOIN reviewapp_item AS item ON item.id = review.item_id
        JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
        JOIN reviewapp_prediction AS live ON live.item_id = item.id
            AND live.version_id = %(live)s
            AND live.predicted_at <= label.labelled_at
        JOIN reviewapp_prediction AS candidate ON candidate.item_id = item.id
            AND candidate.version_id = %(candidate)s
            AND candidate.predicted_at <= label.labelled_at
        LEFT JOIN reviewapp_decision AS decision ON decision.id = item.decision_id
        CROSS JOIN LATERAL (
            SELECT count(label_id) AS reads,
                count(*) FILTER (WHERE closed_at IS NULL) AS open
            FROM reviewapp_review AS read WHERE read.item_id = item.id
        ) AS settled
    WHERE review.line_id = %(line)s AND review.read_number = 1
        AND review.closed_at IS NOT NULL AND label.kind <> 'retraction'
        AND label.labelled_at >= %(since)s AND label.shown = 'nothing'
        AND routing.route IN ('blind', 'audit')
        AND item.id NOT IN (SELECT item_id FROM trained)
)
SELECT answered.policy_id, answered.inclusion, class.key,
    coalesce(live_said = people_said, false),
    coalesce(candidate_said = people_said, false), count(*)
FROM answered LEFT JOIN reviewapp_labelclass AS class ON class.id = people_said
GROUP BY 1, 2, 3, 4, 5
"""

MEASURE_ANSWERS = """
SELECT count(*), count(*) FILTER (WHERE error <> ''),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms),
    percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_ms)
FROM (
    SELECT error, latency_ms FROM reviewapp_prediction
    WHERE version_id = %(version)s AND predicted_at >= %(since)s
    ORDER BY id DESC LIMIT 20000
) AS newest
"""


# What an answer that failed says.
NOTHING = Value(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalCount:
    """How many items alike: by which terms drawn, what people said, who was right.

    ``people`` is the key of the class, ``None`` where nobody could tell.
    """

    policy_id: int
    inclusion: float
    people: str | None
    is_live_right: bool
    is_candidate_right: bool
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """How a version has answered: how many, how many failed, and how fast."""

    answers: int
    errors: int
    median_ms: float | None
    slow_ms: float | None


def rival_counts(in_force: Policy) -> list[RivalCount]:
    """Count the blind labels since the trial began, by what both versions answered."""
    parameters = {
        "line": in_force.line_id,
        "live": in_force.live_id,
        "candidate": in_force.candidate_id,
        "since": in_force.candidate_began_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT_RIVALS, parameters)
        rows = cursor.fetchall()
    return [
        RivalCount(
            policy_id=policy_id,
            inclusion=inclusion,
            people=people,
            is_live_right=live,
            is_candidate_right=candidate,
            count=count,
        )
        for policy_id, inclusion, people, live, candidate, count in rows
    ]


def answering(in_force: Policy, version_id: int) -> Answering:
    """Measure the newest 20,000 answers of a version since the trial began."""
    with connection.cursor() as cursor:
        cursor.execute(
            MEASURE_ANSWERS,
            {"version": version_id, "since": in_force.candidate_began_at},
        )
        answers, errors, median_ms, slow_ms = cursor.fetchone()
    return Answering(
        answers=answers, errors=errors, median_ms=median_ms, slow_ms=slow_ms
    )


def differing(
    in_force: Policy, *, of: LabelClass | None = None, before: int | None = None
) -> QuerySet[Prediction]:
    """Give the candidate's answers that are not the live version's, the newest first.

    With ``of``, those of items that either version or the decision calls this class.
    Only of items that no review waits for: whoever is still to look must not see them.
    """
    live = Prediction.objects.annotate(said=Coalesce("label_class_id", NOTHING)).filter(
        item=OuterRef("item"), version=in_force.live
    )
    other = live.exclude(said=Coalesce(OuterRef("label_class_id"), NOTHING))
    waiting = Review.objects.waiting().filter(item=OuterRef("item"))
    found = Prediction.objects.filter(
        Exists(other),
        ~Exists(waiting),
        version=in_force.candidate,
        predicted_at__gte=in_force.candidate_began_at,
    )
    if of is not None:
        found = found.filter(
            Exists(other.filter(label_class=of))
            | Q(label_class=of)
            | Q(item__decision__label_class=of)
        )
    if before is not None:
        found = found.filter(item__lt=before)
    return found.select_related("item__decision__label_class", "label_class").order_by(
        "-item_id"
    )


def live_answers(in_force: Policy, items: Sequence[Item]) -> dict[int, Prediction]:
    """Give the live version's answers on items, by item."""
    found = Prediction.objects.filter(item__in=items, version=in_force.live)
    return {one.item_id: one for one in found.select_related("label_class")}
