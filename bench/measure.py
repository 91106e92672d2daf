"""Counting hours, measuring a day, drawing a year; beside it a drift report's cost.

./run bench measure --predictions 1000000 --days 365 --peer
"""

import argparse
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench import ground, peers

UTC_ZONE = ZoneInfo("UTC")
END = datetime(2026, 1, 1, tzinfo=UTC)

# An image line's items with a prediction each. The model decides four of five, of which
# one in sixteen is audited; of the rest one in four gets a blind label.
# Keys are given, so that an item points to its routing from the first; what refers to
# what is right by construction, and not checked row by row.
UNCHECKED = "SET session_replication_role = replica"
# Only the filling is careless of the disk; what is measured is not.
CARELESS = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "32GB"}
FILL = """
WITH item AS (
    INSERT INTO reviewapp_item (id, public_id, line_id, external_id, "group",
        received_at, occurred_at, content_sha256, input_metrics, predict_attempts,
        routing_id)
    SELECT n + 1, gen_random_uuid(), %(line)s, 'x' || n, '', at, at, '',
        jsonb_build_object('brightness', 0.4 + random() * 0.2,
            'contrast', random() * 0.3, 'sharpness', random() * 900,
            'width', 640, 'height', 480, 'bytes', 20000 + random() * 9000), 0, n + 1
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
        CROSS JOIN LATERAL (
            SELECT %(start)s::timestamptz + %(step)s::interval * n AS at
        ) AS placed
    RETURNING id, occurred_at
), prediction AS (
    INSERT INTO reviewapp_prediction (item_id, version_id, label_class_id, confidence,
        probabilities, stages, latency_ms, error, error_detail, source, predicted_at)
    SELECT id, %(version)s, CASE WHEN random() < 0.95 THEN %(ok)s ELSE %(bad)s END,
        0.7 + random() * 0.3, '{0.9,0.1}', '{}', 1 + random() * 9, '', '', 'worker',
        occurred_at
    FROM item RETURNING id, item_id
), routing AS (
    INSERT INTO reviewapp_routing (id, item_id, policy_id, version_id, prediction_id,
        route, may_decide, was_held, inclusion, because, look_draw, canary_draw,
        canary_share, candidate_draw, candidate_share, overlap_draw, overlap_share,
        routed_at)
    SELECT item_id, item_id, %(policy)s, %(version)s, prediction.id,
        CASE item_id %% 20 WHEN 0 THEN 'blind' WHEN 1 THEN 'audit'
            ELSE CASE item_id %% 5 WHEN 0 THEN 'assisted' ELSE 'automatic' END END,
        item_id %% 5 <> 0, false,
        CASE item_id %% 5 WHEN 0 THEN 0.25 ELSE 0.0625 END,
        CASE item_id %% 5 WHEN 0 THEN 'unsure' ELSE 'certified' END,
        0.5, 0.5, 0, 0.5, 0, 0.5, 0, occurred_at
    FROM prediction JOIN item ON item.id = item_id RETURNING id, item_id
)
INSERT INTO reviewapp_review (public_id, item_id, line_id, read_number, priority,
    queued_at, excluded, awaits_second_thought)
SELECT gen_random_uuid(), item_id, %(line)s, 1, 0, now(), '{}', false
FROM routing WHERE item_id %% 20 IN (0, 1)
"""
LABEL = """
WITH label AS (
    INSERT INTO reviewapp_label (review_id, item_id, inspector_id, kind,
        label_class_id, shown, policy_id, answer_key, claimed_at, labelled_at,
        active_ms, comment)
    SELECT review.id, item.id, %(inspector)s, 'class',
        CASE WHEN random() < 0.95 THEN %(ok)s ELSE %(bad)s END, 'nothing', %(policy)s,
        gen_random_uuid(), item.occurred_at, item.occurred_at + interval '90 s', 2000,
        ''
    FROM reviewapp_review AS review JOIN reviewapp_item AS item
        ON item.id = review.item_id
    WHERE review.closed_at IS NULL
    RETURNING id, review_id, labelled_at
)
UPDATE reviewapp_review AS review
SET label_id = label.id, closed_at = label.labelled_at
FROM label WHERE label.review_id = review.id
"""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--predictions", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--peer", action="store_true", help="also run Evidently")
    asked = parser.parse_args()
    figures: dict[str, Any] = {"benchmark": "measure", **ground.machine()}
    var = ground.prepare_installation()
    try:
        # What may fail for want of a peer comes before what takes long.
        figures["drift"] = peers.compare_drift(var, with_peer=asked.peer)
        line = _fill(asked.predictions, asked.days)
        figures |= _measure(line, asked.predictions, asked.days)
        ground.report(figures)
    finally:
        ground.remove(var)


