"""Embeddings: what models see in pictures and texts, laid beside a reference."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from django.conf import settings
from django.db.models import QuerySet

from monitoring.models import (
    Alarm,
    AlarmCause,
    DriftWindow,
    ReferencePart,
    ReferenceWindow,
)
from monitoring.services import counts
from monitoring.services.comparisons import tell_apart
from monitoring.services.drift import compare_line
from monitoring.services.embeddings import (
    DIMENSIONS,
    Embedding,
    embed_items,
    embed_reference,
)
from monitoring.services.unlabelled import Told, Trial, unlabelled
from monitoring.services.windowsizes import Size, set_size
from reviewapp.models import Cause, Item, Modality, Payload, Prediction, ProductLine
from reviewapp.policy import AutomationLevel
from reviewapp.services.arrivals import Sent, check_arrivals
from reviewapp.services.items import receive_items
from reviewapp.services.policies import append_policy
from reviewapp.services.routings import route_items
from reviewapp.simulation.phone_screens import Scene, draw_item, to_png
from tests import factories

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
A_DAY = 300

Pixels = npt.NDArray[np.float64]


@pytest.fixture
def pictured(db: None) -> ProductLine:
    """A line of pictures with a version in shadow."""
    line = factories.make_line("Screens", modality=Modality.IMAGE)
    version = factories.make_version(line)
    append_policy(
        line,
        cause=Cause.RAISED,
        by=None,
        changes={"level": AutomationLevel.SHADOW, "live_id": version.pk},
        as_of=MONDAY,
    )
    line.refresh_from_db()
    set_size(line, Size(items=A_DAY), by=None, reason="a day is a window")
    return line


def play_pictures(
    line: ProductLine,
    day: int,
    *,
    seed: int,
    seen: Callable[[Pixels], Pixels] = np.asarray,
) -> list[Item]:
    """Let a day of pictures come, all answered alike."""
    rng, at = np.random.default_rng(seed), MONDAY + day * DAY
    sent = [
        Sent(
            external_id=f"{day}-{number}",
            captured_at=at + timedelta(minutes=number),
            content=to_png(seen(draw_item(Scene(), rng).pixels), scale=4),
            name="screen.png",
        )
        for number in range(A_DAY)
    ]
    return answered(line, sent, at=at + timedelta(hours=8))


def answered(line: ProductLine, sent: Sequence[Sent], *, at: datetime) -> list[Item]:
    received = receive_items(line, check_arrivals(line, sent), as_of=at)
    ids = [item.public_id for item in received]
    items = list(Item.objects.filter(public_id__in=ids).order_by("pk"))
    version, ok = line.in_force.live, line.classes.get(key="ok")
    Prediction.objects.bulk_create(
        Prediction(
            item=item,
            version=version,
            label_class=ok,
            confidence=0.9,
            probabilities=[0.9, 0.1],
            latency_ms=1.0,
            predicted_at=at,
        )
        for item in items
    )
    route_items(line.pk, [item.pk for item in items], as_of=at)
    counts.roll_up_hours(as_of=at + timedelta(hours=16))
    return items


def test_what_no_column_shows_is_seen_in_the_pictures(pictured: ProductLine) -> None:
    play_pictures(pictured, 0, seed=1)
    compare_line(pictured, at=MONDAY + 14 * DAY)
    play_pictures(pictured, 14, seed=2)
    compare_line(pictured, at=MONDAY + 15 * DAY)
    quiet = DriftWindow.objects.latest("end")
    # turned by a quarter each picture is as bright, as sharp and as large as before
    for day in (15, 16):
        play_pictures(pictured, day, seed=day, seen=np.transpose)
        compare_line(pictured, at=MONDAY + (day + 1) * DAY)

    reference = ReferenceWindow.objects.get(part=ReferencePart.FEATURES)
    assert reference.items == A_DAY // 2
    assert [quiet.whole[name]["moved"] for name in ("inputs", "features")] == [
        False,
        False,
    ]
    turned = DriftWindow.objects.latest("end")
    assert turned.moved == []
    assert not turned.whole["inputs"]["moved"]
    assert turned.whole["features"]["moved"]
    told = {test.trial: test.told for test in unlabelled(pictured, turned).tests}
    assert told[Trial.FEATURES] is Told.MOVED_AGAIN
    alarm = Alarm.objects.get(cause=AlarmCause.INPUT_DRIFT)
    assert alarm.figures["columns"] == {}
    assert alarm.figures["classifier"]["features"]["auc"] > 0.65


def test_new_texts_of_the_same_kind_are_rarely_told_apart(db: None) -> None:
    line = factories.make_line("Messages", modality=Modality.TEXT)
    rng = np.random.default_rng(0)
    words = [f"word{n}" for n in range(200)]

    def say(name: str, among: Sequence[str]) -> QuerySet[Item]:
        sent = [
            Sent(external_id=f"{name}-{n}", text=" ".join(rng.choice(among, size=12)))
            for n in range(300)
        ]
        receive_items(line, check_arrivals(line, sent))
        return Item.objects.filter(external_id__startswith=name)

    known = say("known", words)
    same, other = say("same", words), say("other", words[100:])
    embedding = embed_reference(line, known, fewest=100)
    assert embedding is not None

    before = embedding.rows.astype(np.float64)
    assert before.shape == (150, DIMENSIONS)
    assert not tell_apart(before, embed_items(line, embedding, same), seed=1)["moved"]
    assert tell_apart(before, embed_items(line, embedding, other), seed=1)["moved"]


def test_what_was_written_down_is_read_again(db: None) -> None:
    rng = np.random.default_rng(0)
    embedding = Embedding(
        centre=rng.normal(size=5).astype(np.float32),
        spread=np.ones(5, np.float32),
        axes=rng.normal(size=(2, 5)).astype(np.float32),
        rows=rng.normal(size=(3, 2)).astype(np.float32),
    )

    again = Embedding.unpacked(embedding.packed())

    seen = rng.normal(size=(4, 5)).astype(np.float32)
    assert np.array_equal(again.rows, embedding.rows)
    assert np.array_equal(again.embed(seen), embedding.embed(seen))


def test_a_picture_that_is_gone_or_was_erased_is_left_out(
    pictured: ProductLine,
) -> None:
    items = play_pictures(pictured, 0, seed=1)[:70]
    known = Item.objects.filter(pk__in=[item.pk for item in items])
    embedding = embed_reference(pictured, known, fewest=30)
    assert embedding is not None
    assert len(embedding.axes) == DIMENSIONS
    gone = known.select_related("payload")[0].payload.media_path
    (Path(settings.MEDIA_ROOT) / gone).unlink()

    assert len(embed_items(pictured, embedding, known)) == len(items) - 1
    Payload.objects.filter(item=items[-1]).delete()
    assert len(embed_items(pictured, embedding, known)) == len(items) - 2
    assert embed_reference(pictured, known, fewest=35) is None
    assert embed_items(pictured, embedding, Item.objects.none()).shape == (
        0,
        DIMENSIONS,
    )


def test_rows_of_a_table_are_their_own_embedding(line: ProductLine) -> None:
    version = factories.make_version(line)
    window = DriftWindow(line=line, version=version, start=MONDAY, end=MONDAY + DAY)

    trials = [test.trial for test in unlabelled(line, window).tests]

    assert trials == [Trial.INPUTS, Trial.PROBABILITIES, Trial.ANSWERS]
