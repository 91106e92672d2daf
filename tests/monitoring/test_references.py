"""References of trained versions: their hold-out, never what they have learned."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from monitoring.models import ReferencePart, ReferenceSource
from monitoring.services.references import take_reference
from monitoring.services.training import is_held_out, train_version
from reviewapp.models import ProductLine, User
from reviewapp.services import levels
from tests import factories
from tests.monitoring.days import label_all, receive

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