def _fill(count: int, days: int) -> Any:  # noqa: ANN401 - a line
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    from reviewapp.models import Modality  # noqa: PLC0415 - likewise
    from reviewapp.policy import AutomationLevel  # noqa: PLC0415 - likewise
    from tests import factories  # noqa: PLC0415 - likewise

    line = factories.make_line("Measured", modality=Modality.IMAGE)
    version = factories.make_version(line)
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        live_id=version.pk,
        certificates=factories.certified(version, "ok", "scratch"),
    )
    keys: dict[str, Any] = {
        "line": line.pk,
        "policy": line.policy_id,
        "version": line.in_force.live_id,
        "ok": line.classes.get(key="ok").pk,
        "bad": line.classes.get(key="scratch").pk,
        "inspector": factories.make_inspector(line, "ana").pk,
        "start": END - timedelta(days=days),
        "step": timedelta(days=days) / count,
    }
    chunk = 200_000
    with connection.cursor() as cursor:
        for name, value in CARELESS.items():
            cursor.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute(UNCHECKED)
        for first in range(0, count, chunk):
            last = min(first + chunk, count) - 1
            cursor.execute(FILL, keys | {"first": first, "last": last})
        cursor.execute(LABEL, keys)
        cursor.execute("RESET session_replication_role")
        for name in CARELESS:
            cursor.execute(f"ALTER SYSTEM RESET {name}")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return line


def _measure(line: Any, count: int, days: int) -> dict[str, Any]:  # noqa: ANN401 - a line
    from monitoring.models import HourlyColumn, HourlyCount  # noqa: PLC0415 - as above
    from monitoring.services import counts, measurements  # noqa: PLC0415 - likewise
    from monitoring.services.figures import agreement_series  # noqa: PLC0415 - likewise
    from monitoring.windows.days import columns_by_day  # noqa: PLC0415 - likewise

    rolled, _ = _timed(lambda: counts.recount(line, at=END))
    again, hours = _timed(lambda: counts.recount(line, at=END))
    day, measured = _timed(lambda: measurements.measure_line(line, at=END))
    start = END - timedelta(days=days)
    year, series = _timed(
        lambda: agreement_series(line, start.date(), END.date(), zone=UTC_ZONE)
    )
    column, points = _timed(
        lambda: list(
            columns_by_day(
                line, start.date(), END.date(), zone=UTC_ZONE, columns=["brightness"]
            )
        )
    )
    return {
        "predictions": count,
        "days": days,
        "roll_up": {
            "first_s": round(rolled, 2),
            "again_s": round(again, 2),
            "hours": hours,
            "predictions_per_second": round(count / rolled),
            "rows_kept": HourlyCount.objects.count() + HourlyColumn.objects.count(),
        },
        "a_days_metrics": {"metrics": len(measured), "ms": round(1000 * day, 1)},
        "a_years_agreement": {"days": len(series.days), "ms": round(1000 * year, 1)},
        "a_years_brightness": {
            "days": len(points),
            "ms": round(1000 * column, 1),
        },
        "memory_mib": ground.memory_mib([ground.own_pid()]),
    }


def _timed(act: Any) -> tuple[float, Any]:  # noqa: ANN401 - anything that is called
    began = time.perf_counter()
    found = act()
    return time.perf_counter() - began, found


if __name__ == "__main__":
    main()
