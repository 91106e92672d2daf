"""Receiving: once by external id, routed where no model is asked, never half."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from reviewapp.errors import ConflictError
from reviewapp.lottery import lottery
from reviewapp.models import Item, Payload, ProductLine, Review, Routing
from reviewapp.policy import AutomationLevel
from reviewapp.services.items import Arrival, receive_items
from tests import factories

ROW = Arrival(external_id="a", values={"width": 1.5, "height": None})


def test_a_manual_line_routes_blind_as_it_receives(line: ProductLine) -> None:
    [received] = receive_items(line, [ROW])

    item = Item.objects.get(public_id=received.public_id)
    assert received.is_new
    assert item.routing is not None
    assert (item.routing.route, item.routing.inclusion) == ("blind", 1.0)
    assert item.routing.because == "level_manual"
    assert Review.objects.filter(item=item, line=line, read_number=1).count() == 1
    assert item.payload.values == {"width": 1.5, "height": None}
    assert (item.predict_after, item.route_by) == (None, None)


def test_the_draws_stored_are_the_lotterys(line: ProductLine) -> None:
    item = factories.make_item(line)

    assert item.routing is not None
    assert item.routing.look_draw == lottery(line.look_salt, item.pk)
    assert item.routing.canary_draw == lottery(line.canary_salt, item.pk)


def test_the_same_item_twice_adds_nothing(line: ProductLine) -> None:
    [first] = receive_items(line, [ROW])

    [second] = receive_items(line, [ROW])

    assert (second.public_id, second.is_new) == (first.public_id, False)
    counts = [m.objects.count() for m in (Item, Payload, Routing, Review)]
    assert counts == [1, 1, 1, 1]


def test_other_content_under_a_known_id_is_refused_and_nothing_is_stored(
    line: ProductLine,
) -> None:
    receive_items(line, [ROW])
    fresh = replace(ROW, external_id="b")
    changed = replace(ROW, values={"width": 2, "height": 3})

    with pytest.raises(ConflictError) as refused:
        receive_items(line, [fresh, changed])

    assert refused.value.code == "external_id_conflict"
    assert refused.value.faults[0].where == {"item": "a"}
    assert Item.objects.count() == 1


def test_an_id_twice_in_one_batch_is_refused(line: ProductLine) -> None:
    with pytest.raises(ConflictError, match="twice"):
        receive_items(line, [ROW, ROW])


def test_a_capture_time_in_the_future_is_refused(line: ProductLine) -> None:
    tomorrow = timezone.now() + timedelta(days=1)

    with pytest.raises(ConflictError, match="in the future"):
        receive_items(line, [replace(ROW, captured_at=tomorrow)])


def test_an_archived_line_takes_no_items(line: ProductLine) -> None:
    ProductLine.objects.filter(pk=line.pk).update(archived_at=timezone.now())

    with pytest.raises(ConflictError) as refused:
        receive_items(line, [ROW])

    assert refused.value.code == "line_archived"


def test_an_item_occurs_when_it_was_captured(line: ProductLine) -> None:
    captured = datetime(2025, 3, 1, 12, tzinfo=UTC)

    item = factories.make_item(line, captured_at=captured)

    assert item.occurred_at == captured
    assert item.received_at > captured


def test_in_shadow_an_item_is_routed_and_waits_for_its_prediction(
    line: ProductLine,
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)

    item = factories.make_item(line)

    assert item.routing is not None
    assert item.routing.version == version
    assert item.routing.because == "level_shadow"
    assert item.predict_after is not None
    assert item.route_by is None


def test_at_assist_an_item_waits_for_the_model_until_its_deadline(
    line: ProductLine,
) -> None:
    factories.put_at(line, AutomationLevel.ASSIST)

    item = factories.make_item(line)

    assert item.routing is None
    assert item.route_by is not None
    assert item.predict_after is not None
    assert item.route_by - item.received_at == timedelta(
        seconds=line.prediction_deadline_s
    )
    assert not Review.objects.exists()


def test_an_overlap_share_asks_for_two_reads_of_its_items(line: ProductLine) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, overlap_share=1.0)

    item = factories.make_item(line)

    assert list(item.reviews.order_by("read_number").values_list("read_number")) == [
        (1,),
        (2,),
    ]


@pytest.mark.parametrize(
    "text", ["tab\there", "back\\slash", "line\nbreak", "\\N", "é✓"]
)
def test_any_text_survives_the_way_in(line: ProductLine, text: str) -> None:
    arrival = Arrival(external_id=text, group=text, values={"width": text})

    receive_items(line, [arrival])

    item = Item.objects.get()
    assert (item.external_id, item.group) == (text, text)
    assert item.payload.values == {"width": text}


def test_two_batches_of_one_transaction_do_not_mix(line: ProductLine) -> None:
    other = factories.make_line("Other line")

    factories.make_item(line, "a")
    factories.make_item(other, "b")

    assert list(other.items.values_list("external_id", flat=True)) == ["b"]
