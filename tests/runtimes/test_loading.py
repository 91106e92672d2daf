"""Opening model files: every pipeline we make, and only the recorded bytes."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from reviewapp.runtimes.loading import HashDiffersError, load, write_model
from reviewapp.runtimes.modelfiles import file_sha256
from tests.runtimes.hosts import made_rows


def written(model: object, folder: Path) -> Path:
    path = folder / "model.skops"
    write_model(model, path)
    return path


def pipelines() -> list[object]:
    base = HistGradientBoostingClassifier(max_iter=5).fit(*made_rows())
    return [
        make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()),
        HistGradientBoostingClassifier(max_iter=5),
        RandomForestClassifier(10, n_jobs=-1),
        ExtraTreesClassifier(10),
        CalibratedClassifierCV(
            HistGradientBoostingClassifier(max_iter=5), method="isotonic", cv=3
        ),
        CalibratedClassifierCV(RandomForestClassifier(5), method="sigmoid", cv=3),
        CalibratedClassifierCV(
            make_pipeline(StandardScaler(), LogisticRegression()),
            method="temperature",
            cv=3,
        ),
        CalibratedClassifierCV(FrozenEstimator(base), method="sigmoid"),
    ]


@pytest.mark.parametrize("number", range(8))
def test_every_kind_of_pipeline_we_make_is_taken_and_keeps_its_answers(
    number: int, tmp_path: Path
) -> None:
    model = pipelines()[number]
    rows, names = made_rows()
    model.fit(rows, names)  # type: ignore[attr-defined]  # scikit-learn is untyped
    expected = model.predict_proba(rows)  # type: ignore[attr-defined]  # likewise
    path = written(model, tmp_path)

    loaded = load(path, file_sha256(path))

    assert np.allclose(loaded.predict_proba(rows), expected)
    assert getattr(loaded, "n_jobs", None) is None


def test_a_file_that_was_changed_is_not_loaded(
    tmp_path: Path, row_model: object
) -> None:
    path = written(row_model, tmp_path)
    digest = file_sha256(path)
    content = bytearray(path.read_bytes())
    content[1_000] ^= 1
    path.write_bytes(content)

    with pytest.raises(HashDiffersError):
        load(path, digest)
