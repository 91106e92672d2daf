"""Containments: an escape proposes, one act sends back, and consumers are told."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import (
    ContainedItem,
    Containment,
    Item,
    LineState,
    ModelVersion,
    ProductLine,
    Record,
    Review,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import containments, reviews
from reviewapp.services.containments import (
    close_containment,
    held_by_item,
    open_containment,
    progress_of,
    propose_by_hand,
)
from reviewapp.services.routings import route_items
from tests import factories

LONG_AGO = timedelta(days=1)


@pytest.fixture
def version(line: ProductLine) -> ModelVersion:
    """The version that decides OK by itself on the line, with rare audits."""
    made = factories.put_at(line, AutomationLevel.SHADOW)
    assert made is not None
    audited(line, made, share=1e-9)
    return made


def audited(line: ProductLine, version: ModelVersion, *, share: float) -> None:
    """Put the line at PARTIAL with an audit share for OK."""
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        certificates=factories.certified(version, "ok"),
        canary_share=1.0,
        audit_shares={"ok": share},
    )
    LineState.objects.filter(line=line).update(judged_at=timezone.now())


def decided(line: ProductLine, version: ModelVersion, group: str = "") -> Item:
    """Let the model decide one item as OK."""
    item = factories.make_item(line, group=group)
    factories.make_prediction(item, version, line.classes.get(key="ok"))
    route_items(line.pk, [item.pk])
    item.refresh_from_db()
    return item


def escape(
    line: ProductLine, version: ModelVersion, *people: User, group: str = ""
) -> Item:
    """Audit one item that the model passes, and have two people overrule it."""
    audited(line, version, share=1.0)
    item = decided(line, version, group)
    for person in people:
        factories.label_next(person, line, "scratch")
    audited(line, version, share=1e-9)
    return item


def opened(line: ProductLine, by: User, *, only_group: bool = False) -> Containment:
    """Open the newest proposal on everything since yesterday."""
    [proposed] = line.containments.proposed()
    return open_containment(
        line,
        proposed.pk,
        since=timezone.now() - LONG_AGO,
        only_group=only_group,
        by=by,
        reason="an escape",
    )


def test_a_confirmed_escape_proposes_and_sends_nothing_back_yet(
    line: ProductLine, version: ModelVersion, ana: User, ben: User
) -> None:
    decided(line, version)

    item = escape(line, version, ana, ben, group="lot 7")

    [proposed] = line.containments.all()
    assert proposed.state == "proposed"
    assert (proposed.version, proposed.label_class.key) == (version, "ok")
    assert (proposed.group, proposed.found) == (
        "lot 7",
        Item.objects.get(pk=item.pk).decision,
    )
    assert not ContainedItem.objects.exists()
    assert Record.objects.filter(action="containment.proposed").count() == 1


def test_a_second_escape_of_the_same_kind_proposes_nothing_more(
    line: ProductLine, version: ModelVersion, ana: User, ben: User
) -> None:
    escape(line, version, ana, ben, group="lot 7")

    escape(line, version, ana, ben, group="lot 7")
    assert line.containments.count() == 1

    escape(line, version, ana, ben, group="lot 8")
    assert line.containments.count() == 2


def test_an_audit_that_agrees_proposes_nothing(
    line: ProductLine, version: ModelVersion, ana: User
) -> None:
    audited(line, version, share=1.0)
    decided(line, version)

    factories.label_next(ana, line, "ok")

    assert not line.containments.exists()


def test_one_act_sends_siblings_back_and_their_decisions_stand(
    line: ProductLine, version: ModelVersion, ana: User, ben: User, mia: User
) -> None:
    siblings = [decided(line, version) for _ in range(3)]
    escape(line, version, ana, ben)

    found = opened(line, mia)

    assert found.filled_at is not None
    assert {*found.contained.values_list("item", flat=True)} == {
        item.pk for item in siblings
    }
    assert held_by_item(item.pk for item in siblings) == dict.fromkeys(
        (item.pk for item in siblings), found.pk
    )
    for item in siblings:
        item.refresh_from_db()
        assert item.decision is not None
        assert item.decision.decided_by == "model"
        assert item.reviews.waiting().count() == 1


def test_an_item_is_held_until_people_have_settled_it(
    line: ProductLine, version: ModelVersion, ana: User, ben: User, mia: User
) -> None:
    first, second = decided(line, version), decided(line, version)
    escape(line, version, ana, ben)
    found = opened(line, mia)

    factories.label_next(ana, line, "scratch")
    assert {*held_by_item([first.pk, second.pk])} == {first.pk, second.pk}
    factories.label_next(ben, line, "scratch")
    assert {*held_by_item([first.pk, second.pk])} == {second.pk}
    factories.label_next(ana, line, "ok")

    first.refresh_from_db()
    assert str(first.decision) == "Scratch"
    assert held_by_item([first.pk, second.pk]) == {}
    progress = progress_of(found)
    assert (progress.waiting, progress.confirmed, progress.overruled) == (0, 1, 1)
    assert line.containments.count() == 1, "what was looked for proposes nothing"


def test_nobody_sees_what_the_model_said_of_an_item_that_was_sent_back(
    line: ProductLine, version: ModelVersion, ana: User, ben: User, mia: User
) -> None:
    item = decided(line, version)
    reviews.expose_item(item, mia)
    escape(line, version, ana, ben)
    opened(line, mia)

    review = reviews.claim_next(ana, line)

    assert review is not None
    assert review.item == item
    assert reviews.prediction_in_sight(review) is None
    assert mia.pk in Review.objects.get(pk=review.pk).excluded


def test_the_group_narrows_what_goes_back(
    line: ProductLine, version: ModelVersion, ana: User, ben: User, mia: User
) -> None:
    inside, outside = decided(line, version, "lot 7"), decided(line, version, "lot 8")
    escape(line, version, ana, ben, group="lot 7")

    found = opened(line, mia, only_group=True)

    assert [one.item for one in found.contained.all()] == [inside]
    assert held_by_item([outside.pk]) == {}


def test_an_audit_that_waits_is_held_without_a_second_review(
    line: ProductLine, version: ModelVersion, ana: User, ben: User, mia: User
) -> None:
    escape(line, version, ana, ben)
    audited(line, version, share=1.0)
    waiting = decided(line, version)

    found = opened(line, mia)

    assert held_by_item([waiting.pk]) == {waiting.pk: found.pk}
    assert waiting.reviews.count() == 1


def test_what_was_urgent_stays_so_when_it_is_sent_back(
    line: ProductLine, version: ModelVersion, ana: User, ben: User, mia: User
) -> None:
    sent = decided(line, version)
    urgent = decided(line, version)
    Item.objects.filter(pk=urgent.pk).update(priority=3)
    escape(line, version, ana, ben)

    opened(line, mia)

    waiting = dict(Review.objects.waiting().values_list("item", "priority"))
    assert (waiting[sent.pk], waiting[urgent.pk]) == (1, 31)


def test_what_people_have_confirmed_does_not_go_back(
    line: ProductLine, version: ModelVersion, ana: User, ben: User, mia: User
) -> None:
    audited(line, version, share=1.0)
    decided(line, version)
    factories.label_next(ana, line, "ok")
    escape(line, version, ana, ben)

    found = opened(line, mia)

    assert not found.contained.exists()


def test_the_rest_follows_in_batches_and_nothing_twice(
    line: ProductLine,
    version: ModelVersion,
    ana: User,
    ben: User,
    mia: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(containments, "BATCH", 2)
    for _ in range(5):
        decided(line, version)
    escape(line, version, ana, ben)

    found = opened(line, mia)
    assert found.contained.count() == 2
    late = decided(line, version)

    assert containments.send_back() == 3
    assert containments.send_back() == 0
    found.refresh_from_db()
    assert found.filled_at is not None
    assert found.contained.count() == 5
    assert held_by_item([late.pk]) == {}, "decided after the containment was opened"


def test_a_containment_is_opened_once_with_a_reason(
    line: ProductLine, version: ModelVersion, ana: User, ben: User, mia: User
) -> None:
    escape(line, version, ana, ben)
    [proposed] = line.containments.proposed()
    since = timezone.now() - LONG_AGO

    with pytest.raises(InvalidInputError):
        open_containment(
            line, proposed.pk, since=since, only_group=False, by=mia, reason=" "
        )
    opened(line, mia)
    with pytest.raises(ConflictError):
        open_containment(
            line, proposed.pk, since=since, only_group=False, by=mia, reason="again"
        )


def test_closing_says_what_was_found_and_lets_go(
    line: ProductLine, version: ModelVersion, ana: User, ben: User, mia: User
) -> None:
    item = decided(line, version)
    escape(line, version, ana, ben)
    found = opened(line, mia)

    with pytest.raises(InvalidInputError):
        close_containment(line, found.pk, by=mia, note="")
    close_containment(line, found.pk, by=mia, note="one lens was dirty")

    assert held_by_item([item.pk]) == {}
    assert item.reviews.waiting().count() == 1, "its review stays in the queue"
    [closed] = Record.objects.filter(action="containment.closed")
    assert closed.details["waiting"] == 1
    with pytest.raises(ConflictError):
        close_containment(line, found.pk, by=mia, note="again")


def test_an_item_is_in_one_open_containment(
    line: ProductLine, version: ModelVersion, ana: User, ben: User, mia: User
) -> None:
    item = decided(line, version)
    escape(line, version, ana, ben)
    opened(line, mia)
    ok = line.classes.get(key="ok")
    propose_by_hand(line, version=version, label_class=ok, by=mia)

    second = opened(line, mia)

    assert not second.contained.exists()
    assert item.decision is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        ContainedItem.objects.create(
            containment=second, item=item, decision=item.decision
        )
