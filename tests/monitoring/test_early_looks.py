"""Early looks: what came since an alarm began names a cause before a window ends."""

from datetime import datetime, timedelta

import numpy as np

from monitoring.diagnosis import Findings, Trouble, diagnose_kept
from monitoring.models import (
    Alarm,
    AlarmCause,
    DriftWindow,
    ReferencePart,
    ReferenceWindow,
)
from monitoring.services.alarms import ring
from monitoring.services.drift import compare_line
from monitoring.services.early_looks import early_look_of
from monitoring.services.findings import Heard, find_anew
from reviewapp.models import Cause, ProductLine, User
from reviewapp.services.policies import append_policy
from tests import factories
from tests.monitoring.days import answer, let_the_planner_look, receive
from tests.monitoring.test_drift import DAY, MONDAY, days, known
from tests.pages.test_alarms import browser_of, text

__all__ = ["known"]

BEGAN = MONDAY + 3 * DAY + timedelta(hours=9)
HOUR = timedelta(hours=1)
NOTHING = Heard(labels=(), inspectors=())


def escapes(line: ProductLine) -> Alarm:
    alarm = ring(
        line,
        AlarmCause.ESCAPES,
        figures={},
        findings=Findings(escapes=True, misses=True),
        began_at=BEGAN,
        at=BEGAN + HOUR,
    )
    assert alarm is not None
    return alarm


def come(line: ProductLine, at: datetime, *, n: int, shift: float = 0.0) -> datetime:
    """Receive and answer so many items within an hour, and give its end."""
    rng = np.random.default_rng(int(at.timestamp()))
    rows: list[dict[str, float | str | None]] = [
        {"width": float(width) + shift, "height": float(height)}
        for width, height in rng.normal(size=(n, 2))
    ]
    received = receive(line, rows, at=at, within=HOUR)
    keys = ["scratch" if draw < 0.05 else "ok" for draw in rng.random(n)]
    sure = rng.uniform(0.85, 0.99, n)
    answer(line, received, keys, at=at + HOUR, confidence=sure)
    let_the_planner_look()
    return at + HOUR


def known_by_now(line: ProductLine, alarm: Alarm, *, at: datetime) -> Alarm:
    compare_line(line, at=at)
    find_anew(line, heard=NOTHING, at=at)
    alarm.refresh_from_db()
    return alarm


def named(alarm: Alarm) -> Trouble:
    return diagnose_kept(alarm.known)[0].trouble


def test_what_came_since_names_the_lamp_before_its_window_ends(
    known: ProductLine,
) -> None:
    days(known, 0.0)
    alarm = escapes(known)
    assert named(alarm) is Trouble.CANNOT_SAY

    at = come(known, BEGAN, n=199, shift=1.0)
    assert known_by_now(known, alarm, at=at).early_look == {}
    assert named(alarm) is Trouble.CANNOT_SAY

    at = come(known, at, n=1, shift=1.0)
    known_by_now(known, alarm, at=at)

    look = early_look_of(alarm)
    assert look is not None
    assert (look.items, look.compared, look.moved) == (200, 200, ["value:width"])
    assert (alarm.known["input_drift"], alarm.known["classifier"]) == (True, True)
    told = max(one["auc"] for one in look.whole.values())
    assert alarm.known["few_look_new"] is (told < 0.75)
    assert alarm.known["first"] is None
    assert named(alarm) is Trouble.LIGHTING
    # it speaks for a cause; it is no window, and rings nothing
    assert not DriftWindow.objects.filter(end__gt=BEGAN).exists()
    assert not Alarm.objects.filter(cause=AlarmCause.INPUT_DRIFT).exists()


def test_inputs_that_stayed_since_speak_for_a_new_defect(known: ProductLine) -> None:
    days(known, 0.0)
    alarm = escapes(known)

    known_by_now(known, alarm, at=come(known, BEGAN, n=200))

    assert (alarm.known["input_drift"], alarm.known["classifier"]) == (False, False)
    assert alarm.known["first"] == "labels"
    assert named(alarm) is Trouble.NEW_DEFECT


def test_a_look_is_repeated_at_twice_as_many_items(known: ProductLine) -> None:
    days(known, 0.0)
    alarm = escapes(known)
    at = come(known, BEGAN, n=200)
    seen = known_by_now(known, alarm, at=at).early_look

    at = come(known, at, n=199)
    assert known_by_now(known, alarm, at=at).early_look == seen

    at = come(known, at, n=1)
    assert known_by_now(known, alarm, at=at).early_look["items"] == 400


def test_items_of_the_reference_are_not_looked_at(known: ProductLine) -> None:
    alarm = escapes(known)
    reference = ReferenceWindow.objects.get(part=ReferencePart.INPUTS)
    assert reference.until is not None
    # the alarm began when the last 400 of its items came
    alarm.began_at = reference.until - 399 * HOUR / 100
    alarm.save(update_fields=["began_at"])

    at = come(known, BEGAN, n=199)
    assert known_by_now(known, alarm, at=at).early_look == {}

    at = come(known, at, n=1)
    look = known_by_now(known, alarm, at=at).early_look
    assert (look["items"], look["compared"]) == (200, 200)


def test_a_window_of_what_came_after_takes_the_looks_place(known: ProductLine) -> None:
    days(known, 0.0)
    alarm = escapes(known)
    at = come(known, BEGAN, n=200, shift=0.6)
    known_by_now(known, alarm, at=at)
    # the day's own window holds what came before the change as well
    days(known, 0.6, first=3)
    known_by_now(known, alarm, at=MONDAY + 4 * DAY)
    assert alarm.known["input_drift"] is True
    seen = alarm.early_look

    days(known, 0.0, 0.0, first=4)
    known_by_now(known, alarm, at=MONDAY + 6 * DAY)

    assert alarm.early_look == seen
    assert (alarm.known["input_drift"], alarm.known["classifier"]) == (False, False)


def test_of_another_version_a_look_says_nothing(known: ProductLine) -> None:
    days(known, 0.0)
    alarm = escapes(known)
    at = come(known, BEGAN, n=200, shift=0.6)
    known_by_now(known, alarm, at=at)
    newer = factories.make_version(known, name="screens-2")
    append_policy(
        known,
        cause=Cause.CHANGED,
        by=None,
        changes={"live_id": newer.pk},
        as_of=at,
    )
    known.refresh_from_db()

    seen = alarm.early_look
    known_by_now(known, alarm, at=come(known, at, n=400))

    assert alarm.early_look == seen
    assert alarm.known["input_drift"] is None


def test_the_page_shows_what_came_since(known: ProductLine, mia: User) -> None:
    days(known, 0.0)
    alarm = escapes(known)
    at = come(known, BEGAN, n=200, shift=1.0)
    known_by_now(known, alarm, at=at)
    browser, base = browser_of(mia), f"/lines/{known.slug}/alarms/"

    page = text(browser, f"{base}{alarm.pk}/")

    assert "200 items until" in page
    assert "width" in page
    assert "moved: by 1." in page
    assert "An early look" in page

    days(known, 1.0, 1.0, first=4)
    drifted = Alarm.objects.get(cause=AlarmCause.INPUT_DRIFT)
    page = text(browser, f"{base}{drifted.pk}/")
    assert "400 items until" in page
    assert "All columns together" in page
    assert "An early look" not in page
