"""The database refuses what must never be."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from reviewapp.models import (
    Act,
    Decision,
    Item,
    Label,
    Motion,
    Outcome,
    Policy,
    ProductLine,
    Record,
    Routing,
    User,
)
from reviewapp.services import motions
from tests import factories


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
@pytest.mark.parametrize("model", [Record, Policy, Routing, Label, Decision])
def test_facts_are_never_changed_or_removed(
    line: ProductLine, ana: User, model: type, statement: str
) -> None:
    factories.make_item(line)
    factories.label_next(ana, line, "ok")
    table = model._meta.db_table  # type: ignore[attr-defined]  # every model has it

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "another one"},
        {"arguments": {"days": 7}},
        {"evidence": {}},
        {"expires_at": datetime(2030, 1, 1, tzinfo=UTC)},
        {"seen_policy": 9},
    ],
)
def test_what_was_moved_stays_as_it_was_signed(
    line: ProductLine, mia: User, change: dict[str, object]
) -> None:
    motion = moved(line, mia)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Motion.objects.filter(pk=motion.pk).update(**change)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        motion.delete()


def test_an_answer_is_given_once(line: ProductLine, mia: User) -> None:
    motion = moved(line, mia)
    max_ = factories.make_manager(line, "max")
    motions.refuse(motion, by=max_, answer="not yet")

    for change in (
        {"outcome": Outcome.APPROVED},
        {"answer": "oh well"},
        {"outcome": Outcome.OPEN, "answered_by": None},
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Motion.objects.filter(pk=motion.pk).update(**change)


def moved(line: ProductLine, by: User) -> Motion:
    return motions.move(
        line, Act.RAISE, {}, by=by, reason="so", seen_policy=1, evidence={"a": 1}
    )


@pytest.mark.django_db
def test_the_activity_log_is_never_emptied() -> None:
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE reviewapp_record")


def test_an_item_has_one_first_decision(line: ProductLine, ana: User) -> None:
    item = factories.make_item(line)
    factories.label_next(ana, line, "ok")
    first = Decision.objects.get(item=item)

    with (
        pytest.raises(IntegrityError, match="one_first_decision"),
        transaction.atomic(),
    ):
        Decision.objects.create(
            item=item,
            decided_by="person",
            label_class=first.label_class,
            label=first.label,
            policy=first.policy,
        )


def test_a_model_decides_only_by_a_routing_that_permits_it(line: ProductLine) -> None:
    item = factories.make_item(line)

    with (
        pytest.raises(IntegrityError, match="permitted_prediction"),
        transaction.atomic(),
    ):
        Routing.objects.create(
            item=item,
            policy=line.in_force,
            route="automatic",
            may_decide=True,
            inclusion=0.1,
            because="certified",
            look_draw=0.5,
            canary_draw=0.5,
            canary_share=1,
            candidate_draw=0.5,
            candidate_share=0,
            overlap_draw=0.5,
            overlap_share=0,
        )


def test_nobody_looking_is_no_policy(line: ProductLine) -> None:
    with (
        pytest.raises(IntegrityError, match="somebody_always_looks"),
        transaction.atomic(),
    ):
        factories.put_at(line, line.in_force.automation_level, blind_share=0)


def test_an_item_keeps_its_payload_apart(line: ProductLine) -> None:
    item = factories.make_item(line)

    item.payload.delete()

    assert Item.objects.filter(pk=item.pk).exists()
