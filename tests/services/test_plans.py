"""How PostgreSQL goes about what every answer asks of it."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from monitoring.windows.pairs import class_pairs
from reviewapp.models import Item, ProductLine, User
from reviewapp.policy import AutomationLevel
from tests import factories
from tests.monitoring.days import let_the_planner_look

MANY_ITEMS = """
INSERT INTO reviewapp_item (public_id, line_id, external_id, "group", received_at,
    occurred_at, content_sha256, input_metrics, predict_attempts)
SELECT gen_random_uuid(), %s, 'waits-' || n, '', now(), now(), '', '{}', 0
FROM generate_series(1, 10000) AS n
"""
MANY_REVIEWS = """
INSERT INTO reviewapp_review (public_id, line_id, item_id, read_number, priority,
    queued_at, excluded, awaits_second_thought)
SELECT gen_random_uuid(), %s, %s, n, -1, now(), '{}', false
FROM generate_series(1, 10000) AS n
"""


def test_an_answer_looks_its_rows_up_while_many_wait(
    line: ProductLine, ana: User
) -> None:
    # what is labelled are the oldest few of many: an order in which to read them all
    for _ in range(40):
        factories.make_item(line)
        factories.label_next(ana, line, "ok")
    factories.make_item(line)
    with connection.cursor() as cursor:
        cursor.execute(MANY_ITEMS, [line.pk])
        cursor.execute(MANY_REVIEWS, [line.pk, Item.objects.latest("pk").pk])
    let_the_planner_look()
    plans: list[str] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, *more: Any) -> Any:
        if "INSERT INTO reviewapp_label" in sql:
            explained = connection.connection.execute(f"EXPLAIN {sql}", params)
            plans.append("\n".join(row[0] for row in explained))
        return execute(sql, params, *more)

    with connection.execute_wrapper(explain):
        factories.label_next(ana, line, "ok")

    [plan] = plans
    assert "reviewapp_item_pkey" in plan
    assert "reviewapp_review_pkey" in plan
    assert "Merge Join" not in plan


def test_evidence_is_planned_for_its_values_each_time(
    line: ProductLine, ana: User
) -> None:
    # a plan that is kept took one label for granted where there were thousands
    factories.put_at(line, AutomationLevel.SHADOW)
    for _ in range(8):
        class_pairs(line, line.in_force)
        ProductLine.objects.get(pk=line.pk)

    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        kept = [statement for (statement,) in cursor.fetchall()]

    assert any('FROM "reviewapp_productline"' in one for one in kept)
    assert not any("reviewapp_prediction" in one and "ORDER BY" in one for one in kept)
