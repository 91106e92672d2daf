"""Readers: each held to who else read the same items, and to what those are like."""

from datetime import timedelta

import numpy as np
import time_machine

from monitoring.models import Alarm, AlarmCause
from monitoring.services import judging
from monitoring.services.detectors import Detected, detect_inspectors, run
from monitoring.services.findings import findings
from monitoring.services.quiet_rates import Rates
from monitoring.windows.streams import first_double_reads, newest_double_reads
from reviewapp.models import Cause, ProductLine, User
from reviewapp.models.policies import VoidBecause
from reviewapp.policy import AutomationLevel
from reviewapp.services.policies import append_policy
from tests import factories
from tests.monitoring.days import answer, let_the_planner_look, receive
from tests.monitoring.test_detectors import DAY, MONDAY, put_live_at
from tests.monitoring.test_sure_escapes import certify
from tests.pages.test_boards import browser_of, text


def read_by_two(line: ProductLine) -> User:
    """Ask for two readers of every item; give the one who settles disputes."""
    put_live_at(line, AutomationLevel.ASSIST)
    append_policy(
        line, cause=Cause.CHANGED, by=None, changes={"overlap_share": 1.0}, as_of=MONDAY
    )
    line.refresh_from_db()
    return factories.make_inspector(line, "cleo")


def test_a_reader_who_begins_to_differ_rings_by_name_and_lowers_nothing(
    line: ProductLine, ana: User, ben: User, mia: User
) -> None:
    cleo = read_by_two(line)
    at = MONDAY + timedelta(hours=6)
    received = receive(line, [{"width": 1.0, "height": 1.0}] * 240, at=MONDAY)
    answer(line, received, ["ok"] * 240, at=at)
    for place in range(240):
        factories.label_next(ana, line, "ok", as_of=at + timedelta(minutes=place))
    for place in range(240):
        said = "scratch" if place >= 200 and place % 2 else "ok"
        factories.label_next(ben, line, said, as_of=at + timedelta(minutes=place))
    for _ in range(20):
        factories.label_next(cleo, line, "ok", as_of=at + timedelta(hours=5))

    found = {one.subject: one for one in detect_inspectors(line, at=MONDAY + DAY)}

    assert found[ben.pseudonym].state is Detected.ALARM
    assert found[ana.pseudonym].state is Detected.QUIET
    newest = newest_double_reads(line, until=MONDAY + DAY, most=40)
    # the last forty items, and not those that went to a third reader before others
    assert newest.inspectors.count(ben.pseudonym) == 40
    judging.judge_lines(as_of=MONDAY + DAY)
    alarm = Alarm.objects.get(cause=AlarmCause.INSPECTOR)
    assert (alarm.subject, alarm.lowered) == (ben.pseudonym, None)
    assert findings(line, at=MONDAY + DAY).inspectors == (ben.pseudonym,)
    let_the_planner_look()
    with time_machine.travel(MONDAY + DAY):
        page = text(browser_of(mia), f"/lines/{line.slug}/inspectors/by-name/")
    assert page.count('data-verdict="high"') == 1


def test_an_open_item_counts_for_no_reader_until_it_is_settled(
    line: ProductLine, ana: User, ben: User
) -> None:
    cleo = read_by_two(line)
    received = receive(line, [{"width": 1.0, "height": 1.0}] * 3, at=MONDAY)
    answer(line, received, ["ok"] * 3, at=MONDAY)
    for reader, said in (
        (ana, ("scratch", "ok", "ok")),
        (ben, ("ok", "ok", "ok")),
    ):
        for key in said:
            factories.label_next(reader, line, key, as_of=MONDAY)

    disputed = newest_double_reads(line, until=MONDAY + DAY, most=10)

    assert sorted(disputed.inspectors) == sorted([ana.pseudonym, ben.pseudonym] * 2)
    assert not disputed.differs.any()
    factories.label_next(cleo, line, "ok", as_of=MONDAY)
    settled = newest_double_reads(line, until=MONDAY + DAY, most=10)
    differed = np.array(settled.inspectors)[settled.differs]
    assert differed.tolist() == [ana.pseudonym]
    assert len(settled.inspectors) == 7


def struck(line: ProductLine) -> dict[str, object]:
    """What a policy keeps of the line's only certificate once it is void."""
    [(key, stored)] = line.in_force.certificates.items()
    return {
        "class": key,
        "fingerprint": stored["fingerprint"],
        "granted_by": stored["granted_by"],
        "because": VoidBecause.ALARM.value,
        "alarm": None,
        "at": (MONDAY + DAY).isoformat(),
    }


def test_harder_items_are_no_lapse_of_their_reader(
    line: ProductLine, ana: User, ben: User
) -> None:
    cleo = read_by_two(line)
    certify(line, as_of=MONDAY)
    line.refresh_from_db()
    # of what the model is unsure of ben rejects every fifth, on both days
    for day, sure, unsure in ((0, 200, 40), (1, 0, 60)):
        at = MONDAY + day * DAY
        count = sure + unsure
        received = receive(line, [{"width": 1.0, "height": 1.0}] * count, at=at)
        confidence = [0.95] * sure + [0.6] * unsure
        answer(line, received, ["ok"] * count, at=at, confidence=confidence)
        for _ in range(count):
            factories.label_next(ana, line, "ok", as_of=at + DAY / 4)
        for place in range(count):
            slips = place >= sure and place % 5 == 0
            said = "scratch" if slips else "ok"
            factories.label_next(ben, line, said, as_of=at + DAY / 3)
        for _ in range(unsure // 5):
            factories.label_next(cleo, line, "ok", as_of=at + DAY / 2)

    found = {one.subject: one for one in detect_inspectors(line, at=MONDAY + 2 * DAY)}

    assert found[ben.pseudonym].state is Detected.QUIET
    assert judging.judge_lines(as_of=MONDAY + 2 * DAY) == 0
    # and when an alarm has made the certificates void
    append_policy(
        line,
        cause=Cause.VOIDED,
        by=None,
        changes={"certificates": {}, "voided": [struck(line)]},
    )
    line.refresh_from_db()
    found = {one.subject: one for one in detect_inspectors(line, at=MONDAY + 2 * DAY)}
    assert found[ben.pseudonym].state is Detected.QUIET
    # held to one rate for all items he would have been blamed
    first_day = first_double_reads(line, until=MONDAY + DAY, most=1_000)
    nobody = np.zeros(first_day.differs.size, dtype=bool)
    one_rate = Rates.measured(first_day.differs, nobody).sure
    reads = newest_double_reads(line, until=MONDAY + 2 * DAY, most=5_000)
    his = reads.differs[np.array(reads.inspectors) == ben.pseudonym]
    assert run(his, np.full(his.size, one_rate)).state is Detected.ALARM
