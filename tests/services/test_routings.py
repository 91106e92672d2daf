"""Routing when predictions arrive or their deadline passes."""

from datetime import timedelta

from django.utils import timezone

from reviewapp.models import (
    Decision,
    FeedEntry,
    Item,
    LineState,
    ProductLine,
    Review,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services.routings import route_items, route_overdue
from tests import factories


def certificates(line: ProductLine) -> dict[str, dict[str, object]]:
    version = line.in_force.live
    if version is None:
        raise AssertionError
    return {
        "ok": {
            "fingerprint": version.fingerprint,
            "threshold": 0.8,
            "max_error": 0.005,
            "delta": 0.05,
            "labels": 900,
            "errors": 0,
            "upper": 0.004,
            "covers_all": False,
        }
    }


def put_at_partial(line: ProductLine, **changes: object) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    changes = {"canary_share": 1.0, "audit_shares": {"ok": 1e-9}} | changes
    factories.put_at(
        line, AutomationLevel.PARTIAL, certificates=certificates(line), **changes
    )
    LineState.objects.filter(line=line).update(judged_at=timezone.now())


def predicted_item(line: ProductLine, key: str, confidence: float) -> Item:
    item = factories.make_item(line)
    version = line.in_force.live
    if version is None:
        raise AssertionError
    chosen = line.classes.get(key=key)
    factories.make_prediction(item, version, chosen, confidence=confidence)
    return item


def test_a_sure_certified_answer_decides_and_leaves_by_the_feed(
    line: ProductLine,
) -> None:
    put_at_partial(line)
    item = predicted_item(line, "ok", 0.95)

    assert route_items(line.pk, [item.pk]) == 1

    item.refresh_from_db()
    assert item.routing is not None
    assert item.decision is not None
    assert (item.routing.route, item.decision.decided_by) == ("automatic", "model")
    assert item.decision.policy == line.policy
    assert item.route_by is None
    assert not Review.objects.exists()
    assert FeedEntry.objects.filter(decision=item.decision).exists()


def test_an_audited_answer_decides_and_is_looked_at_too(line: ProductLine) -> None:
    put_at_partial(line, audit_shares={"ok": 1.0})
    item = predicted_item(line, "ok", 0.95)

    route_items(line.pk, [item.pk])

    item.refresh_from_db()
    assert item.routing is not None
    assert (item.routing.route, item.routing.inclusion) == ("audit", 1.0)
    assert Review.objects.filter(item=item).count() == 1
    assert Decision.objects.filter(item=item, decided_by="model").count() == 1


def test_unsure_and_uncertified_answers_go_to_people(line: ProductLine) -> None:
    put_at_partial(line)
    unsure = predicted_item(line, "ok", 0.7)
    uncertified = predicted_item(line, "scratch", 0.99)

    route_items(line.pk, [unsure.pk, uncertified.pk])

    reasons = {
        item.pk: item.routing.because
        for item in Item.objects.select_related("routing")
        if item.routing
    }
    assert reasons == {unsure.pk: "unsure", uncertified.pk: "no_certificate"}
    assert Review.objects.count() == 2
    assert not Decision.objects.exists()


def test_a_failing_answer_goes_to_a_person_blind(line: ProductLine) -> None:
    put_at_partial(line)
    item = factories.make_item(line)
    version = line.in_force.live
    assert version is not None
    factories.make_prediction(item, version, None)

    route_items(line.pk, [item.pk])

    item.refresh_from_db()
    assert item.routing is not None
    assert (item.routing.route, item.routing.because) == ("blind", "no_prediction")


def test_automation_does_not_outlive_its_monitor(line: ProductLine) -> None:
    put_at_partial(line)
    too_old = timezone.now() - timedelta(seconds=7201)
    LineState.objects.filter(line=line).update(judged_at=too_old)
    item = predicted_item(line, "ok", 0.99)

    route_items(line.pk, [item.pk])

    item.refresh_from_db()
    assert item.routing is not None
    assert item.routing.because == "monitor_silent"
    assert item.routing.was_held
    assert item.decision is None


def test_an_item_is_routed_once_however_often_it_is_asked_for(
    line: ProductLine,
) -> None:
    put_at_partial(line)
    item = predicted_item(line, "ok", 0.95)

    done = [route_items(line.pk, [item.pk]) for _ in range(3)]

    assert done == [1, 0, 0]
    assert item.routings.count() == item.decisions.count() == 1


def test_an_overdue_item_goes_to_a_person_without_its_prediction(
    line: ProductLine,
) -> None:
    put_at_partial(line)
    late, fresh = factories.make_item(line), factories.make_item(line)
    past = timezone.now() - timedelta(seconds=1)
    Item.objects.filter(pk=late.pk).update(route_by=past)

    assert route_overdue() == 1

    assert Review.objects.get().item == late
    fresh.refresh_from_db()
    assert fresh.routing is None
