"""Detectors: what people hold against the model lowers it, and says since when."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from monitoring.models import Alarm, AlarmCause
from monitoring.services import judging
from monitoring.services.alarms import clear_alarm
from monitoring.services.detectors import (
    KINDS,
    Among,
    Detected,
    detect,
    run,
)
from monitoring.services.findings import findings
from monitoring.stats.intervals import upper_bound
from monitoring.windows.streams import NEIGHBOURS, newest_labels
from reviewapp.models import Cause, ProductLine, Review, User
from reviewapp.policy import AutomationLevel
from reviewapp.services.policies import append_policy
from reviewapp.services.settling import ask_for_another_read
from tests import factories
from tests.monitoring.days import answer, label_all, receive

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def put_live_at(line: ProductLine, level: AutomationLevel) -> None:
    version = factories.make_version(line)
    append_policy(
        line,
        cause=Cause.RAISED,
        by=None,
        changes={"level": level, "live_id": version.pk, "blind_share": 1.0},
        as_of=MONDAY,
    )
    line.refresh_from_db()


def label_day(
    line: ProductLine, ana: User, day: int, pairs: list[tuple[str, str]]
) -> None:
    """Play a day of (what the model said, what Ana said)."""
    at = MONDAY + day * DAY
    received = receive(line, [{"width": 1.0, "height": 1.0}] * len(pairs), at=at)
    said = [model for model, _person in pairs]
    answer(line, received, said, at=at + timedelta(hours=11))
    people = [person for _model, person in pairs]
    label_all(line, ana, received, people, at=at + timedelta(hours=12))


def usual(n: int, *, escapes: int = 0, overkills: int = 0) -> list[tuple[str, str]]:
    """Pairs of a day in which the given disagreements are spread evenly."""
    pairs = [("ok", "ok")] * (n - n // 20) + [("scratch", "scratch")] * (n // 20)
    np.random.default_rng(n).shuffle(pairs)
    pairs = [(str(model), str(person)) for model, person in pairs]
    places = np.linspace(0, n - 1, escapes + overkills).astype(int).tolist()
    for turn, place in enumerate(places):
        is_escape = turn % (escapes + overkills) < escapes
        pairs[place] = ("ok", "scratch") if is_escape else ("scratch", "ok")
    return pairs


def judge_at(line: ProductLine, day: int) -> list[str]:
    at = MONDAY + day * DAY
    judging.judge_lines(as_of=at)
    line.refresh_from_db()
    return sorted(Alarm.objects.open().values_list("cause", flat=True))


@pytest.fixture
def trusted(line: ProductLine, ana: User) -> ProductLine:
    """A line at assist whose version has three quiet days, 1,200 labels, behind it."""
    put_live_at(line, AutomationLevel.ASSIST)
    for day in range(3):
        label_day(line, ana, day, usual(400, escapes=4, overkills=4))
    assert judge_at(line, 3) == []
    return line


def test_more_escapes_lower_to_shadow_and_say_since_when(
    trusted: ProductLine, ana: User
) -> None:
    label_day(trusted, ana, 3, usual(400, escapes=20, overkills=4))

    assert "escapes" in judge_at(trusted, 4)

    assert trusted.in_force.level == AutomationLevel.SHADOW
    alarm = Alarm.objects.get(cause=AlarmCause.ESCAPES)
    assert alarm.lowered == trusted.in_force
    assert alarm.began_at is not None
    assert abs(alarm.began_at - (MONDAY + 3 * DAY)) < timedelta(hours=6)
    assert alarm.findings["escapes"] is True
    # nobody has compared the inputs
    assert alarm.findings["first"] is None
    assert alarm.figures["labels_between_false_alarms"] == 100_000
    assert alarm.figures["is_from_baseline"] is True
    assert alarm.figures["rate_after"] > 2 * alarm.figures["rate_before"]
    assert alarm.figures["shape"] in {"sudden", "cannot tell"}
    found = findings(trusted, at=MONDAY + 4 * DAY)
    assert (found.escapes, found.overkill, found.first) == (True, False, None)


def test_a_defect_that_the_model_does_not_see_is_a_larger_share_of_misses(
    trusted: ProductLine, ana: User
) -> None:
    label_day(trusted, ana, 3, usual(400, escapes=60))

    judge_at(trusted, 4)

    # 4 of about 24 defects on each day before
    assert findings(trusted, at=MONDAY + 4 * DAY).misses is True
    assert Alarm.objects.get(cause=AlarmCause.ESCAPES).findings["misses"] is True


def test_more_overkill_rings_and_leaves_the_level(
    trusted: ProductLine, ana: User
) -> None:
    # so few that only the detector of overkill alone can be sure of it
    label_day(trusted, ana, 3, usual(400, escapes=0, overkills=20))

    rung = judge_at(trusted, 4)

    assert rung == ["overkill"]
    assert trusted.in_force.level == AutomationLevel.ASSIST
    alarm = Alarm.objects.get(cause=AlarmCause.OVERKILL)
    assert alarm.lowered is None
    # 39 rejects of 400 labels, and 23 on each day before: chance enough
    assert alarm.findings["fewer_confirmed"] is None


def test_lint_is_more_of_what_the_model_rejects(
    trusted: ProductLine, ana: User
) -> None:
    label_day(trusted, ana, 3, usual(400, escapes=4, overkills=40))

    judge_at(trusted, 4)

    alarm = Alarm.objects.get(cause=AlarmCause.OVERKILL)
    assert alarm.findings["fewer_confirmed"] is False


def test_a_cleared_alarm_begins_anew(
    trusted: ProductLine, ana: User, mia: User
) -> None:
    label_day(trusted, ana, 3, usual(400, escapes=20, overkills=4))
    judge_at(trusted, 4)
    for alarm in Alarm.objects.open():
        clear_alarm(alarm, by=mia, found="a new lot with cracks")
    Alarm.objects.update(cleared_at=MONDAY + 4 * DAY)

    assert judge_at(trusted, 5) == []

    states = {one.cause: one.state for one in detect(trusted, at=MONDAY + 5 * DAY)}
    assert states[AlarmCause.ESCAPES] is Detected.NO_DATA


def test_a_fresh_version_is_held_to_the_target_and_its_certificates(
    line: ProductLine, ana: User
) -> None:
    put_live_at(line, AutomationLevel.SHADOW)
    label_day(line, ana, 0, usual(100, escapes=2))
    version, number = line.in_force.live, line.in_force.number + 1
    assert version is not None

    def quiet(among: Among) -> dict[AlarmCause, float | None]:
        found = [one for one in detect(line, at=MONDAY + DAY) if one.among is among]
        assert not any(one.is_from_baseline for one in found)
        return {one.cause: one.quiet for one in found}

    assert quiet(Among.ALL) == pytest.approx(dict.fromkeys(KINDS, 0.05))

    granted = factories.certified(version, "ok", threshold=0.5, granted_by=number)
    append_policy(
        line, cause=Cause.CERTIFIED, by=None, changes={"certificates": granted}
    )
    line.refresh_from_db()

    assert quiet(Among.SURE) == {AlarmCause.ESCAPES: pytest.approx(0.005)}
    # five of a hundred answers are rejects, which nothing was certified for
    expected = dict.fromkeys(KINDS, 0.05) | {
        AlarmCause.ESCAPES: 0.95 * 0.005 + 0.05 * 0.05
    }
    assert quiet(Among.ALL) == pytest.approx(expected)


def test_escapes_under_a_fresh_version_ring_before_its_first_thousand_labels(
    line: ProductLine, ana: User
) -> None:
    put_live_at(line, AutomationLevel.ASSIST)
    label_day(line, ana, 0, usual(100, escapes=30))

    assert "escapes" in judge_at(line, 1)
    assert findings(line, at=MONDAY + DAY).escapes is True


def test_what_was_labelled_since_a_change_never_becomes_usual(
    trusted: ProductLine, ana: User, mia: User
) -> None:
    def usual_rate(day: int) -> float | None:
        found = {one.cause: one for one in detect(trusted, at=MONDAY + day * DAY)}
        return found[AlarmCause.ESCAPES].quiet

    before = usual_rate(3)
    label_day(trusted, ana, 3, usual(400, escapes=40))
    judge_at(trusted, 4)

    # two thousand labels from now on, a fifth of them of the changed line
    label_day(trusted, ana, 4, usual(400, escapes=40))

    assert usual_rate(5) == pytest.approx(before)
    for alarm in Alarm.objects.open():
        clear_alarm(alarm, by=mia, found="a new lot with cracks")
    Alarm.objects.update(cleared_at=MONDAY + 5 * DAY)
    # what came after a person had cleared it may be usual again
    for day in (5, 6, 7):
        label_day(trusted, ana, day, usual(400, escapes=4))
    assert usual_rate(8) == pytest.approx(upper_bound(20, 2_000), rel=0.1)
    label_day(trusted, ana, 8, usual(400, escapes=40))
    assert "escapes" in judge_at(trusted, 9)


@dataclass(slots=True, kw_only=True)
class TwiceRead:
    """A line on which Ben reads again what Ana holds against the model."""

    line: ProductLine
    ana: User
    ben: User

    def read_first(self, day: int, *, slips: int) -> None:
        """Play a day of 400 items, of which Ana calls so many a scratch."""
        label_day(self.line, self.ana, day, usual(400, escapes=slips))
        first = Review.objects.filter(
            closed_at__gte=MONDAY + day * DAY,
            item__predictions__label_class__key="ok",
            label__label_class__key="scratch",
        )
        for review in first.select_related("item", "line"):
            ask_for_another_read(review, is_adjudication=False)

    def settle(self, day: int) -> None:
        """Let Ben read what waits, and find nothing."""
        at = MONDAY + day * DAY + timedelta(hours=14)
        for _ in range(Review.objects.waiting_on(self.line).count()):
            factories.label_next(self.ben, self.line, "ok", as_of=at)


@pytest.fixture
def twice_read(line: ProductLine, ana: User, ben: User) -> TwiceRead:
    """Three days, 1,200 labels: Ana slips in 3 %, and Ben sets it right."""
    put_live_at(line, AutomationLevel.ASSIST)
    station = TwiceRead(line=line, ana=ana, ben=ben)
    for day in range(3):
        station.read_first(day, slips=12)
        station.settle(day)
    assert judge_at(line, 3) == []
    return station


def test_what_others_have_not_read_yet_is_no_change(twice_read: TwiceRead) -> None:
    twice_read.read_first(3, slips=12)

    assert judge_at(twice_read.line, 4) == []

    waiting = Review.objects.waiting_on(twice_read.line)
    assert waiting.count() == 12
    found = {one.cause: one for one in detect(twice_read.line, at=MONDAY + 4 * DAY)}
    settled = upper_bound(0, 1_000)
    assert found[AlarmCause.ESCAPES].quiet == pytest.approx(
        # 400 of 1,600 labels are early
        (1_200 * settled + 400 * upper_bound(30, 1_000)) / 1_600,
        rel=0.05,
    )
    twice_read.settle(3)
    assert judge_at(twice_read.line, 5) == []


def test_a_change_rings_before_anybody_else_has_read(twice_read: TwiceRead) -> None:
    twice_read.read_first(3, slips=60)

    assert "escapes" in judge_at(twice_read.line, 4)

    alarm = Alarm.objects.get(cause=AlarmCause.ESCAPES)
    assert alarm.began_at is not None
    assert abs(alarm.began_at - (MONDAY + 3 * DAY)) < timedelta(hours=6)


def test_one_forgotten_read_leaves_other_days_as_settled(
    twice_read: TwiceRead,
) -> None:
    oldest = Review.objects.filter(label__label_class__key="scratch").earliest("pk")
    label = oldest.item.decision.label if oldest.item.decision else None
    assert label is not None
    Review.objects.filter(item=oldest.item, read_number=2).update(
        closed_at=None, label=None
    )

    stream = newest_labels(
        twice_read.line,
        twice_read.line.in_force.live,  # type: ignore[arg-type]  # it has one
        after=None,
        until=MONDAY + 3 * DAY,
        most=5_000,
    )

    assert stream.is_early.sum() == NEIGHBOURS
    assert stream.is_early[:NEIGHBOURS].all()
    assert not stream.differs[NEIGHBOURS:].any()


def test_a_line_without_labels_is_not_called_quiet(line: ProductLine) -> None:
    put_live_at(line, AutomationLevel.ASSIST)

    found = findings(line, at=MONDAY + DAY)

    assert (found.disagreement, found.escapes, found.overkill) == (None, None, None)


def test_a_steady_rate_warns_before_it_alarms() -> None:
    rng = np.random.default_rng(4)
    differs = np.concatenate([rng.random(3_000) < 0.05, rng.random(600) < 0.12])
    quiet = np.full(differs.size, 0.05)

    ran = run(differs, quiet)
    warned = [
        n
        for n in range(3_000, ran.labels)
        if run(differs[:n], quiet[:n]).state is Detected.WARNING
    ]

    assert run(differs[:3_000], quiet[:3_000]).state is Detected.QUIET
    assert ran.state is Detected.ALARM
    assert ran.threshold == pytest.approx(2_500)
    assert warned
    assert abs(ran.began - 3_000) < 150


def test_another_mix_of_sure_and_unsure_answers_is_no_change() -> None:
    rng = np.random.default_rng(6)
    is_unsure = np.arange(4_000) >= 2_000
    quiet = np.where(is_unsure, 0.2, 0.01)
    differs = rng.random(4_000) < quiet * 0.8

    assert run(differs, quiet).state is Detected.QUIET
    assert run(differs, np.full(4_000, 0.03)).state is Detected.ALARM
