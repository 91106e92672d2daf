"""What the gates read: parts of a line, how people agree, and what is no evidence."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitoring.models import HourlyCount, Measure, SegmentKind
from monitoring.services.counts import roll_up_hours
from monitoring.services.evidence import gather
from monitoring.services.segments import set_segments
from reviewapp.gates import GateCode, gates
from reviewapp.models import Item, ModelVersion, ProductLine, Review, User
from reviewapp.policy import AutomationLevel
from reviewapp.services.routings import route_items
from tests import factories
from tests.pages.test_levels import browser_of

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def version(line: ProductLine) -> ModelVersion:
    found = factories.put_at(line, AutomationLevel.SHADOW)
    assert found is not None
    return found


def count(
    line: ProductLine,
    version: ModelVersion | None,
    predicted: str,
    answered: str,
    n: int,
    **values: Any,
) -> None:
    """Store counted pairs, as the counting does."""
    HourlyCount.objects.create(
        line=line,
        hour=values.pop("hour", NOW - timedelta(hours=2)),
        measure=values.pop("measure", Measure.ANSWER),
        version=version,
        attempt=line.in_force.attempt if version else 0,
        is_blind=values.pop("is_blind", True),
        predicted=line.classes.get(key=predicted),
        answered=line.classes.get(key=answered),
        count=n,
        route=values.pop("route", "blind"),
        **values,
    )


def test_each_class_has_its_own_exact_interval(
    line: ProductLine, version: ModelVersion
) -> None:
    count(line, version, "ok", "ok", 95)
    count(line, version, "ok", "scratch", 5)
    count(line, version, "scratch", "scratch", 20)

    measured = gather(line)

    ok, scratch = measured.classes
    assert (ok.name, ok.agreed, ok.pairs, ok.is_enough) == ("ok", 95, 100, True)
    assert ok.low == pytest.approx(0.8872, abs=1e-4), "Clopper and Pearson, 95 of 100"
    assert ok.high == pytest.approx(0.9836, abs=1e-4)
    assert (scratch.pairs, scratch.is_enough) == (20, False)
    assert (measured.blind_pairs, measured.agreed_pairs) == (120, 115)


def test_a_segment_without_labels_is_named_and_says_too_little(
    line: ProductLine, version: ModelVersion, mia: User
) -> None:
    line.shift_starts = ["06:00", "14:00"]
    line.save()
    set_segments(line, SegmentKind.SHIFT, by=mia)
    count(line, version, "ok", "ok", 170, segment="06:00")
    count(line, version, "ok", "ok", 30)

    early, late = gather(line).segments

    assert (early.name, early.pairs, early.is_enough) == ("06:00", 170, True)
    assert (late.name, late.pairs, late.is_enough, late.low) == (
        "14:00",
        0,
        False,
        None,
    )
    page = browser_of(mia).get(f"/lines/{line.slug}/").content.decode()
    assert "not enough evidence; it takes" in page


def test_every_shift_of_the_line_is_asked_for(
    line: ProductLine, version: ModelVersion
) -> None:
    line.shift_starts = ["06:00", "14:00", "22:00"]
    line.save()
    count(line, version, "ok", "ok", 10)

    judged = gates(line.in_force.terms(), AutomationLevel.ASSIST, gather(line))

    [shifts] = [gate for gate in judged if gate.code is GateCode.SHIFTS]
    assert shifts.figures == {"count": 1, "needed": 3}
    assert not shifts.is_open


def test_how_people_agree_stands_beside_the_gate(
    line: ProductLine, version: ModelVersion, mia: User
) -> None:
    readers = {"measure": Measure.READERS}
    count(line, None, "ok", "ok", 180, **readers)
    count(line, None, "ok", "scratch", 20, **readers)
    count(line, None, "scratch", "ok", 90, route="audit", **readers)
    count(line, version, "ok", "ok", 10)

    measured = gather(line)

    assert (measured.readers_agreed, measured.twice_read) == (180, 200)
    page = browser_of(mia).get(f"/lines/{line.slug}/").content.decode()
    assert "agree on 90.0 % (85.0 % to 93.8 %, 180 of 200)" in page
    assert "The target lies above that" in page


def test_no_more_agreement_is_asked_of_a_model_than_of_people(
    line: ProductLine, version: ModelVersion, mia: User
) -> None:
    count(line, None, "ok", "ok", 180, measure=Measure.READERS)
    count(line, None, "ok", "scratch", 20, measure=Measure.READERS)
    factories.put_at(line, AutomationLevel.SHADOW, requirements={"agreement": 0.92})
    from_page = browser_of(mia).get(f"/lines/{line.slug}/gates/").context["form"]
    given = {name: field.initial for name, field in from_page.fields.items()}
    given |= {**from_page.initial, "agreement": "96"}
    given |= {"reason": "be strict", "password": "a-long-enough-password"}

    response = browser_of(mia).post(f"/lines/{line.slug}/gates/set/", given)

    assert response.status_code == 422
    assert "on at most 93.8 %" in response.content.decode()


def test_an_assisted_label_feeds_no_gate_from_end_to_end(
    line: ProductLine, version: ModelVersion, ana: User
) -> None:
    factories.put_at(line, AutomationLevel.ASSIST, blind_share=1e-9)
    for _ in range(3):
        item = factories.make_item(line)
        factories.make_prediction(item, version, line.classes.get(key="ok"))
    route_items(line.pk, Item.objects.values_list("pk", flat=True))
    assert {*Review.objects.values_list("item__routing__route", flat=True)} == {
        "assisted"
    }
    for _ in range(3):
        factories.label_next(ana, line, "ok")

    roll_up_hours()

    assert HourlyCount.objects.filter(line=line, measure=Measure.ANSWER).exists()
    measured = gather(line)
    assert (measured.blind_pairs, measured.pairs_per_day) == (0, 0)
    assert measured.classes == ()
    assert measured.agreement_evidence == pytest.approx(1)
