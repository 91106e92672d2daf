"""Double reads: what was read again because of what was said says nothing of people."""

from datetime import timedelta

import pytest

from monitoring.models import HourlyCount, Measure
from monitoring.services import counts
from monitoring.services.detectors import detect_inspectors
from monitoring.windows.blind_answers import blind_answers
from monitoring.windows.streams import newest_double_reads
from reviewapp.models import Item, LineState, ProductLine, Review, User
from reviewapp.policy import AutomationLevel, Route
from reviewapp.services.routings import route_items
from tests import factories
from tests.monitoring.test_audit_shares import NOW

ITEMS = 4


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
