"""New words: chosen by half of a reference, counted by the hour, and told as drift."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from monitoring.catalogue import CATALOGUE
from monitoring.models import (
    DriftState,
    DriftWindow,
    HourlyColumn,
    ReferencePart,
    ReferenceWindow,
)
from monitoring.services import counts
from monitoring.services.arriving import arriving
from monitoring.services.drift import compare_line
from monitoring.services.farthest import farthest_items
from monitoring.services.measurements import measure, window_of
from monitoring.services.references import take_reference
from monitoring.services.series import Span
from monitoring.services.vocabularies import choose_vocabulary
from monitoring.services.windowsizes import Size, set_size
from monitoring.windows.samples import by_lot, new_words, sample_between
from reviewapp.modalities.text import words_of
from reviewapp.models import (
    Cause,
    Item,
    Modality,
    ModelVersion,
    Payload,
    Prediction,
    ProductLine,
    Vocabulary,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services.arrivals import Sent, check_arrivals
from reviewapp.services.items import receive_items
from reviewapp.services.policies import append_policy
from reviewapp.services.routings import route_items
from reviewapp.services.vocabularies import keep_vocabulary, vocabulary_of
from tests import factories

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
A_DAY = 300
FIRST_DAYS = 14
NAME = "out_of_vocabulary"


@pytest.fixture
def desk(db: None) -> ProductLine:
    """A line of texts with a version in shadow, before its first items."""
    line = factories.make_line("Desk", modality=Modality.TEXT)
    put_live(line, factories.make_version(line), at=MONDAY)
    set_size(line, Size(items=A_DAY), by=None, reason="a day is a window")
    return line


@pytest.fixture
def known(desk: ProductLine) -> ProductLine:
    """The same with the reference of its first 300 texts."""
    play_day(desk, 0)
    compare_line(desk, at=MONDAY + FIRST_DAYS * DAY)
    return desk


def put_live(line: ProductLine, version: ModelVersion, *, at: datetime) -> None:
    append_policy(
        line,
        cause=Cause.RAISED,
        by=None,
        changes={"level": AutomationLevel.SHADOW, "live_id": version.pk},
        as_of=at,
    )
    line.refresh_from_db()


def write(rng: np.random.Generator, *, new: float = 0.0) -> str:
    """Write twelve words as common as words are, a share of them never heard of."""
    ranks = rng.zipf(1.3, size=12) % 4_000
    is_new = rng.random(12) < new
    words = [
        f"new{n}" if odd else f"word{n}" for n, odd in zip(ranks, is_new, strict=True)
    ]
    return " ".join(words)


def play_day(line: ProductLine, day: int, *, new: float = 0.0) -> list[Item]:
    rng = np.random.default_rng(day)
    return receive(line, day, [write(rng, new=new) for _ in range(A_DAY)])


def receive(line: ProductLine, day: int, texts: Sequence[str]) -> list[Item]:
    """Let a day of texts come, all answered alike."""
    at = MONDAY + day * DAY
    sent = [
        Sent(external_id=f"{day}-{n}", captured_at=at + timedelta(minutes=n), text=text)
        for n, text in enumerate(texts)
    ]
    seen_at = at + timedelta(hours=8)
    received = receive_items(line, check_arrivals(line, sent), as_of=seen_at)
    ids = [item.public_id for item in received]
    items = list(Item.objects.filter(public_id__in=ids).order_by("pk"))
    Prediction.objects.bulk_create(
        Prediction(
            item=item,
            version=line.in_force.live,
            label_class=line.classes.get(key="ok"),
            confidence=0.9,
            probabilities=[0.9, 0.1],
            latency_ms=1.0,
            predicted_at=seen_at,
        )
        for item in items
    )
    route_items(line.pk, [item.pk for item in items], as_of=seen_at)
    counts.roll_up_hours(as_of=at + DAY)
    return items


def reference_of(line: ProductLine) -> ReferenceWindow:
    return ReferenceWindow.objects.get(
        line=line, version=line.in_force.live, part=ReferencePart.INPUTS
    )


def shares_on_arrival(start: datetime, end: datetime) -> list[float]:
    items = Item.objects.filter(occurred_at__gte=start, occurred_at__lt=end)
    return list(items.order_by("pk").values_list(f"input_metrics__{NAME}", flat=True))


def test_one_half_of_the_reference_says_what_is_known_and_the_other_how_much(
    known: ProductLine,
) -> None:
    drawn = by_lot(Item.objects.of_line(known))
    texts = list(drawn.values_list("pk", "payload__text"))

    words = vocabulary_of(known)

    assert words is not None
    chosen = {w for _pk, text in texts[::2] for w in words_of(text)}
    heard = {w for _pk, text in texts for w in words_of(text)}
    assert {word for word in heard if word in words} == chosen
    assert len(words.digests) == len(chosen)
    kept = {
        pk: sum(word not in words for word in words_of(text)) / 12
        for pk, text in texts[1::2]
    }
    reference = reference_of(known)
    in_order = sorted(pk for pk, _text in texts)
    assert reference.items == A_DAY
    assert reference.columns[NAME] == {
        "kind": "number",
        "values": [kept.get(pk) for pk in in_order],
    }
    assert 0.02 < np.mean([*kept.values()]) < 0.2


def test_new_words_are_counted_measured_and_called_moved(known: ProductLine) -> None:
    play_day(known, FIRST_DAYS)
    compare_line(known, at=MONDAY + (FIRST_DAYS + 1) * DAY)
    quiet = DriftWindow.objects.latest("end")

    play_day(known, FIRST_DAYS + 1, new=0.2)
    end = MONDAY + (FIRST_DAYS + 2) * DAY
    compare_line(known, at=end)
    moved = DriftWindow.objects.latest("end")

    assert (quiet.moved, quiet.columns[NAME]["state"]) == ([], "compared")
    assert not quiet.whole["inputs"]["moved"]
    assert NAME in moved.moved
    assert moved.columns[NAME]["mean"] > moved.columns[NAME]["mean_before"] + 0.1
    hours = HourlyColumn.objects.of_line(known).filter(column=NAME)
    assert sum(hour.count for hour in hours) == 2 * A_DAY
    window = window_of(known, end=end)
    value = measure(window, CATALOGUE[NAME])
    arrived = shares_on_arrival(window.start, end)
    assert value.count == len(arrived)
    assert value.value == pytest.approx(np.mean(arrived))
    of_day = shares_on_arrival(moved.start, moved.end)
    assert moved.columns[NAME]["mean"] == pytest.approx(np.mean(of_day))
    far = farthest_items(moved, NAME)
    assert far[0].distance == max(one.distance for one in far)
    assert far[0].value is not None


def test_the_inputs_page_has_new_words_in_the_band_of_the_reference(
    known: ProductLine,
) -> None:
    play_day(known, FIRST_DAYS, new=0.2)
    end = MONDAY + (FIRST_DAYS + 1) * DAY
    compare_line(known, at=end)
    first = (MONDAY + FIRST_DAYS * DAY).date()
    span = Span(first=first, last=first, zone=ZoneInfo("UTC"))

    found = arriving(known, span, at=end)

    [column] = [one for one in found.columns if one.name == NAME]
    assert column.has_moved
    assert column.band is not None
    assert column.band.count == A_DAY // 2
    [day] = column.days
    assert day.value is not None
    assert day.value > column.band.middle


def test_texts_that_came_before_the_reference_are_not_held_against_it(
    desk: ProductLine,
) -> None:
    """They are the reference, and half of them chose the words that are known."""
    for day in range(3):
        play_day(desk, day)

    windows = compare_line(desk, at=MONDAY + FIRST_DAYS * DAY)

    assert not HourlyColumn.objects.filter(column=NAME).exists()
    assert [window.state for window in windows] == [DriftState.NO_REFERENCE] * 3
    for window in windows:
        assert farthest_items(window, NAME) == []


def test_what_came_under_another_version_is_compared_by_ones_own_words(
    known: ProductLine,
) -> None:
    own, other = known.in_force.live, factories.make_version(known)
    assert own is not None
    back_at = MONDAY + (FIRST_DAYS + 1) * DAY
    put_live(known, other, at=MONDAY + FIRST_DAYS * DAY)
    keep_vocabulary(other, ["nothing"])
    items = play_day(known, FIRST_DAYS)
    put_live(known, own, at=back_at)

    compare_line(known, at=back_at)

    assert items[0].input_metrics[NAME] == 1
    window = DriftWindow.objects.filter(version=own).latest("end")
    assert window.items == A_DAY
    assert window.moved == []
    assert window.columns[NAME]["mean"] < 0.2
    far = farthest_items(window, NAME)
    assert all(one.value != 1 for one in far)


def test_an_erased_text_is_left_out(known: ProductLine) -> None:
    version = known.in_force.live
    assert version is not None
    start = MONDAY + FIRST_DAYS * DAY
    items = play_day(known, FIRST_DAYS)
    Payload.objects.filter(item__in=items[:30]).delete()
    sample = sample_between(known, version, start, start + DAY)

    found = new_words(sample, version, since=start)

    assert found[:30] == [None] * 30
    assert found[30:] == shares_on_arrival(start, start + DAY)[30:]


def test_a_later_reference_has_its_own_words_and_no_share_of_the_earlier(
    known: ProductLine,
) -> None:
    later = factories.make_version(known)
    put_live(known, later, at=MONDAY + FIRST_DAYS * DAY)
    rng = np.random.default_rng(9)
    receive(known, FIRST_DAYS, [write(rng, new=1.0) for _ in range(A_DAY)])

    taken = take_reference(known, at=MONDAY + 2 * FIRST_DAYS * DAY)

    words = vocabulary_of(known)
    assert words is not None
    assert "new1" in words
    assert "word1" not in words
    inputs = next(one for one in taken if one.part == ReferencePart.INPUTS)
    shares = [one for one in inputs.columns[NAME]["values"] if one is not None]
    assert len(shares) == A_DAY // 2
    assert np.mean(shares) < 0.2
    assert Vocabulary.objects.count() == 2


def test_no_words_are_chosen_where_there_are_none(desk: ProductLine) -> None:
    some = [item.pk for item in receive(desk, 0, ["!!!", "???", "..."])]

    assert choose_vocabulary(some) is None
    assert choose_vocabulary(some[:1]) is None
    assert choose_vocabulary([]) is None
