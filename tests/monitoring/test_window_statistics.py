"""Figures of a window from audits: weighted by each item's own chance of a look."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.test import Client

from monitoring.catalogue import CATALOGUE
from monitoring.models import (
    HourlyCount,
    Measure,
    MetricState,
    ReferencePart,
    ReferenceSource,
    ReferenceWindow,
    Verdict,
)
from monitoring.services import counts, measurements
from monitoring.services.audits import audits_of
from monitoring.services.bounds import Asked
from monitoring.services.comparing import compare
from monitoring.services.figures import agreement_series
from monitoring.services.measurements import Value
from monitoring.services.series import Span, series
from monitoring.services.weekly import report
from monitoring.stats.intervals import wilson
from reviewapp.models import (
    Cause,
    Item,
    LineState,
    Meaning,
    ModelVersion,
    ProductLine,
    User,
)
from reviewapp.policy import AutomationLevel, Route
from reviewapp.services.lines import NewClass
from reviewapp.services.policies import append_policy
from tests import factories
from tests.monitoring import days

NOON = datetime(2040, 3, 1, 12, tzinfo=UTC)
EVENING = NOON + timedelta(hours=10)
SHARES = {"ok": 0.1, "fine": 1.0, "scratch": 1.0}


@pytest.fixture
def graded(db: None) -> ProductLine:
    """A line whose model decides all; of what it calls OK few are looked at again."""
    classes = [
        NewClass(name="OK", meaning=Meaning.PASS),
        NewClass(name="Fine", meaning=Meaning.PASS),
        NewClass(name="Scratch", meaning=Meaning.REJECT),
    ]
    line = factories.make_line("Graded glass", classes=classes)
    version = factories.make_version(line)
    append_policy(
        line,
        cause=Cause.RAISED,
        by=None,
        changes={
            "level": AutomationLevel.PARTIAL,
            "live_id": version.pk,
            "certificates": factories.certified(version, *SHARES),
            "canary_share": 1.0,
            "audit_shares": SHARES,
        },
        as_of=NOON - timedelta(days=30),
    )
    line.refresh_from_db()
    return line


def decided(line: ProductLine, key: str, n: int) -> list[Item]:
    LineState.objects.filter(line=line).update(judged_at=EVENING)
    rows: list[dict[str, float | str | None]] = [{"width": 1.0, "height": 1.0}] * n
    received = days.receive(line, rows, at=NOON, within=timedelta(hours=9))
    days.answer(line, received, [key] * n, at=EVENING)
    return received


def audited(received: list[Item]) -> list[Item]:
    ids = [item.pk for item in received]
    return list(Item.objects.filter(pk__in=ids, routing__route=Route.AUDIT.value))


def measured(line: ProductLine, key: str) -> Value:
    end = EVENING + timedelta(hours=2)
    return measurements.measure(measurements.window_of(line, end=end), CATALOGUE[key])


def rate(line: ProductLine, key: str) -> Value:
    counts.recount(line, at=EVENING + timedelta(hours=2))
    return measured(line, key)


def test_escapes_of_classes_looked_at_with_unlike_chances_are_not_pooled(
    graded: ProductLine, ana: User
) -> None:
    rarely, always = decided(graded, "ok", 120), decided(graded, "fine", 40)
    clean, wrong = audited(rarely), audited(always)
    days.label_all(graded, ana, clean, ["ok"] * len(clean), at=EVENING)
    said = ["scratch"] * 16 + ["fine"] * 24
    days.label_all(graded, ana, wrong, said, at=EVENING)

    found = rate(graded, "escape_rate")

    assert found.value == pytest.approx(16 / 160)
    pooled = 16 / (len(clean) + len(wrong))
    assert pooled > 2 * 16 / 160, "raw counts would say more than twice as much"
    assert found.low == pytest.approx(16 / 160), "all of one class was looked at"
    assert found.count == len(clean) + 40
    shown = audits_of(graded, at=EVENING, days=2)
    assert shown is not None
    assert shown.rates.escape is not None
    assert shown.rates.escape.value == pytest.approx(found.value)
    assert shown.rates.escape.high == pytest.approx(found.high)


def test_agreement_is_of_all_items_whoever_was_looked_at_more_often(
    graded: ProductLine, ana: User
) -> None:
    rarely, always = decided(graded, "ok", 120), decided(graded, "fine", 40)
    clean = audited(rarely)
    days.label_all(graded, ana, clean, ["ok"] * len(clean), at=EVENING)
    said = ["scratch"] * 16 + ["fine"] * 24
    days.label_all(graded, ana, audited(always), said, at=EVENING)

    found = rate(graded, "agreement")

    stood_for = len(clean) / SHARES["ok"]
    of_all = (stood_for + 24) / (stood_for + 40)
    assert found.value == pytest.approx(of_all)
    assert found.count == len(clean) + 40
    pooled = (len(clean) + 24) / (len(clean) + 40)
    assert pooled < of_all, "raw counts would say less"
    assert found.low is not None
    assert found.high is not None
    assert found.low < of_all < found.high
    span = Span(first=NOON.date(), last=NOON.date(), zone=ZoneInfo("UTC"))
    [day] = series(graded, [CATALOGUE["agreement"]], span, at=EVENING)["agreement"]
    assert (day.value, day.low, day.high) == (found.value, found.low, found.high)
    compared = compare(graded, span).compared[0]
    assert compared.is_weighted
    assert compared.agreed is not None
    assert compared.agreed.value == found.value
    assert compared.decided == compared.agreed, "all of it was the model's to decide"
    assert compared.reviewed is None
    [of_line] = agreement_series(graded, span.first, span.end, zone=span.zone).days
    assert of_line.share == compared.agreed
    monday = NOON.date() - timedelta(days=NOON.weekday())
    told = report(graded, monday, zone=span.zone)
    [of_week] = [one for one in told.figures if one.metric.key == "agreement"]
    assert of_week.now == compared.agreed


def test_what_the_model_decides_and_what_people_do_stand_side_by_side(
    graded: ProductLine, ana: User
) -> None:
    assert graded.in_force.live is not None
    append_policy(
        graded,
        cause=Cause.CHANGED,
        by=None,
        changes={
            "certificates": factories.certified(graded.in_force.live, "fine"),
            "blind_share": 1.0,
        },
        as_of=NOON - timedelta(days=20),
    )
    graded.refresh_from_db()
    sure, unsure = decided(graded, "fine", 20), decided(graded, "scratch", 10)
    days.label_all(graded, ana, audited(sure), ["fine"] * 20, at=EVENING)
    days.label_all(graded, ana, unsure, ["fine"] * 4 + ["scratch"] * 6, at=EVENING)
    counts.recount(graded, at=EVENING + timedelta(hours=2))
    span = Span(first=NOON.date(), last=NOON.date(), zone=ZoneInfo("UTC"))

    blind = compare(graded, span).compared[0]

    assert blind.decided is not None
    assert blind.reviewed is not None
    assert (blind.decided.value, blind.decided.of) == (1.0, 20)
    assert (blind.reviewed.value, blind.reviewed.of) == (0.6, 10)
    browser = Client()
    mia = factories.make_manager(graded, "mia")
    browser.force_login(mia, backend="reviewapp.sessions.PersonBackend")
    days_shown = f"?from={span.first}&to={span.last}"
    page = browser.get(f"/lines/{graded.slug}/agreement/{days_shown}")
    assert "Of what the model decides" in page.content.decode()


def test_a_class_nobody_has_audited_yet_leaves_no_escape_rate(
    graded: ProductLine, ana: User
) -> None:
    always = decided(graded, "fine", 40)
    days.label_all(graded, ana, always, ["fine"] * 40, at=EVENING)
    assert rate(graded, "escape_rate").value == 0

    decided(graded, "ok", 40)

    found = rate(graded, "escape_rate")
    assert (found.value, found.count) == (None, 40)


def test_what_people_passed_themselves_counts_as_rightly_passed(
    graded: ProductLine, ana: User
) -> None:
    always = decided(graded, "fine", 10)
    days.label_all(graded, ana, always, ["scratch"] * 2 + ["fine"] * 8, at=EVENING)
    factories.put_at(graded, AutomationLevel.SHADOW)
    for key in ["ok"] * 10 + ["scratch"] * 5:
        factories.make_item(graded, as_of=EVENING)
        factories.label_next(ana, graded, key)

    found = rate(graded, "escape_rate")

    assert (found.value, found.count) == (2 / 20, 10)


def test_overkill_is_weighted_and_of_all_good_items(
    graded: ProductLine, ana: User
) -> None:
    rarely, thrown = decided(graded, "ok", 120), decided(graded, "scratch", 20)
    clean = audited(rarely)
    days.label_all(graded, ana, clean, ["ok"] * len(clean), at=EVENING)
    said = ["fine"] * 5 + ["scratch"] * 15
    days.label_all(graded, ana, thrown, said, at=EVENING)

    found = rate(graded, "overkill_rate")

    assert found.value == pytest.approx(5 / (5 + 120))
    assert 5 / (5 + len(clean)) > 2 * 5 / 125, "raw counts would say too much"
    assert found.low is not None
    assert found.high is not None
    assert found.low <= 5 / 125 < found.high


def test_where_the_model_rejects_nothing_there_is_no_overkill(
    graded: ProductLine, ana: User
) -> None:
    always = decided(graded, "fine", 10)
    days.label_all(graded, ana, always, ["fine"] * 10, at=EVENING)

    assert rate(graded, "overkill_rate").value is None


def test_the_calibration_error_is_judged_by_its_whole_interval(
    graded: ProductLine, ana: User
) -> None:
    factories.put_at(graded, AutomationLevel.SHADOW)
    rng = np.random.default_rng(11)
    rows: list[dict[str, float | str | None]] = [{"width": 1.0, "height": 1.0}] * 240
    received = days.receive(graded, rows, at=NOON, within=timedelta(hours=9))
    sure = rng.uniform(0.5, 0.95, 240)
    days.answer(graded, received, ["ok"] * 240, at=EVENING, confidence=sure)
    said = ["ok" if hit else "scratch" for hit in rng.random(240) < sure]
    days.label_all(graded, ana, received, said, at=EVENING)

    found = measured(graded, "calibration_error")

    assert (found.count, found) == (240, measured(graded, "calibration_error"))
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    metric = CATALOGUE["calibration_error"]
    asked = Asked(
        metric=metric,
        state=MetricState.ACTIVE,
        lower=None,
        upper=found.value - 0.001,
        fewest=metric.fewest,
        bound=None,
    )
    assert measurements.verdict_of(asked, found) == Verdict.WITHIN


def answered(line: ProductLine, version: ModelVersion, **classes: int) -> None:
    """Keep an hour of the version's answers."""
    for key, count in classes.items():
        HourlyCount.objects.create(
            line=line,
            hour=NOON,
            measure=Measure.PREDICTION,
            version=version,
            predicted=line.classes.get(key=key),
            count=count,
        )


