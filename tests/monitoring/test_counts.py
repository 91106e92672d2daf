"""Counts: whole hours, counted anew, the same however often."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitoring.models import HourlyCount
from monitoring.services import counts
from monitoring.services.figures import agreement_series
from monitoring.windows import pairs
from reviewapp.models import Item, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import corrections
from reviewapp.services.routings import route_items
from tests import factories

NOON = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def predicted(line: ProductLine, key: str, *, captured_at: datetime = NOON) -> Item:
    version = line.in_force.live
    assert version is not None
    item = factories.make_item(line, captured_at=captured_at)
    factories.make_prediction(item, version, line.classes.get(key=key))
    return item


def evidence_of(line: ProductLine) -> tuple[int, int]:
    version = line.in_force.live
    assert version is not None
    found = pairs.agreement(
        HourlyCount.objects.of_line(line).evidence(
            version, attempt=line.in_force.attempt
        )
    )
    return found.pairs, found.agreed


def everything(line: ProductLine) -> list[tuple[object, ...]]:
    rows = HourlyCount.objects.of_line(line).values_list(
        "hour", "measure", "route", "is_blind", "predicted", "answered", "count"
    )
    return sorted(rows, key=str)


def test_blind_pairs_are_counted_by_what_both_said(
    line: ProductLine, ana: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    for key in ("ok", "ok", "scratch"):
        predicted(line, key)
    for answer in ("ok", "scratch", "scratch"):
        factories.label_next(ana, line, answer)

    counts.roll_up_hours()

    assert evidence_of(line) == (3, 2)
    [day] = agreement_series(
        line,
        NOON.date() - timedelta(days=6),
        NOON.date() + timedelta(days=1),
        zone=ZoneInfo("UTC"),
    ).days
    assert (day.day.isoformat(), day.share.count, day.share.of) == ("2026-03-01", 2, 3)


def test_counting_again_changes_nothing(line: ProductLine, ana: User) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    predicted(line, "ok")
    factories.label_next(ana, line, "ok")
    counts.roll_up_hours()
    once = everything(line)

    counts.roll_up_hours()
    counts.recount(line, at=NOON)

    assert everything(line) == once


def test_an_answer_taken_back_is_no_pair_any_more(line: ProductLine, ana: User) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    predicted(line, "ok")
    factories.label_next(ana, line, "scratch")
    counts.roll_up_hours()
    assert evidence_of(line) == (1, 0)

    corrections.undo_last(ana, line)
    counts.roll_up_hours()
    assert evidence_of(line) == (0, 0)
    factories.label_next(ana, line, "ok")
    counts.roll_up_hours()

    assert evidence_of(line) == (1, 1)


def test_a_prediction_that_came_after_the_label_is_no_pair(
    line: ProductLine, ana: User
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    item = factories.make_item(line)
    factories.label_next(ana, line, "ok")
    assert version is not None
    factories.make_prediction(item, version, line.classes.get(key="ok"))

    counts.roll_up_hours()

    assert evidence_of(line) == (0, 0)


def test_cannot_tell_is_a_pair_that_does_not_agree(
    line: ProductLine, ana: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    predicted(line, "ok")
    factories.label_next(ana, line, None)

    counts.roll_up_hours()

    assert evidence_of(line) == (1, 0)


def test_assisted_labels_are_never_evidence(line: ProductLine, ana: User) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.ASSIST, blind_share=1e-9)
    item = predicted(line, "ok")
    route_items(line.pk, [item.pk])
    factories.label_next(ana, line, "ok")

    counts.roll_up_hours()

    assert evidence_of(line) == (0, 0)


def test_another_live_version_begins_its_evidence_anew(
    line: ProductLine, ana: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    predicted(line, "ok")
    factories.label_next(ana, line, "ok")
    fresh = factories.make_version(line)
    factories.put_at(line, AutomationLevel.SHADOW, live_id=fresh.pk)

    counts.roll_up_hours()

    line.refresh_from_db()
    assert evidence_of(line) == (0, 0)
