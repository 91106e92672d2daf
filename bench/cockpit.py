"""The line's page with a million items behind it: how long the server takes.

./run bench cockpit --items 1000000 --looks 60
"""

import argparse
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import ground

# A line at PARTIAL: of the items that the model may decide, half by canary, one in
# twenty audited; of the others one in ten blind. Newer ones are still waiting.
FILL = """
WITH item AS (
    INSERT INTO reviewapp_item (public_id, line_id, external_id, "group", received_at,
        occurred_at, content_sha256, input_metrics, predict_attempts)
    SELECT gen_random_uuid(), %(line)s, 'x' || n, 'cam' || n %% 3 || '/lot', at, at, '',
        '{}', 0
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
        CROSS JOIN LATERAL (
            SELECT %(start)s::timestamptz + %(step)s::interval * n AS at
        ) AS placed
    RETURNING id, occurred_at AS at
), fate AS MATERIALIZED (
    SELECT id, at, random() AS sure, random() AS look, random() AS canary,
        random() < 0.05 AS is_bad, random() < 0.01 AS is_wrong
    FROM item
), routed AS MATERIALIZED (
    SELECT *, is_bad <> is_wrong AS says_bad,
        CASE WHEN sure > 0.8 THEN 'unsure' WHEN canary > 0.5 THEN 'outside_canary'
            ELSE 'certified' END AS because,
        CASE WHEN sure <= 0.8 AND canary <= 0.5
            THEN CASE WHEN look < 0.05 THEN 'audit' ELSE 'automatic' END
            ELSE CASE WHEN look < 0.1 THEN 'blind' ELSE 'assisted' END END AS route
    FROM fate
), prediction AS (
    INSERT INTO reviewapp_prediction (item_id, version_id, label_class_id, confidence,
        probabilities, stages, latency_ms, error, error_detail, source, predicted_at)
    SELECT id, %(version)s, CASE WHEN says_bad THEN %(bad)s ELSE %(ok)s END,
        1 - sure * 0.3, '{0.9,0.1}', '{}', 1 + sure * 9, '', '', 'worker', at
    FROM routed RETURNING id, item_id
), routing AS (
    INSERT INTO reviewapp_routing (item_id, policy_id, version_id, prediction_id, route,
        may_decide, was_held, inclusion, because, look_draw, canary_draw, canary_share,
        candidate_draw, candidate_share, overlap_draw, overlap_share, routed_at)
    SELECT item_id, %(policy)s, %(version)s, prediction.id, route,
        because = 'certified', false,
        CASE WHEN because = 'certified' THEN 0.05 ELSE 0.1 END, because, look, canary,
        0.5, 0.5, 0, 0.5, 0, at
    FROM prediction JOIN routed ON routed.id = item_id
    RETURNING id, item_id, route, routed_at
), decision AS (
    INSERT INTO reviewapp_decision (item_id, decided_by, label_class_id, routing_id,
        policy_id, decided_at)
    SELECT item_id, 'model', CASE WHEN says_bad THEN %(bad)s ELSE %(ok)s END,
        routing.id, %(policy)s, routed_at
    FROM routing JOIN routed ON routed.id = item_id
    WHERE routing.route IN ('automatic', 'audit')
), review AS (
    INSERT INTO reviewapp_review (public_id, item_id, line_id, read_number, priority,
        queued_at, excluded, awaits_second_thought)
    SELECT gen_random_uuid(), item_id, %(line)s, 1, 0, routed_at, '{}', false
    FROM routing WHERE route <> 'automatic'
)
SELECT 1
"""
POINT = """
UPDATE reviewapp_item AS item SET routing_id = routing.id, decision_id = decision.id
FROM reviewapp_routing AS routing
    LEFT JOIN reviewapp_decision AS decision ON decision.routing_id = routing.id
WHERE routing.item_id = item.id AND item.routing_id IS NULL
"""
# All but the newest are answered; people rarely err against what the model said.
LABEL = """
WITH label AS (
    INSERT INTO reviewapp_label (review_id, item_id, inspector_id, kind,
        label_class_id, shown, prediction_id, policy_id, answer_key,
        claimed_at, labelled_at,
        active_ms, comment)
    SELECT review.id, item.id, %(inspector)s, 'class',
        CASE WHEN random() < 0.98 THEN prediction.label_class_id ELSE %(bad)s END,
        CASE routing.route WHEN 'assisted' THEN 'suggestion' ELSE 'nothing' END,
        CASE routing.route WHEN 'assisted' THEN prediction.id END,
        %(policy)s, gen_random_uuid(), item.occurred_at,
        item.occurred_at + interval '90 s', 2000, ''
    FROM reviewapp_review AS review
        JOIN reviewapp_item AS item ON item.id = review.item_id
        JOIN reviewapp_routing AS routing ON routing.id = item.routing_id
        JOIN reviewapp_prediction AS prediction ON prediction.id = routing.prediction_id
    WHERE review.closed_at IS NULL AND review.queued_at < %(answered_to)s
    RETURNING id, review_id, labelled_at
)
UPDATE reviewapp_review AS review
SET label_id = label.id, closed_at = label.labelled_at
FROM label WHERE label.review_id = review.id
"""
DAYS = 30
SLOWEST = 8


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--looks", type=int, default=60)
    asked = parser.parse_args()
    figures: dict[str, Any] = {"benchmark": "cockpit", **ground.machine()}
    var = ground.prepare_installation()
    try:
        began = time.perf_counter()
        line, browser = _fill(asked.items)
        figures["filled_s"] = round(time.perf_counter() - began, 1)
        figures |= _look(line, browser, asked.looks)
        ground.report(figures)
    finally:
        ground.remove(var)