def test_classes_that_mean_nothing_for_the_item_still_shift(db: None) -> None:
    classes = [NewClass(name=name) for name in ("one", "two", "three")]
    line = factories.make_line("Digits", classes=classes)
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    ReferenceWindow.objects.create(
        line=line,
        version=version,
        part=ReferencePart.PREDICTIONS,
        source=ReferenceSource.FIRST_ITEMS,
        items=1000,
        classes={"one": 340, "two": 330, "three": 330},
    )
    answered(line, version, one=100, two=100, three=100)

    quiet = measured(line, "class_shift")

    assert (quiet.count, quiet.low) == (300, 0.0), "no more than chance makes"
    assert quiet.value == pytest.approx(0.34 - 1 / 3)

    HourlyCount.objects.filter(predicted__key="two").update(count=160)

    moved = measured(line, "class_shift")

    assert moved.value == pytest.approx(160 / 360 - 0.33)
    assert moved.low is not None
    assert moved.low > 0


def test_without_a_reference_nothing_is_said_of_a_shift(graded: ProductLine) -> None:
    assert measured(graded, "class_shift").value is None


def test_categories_that_the_reference_never_held_are_counted(db: None) -> None:
    columns = [
        {"name": "shade", "kind": "category", "categories": ["light", "dark"]},
        {"name": "frame", "kind": "category", "categories": ["oak", "ash"]},
        {"name": "width", "kind": "number"},
    ]
    line = factories.make_line("Frames", columns=columns)
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    kinds = [("light", "oak")] * 280 + [("dark", None)] * 12 + [("dark", "ash")] * 8
    rows: list[dict[str, float | str | None]] = [
        {"shade": shade, "frame": frame, "width": 1.0}
        for shade, frame in [*kinds, *[(None, None)] * 5]
    ]
    days.receive(line, rows, at=NOON, within=timedelta(hours=9))
    assert measured(line, "unseen_share").value is None, "nothing is known yet"

    ReferenceWindow.objects.create(
        line=line,
        version=version,
        part=ReferencePart.INPUTS,
        source=ReferenceSource.FIRST_ITEMS,
        items=300,
        columns={
            "value:shade": {"kind": "category", "values": ["light"] * 299 + [None]},
            "value:frame": {"kind": "category", "values": ["oak", "ash"] * 150},
            "value:width": {"kind": "number", "values": [1.0] * 300},
        },
    )
    found = measured(line, "unseen_share")

    assert (found.value, found.count) == (20 / 300, 300), "five say nothing"
    assert found.low == wilson(20, 300).low
