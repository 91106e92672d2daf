"""References of trained versions: their hold-out, never what they have learned."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from monitoring.models import (
    DriftState,
    DriftWindow,
    ReferencePart,
    ReferenceSource,
    ReferenceWindow,
)
from monitoring.services import counts
from monitoring.services.drift import compare_line
from monitoring.services.references import take_reference
from monitoring.services.training import is_held_out, train_version
from reviewapp.models import ProductLine, User
from reviewapp.services import levels
from tests import factories
from tests.monitoring.days import answer, label_all, receive

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


def test_a_trained_version_is_held_to_its_snapshot_and_its_holdout(
    line: ProductLine, ana: User, mia: User, model_host: Path
) -> None:
    rng = np.random.default_rng(3)
    rows: list[dict[str, float | str | None]] = [
        {"width": float(x), "height": float(y)} for x, y in rng.normal(size=(1_400, 2))
    ]
    received = receive(line, rows, at=MONDAY)
    said = ["scratch" if float(row["width"] or 0) > 1 else "ok" for row in rows]
    label_all(line, ana, received, said, at=MONDAY + timedelta(hours=11))
    version = train_version(line, by=mia, as_of=TUESDAY)
    levels.put_live(line, version, by=mia, reason="first version", as_of=TUESDAY)

    taken = {one.part: one for one in take_reference(line, at=TUESDAY)}

    held_out = [item for item in received if is_held_out(line, item)]
    inputs, answers = taken[ReferencePart.INPUTS], taken[ReferencePart.PREDICTIONS]
    assert (inputs.source, inputs.items) == (ReferenceSource.CALIBRATION, 1_400)
    assert (answers.source, answers.items) == (
        ReferenceSource.CALIBRATION,
        len(held_out),
    )
    assert len(answers.probabilities) == len(held_out)
    assert inputs.until == max(item.occurred_at for item in received)
    assert answers.until == max(item.occurred_at for item in held_out)
    joint = answers.joint or {}
    assert sum(sum(row.values()) for row in joint.values()) == len(held_out)
    assert take_reference(line, at=TUESDAY) == []


def test_a_version_with_few_labels_waits_for_its_first_items(
    line: ProductLine, ana: User, mia: User, model_host: Path
) -> None:
    rows: list[dict[str, float | str | None]] = [
        {"width": float(n), "height": 1.0} for n in range(60)
    ]
    received = receive(line, rows, at=MONDAY)
    said = ["scratch" if n > 40 else "ok" for n in range(60)]
    label_all(line, ana, received, said, at=MONDAY + timedelta(hours=11))
    version = train_version(line, by=mia, as_of=TUESDAY)
    levels.put_live(line, version, by=mia, reason="first version", as_of=TUESDAY)

    assert take_reference(line, at=TUESDAY) == []


def test_first_answers_as_a_reference_leave_the_inputs_to_be_judged(
    line: ProductLine, ana: User, mia: User, model_host: Path
) -> None:
    rng = np.random.default_rng(4)
    rows: list[dict[str, float | str | None]] = [
        {"width": float(x), "height": float(y)} for x, y in rng.normal(size=(600, 2))
    ]
    received = receive(line, rows, at=MONDAY)
    said = ["scratch" if float(row["width"] or 0) > 1 else "ok" for row in rows]
    label_all(line, ana, received, said, at=MONDAY + timedelta(hours=11))
    version = train_version(line, by=mia, as_of=TUESDAY)
    levels.put_live(line, version, by=mia, reason="first version", as_of=TUESDAY)
    at = TUESDAY + timedelta(hours=6)
    later: list[dict[str, float | str | None]] = [
        {"width": float(x) + 2, "height": float(y)}
        for x, y in rng.normal(size=(450, 2))
    ]
    answer(line, receive(line, later, at=at), ["ok"] * 450, at=at)
    weeks_later = TUESDAY + timedelta(days=15)
    counts.roll_up_hours(as_of=weeks_later)

    compare_line(line, at=weeks_later)

    answers = ReferenceWindow.objects.get(part=ReferencePart.PREDICTIONS)
    assert (answers.source, answers.items) == (ReferenceSource.FIRST_ITEMS, 450)
    first = DriftWindow.objects.order_by("end")[0]
    assert first.start < (answers.until or first.start)
    assert first.predictions == {"state": "no_reference"}
    assert (first.state, first.compared) == (DriftState.MOVED, 450)


def test_nothing_is_learned_from_what_nobody_could_tell(
    line: ProductLine, ana: User, mia: User, model_host: Path
) -> None:
    rows: list[dict[str, float | str | None]] = [
        {"width": float(n), "height": 1.0} for n in range(60)
    ]
    received = receive(line, rows, at=MONDAY)
    said = ["scratch" if n > 40 else "ok" for n in range(60)]
    label_all(line, ana, received, said, at=MONDAY + timedelta(hours=11))
    without = train_version(line, by=mia, as_of=TUESDAY)
    for _ in range(10):
        factories.make_item(line)
        factories.label_next(ana, line, None)

    version = train_version(line, by=mia)

    assert version.snapshot is not None
    assert version.snapshot.rows == 70
    assert version.class_keys == ["ok", "scratch"]
    learned = (version.card["trained_on"], without.card["trained_on"])
    assert learned[0] == learned[1]
