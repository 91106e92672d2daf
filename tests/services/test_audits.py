"""Audits: the model's decision stands until two people overrule it."""

from django.utils import timezone

from reviewapp.models import Item, LineState, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services.routings import route_items
from tests import factories


def audited_item(line: ProductLine) -> Item:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    certificate = {
        "fingerprint": version.fingerprint,
        "threshold": 0.5,
        "max_error": 0.005,
        "delta": 0.05,
        "labels": 900,
        "errors": 0,
        "upper": 0.004,
        "covers_all": False,
    }
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        certificates={"ok": certificate},
        canary_share=1.0,
        audit_shares={"ok": 1.0},
    )
    LineState.objects.filter(line=line).update(judged_at=timezone.now())
    item = factories.make_item(line)
    factories.make_prediction(item, version, line.classes.get(key="ok"))
    route_items(line.pk, [item.pk])
    return item


def test_an_audit_that_agrees_lets_the_decision_stand(
    line: ProductLine, ana: User
) -> None:
    item = audited_item(line)

    factories.label_next(ana, line, "ok")

    item.refresh_from_db()
    assert item.decision is not None
    assert item.decision.decided_by == "model"
    assert item.reviews.count() == 1


def test_an_escape_needs_a_second_reader_and_then_supersedes(
    line: ProductLine, ana: User, ben: User
) -> None:
    item = audited_item(line)

    factories.label_next(ana, line, "scratch")

    item.refresh_from_db()
    assert item.decision is not None
    assert item.decision.decided_by == "model"
    factories.label_next(ben, line, "scratch")
    item.refresh_from_db()
    assert item.decision.decided_by == "person"
    assert str(item.decision) == "Scratch"
    assert item.decision.supersedes is not None


def test_a_second_reader_can_side_with_the_model(
    line: ProductLine, ana: User, ben: User
) -> None:
    item = audited_item(line)
    factories.label_next(ana, line, "scratch")

    factories.label_next(ben, line, "ok")

    item.refresh_from_db()
    assert item.decision is not None
    assert item.decision.decided_by == "model"
    assert not item.reviews.filter(closed_at=None).exists()
