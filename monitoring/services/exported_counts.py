"""Counters for Prometheus, out of the counts that the database keeps."""

from django.db import connection

from monitoring.services.exported import Exported

# Finished days by their sums, the rest by hours: a scrape does not add up years.
COUNTS = """
WITH counts AS (
    SELECT day.line_id, day.measure, day.version_id, day.is_blind, day.route,
        day.predicted_id, day.answered_id, day.count
    FROM monitoring_dailycount AS day
    UNION ALL
    SELECT hour.line_id, hour.measure, hour.version_id, hour.is_blind, hour.route,
        hour.predicted_id, hour.answered_id, hour.count
    FROM monitoring_hourlycount AS hour
        JOIN monitoring_countrun AS run ON run.line_id = hour.line_id
    WHERE run.summed_before IS NULL OR hour.hour >=
        run.summed_before::timestamp AT TIME ZONE run.summed_zone
)
SELECT line.slug, counts.measure, coalesce(version.name, ''), counts.is_blind,
    counts.route, coalesce(predicted.key, ''), coalesce(predicted.meaning, ''),
    coalesce(answered.key, ''), coalesce(answered.meaning, ''), sum(counts.count)
FROM counts
    JOIN reviewapp_productline AS line ON line.id = counts.line_id
    LEFT JOIN reviewapp_modelversion AS version ON version.id = counts.version_id
    LEFT JOIN reviewapp_labelclass AS predicted ON predicted.id = counts.predicted_id
    LEFT JOIN reviewapp_labelclass AS answered ON answered.id = counts.answered_id
WHERE line.archived_at IS NULL
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""


def counters() -> list[Exported]:
    """Gather the counters of every line in use."""
    items = Exported(
        name="review_items_total", kind="counter", about="Items that occurred."
    )
    decisions = Exported(
        name="review_decisions_total",
        kind="counter",
        about="Decisions, by who decided and the class.",
    )
    predictions = Exported(
        name="review_predictions_total",
        kind="counter",
        about="Predictions, by version and class; class is empty where one failed.",
    )
    labels = Exported(
        name="review_labels_total", kind="counter", about="Labels that people gave."
    )
    pairs = Exported(
        name="review_blind_pairs_total",
        kind="counter",
        about="Items with a prediction and a blind label.",
    )
    disagreements = Exported(
        name="review_disagreements_total",
        kind="counter",
        about="Blind pairs that differ, by type: escape, overkill or other.",
    )
    audits = Exported(
        name="review_audited_passes_total",
        kind="counter",
        about="Audited items that the model passed.",
    )
    escapes = Exported(
        name="review_audit_escapes_total",
        kind="counter",
        about="Audited items that the model passed and people reject.",
    )
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        rows = cursor.fetchall()
    for slug, measure, version, is_blind, route, said, meant, heard, held, n in rows:
        count = float(n)
        match measure:
            case "item":
                items.add(count, line=slug)
            case "by_model" | "by_person":
                by = measure.removeprefix("by_")
                decisions.add(count, line=slug, decision_by=by, **{"class": heard})
            case "prediction" | "error":
                predictions.add(count, line=slug, version=version, **{"class": said})
            case "label":
                labels.add(count, line=slug)
            case "pair" if is_blind:
                pairs.add(count, line=slug, version=version)
                if said != heard:
                    kind = _kind(meant, held)
                    disagreements.add(count, line=slug, version=version, type=kind)
                if route == "audit" and meant == "pass":
                    audits.add(count, line=slug, version=version)
                    found = count if held == "reject" else 0.0
                    escapes.add(found, line=slug, version=version)
    return [
        items,
        decisions,
        predictions,
        labels,
        pairs,
        disagreements,
        audits,
        escapes,
    ]


def _kind(predicted: str, answered: str) -> str:
    match predicted, answered:
        case "pass", "reject":
            return "escape"
        case "reject", "pass":
            return "overkill"
        case _:
            return "other"
