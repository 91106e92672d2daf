"""Both ways of showing a prediction: who is compared with whom, and what is counted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.services.ways import Asked, Part, Ways, compare_ways
from monitoring.windows.ways import WayCount, way_counts
from reviewapp.models import Item, Label, ProductLine, Review, Routing, User
from reviewapp.policy import AssistStyle, AutomationLevel
from reviewapp.services import corrections, gold, labels
from reviewapp.services.labels import Answer
from reviewapp.services.routings import route_items
from reviewapp.services.settling import settle_answered
from tests import factories

SUGGESTION = AssistStyle.SUGGESTION_FIRST
ANSWER = AssistStyle.ANSWER_FIRST


@pytest.fixture
def drawn(line: ProductLine) -> ProductLine:
    """A line in assist that shows half of its suggestions the other way."""
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(
        line, AutomationLevel.ASSIST, blind_share=1e-9, other_style_share=0.5
    )
    return line


def arrive(line: ProductLine, way: AssistStyle, *, predicted: str = "ok") -> Item:
    """Let an assisted item come to people, of which the lottery chose this way."""
    item = factories.make_item(line)
    version = line.in_force.live
    assert version is not None
    factories.make_prediction(item, version, line.classes.get(key=predicted))
    route_items(line.pk, [item.pk])
    reroute(item, way)
    return item


def reroute(item: Item, way: AssistStyle, **values: object) -> None:
    """Route an item anew, as if the lottery had chosen this way for it."""
    routing = Routing.objects.filter(item=item).latest("pk")
    routing.pk = None
    routing.route, routing.style_draw = "assisted", 0.1 if way is SUGGESTION else 0.9
    for name, value in values.items():
        setattr(routing, name, value)
    routing.save(force_insert=True)
    Item.objects.filter(pk=item.pk).update(routing=routing)


def say(
    line: ProductLine, by: User, *keys: str | None, ms: int | None = 1_000
) -> Review:
    """Answer the next item, and once more where the prediction is revealed."""
    review = factories.claim(by, line)
    for key in keys:
        review = Review.objects.get(pk=review.pk)
        assert review.claim_token is not None
        given = Answer(
            label_class=line.classes.get(key=key) if key else None,
            key=review.claim_token,
            active_ms=ms,
        )
        labels.answer_review(review.public_id, line, by=by, answer=given)
    settle_answered()
    return review


def adjudicate(line: ProductLine, item: Item, by: User, key: str) -> None:
    Review.objects.create(item=item, line=line, read_number=9, is_adjudication=True)
    line.memberships.filter(user=by).update(is_adjudicator=True)
    say(line, by, key)


def counted(line: ProductLine) -> dict[AssistStyle, WayCount]:
    now = timezone.now()
    found = way_counts(line, start=now - timedelta(days=1), end=now + timedelta(1))
    return {one.way: one for one in found}


def compared(line: ProductLine) -> Ways | None:
    now = timezone.now()
    return compare_ways(line, start=now - timedelta(days=1), end=now + timedelta(1))


def test_an_answer_counts_by_the_way_that_the_lottery_chose(
    drawn: ProductLine, ana: User
) -> None:
    for way, said in ((SUGGESTION, "ok"), (ANSWER, "ok"), (ANSWER, "scratch")):
        arrive(drawn, way)
        say(drawn, ana, said, *(["ok"] if said == "scratch" else []))

    found = counted(drawn)

    assert (found[SUGGESTION].answered, found[SUGGESTION].same) == (1, 1)
    assert (found[SUGGESTION].revealed, found[SUGGESTION].changed) == (0, 0)
    assert (found[ANSWER].answered, found[ANSWER].same) == (2, 2)
    assert (found[ANSWER].revealed, found[ANSWER].changed) == (1, 1)


def test_an_answer_kept_after_the_reveal_is_revealed_and_not_changed(
    drawn: ProductLine, ana: User
) -> None:
    arrive(drawn, ANSWER)
    say(drawn, ana, "scratch", "scratch")

    found = counted(drawn)[ANSWER]

    assert (found.revealed, found.changed, found.same) == (1, 0, 0)


def test_cannot_tell_is_an_answer_that_reveals_nothing(
    drawn: ProductLine, ana: User
) -> None:
    arrive(drawn, ANSWER)
    say(drawn, ana, None)

    found = counted(drawn)[ANSWER]

    assert (found.answered, found.same, found.revealed) == (1, 0, 0)


def test_only_items_of_which_the_lottery_chose_are_compared(
    drawn: ProductLine, ana: User
) -> None:
    factories.put_at(drawn, AutomationLevel.ASSIST, other_style_share=0.0)
    arrive(drawn, ANSWER)
    say(drawn, ana, "ok")
    factories.put_at(drawn, AutomationLevel.ASSIST, other_style_share=0.5)
    blind = factories.make_item(drawn)
    route_items(drawn.pk, [blind.pk])
    say(drawn, ana, "ok")

    assert counted(drawn) == {}
    assert compared(drawn) is None


def test_a_level_that_shows_nothing_compares_nothing(
    drawn: ProductLine, ana: User
) -> None:
    arrive(drawn, SUGGESTION)
    factories.put_at(drawn, AutomationLevel.SHADOW)
    say(drawn, ana, "ok")

    assert counted(drawn) == {}


def test_what_was_taken_back_is_out_until_it_is_answered_anew(
    drawn: ProductLine, ana: User
) -> None:
    item = arrive(drawn, SUGGESTION, predicted="scratch")
    say(drawn, ana, "ok")
    corrections.undo_last(ana, drawn)
    assert counted(drawn) == {}

    held = Review.objects.held_by(ana).get()
    assert held.claim_token is not None
    scratch = drawn.classes.get(key="scratch")
    given = Answer(label_class=scratch, key=held.claim_token, active_ms=500)
    labels.answer_review(held.public_id, drawn, by=ana, answer=given)

    found = counted(drawn)[SUGGESTION]
    assert Label.objects.filter(item=item).count() == 3
    assert (found.answered, found.same) == (1, 1)


@pytest.mark.parametrize("way", [SUGGESTION, ANSWER])
def test_an_adjudicator_says_who_was_right_when_the_model_was_wrong(
    drawn: ProductLine, ana: User, ben: User, way: AssistStyle
) -> None:
    after = [] if way is SUGGESTION else ["scratch"]
    for said in (["ok"], ["scratch", *after]):
        item = arrive(drawn, way)
        say(drawn, ana, *said)
        adjudicate(drawn, item, ben, "scratch")

    found = counted(drawn)[way]

    assert (found.settled, found.model_right, found.model_wrong) == (2, 0, 2)
    assert (found.right_against_model, found.followed_wrong) == (1, 1)
    assert found.right == 1


def test_an_adjudicator_says_who_refused_a_model_that_was_right(
    drawn: ProductLine, ana: User, ben: User
) -> None:
    for said in ("ok", "scratch"):
        item = arrive(drawn, SUGGESTION)
        say(drawn, ana, said)
        adjudicate(drawn, item, ben, "ok")

    found = counted(drawn)[SUGGESTION]

    assert (found.settled, found.model_right, found.right_with_model) == (2, 2, 1)


def test_a_second_reader_settles_only_where_nothing_could_be_shown(
    drawn: ProductLine, ana: User, ben: User
) -> None:
    """Of those who may see it only those who agree with the model are shown nothing."""
    factories.put_at(drawn, AutomationLevel.ASSIST, reads_per_item=2)
    settled = []
    for level in (AutomationLevel.ASSIST, AutomationLevel.SHADOW):
        factories.put_at(drawn, AutomationLevel.ASSIST)
        arrive(drawn, ANSWER)
        say(drawn, ana, "ok")
        factories.put_at(drawn, level)
        say(drawn, ben, "ok")
        settled.append(counted(drawn)[ANSWER].settled)

    assert settled == [0, 1]


def test_gold_is_a_truth_until_it_is_found_wrong(
    drawn: ProductLine, ana: User, ben: User, mia: User
) -> None:
    factories.put_at(drawn, AutomationLevel.ASSIST, reads_per_item=2)
    item = arrive(drawn, ANSWER)
    say(drawn, ana, "ok")
    for reader in (ben, factories.make_inspector(drawn, "cleo")):
        say(drawn, reader, "scratch", "scratch")
    assert counted(drawn)[ANSWER].settled == 0

    made = gold.make_gold(drawn, Item.objects.get(pk=item.pk), by=mia)
    found = counted(drawn)[ANSWER]
    made.retired_at = made.voided_at = timezone.now()
    made.save(update_fields=["retired_at", "voided_at"])

    assert (found.settled, found.model_wrong, found.followed_wrong) == (1, 1, 1)
    assert counted(drawn)[ANSWER].settled == 0


def test_below_the_fewest_nothing_is_said_of_a_share() -> None:
    few, enough = Part(share=None, n=99), Part(share=None, n=100)

    assert few.is_few
    assert not enough.is_few


def fill(line: ProductLine, by: User, way: AssistStyle, times: list[int]) -> None:
    for ms in times:
        arrive(line, way)
        say(line, by, "ok", ms=ms)


def test_both_ways_stand_beside_each_other_with_their_difference(
    drawn: ProductLine, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring.services.ways.FEWEST", 8)
    fill(drawn, ana, SUGGESTION, [ms * 1_000 for ms in range(1, 9)])
    fill(drawn, ana, ANSWER, [ms * 2_000 for ms in range(1, 10)])

    found = compared(drawn)

    assert found is not None
    assert (found.usual, found.share, found.others) == (ANSWER, 0.5, 0)
    assert found.answered == {SUGGESTION: 8, ANSWER: 9}
    first, second = found.times.suggestion_first, found.times.answer_first
    assert first is not None
    assert second is not None
    assert (first.value, first.low, first.high, first.n) == (4.5, 1.0, 8.0, 8)
    assert (second.value, second.low, second.high) == (10.0, 4.0, 16.0)
    assert found.times.difference is not None
    assert found.times.difference.value == -5.5
    assert found.row(Asked.CHANGED).suggestion_first is None


def test_the_time_of_an_item_is_that_of_both_answers(
    drawn: ProductLine, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring.services.ways.FEWEST", 6)
    for _ in range(6):
        arrive(drawn, ANSWER)
        say(drawn, ana, "scratch", "ok", ms=3_000)

    found = compared(drawn)

    assert found is not None
    assert found.times.answer_first is not None
    assert found.times.answer_first.value == 6.0


def test_of_several_terms_those_with_most_answers_are_compared(
    drawn: ProductLine, ana: User
) -> None:
    fill(drawn, ana, ANSWER, [1_000] * 3)
    factories.put_at(drawn, AutomationLevel.ASSIST, other_style_share=0.2)
    fill(drawn, ana, SUGGESTION, [1_000] * 2)

    found = compared(drawn)

    assert found is not None
    assert (found.share, found.others) == (0.5, 2)
    assert found.answered == {SUGGESTION: 0, ANSWER: 3}
