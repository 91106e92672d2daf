"""Audit shares that follow the day, and what a line's audits found."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from monitoring.models import AlarmCause, CountRun, Study, StudyPart, StudyRead
from monitoring.services import alarms, counts
from monitoring.services.audit_shares import Because, follow, follow_audits, looks_of
from monitoring.services.audits import audits_of, misses_of
from monitoring.stats.acceptance import Severity
from reviewapp.models import (
    Cause,
    Item,
    LineState,
    ModelVersion,
    ProductLine,
    SkipPolicy,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import corrections, reviews
from reviewapp.services.looks import set_audit_terms
from reviewapp.services.policies import append_policy
from reviewapp.services.routings import route_items
from reviewapp.services.thresholds import choose_thresholds
from tests import factories

# After the line was made, whenever that is: its first policy is no change of late.
NOW = datetime(2040, 9, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def version(line: ProductLine) -> ModelVersion:
    """The version that has decided OK on the line for two months."""
    version = factories.make_version(line)
    append_policy(
        line,
        cause=Cause.RAISED,
        by=None,
        changes={
            "level": AutomationLevel.PARTIAL,
            "live_id": version.pk,
            "certificates": factories.certified(version, "ok"),
            "canary_share": 1.0,
            "audit_shares": {"ok": 0.1},
            "audit_floor": 10,
        },
        as_of=NOW - 60 * DAY,
    )
    line.refresh_from_db()
    return version


def decided(line: ProductLine, version: ModelVersion, at: datetime) -> Item:
    LineState.objects.filter(line=line).update(judged_at=at)
    item = factories.make_item(line, as_of=at)
    factories.make_prediction(item, version, line.classes.get(key="ok"))
    Item.objects.filter(pk=item.pk).update(route_by=at)
    route_items(line.pk, [item.pk], as_of=at)
    item.refresh_from_db()
    return item


def audit_all(line: ProductLine) -> None:
    """Let every item be an audit from now on, without a change that counts as one."""
    append_policy(
        line,
        cause=Cause.CHANGED,
        by=None,
        changes={"audit_shares": {"ok": 1.0}, "signed_audit_shares": {"ok": 0.1}},
        as_of=NOW - 59 * DAY,
    )


def play(
    line: ProductLine, version: ModelVersion, people: list[User], answers: list[str]
) -> None:
    """Audit two items a day up to yesterday; people say of the first as given."""
    for before, answer in zip(range(len(answers), 0, -1), answers, strict=True):
        at = NOW - before * DAY
        for key in (answer, "ok"):
            decided(line, version, at)
            for person in people if key == "scratch" else people[:1]:
                factories.label_next(person, line, key, as_of=at)
    counts.recount(line, at=NOW)


def test_after_a_change_people_look_three_times_as_often(
    line: ProductLine, version: ModelVersion
) -> None:
    decided(line, version, NOW - DAY)
    append_policy(
        line,
        cause=Cause.LOWERED,
        by=None,
        changes={"certificates": factories.certified(version, "ok", "scratch")},
        as_of=NOW - 3 * DAY,
    )

    look = next(look for look in looks_of(line, at=NOW) if look.key == "scratch")

    assert (look.severity, look.because) == (Severity.TIGHTENED, Because.CHANGED)
    assert look.share == pytest.approx(0.3)
    later = looks_of(line, at=NOW + 14 * DAY)
    assert {look.severity for look in later} == {Severity.NORMAL}


def test_ten_clean_days_halve_the_share_and_an_alarm_ends_that(
    line: ProductLine, version: ModelVersion, ana: User, ben: User
) -> None:
    audit_all(line)
    play(line, version, [ana, ben], ["ok"] * 10)

    [look] = looks_of(line, at=NOW)
    assert (look.severity, look.because) == (Severity.REDUCED, Because.CLEAN)
    assert look.signed == pytest.approx(0.1)

    alarms.ring(line, AlarmCause.ESCAPES, figures={}, at=NOW)
    [look] = looks_of(line, at=NOW)
    assert (look.severity, look.because) == (Severity.NORMAL, Because.ALARM)


def test_two_bad_days_of_five_tighten(
    line: ProductLine, version: ModelVersion, ana: User, ben: User
) -> None:
    audit_all(line)
    play(line, version, [ana, ben], ["scratch", "ok", "ok", "scratch"])

    [look] = looks_of(line, at=NOW)

    assert (look.severity, look.because) == (Severity.TIGHTENED, Because.REFUSED)


def test_days_that_are_not_counted_change_no_share(
    line: ProductLine, version: ModelVersion, ana: User, ben: User
) -> None:
    audit_all(line)
    play(line, version, [ana, ben], ["scratch", "ok", "ok", "scratch"])
    append_policy(
        line,
        cause=Cause.CHANGED,
        by=None,
        changes={"audit_shares": {"ok": 0.5}},
        as_of=NOW - 58 * DAY,
    )
    line.refresh_from_db()
    run = CountRun.objects.get(line=line)

    CountRun.objects.filter(line=line).update(counted_to=NOW - DAY)
    assert follow(line, at=NOW) is None
    CountRun.objects.filter(line=line).update(
        counted_to=NOW, anew=[(NOW - 2 * DAY).isoformat()]
    )
    assert follow(line, at=NOW) is None
    CountRun.objects.filter(line=line).delete()
    assert follow(line, at=NOW) is None
    run.save()
    assert follow(line, at=NOW) is not None


def test_an_error_that_nobody_else_has_answered_stays_an_error(
    line: ProductLine, version: ModelVersion, ana: User, ben: User
) -> None:
    audit_all(line)
    ProductLine.objects.filter(pk=line.pk).update(skip_policy=SkipPolicy.OUT)
    decided(line, version, NOW - DAY)
    factories.label_next(ana, line, "scratch")
    second = reviews.claim_next(ben, line)
    assert second is not None
    assert second.claim_token is not None
    reviews.skip_review(
        second.public_id, line, by=ben, key=second.claim_token, reason="bad_image"
    )
    counts.recount(line, at=NOW)

    found = audits_of(line, at=NOW, days=7)

    assert found is not None
    assert (found.passed.answered, found.passed.wrong) == (1, 1)


def test_an_answer_that_was_taken_back_is_no_audit(
    line: ProductLine, version: ModelVersion, ana: User
) -> None:
    audit_all(line)
    ProductLine.objects.filter(pk=line.pk).update(skip_policy=SkipPolicy.OUT)
    decided(line, version, NOW - DAY)
    factories.label_next(ana, line, "scratch")
    again = corrections.undo_last(ana, line)
    assert again.claim_token is not None
    reviews.skip_review(
        again.public_id, line, by=ana, key=again.claim_token, reason="bad_image"
    )
    counts.recount(line, at=NOW)

    found = audits_of(line, at=NOW, days=7)

    assert found is not None
    assert (found.passed.drawn, found.passed.answered, found.passed.wrong) == (1, 0, 0)


def test_the_floor_raises_the_share_at_a_slow_pace(
    line: ProductLine, version: ModelVersion
) -> None:
    for number in range(40):
        decided(line, version, NOW - (1 + number % 2) * DAY)
    counts.recount(line, at=NOW)

    [look] = looks_of(line, at=NOW)

    assert look.per_day == pytest.approx(20)
    assert look.is_floor
    assert look.share == pytest.approx(0.5)


def test_the_days_shares_are_a_policy_of_the_systems_own_and_only_once(
    line: ProductLine, version: ModelVersion
) -> None:
    for _ in range(20):
        decided(line, version, NOW - DAY)
    counts.recount(line, at=NOW)

    assert follow_audits(as_of=NOW) == 1
    assert follow_audits(as_of=NOW) == 0

    line.refresh_from_db()
    in_force = line.in_force
    assert (in_force.cause, in_force.set_by) == (Cause.AUDITED, None)
    assert in_force.audit_shares["ok"] == pytest.approx(0.5)
    assert in_force.signed_audit_shares == {"ok": 0.1}
    assert "raised to the floor" in in_force.reason
    assert in_force.evidence_sha256
    assert in_force.epoch_began_at == NOW - 60 * DAY, "evidence is not begun anew"


def test_what_a_person_signs_is_what_shares_return_to(
    line: ProductLine, version: ModelVersion, mia: User
) -> None:
    for _ in range(20):
        decided(line, version, NOW - DAY)
    counts.recount(line, at=NOW)
    follow(line, at=NOW)

    choose_thresholds(
        line,
        {},
        canary_share=line.in_force.canary_share,
        blind_share=line.in_force.blind_share,
        audit_shares={"ok": 0.8},
        by=mia,
        reason="a new supplier",
        seen_policy=line.in_force.number,
    )

    assert line.in_force.signed_audit_shares == {"ok": 0.8}
    [look] = looks_of(line, at=NOW)
    assert look.share == pytest.approx(0.8)
    assert not look.is_floor


def test_without_items_the_signed_share_stands(
    line: ProductLine, version: ModelVersion
) -> None:
    assert follow(line, at=NOW) is None


def test_the_page_counts_draws_and_says_what_they_can_show(
    line: ProductLine, version: ModelVersion, ana: User, ben: User, mia: User
) -> None:
    audit_all(line)
    play(line, version, [ana, ben], ["ok", "scratch"])

    found = audits_of(line, at=NOW, days=7)

    assert found is not None
    [row] = found.classes
    assert (row.span.decided, row.span.drawn, row.span.answered) == (4, 4, 4)
    assert row.span.wrong == 1
    assert row.today.drawn == 0
    assert found.rates.escape is not None
    assert (found.rates.escape.value, found.rates.escape.n) == (0.25, 4)
    assert found.detectable == pytest.approx(1 - 0.05 ** (1 / 4))
    assert (found.misses, found.corrected) == (None, None)
    browser = Client()
    browser.force_login(mia, backend="reviewapp.sessions.PersonBackend")
    content = browser.get(f"/lines/{line.slug}/audits/").content.decode()
    assert "Not corrected for what inspectors miss" in content


def test_studies_say_what_inspectors_miss(
    line: ProductLine, version: ModelVersion, ana: User, mia: User
) -> None:
    study = Study.objects.create(line=line, number=1, trials=1, planned_by=mia)
    ok, scratch = line.classes.get(key="ok"), line.classes.get(key="scratch")
    for place, said in enumerate((scratch, scratch, ok)):
        part = StudyPart.objects.create(
            study=study, item=factories.make_item(line), is_good=False
        )
        StudyRead.objects.create(
            study=study,
            part=part,
            inspector=ana,
            trial=1,
            place=place,
            label_class=said,
            answered_at=NOW - DAY,
        )

    found = misses_of(line, at=NOW)

    assert found is not None
    assert (found.shown, found.missed, found.known_from) == (3, 1, "studies")


def test_where_the_line_says_so_two_people_read_an_audit(
    line: ProductLine, version: ModelVersion, ana: User, ben: User, mia: User
) -> None:
    audit_all(line)
    set_audit_terms(line, floor=10, reads=2, by=mia, reason="a new defect")
    item = decided(line, version, NOW)
    assert item.reviews.count() == 2

    factories.label_next(ana, line, "ok")
    assert item.reviews.waiting().count() == 1
    factories.label_next(ben, line, "scratch")
    assert item.reviews.count() == 3, "they differ: a third reads"
    factories.label_next(factories.make_inspector(line, "cem"), line, "scratch")

    item.refresh_from_db()
    assert str(item.decision) == "Scratch"


def test_two_who_agree_with_the_model_let_it_stand(
    line: ProductLine, version: ModelVersion, ana: User, ben: User, mia: User
) -> None:
    audit_all(line)
    set_audit_terms(line, floor=10, reads=2, by=mia, reason="a new defect")
    item = decided(line, version, NOW)

    factories.label_next(ana, line, "ok")
    factories.label_next(ben, line, "ok")

    item.refresh_from_db()
    assert item.decision is not None
    assert item.decision.decided_by == "model"
    assert item.reviews.count() == 2


def test_terms_are_signed_on_the_page(
    line: ProductLine, version: ModelVersion, mia: User
) -> None:
    browser = Client()
    browser.force_login(mia, backend="reviewapp.sessions.PersonBackend")
    address = f"/lines/{line.slug}/audits/terms/"
    given = {
        "floor": 60,
        "reads": 2,
        "reason": "a new customer",
        "seen_policy": line.in_force.number,
    }

    unsigned = browser.post(address, given | {"password": "another-password"})
    signed = browser.post(address, given | {"password": "a-long-enough-password"})
    stale = browser.post(
        address, given | {"password": "a-long-enough-password", "floor": 70}
    )
    too_few = browser.post(
        address, given | {"password": "a-long-enough-password", "floor": 5}
    )

    codes = [r.status_code for r in (unsigned, signed, stale, too_few)]
    assert codes == [422, 302, 409, 422]
    line.refresh_from_db()
    assert (line.in_force.audit_floor, line.in_force.audit_reads) == (60, 2)
