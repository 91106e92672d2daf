"""Texts and recordings that nobody here made, from a file to a version's hold-out.

The sets lie in a folder beside the checkout; without it these tests say so and pass by.
"""

import csv
import random
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from django.core.management import call_command

from reviewapp.models import Item, Modality, ModelVersion, Prediction, ProductLine
from reviewapp.runtimes.features_audio import AUDIO_PREPROCESSING
from reviewapp.runtimes.features_text import TEXT_PREPROCESSING
from reviewapp.services import reviews
from reviewapp.services.labels import Answer, answer_review
from reviewapp.services.lines import NewClass
from reviewapp.services.predictions import predict_pending
from tests import factories
from tests.monitoring.days import let_the_planner_look

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no data sets in {DATA}"),
    pytest.mark.django_db(transaction=True),
]


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    random.Random(7).shuffle(rows)  # noqa: S311 - the sets are sorted
    return rows


def write_csv(path: Path, names: Sequence[str], rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def label_all(line: ProductLine, truth: Mapping[str, str]) -> int:
    """Label the line's queue through the services until it is empty."""
    ana = factories.make_inspector(line, "ana")
    classes = {label_class.key: label_class for label_class in line.classes.all()}
    done = 0
    while review := reviews.claim_next(ana, line):
        assert review.claim_token is not None
        chosen = classes[truth[review.item.external_id]]
        answer = Answer(label_class=chosen, key=review.claim_token)
        answer_review(review.public_id, line, by=ana, answer=answer)
        done += 1
    return done


def play(
    line: ProductLine, halves: Sequence[Path], truth: Mapping[str, str]
) -> tuple[ModelVersion, float]:
    """Import, label, train, predict what comes later; count the agreement by hand."""
    first, second = halves
    call_command("import_items", line.slug, str(first))
    labelled = set(Item.objects.values_list("external_id", flat=True))
    assert label_all(line, truth) == len(labelled)
    let_the_planner_look()
    call_command("train_model", line.slug, "--live")
    line.refresh_from_db()
    call_command("import_items", line.slug, str(second))
    while predict_pending(limit=500):
        pass
    predicted = {
        p.item.external_id: p.label_class.key if p.label_class else p.error
        for p in Prediction.objects.select_related("item", "label_class")
    }
    assert set(predicted) == truth.keys() - labelled, "what came later is predicted"
    version = line.in_force.live
    assert version is not None
    right = [said == truth[name] for name, said in predicted.items()]
    card = version.card["holdout"]
    print(  # noqa: T201 - a journey tells what it found
        f"{version.card['method']}: hold-out {card['agreement']:.3f} "
        f"({card['low']:.3f} to {card['high']:.3f}, n = {card['count']}, calibration "
        f"error {card['calibration_error']:.3f}); later {sum(right)} of {len(right)}"
    )
    return version, sum(right) / len(right)


def test_text_messages_from_file_to_predictions(
    model_host: Path, tmp_path: Path, transactional_db: None
) -> None:
    rows = rows_of("sms-spam")[:3_000]
    halves = [
        write_csv(tmp_path / name, ["id", "text"], part)
        for name, part in (("a.csv", rows[:1_500]), ("b.csv", rows[1_500:]))
    ]
    line = factories.make_line(
        "Messages",
        modality=Modality.TEXT,
        classes=[NewClass(name="Ham"), NewClass(name="Spam")],
    )

    version, share = play(line, halves, {row["id"]: row["label"] for row in rows})

    assert version.preprocessing == TEXT_PREPROCESSING
    assert version.card["holdout"]["agreement"] > 0.95
    assert share > 0.96, "the set's own reference is 0.984 with 4,459 messages"
    some = rows[0]
    stored = Item.objects.get(external_id=some["id"])
    assert stored.payload.text.split() == some["text"].split()
    assert 0 < stored.input_metrics["letter_share"] <= 1


def test_spoken_digits_from_folder_to_predictions(
    model_host: Path, tmp_path: Path, transactional_db: None
) -> None:
    rows = rows_of("fsdd-mini")
    halves = []
    for name, part in (("first", rows[:200]), ("second", rows[200:])):
        folder = tmp_path / name
        for row in part:
            target = folder / row["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(DATA / "fsdd-mini" / row["file"], target)
        halves.append(write_csv(folder / "manifest.csv", ["file"], part).parent)
    line = factories.make_line(
        "Spoken digits",
        modality=Modality.AUDIO,
        classes=[NewClass(name=digit, key=digit) for digit in "0123456789"],
    )

    version, share = play(line, halves, {row["file"]: row["label"] for row in rows})

    assert version.preprocessing == AUDIO_PREPROCESSING
    assert share > 0.85
    stored = Item.objects.get(external_id=rows[0]["file"])
    seconds = float(rows[0]["seconds"])
    assert stored.input_metrics["duration_s"] == pytest.approx(seconds, abs=0.01)
    assert stored.input_metrics["sample_rate"] == float(rows[0]["sample_rate"])
