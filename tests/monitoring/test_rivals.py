"""The candidate beside the live version: what counts, and what it may be read as."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.services.rivals import (
    compare_rivals,
    differences,
    gather_rivals,
    watch_candidate,
)
from monitoring.stats.sequential import paired_evidence
from reviewapp.inheritance import RivalEvidence
from reviewapp.models import (
    Cause,
    Item,
    ModelVersion,
    Prediction,
    PredictionSource,
    ProductLine,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import candidates
from reviewapp.services.datasets import take_snapshot
from reviewapp.services.policies import append_policy
from reviewapp.services.routings import route_items
from tests import factories


@pytest.fixture
def tried(line: ProductLine, mia: User) -> ModelVersion:
    """A version on trial on a line in shadow."""
    factories.put_at(line, AutomationLevel.SHADOW)
    fresh = factories.make_version(line, "fresh")
    candidates.put_on_trial(line, fresh, by=mia)
    return fresh


def compared(
    line: ProductLine,
    ana: User,
    *,
    live: str | None,
    candidate: str | None,
    people: str | None,
) -> Item:
    """Receive an item, let both answer, and let Ana label it blind."""
    in_force = line.in_force
    assert in_force.live is not None
    assert in_force.candidate is not None
    item = factories.make_item(line)
    for version, key in ((in_force.live, live), (in_force.candidate, candidate)):
        said = line.classes.get(key=key) if key else None
        factories.make_prediction(item, version, said)
    route_items(line.pk, [item.pk])
    factories.label_next(ana, line, people)
    return item


def test_without_a_candidate_there_is_nothing_to_compare(line: ProductLine) -> None:
    assert gather_rivals(line) == RivalEvidence()
    assert compare_rivals(line) is None


def test_only_items_on_which_exactly_one_was_right_speak(
    line: ProductLine, ana: User, tried: ModelVersion
) -> None:
    for _ in range(3):
        compared(line, ana, live="ok", candidate="scratch", people="scratch")
    compared(line, ana, live="scratch", candidate="ok", people="scratch")
    for _ in range(4):
        compared(line, ana, live="ok", candidate="ok", people="ok")
    compared(line, ana, live="ok", candidate="ok", people="scratch")
    compared(line, ana, live="ok", candidate="scratch", people=None)

    found = compare_rivals(line)

    assert found is not None
    evidence = found.evidence
    assert (evidence.items, evidence.candidate_only, evidence.live_only) == (10, 3, 1)
    assert (found.both_right, found.neither_right) == (4, 2)
    assert evidence.paired_evidence == paired_evidence(1, 3)
    assert found.live.right is not None
    assert found.candidate.right is not None
    assert (found.live.right.count, found.candidate.right.count) == (5, 7)
    by_class = {one.label_class.key: one for one in found.by_class}
    assert (by_class["scratch"].live_only, by_class["scratch"].candidate_only) == (1, 3)
    assert by_class["scratch"].worse == paired_evidence(3, 1)
    assert evidence.worst_class_evidence == max(one.worse for one in found.by_class)


def test_an_answer_that_failed_was_not_right(
    line: ProductLine, ana: User, tried: ModelVersion
) -> None:
    compared(line, ana, live="ok", candidate=None, people="ok")

    evidence = gather_rivals(line)

    assert (evidence.items, evidence.candidate_only, evidence.live_only) == (1, 0, 1)


def test_an_item_that_trained_a_version_is_no_witness_for_it(
    line: ProductLine, ana: User, mia: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    live = line.in_force.live
    assert live is not None
    an_hour_ago = timezone.now() - timedelta(hours=1)
    item = factories.make_item(line)
    factories.make_prediction(item, live, line.classes.get(key="ok"))
    factories.label_next(ana, line, "scratch")
    learner = factories.make_version(line, snapshot=take_snapshot(line, by=None))
    for version, items in ((factories.make_version(line), 1), (learner, 0)):
        Prediction.objects.create(
            item=item,
            version=version,
            label_class=line.classes.get(key="scratch"),
            confidence=0.9,
            probabilities=[0.1, 0.9],
            source=PredictionSource.WORKER,
            predicted_at=an_hour_ago,
        )
        candidates.put_on_trial(line, version, by=mia, as_of=an_hour_ago)

        assert gather_rivals(line).items == items

        candidates.withdraw(line, by=mia)


def test_answers_after_the_label_and_labels_before_the_trial_count_not(
    line: ProductLine, ana: User, mia: User, tried: ModelVersion
) -> None:
    compared(line, ana, live="ok", candidate="scratch", people="scratch")
    late = factories.make_item(line)
    live = line.in_force.live
    assert live is not None
    factories.make_prediction(late, live, line.classes.get(key="ok"))
    factories.label_next(ana, line, "scratch")
    factories.make_prediction(late, tried, line.classes.get(key="scratch"))
    assert gather_rivals(line).items == 1

    candidates.withdraw(line, by=mia)
    candidates.put_on_trial(line, tried, by=mia)

    again = gather_rivals(line)
    assert (again.items, again.attempt) == (0, 2)


def test_items_drawn_with_unlike_chances_speak_with_unlike_weight(
    line: ProductLine, ana: User, mia: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.ASSIST, blind_share=1.0)
    fresh = factories.make_version(line)
    candidates.put_on_trial(line, fresh, by=mia)
    for _ in range(4):
        compared(line, ana, live="ok", candidate="scratch", people="scratch")
    even = gather_rivals(line)
    append_policy(line, cause=Cause.CHANGED, by=mia, changes={"blind_share": 0.5})

    found = gather_rivals(line)

    assert even.paired_evidence == found.paired_evidence == paired_evidence(0, 4)
    # without an answer of the live version an item is surely blind: likelier than 1/2
    compared(line, ana, live=None, candidate="ok", people="ok")
    mixed = gather_rivals(line)
    assert mixed.candidate_only == 5
    assert mixed.paired_evidence is not None
    assert paired_evidence(0, 4) < mixed.paired_evidence < paired_evidence(0, 5)
    assert mixed.labels_to_evidence is None


@pytest.mark.parametrize(("said", "share"), [("ok", 0), ("scratch", 0.5)])
def test_a_candidate_that_is_shown_to_be_worse_decides_no_share_any_more(
    line: ProductLine,
    ana: User,
    mia: User,
    tried: ModelVersion,
    said: str,
    share: float,
) -> None:
    append_policy(line, cause=Cause.SHARED, by=mia, changes={"candidate_share": 0.5})
    for _ in range(10):
        compared(line, ana, live="scratch", candidate=said, people="scratch")

    is_taken = watch_candidate(line, at=timezone.now())

    line.refresh_from_db()
    now = line.in_force
    assert is_taken == (share == 0)
    assert (now.candidate, now.candidate_share) == (tried, share)
    assert (now.set_by is None) == is_taken


def test_where_they_differ_is_listed_but_not_what_waits_for_somebody(
    line: ProductLine, ana: User, tried: ModelVersion
) -> None:
    first = compared(line, ana, live="ok", candidate="scratch", people="scratch")
    compared(line, ana, live="ok", candidate="ok", people="ok")
    failed = compared(line, ana, live=None, candidate="ok", people="ok")
    waiting = factories.make_item(line)
    live = line.in_force.live
    assert live is not None
    factories.make_prediction(waiting, live, line.classes.get(key="ok"))
    factories.make_prediction(waiting, tried, line.classes.get(key="scratch"))
    scratch = line.classes.get(key="scratch")

    listed = differences(line, of=None, before=None, limit=10)

    assert [one.item for one in listed] == [failed, first]
    assert [str(one.candidate.label_class) for one in listed] == ["OK", "Scratch"]
    of_class = differences(line, of=scratch, before=None, limit=10)
    assert [one.item for one in of_class] == [first]
    older = differences(line, of=None, before=failed.pk, limit=10)
    assert [one.item for one in older] == [first]


def test_both_are_measured_on_their_answers_too(
    line: ProductLine, ana: User, tried: ModelVersion
) -> None:
    for _ in range(3):
        compared(line, ana, live="ok", candidate="ok", people="ok")
    compared(line, ana, live="ok", candidate=None, people="ok")

    found = compare_rivals(line, as_of=timezone.now() + timedelta(minutes=1))

    assert found is not None
    assert (found.candidate.answering.answers, found.candidate.answering.errors) == (
        4,
        1,
    )
    assert found.live.answering.median_ms == 1.0
    assert found.live.calibration_error == pytest.approx(0.1)
    assert Prediction.objects.filter(version=tried).count() == 4