def _fill(count: int) -> tuple[Any, Any]:
    from django.db import connection  # noqa: PLC0415 - Django is set up by now
    from django.test import Client  # noqa: PLC0415 - likewise

    from monitoring.models import SegmentKind  # noqa: PLC0415 - likewise
    from monitoring.services import counts, judging, segments  # noqa: PLC0415 - as well
    from reviewapp.models import Cause  # noqa: PLC0415 - likewise
    from reviewapp.policy import AutomationLevel  # noqa: PLC0415 - likewise
    from reviewapp.services.policies import append_policy  # noqa: PLC0415 - likewise
    from tests import factories  # noqa: PLC0415 - likewise

    now = datetime.now(UTC)
    start = now - timedelta(days=DAYS)
    line = factories.make_line("Cockpit")
    version = factories.make_version(line)
    certificate = {
        "fingerprint": version.fingerprint,
        "threshold": 0.76,
        "max_error": 0.02,
        "delta": 0.025,
        "labels": 4000,
        "errors": 40,
        "upper": 0.015,
    }
    changes: dict[str, Any] = {
        "live_id": version.pk,
        "canary_share": 0.5,
        "certificates": {"ok": certificate, "scratch": certificate},
    }
    for level in (AutomationLevel.SHADOW, AutomationLevel.PARTIAL):
        append_policy(
            line,
            cause=Cause.RAISED,
            by=None,
            changes={"level": level, **changes},
            as_of=start,
        )
    keys: dict[str, Any] = {
        "line": line.pk,
        "policy": line.policy_id,
        "version": version.pk,
        "ok": line.classes.get(key="ok").pk,
        "bad": line.classes.get(key="scratch").pk,
        "inspector": factories.make_inspector(line, "ana").pk,
        "start": start,
        "step": timedelta(days=DAYS) / count,
        "answered_to": now - timedelta(minutes=40),
    }
    chunk = 100_000
    with connection.cursor() as cursor:
        # rows that were just written have no statistics to plan a join by
        cursor.execute("SET enable_nestloop = off")
        for first in range(0, count, chunk):
            last = min(first + chunk, count) - 1
            cursor.execute(FILL, keys | {"first": first, "last": last})
        cursor.execute(POINT)
        cursor.execute("ANALYZE")
        cursor.execute(LABEL, keys)
        cursor.execute("RESET enable_nestloop")
        cursor.execute("VACUUM ANALYZE")
    segments.set_segments(line, SegmentKind.GROUP, by=None)
    counts.recount(line, at=now)
    judging.judge_lines()
    browser = Client()
    browser.force_login(
        factories.make_manager(line, "mia"),
        backend="reviewapp.sessions.PersonBackend",
    )
    return line, browser


def _look(line: Any, browser: Any, looks: int) -> dict[str, Any]:  # noqa: ANN401 - a line and a browser
    from django.conf import settings  # noqa: PLC0415 - Django is set up by now
    from django.db import connection  # noqa: PLC0415 - likewise
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - likewise

    from monitoring.services.slow_figures import (  # noqa: PLC0415 - likewise
        work_out,
    )

    settings.ALLOWED_HOSTS = ["testserver"]
    pages = {
        "cockpit": f"/lines/{line.slug}/",
        "gates_of_the_next_rung": f"/lines/{line.slug}/raise/",
        "next_canary_step": f"/lines/{line.slug}/canary/",
    }
    began = time.perf_counter()
    decided = work_out(line, line.in_force).decided
    found: dict[str, Any] = {
        "worked_out_to_sign_ms": round((time.perf_counter() - began) * 1000, 1),
        "labels_it_read": sum(one.labels for one in decided.values()),
    }
    for name, address in pages.items():
        taken = []
        for _ in range(looks + 5):
            began = time.perf_counter()
            response = browser.get(address)
            taken.append((time.perf_counter() - began) * 1000)
            if response.status_code != 200:  # noqa: PLR2004 - OK
                raise RuntimeError(f"{address} answered {response.status_code}.")
        taken = sorted(taken[5:])
        with CaptureQueriesContext(connection) as queries:
            browser.get(address)
        slowest = sorted(queries, key=lambda q: -float(q["time"]))[:SLOWEST]
        found[name] = {
            "p50_ms": round(statistics.median(taken), 1),
            "p95_ms": round(taken[int(len(taken) * 0.95)], 1),
            "queries": len(queries),
            "slowest": [f"{q['time']} s {_short(q['sql'])}" for q in slowest],
        }
    return found


def _short(statement: str) -> str:
    return " ".join(statement.split())[:160]


if __name__ == "__main__":
    main()
