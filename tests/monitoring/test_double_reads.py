"""Double reads: what was read again because of what was said says nothing of people."""

from datetime import timedelta

import pytest
from django.db import connection

from monitoring.models import HourlyCount, Measure
from monitoring.services import counts
from monitoring.services.detectors import detect_inspectors
from monitoring.windows.blind_answers import blind_answers
from monitoring.windows.double_reads import GIVEN_TO_TWO, given_to_two
from monitoring.windows.streams import newest_double_reads
from reviewapp.models import Item, LineState, ProductLine, Review, Routing, User
from reviewapp.policy import AutomationLevel, Route
from reviewapp.services.routings import reads_wanted, route_items
from tests import factories
from tests.monitoring.test_audit_shares import NOW

ITEMS = 4
COUNT = """
SELECT count(*)
FROM reviewapp_routing AS routing
    JOIN reviewapp_policy AS policy ON policy.id = routing.policy_id
WHERE {given_to_two}
"""


def audited(line: ProductLine, ana: User, ben: User, *, reads: int) -> ProductLine:
    """Let four decided items be audited, and two readers overrule each of them."""
    version = line.in_force.live or factories.make_version(line)
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        live_id=version.pk,
        certificates=factories.certified(version, "ok"),
        canary_share=1.0,
        audit_shares={"ok": 1.0},
        audit_reads=reads,
        blind_share=1e-9,
    )
    LineState.objects.filter(line=line).update(judged_at=NOW)
    for _ in range(ITEMS):
        item = factories.make_item(line, as_of=NOW)
        factories.make_prediction(item, version, line.classes.get(key="ok"))
        Item.objects.filter(pk=item.pk).update(route_by=NOW)
        route_items(line.pk, [item.pk], as_of=NOW)
    routes = {*Review.objects.values_list("item__routing__route", flat=True)}
    assert routes == {Route.AUDIT.value}
    for reader in (ana, ben):
        for _ in range(ITEMS):
            factories.label_next(reader, line, "scratch", as_of=NOW)
    return line


@pytest.mark.parametrize(("reads", "twice"), [(1, 0), (2, ITEMS)])
def test_an_audit_read_again_because_it_differed_blames_and_measures_nobody(
    line: ProductLine, ana: User, ben: User, reads: int, twice: int
) -> None:
    audited(line, ana, ben, reads=reads)
    later = NOW + timedelta(hours=1)

    read_again = Review.objects.filter(read_number=2, label__isnull=False)
    assert read_again.count() == ITEMS
    assert len({*blind_answers(line, start=NOW)}) == twice
    found = newest_double_reads(line, until=later, most=100)
    assert len(found.inspectors) == 2 * twice
    assert bool(detect_inspectors(line, at=later)) is bool(twice)
    counts.roll_up_hours(as_of=later)
    counted = HourlyCount.objects.filter(measure=Measure.READERS)
    assert sum(counted.values_list("count", flat=True)) == twice


def test_a_second_reader_of_what_nobody_could_tell_is_no_double_read(
    line: ProductLine, ana: User, ben: User
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    item = factories.make_item(line, as_of=NOW)
    factories.make_prediction(item, version, line.classes.get(key="ok"))
    factories.label_next(ana, line, None, as_of=NOW)
    factories.label_next(ben, line, "ok", as_of=NOW)

    assert Review.objects.filter(read_number=2, label__isnull=False).count() == 1
    assert blind_answers(line, start=NOW) == {}
    assert not newest_double_reads(line, until=NOW, most=10).inspectors


@pytest.mark.parametrize("route", ["blind", "audit", "assisted"])
@pytest.mark.parametrize("overlap", [0.0, 1.0])
@pytest.mark.parametrize(("each", "of_audits"), [(1, 1), (2, 1), (1, 2)])
def test_a_selection_of_items_given_to_two_agrees_with_what_was_asked_for(
    line: ProductLine, route: str, overlap: float, each: int, of_audits: int
) -> None:
    version = factories.make_version(line)
    factories.put_at(
        line,
        AutomationLevel.PARTIAL if route == "audit" else AutomationLevel.ASSIST,
        live_id=version.pk,
        certificates=factories.certified(version, "ok"),
        canary_share=1.0,
        audit_shares={"ok": 1.0},
        blind_share=1.0 if route == "blind" else 1e-9,
        overlap_share=overlap,
        reads_per_item=each,
        audit_reads=of_audits,
    )
    LineState.objects.filter(line=line).update(judged_at=NOW)
    item = factories.make_item(line, as_of=NOW)
    factories.make_prediction(item, version, line.classes.get(key="ok"))
    Item.objects.filter(pk=item.pk).update(route_by=NOW)
    route_items(line.pk, [item.pk], as_of=NOW)
    routing = Routing.objects.get(item=item)
    assert routing.route == route

    chosen = Item.objects.filter(given_to_two("routing"), pk=item.pk).exists()

    # with the answer in sight a second reader is no blind one
    assert chosen is (reads_wanted(routing) > 1 and route != "assisted")
    with connection.cursor() as cursor:
        cursor.execute(COUNT.replace("{given_to_two}", GIVEN_TO_TWO))
        assert cursor.fetchone() == (int(chosen),)
