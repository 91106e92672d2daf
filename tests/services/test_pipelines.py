"""Versions of several stages: checked as a whole, asked one after the other."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from reviewapp.errors import ConflictError, RefusedError
from reviewapp.models import Item, Prediction, ProductLine
from reviewapp.policy import AutomationLevel
from reviewapp.runtimes.loading import write_model
from reviewapp.services import levels
from reviewapp.services.lines import NewClass
from reviewapp.services.pipelines import register_pipeline
from reviewapp.services.predictions import predict_pending
from tests import factories

RNG = np.random.default_rng(3)
ROWS = RNG.uniform(-1, 1, (400, 2))


@pytest.fixture
def voices(db: None) -> ProductLine:
    """Rows whose width says whether anybody speaks, and whose height what is said."""
    classes = [NewClass(name="No"), NewClass(name="Unknown"), NewClass(name="Yes")]
    return factories.make_line("Voices", classes=classes)


def fitted(column: int, names: tuple[str, str], *, told: int = 0) -> LogisticRegression:
    side = ROWS[:, column] > 0
    rows = np.hstack([ROWS, RNG.uniform(0, 1, (len(ROWS), told))])
    return LogisticRegression(C=1e3).fit(rows, np.where(side, names[1], names[0]))


def described(folder: Path, **changes: Any) -> Path:
    write_model(fitted(0, ("silence", "speech")), folder / "voice.skops")
    write_model(fitted(1, ("no", "yes")), folder / "word.skops")
    voice = {
        "name": "voice",
        "file": "voice.skops",
        "classes": ["silence", "speech"],
        "passes": ["speech"],
        "otherwise": "unknown",
    }
    word = {"name": "word", "file": "word.skops", "classes": ["no", "yes"]}
    path = folder / "pipeline.json"
    path.write_text(json.dumps({"stages": [voice | changes, word]}))
    return path


def predicted(line: ProductLine, width: float, height: float) -> Prediction:
    item = factories.make_item(line, row={"width": width, "height": height})
    predict_pending()
    return Prediction.objects.select_related("label_class").get(item=item)


def test_a_stage_stops_what_it_does_not_pass_on(
    voices: ProductLine, tmp_path: Path, model_host: Path
) -> None:
    version = register_pipeline(voices, described(tmp_path), name="p1", by=None)
    levels.put_live(voices, version, by=None)

    stopped = predicted(voices, -0.9, 0.9)
    heard = predicted(voices, 0.9, 0.9)

    assert [stage["name"] for stage in version.stages] == ["voice", "word"]
    assert str(stopped.label_class) == "Unknown"
    assert stopped.stages.keys() == {"voice"}
    assert stopped.stages["voice"]["answer"] == "silence"
    assert str(heard.label_class) == "Yes"
    assert heard.stages["word"]["answer"] == "yes"
    assert heard.stages["word"]["ms"] > 0
    for one in (stopped, heard):
        assert one.probabilities is not None
        assert sum(one.probabilities) == pytest.approx(1)
    # the whole is as sure as both stages together
    assert heard.confidence == pytest.approx(
        heard.stages["voice"]["confidence"] * heard.stages["word"]["confidence"],
        abs=1e-9,
    )


def test_a_stage_may_inform_the_next_one(
    voices: ProductLine, tmp_path: Path, model_host: Path
) -> None:
    path = described(tmp_path)
    write_model(fitted(1, ("no", "yes"), told=2), tmp_path / "word.skops")
    body = json.loads(path.read_text())
    del body["stages"][0]["passes"], body["stages"][0]["otherwise"]
    body["stages"][0]["informs"] = True
    path.write_text(json.dumps(body))
    version = register_pipeline(voices, path, name="p1", by=None)
    levels.put_live(voices, version, by=None)

    found = predicted(voices, -0.9, -0.9)

    assert str(found.label_class) == "No"
    assert found.stages.keys() == {"voice", "word"}


def test_the_same_stages_under_one_name_are_one_version(
    voices: ProductLine, tmp_path: Path
) -> None:
    path = described(tmp_path)
    first = register_pipeline(voices, path, name="p1", by=None)

    assert register_pipeline(voices, path, name="p1", by=None) == first
    other = register_pipeline(voices, path, name="p2", by=None)
    assert other.fingerprint == first.fingerprint
    with pytest.raises(ConflictError):
        register_pipeline(
            voices, described(tmp_path, otherwise="no"), name="p1", by=None
        )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"file": "nothing.skops"}, "missing_file"),
        ({"file": "../voice.skops"}, "missing_file"),
        ({"name": "word"}, "duplicate_stage"),
        ({"name": ""}, "bad_value"),
        ({"passes": ["song"]}, "classes_differ"),
        ({"passes": []}, "bad_stages"),
        ({"otherwise": "maybe"}, "classes_differ"),
        ({"classes": []}, "missing_field"),
        ({"classes": ["silence", "song"], "passes": ["song"]}, "classes_differ"),
        ({"pases": ["speech"]}, "unknown_field"),
    ],
)
def test_a_description_that_cannot_be_is_refused(
    voices: ProductLine, tmp_path: Path, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        register_pipeline(voices, described(tmp_path, **changes), name="p", by=None)

    assert caught.value.code == code
    assert not voices.versions.exists()


def test_a_stage_whose_file_is_gone_is_an_error_and_people_look(
    voices: ProductLine, tmp_path: Path, model_host: Path
) -> None:
    version = register_pipeline(voices, described(tmp_path), name="p1", by=None)
    factories.put_at(voices, AutomationLevel.SHADOW, live_id=version.pk)
    broken = [stage | {"sha256": "0" * 64} for stage in version.stages]
    other = factories.make_version(voices, stages=broken)
    levels.put_live(voices, other, by=None)

    found = predicted(voices, 0.5, 0.5)

    assert found.error == "model_missing"
    assert Item.objects.get().reviews.waiting().count() == 1
