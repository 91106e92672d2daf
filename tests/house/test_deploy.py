"""What we ship for Prometheus and Grafana names only what is exported."""

import json
import re
from pathlib import Path

import pytest
from django.utils import timezone

from monitoring.models import ProcessKind, ProcessSample, TaskPulse
from monitoring.services import counts
from monitoring.services.exposition import exported
from reviewapp.models import ProductLine
from reviewapp.policy import AutomationLevel
from tests import factories

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
DASHBOARD = DEPLOY / "grafana-dashboard.json"
RULES = DEPLOY / "prometheus-rules.yml"
NAME = re.compile(r"\breview_[a-z0-9_]+")
MATCHER = re.compile(r"(review_[a-z0-9_]+)\{([^}]*)\}")


def expressions() -> list[str]:
    board = json.loads(DASHBOARD.read_text())
    found = [t["expr"] for panel in board["panels"] for t in panel.get("targets", [])]
    found += [
        v["query"] for v in board["templating"]["list"] if v.get("type") == "query"
    ]
    rules = RULES.read_text()
    return [*found, *re.findall(r"^\s+expr: (.+)$", rules, flags=re.MULTILINE)]


@pytest.fixture
def names(line: ProductLine) -> dict[str, set[str]]:
    """Every exported metric with the names of its labels."""
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.make_item(line)
    counts.roll_up_hours()
    now = timezone.now()
    ProcessSample.objects.create(
        kind=ProcessKind.WEB,
        name="a",
        began_at=now,
        at=now,
        resident_bytes=1,
        cpu_s=1,
        requests=1,
        buckets={"+50": 1},
    )
    TaskPulse.objects.create(task="t.sweep", succeeded_at=now, failed_at=now)
    return {
        metric.name: {name for labels in metric.values for name, _text in labels}
        for metric in exported(at=now)
    }


def test_every_metric_that_is_asked_for_is_exported(names: dict[str, set[str]]) -> None:
    asked = {name for text in expressions() for name in NAME.findall(text)}

    assert len(asked) > 15
    assert asked <= set(names)


def test_every_label_that_is_matched_is_exported(names: dict[str, set[str]]) -> None:
    matched = 0
    for text in expressions():
        for name, inside in MATCHER.findall(text):
            wanted = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", inside))
            if names[name]:
                matched += 1
                assert wanted <= names[name], text

    assert matched > 5


def test_every_rule_says_what_to_do() -> None:
    rules = RULES.read_text()

    assert rules.count("- alert:") == rules.count("summary:") == rules.count("expr:")
    assert rules.count("- alert:") == rules.count("description:")


@pytest.mark.parametrize(("part_of_month", "hours"), [(0.02, 1), (0.05, 6), (0.10, 72)])
def test_a_rule_watches_each_pace_at_which_escapes_are_spent(
    part_of_month: float, hours: int
) -> None:
    pace = part_of_month * 30 * 24 / hours
    span = f"{hours // 24}d" if hours > 24 else f"{hours}h"
    limit = "0.005" if pace == 1 else f"{pace:g} * 0.005"

    [rule] = [
        text
        for text in expressions()
        if text.startswith(f"(increase(review_audit_escapes_total[{span}])")
    ]

    assert f"/ increase(review_audited_passes_total[{span}]) > {limit})" in rule
    assert f"and (increase(review_audited_passes_total[{span}]) > " in rule
