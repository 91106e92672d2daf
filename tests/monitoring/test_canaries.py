"""Canary steps: evidence from in and out of the share, and going on by themselves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.models import AlarmCause
from monitoring.services import alarm_terms, alarms, evidence
from monitoring.services.canaries import advance_canaries
from monitoring.stats.sequential import breach_evidence
from monitoring.windows.canaries import would_decide
from reviewapp.models import Cause, LineState, Policy, ProductLine, User
from reviewapp.policy import AutomationLevel
from reviewapp.services.routings import route_items
from tests import factories


@pytest.fixture
def partial(line: ProductLine) -> ProductLine:
    """A line at PARTIAL whose class OK is certified, looked at as often as can be."""
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    certificate = {
        "fingerprint": version.fingerprint,
        "threshold": 0.8,
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
        canary_share=0.5,
        blind_share=1.0,
        audit_shares={"ok": 1.0},
        requirements={"canary_advances": True, "bake_labels": 10},
    )
    LineState.objects.filter(line=line).update(judged_at=timezone.now())
    return line


def labelled(
    line: ProductLine, ana: User, people: str, *, confidence: float = 0.9
) -> None:
    version = line.in_force.live
    assert version is not None
    item = factories.make_item(line)
    ok = line.classes.get(key="ok")
    factories.make_prediction(item, version, ok, confidence=confidence)
    route_items(line.pk, [item.pk])
    factories.label_next(ana, line, people)


def later(line: ProductLine) -> timedelta:
    """Let the monitor have judged the line two days from now."""
    ahead = timedelta(days=2)
    LineState.objects.filter(line=line).update(judged_at=timezone.now() + ahead)
    return ahead


def test_evidence_comes_from_inside_the_share_and_from_outside(
    partial: ProductLine, ana: User
) -> None:
    for _ in range(20):
        labelled(partial, ana, "ok")
    labelled(partial, ana, "scratch")
    labelled(partial, ana, "scratch", confidence=0.5)

    found = would_decide(partial.in_force)
    measured = evidence.gather(partial)

    routes = set(partial.items.values_list("routing__because", flat=True))
    assert routes == {"certified", "outside_canary", "unsure"}
    assert (found["ok"].labels, found["ok"].errors, found["ok"].fresh) == (21, 1, 21)
    assert (measured.may_labels, measured.may_errors) == (21, 1)
    assert measured.breach_evidence == breach_evidence(20, 1, gate=0.995)


def test_a_step_asks_for_fresh_labels_and_keeps_the_evidence(
    partial: ProductLine, ana: User
) -> None:
    for _ in range(5):
        labelled(partial, ana, "ok")
    factories.put_at(partial, AutomationLevel.PARTIAL, canary_share=0.2)
    labelled(partial, ana, "ok")

    [found] = would_decide(partial.in_force).values()

    assert (found.labels, found.fresh) == (6, 1)


def test_a_share_goes_on_by_itself_when_every_gate_is_open(
    partial: ProductLine, ana: User
) -> None:
    for _ in range(12):
        labelled(partial, ana, "ok")
    assert advance_canaries() == 0, "it has not baked for a day"

    assert advance_canaries(as_of=timezone.now() + later(partial)) == 1

    partial.refresh_from_db()
    now = partial.in_force
    assert (now.canary_share, now.set_by, now.cause) == (1.0, None, Cause.CANARY)
    assert now.reason.startswith("By itself from 50% to 100%: 2.0 days and 12 blind")
    assert now.evidence is not None
    assert len(now.evidence_sha256) == 64
    assert advance_canaries(as_of=timezone.now() + later(partial)) == 0


@pytest.mark.parametrize("hold", ["silence", "alarm", "no labels", "lock", "manual"])
def test_a_share_holds_where_anything_is_missing(
    partial: ProductLine, ana: User, hold: str
) -> None:
    if hold != "no labels":
        for _ in range(12):
            labelled(partial, ana, "ok")
    at = timezone.now() + later(partial)
    match hold:
        case "silence":
            LineState.objects.update(judged_at=at - timedelta(hours=3))
        case "alarm":
            alarms.ring(partial, AlarmCause.INPUT_DRIFT, figures={}, at=at)
        case "lock":
            factories.put_at(partial, AutomationLevel.PARTIAL, is_locked=True)
        case "manual":
            factories.put_at(partial, AutomationLevel.PARTIAL, requirements={})
        case _:
            pass
    before = Policy.objects.count()

    assert advance_canaries(as_of=at) == 0

    assert Policy.objects.count() == before


def test_an_alarm_takes_the_share_back_where_the_terms_say_so(
    partial: ProductLine, mia: User
) -> None:
    at = timezone.now()
    alarm_terms.set_terms(
        partial,
        lowers_to={},
        narrows=["overkill"],
        cool_down_h=24,
        fresh_labels=500,
        by=mia,
    )
    warned = alarms.ring(partial, AlarmCause.ESCAPES, figures={}, at=at)
    alarm = alarms.ring(partial, AlarmCause.OVERKILL, figures={}, at=at)
    assert warned is not None
    assert alarm is not None

    assert alarms.take_back(warned, at=at) is None
    taken = alarms.take_back(alarm, at=at)

    assert taken is not None
    assert (taken.level, taken.canary_share) == (AutomationLevel.PARTIAL, 0.2)
    assert (taken.cause, taken.reason) == (Cause.NARROWED, "Alarm: overkill.")
    assert [event.kind for event in alarm.events.all()] == ["raised", "narrowed"]
    partial.refresh_from_db()
    cooling = alarm_terms.cool_down(partial, at=at)
    assert cooling is not None
    assert (cooling.fresh_labels, cooling.needed_labels) == (0, 500)
