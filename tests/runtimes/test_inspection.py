"""Model files: what is taken, and each bad one that was named, with real files."""

import json
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import joblib  # type: ignore[import-untyped]  # no types are published for it
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from skops import io as skops_io

from reviewapp.errors import (
    InvalidPayloadError,
    RefusedError,
    TooLargeError,
    UnsupportedFormatError,
)
from reviewapp.runtimes.inspection import inspect_model
from reviewapp.runtimes.loading import write_model
from reviewapp.runtimes.modelfiles import file_sha256
from tests.runtimes.hosts import made_rows

CLASSES = ("good", "bad")


class Marker:
    """A pickle of it runs code when it is opened: the marker file appears."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.path,)


class HomeMade(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """A classifier of nobody's library."""

    def fit(self) -> "HomeMade":
        self.classes_ = np.array(["bad", "good"])
        return self

    def predict_proba(self, rows: np.ndarray) -> np.ndarray:
        return np.full((len(rows), 2), 0.5)


def written(model: object, folder: Path) -> Path:
    path = folder / "model.skops"
    write_model(model, path)
    return path


def refused(
    path: Path, *, feature_count: int = 3, memory_mib: int = 1_024, cpu_s: int = 20
) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        inspect_model(
            path,
            classes=CLASSES,
            feature_count=feature_count,
            memory_mib=memory_mib,
            cpu_s=cpu_s,
        )
    assert caught.value.faults[0].code == caught.value.code
    return caught.value


def test_facts_of_a_sound_model_are_told(tmp_path: Path, row_model: object) -> None:
    path = written(row_model, tmp_path)

    facts = inspect_model(path, classes=CLASSES, feature_count=3)

    assert facts.sha256 == file_sha256(path)
    assert facts.size == path.stat().st_size
    assert facts.classes == ("bad", "good")
    assert facts.estimator == "HistGradientBoostingClassifier"
    assert facts.sklearn_version.startswith("1.")
    assert facts.accepts_missing
    assert 0 < facts.trial_ms < 1_000


def test_a_pipeline_tells_its_steps_and_that_nothing_may_be_missing(
    tmp_path: Path, strict_model: object
) -> None:
    path = written(strict_model, tmp_path)

    facts = inspect_model(path, classes=CLASSES, feature_count=3)

    assert facts.estimator == "StandardScaler > LogisticRegression"
    assert not facts.accepts_missing


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.pt", "m.skops"])
@pytest.mark.parametrize("kind", ["pickle", "joblib", "joblib.gz", "torch", "onnx"])
def test_other_formats_are_refused_and_never_opened(
    kind: str, name: str, tmp_path: Path
) -> None:
    marker, path = tmp_path / "marker", tmp_path / name
    match kind:
        case "pickle":
            path.write_bytes(pickle.dumps(Marker(marker)))
        case "joblib":
            joblib.dump(Marker(marker), path)
        case "joblib.gz":
            joblib.dump(Marker(marker), path, compress=("gzip", 3))
        case "torch":
            with ZipFile(path, "w") as archive:
                archive.writestr("archive/data.pkl", pickle.dumps(Marker(marker)))
                archive.writestr("archive/version", "3")
        case _:
            path.write_bytes(b"\x08\x07\x12\x07pytorch\x1a\x03" + bytes(100))

    refusal = refused(path)

    assert isinstance(refusal, UnsupportedFormatError)
    assert refusal.code == "unsupported_model_format"
    assert "skops.io.dump" in refusal.message
    assert not marker.exists()


def test_a_pickle_inside_a_skops_file_is_refused(
    tmp_path: Path, row_model: object
) -> None:
    path, marker = written(row_model, tmp_path), tmp_path / "marker"
    with ZipFile(path, "a") as archive:
        archive.writestr("extra.pkl", pickle.dumps(Marker(marker)))

    assert refused(path).code == "unsupported_model_format"
    assert not marker.exists()


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    path.touch()
    assert refused(path).code == "empty_file"


def test_a_skops_file_that_is_cut_off_is_refused(
    tmp_path: Path, row_model: object
) -> None:
    path = written(row_model, tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    assert refused(path).code == "unsupported_model_format"


def test_more_than_200_megabytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    with path.open("wb") as file:
        file.truncate(201_000_000)

    refusal = refused(path)

    assert isinstance(refusal, TooLargeError)
    assert "201,000,000" in refusal.message
    assert "200,000,000" in refusal.message


def test_a_bomb_is_refused_by_what_it_would_unpack(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", "{}")
        archive.writestr("1.npy", bytes(10_000))
    content = bytearray(path.read_bytes())
    # the size in the archive's table, 24 bytes into the member's record
    record = content.rindex(b"PK\x01\x02")
    content[record + 24 : record + 28] = struct.pack("<I", 2_000_000_000)
    path.write_bytes(content)

    refusal = refused(path)

    assert isinstance(refusal, TooLargeError)
    assert "unpacked" in refusal.message


def test_a_custom_class_is_refused_by_name(tmp_path: Path) -> None:
    path = written(HomeMade().fit(), tmp_path)

    refusal = refused(path)

    assert isinstance(refusal, InvalidPayloadError)
    assert refusal.code == "untrusted_types"
    assert "HomeMade" in refusal.message


@pytest.mark.parametrize("name", ["os.system", "operator.call", "numpy.load"])
def test_a_function_that_could_do_anything_is_refused(
    name: str, tmp_path: Path
) -> None:
    rows, names = made_rows()
    model = make_pipeline(FunctionTransformer(np.log1p), LogisticRegression())
    path = written(model.fit(np.abs(rows), names), tmp_path)
    module, function = name.rsplit(".", 1)

    def rename(part: object) -> None:
        if isinstance(part, dict) and part.get("__class__") == "log1p":
            part["__module__"], part["__class__"] = module, function
            part["content"] = {"module_path": module, "function": function}

    change_schema(path, rename)

    refusal = refused(path)

    assert refusal.code in {"untrusted_types", "model_load_failed"}
    assert isinstance(refusal, InvalidPayloadError)


def change_schema(path: Path, change: Callable[[object], None]) -> None:
    """Change every part of the schema of a skops file."""
    with ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(members["schema.json"])
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        change(part)
        if isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    members["schema.json"] = json.dumps(schema).encode()
    with ZipFile(path, "w", ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("model", "code"),
    [
        (
            LinearRegression().fit([[0.0, 0, 0], [1, 1, 1]], [0.0, 1]),
            "not_a_classifier",
        ),
        (StandardScaler().fit([[0.0, 0, 0]]), "not_a_classifier"),
        (make_pipeline(StandardScaler()).fit([[0.0, 0, 0]]), "not_a_classifier"),
        ({"a": [1, 2]}, "not_a_classifier"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "not_fitted"),
        (SVC().fit(*made_rows()), "no_probabilities"),
    ],
)
def test_what_gives_no_probabilities_of_classes_is_refused(
    model: object, code: str, tmp_path: Path
) -> None:
    refusal = refused(written(model, tmp_path))
    assert isinstance(refusal, InvalidPayloadError)
    assert refusal.code == code


def fitted(names: list[object]) -> LogisticRegression:
    rows = np.random.default_rng(1).normal(size=(len(names) * 5, 3))
    return LogisticRegression().fit(rows, np.array(names * 5))


def reversed_classes() -> LogisticRegression:
    model = fitted(["bad", "good"])
    model.classes_ = model.classes_[::-1].copy()
    return model


@pytest.mark.parametrize(
    "model",
    [
        fitted(["bad", "good", "unsure"]),
        fitted(["bad", "gut"]),
        fitted([0, 1]),
        fitted([False, True]),
        reversed_classes(),
    ],
    ids=["extra", "missing", "integers", "booleans", "other order"],
)
def test_other_classes_are_refused_with_both_lists(
    model: LogisticRegression, tmp_path: Path
) -> None:
    refusal = refused(written(model, tmp_path))

    assert refusal.code == "classes_differ"
    assert "['bad', 'good']" in refusal.message
    assert repr(model.classes_.tolist()[0]) in refusal.message


def test_another_number_of_features_is_refused(
    tmp_path: Path, row_model: object
) -> None:
    refusal = refused(written(row_model, tmp_path), feature_count=4)
    assert refusal.code == "features_differ"
    assert "fitted on 3" in refusal.message
    assert "gives 4" in refusal.message


def test_other_names_of_features_are_refused(tmp_path: Path) -> None:
    model = fitted(["bad", "good"])
    model.feature_names_in_ = np.array(["width", "depth", "height"], dtype=object)
    path = written(model, tmp_path)
    names = ["width", "height", "depth"]

    with pytest.raises(InvalidPayloadError, match="'depth', 'height'") as caught:
        inspect_model(path, classes=CLASSES, feature_count=3, feature_names=names)

    assert caught.value.code == "features_differ"
    facts = inspect_model(
        path,
        classes=CLASSES,
        feature_count=3,
        feature_names=["width", "depth", "height"],
    )
    assert facts.feature_count == 3


def test_what_a_newer_library_wrote_is_refused_with_both_versions(
    tmp_path: Path, row_model: object
) -> None:
    path = written(row_model, tmp_path)

    def make_newer(part: object) -> None:
        if isinstance(part, dict) and "_sklearn_version" in part:
            part["_sklearn_version"]["content"] = '"9.1.2"'

    change_schema(path, make_newer)

    refusal = refused(path)

    assert refusal.code == "library_version"
    assert "9.1.2" in refusal.message
    assert "1.9" in refusal.message


def test_a_model_that_answers_nothing_usable_is_refused(tmp_path: Path) -> None:
    model = fitted(["bad", "good"])
    model.coef_ = model.coef_ * np.nan
    assert refused(written(model, tmp_path)).code == "bad_answer"


def test_endless_nesting_breaks_only_the_child(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    with ZipFile(path, "w") as archive:
        archive.writestr("schema.json", '{"a":' * 100_000 + "1" + "}" * 100_000)
    assert refused(path).code == "model_load_failed"


@pytest.mark.parametrize("schema", ["", "[]", "{}", "null", '{"protocol": 99}', "\xff"])
def test_a_schema_that_is_none_is_refused(schema: str, tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    with ZipFile(path, "w") as archive:
        archive.writestr("schema.json", schema.encode("latin-1"))
    assert refused(path).code == "model_load_failed"


def test_a_model_that_eats_memory_breaks_only_the_child(tmp_path: Path) -> None:
    model = fitted(["bad", "good"])
    model.ballast_ = np.zeros(25_000_000)
    path = tmp_path / "model.skops"
    skops_io.dump(model, path, compression=ZIP_DEFLATED, compresslevel=1)
    assert path.stat().st_size < 2_000_000

    assert refused(path, memory_mib=500).code == "model_load_failed"
    facts = inspect_model(path, classes=CLASSES, feature_count=3)
    assert facts.size == path.stat().st_size


def test_a_model_that_computes_for_ever_breaks_only_the_child(tmp_path: Path) -> None:
    rows, classes = made_rows()
    endless = LatentDirichletAllocation(2, max_doc_update_iter=1)
    model = make_pipeline(endless, LogisticRegression()).fit(np.abs(rows), classes)
    endless.set_params(max_doc_update_iter=10**12, mean_change_tol=-1.0)

    refusal = refused(written(model, tmp_path), cpu_s=1)

    assert refusal.code == "model_load_failed"
    assert "more than 1 s" in refusal.message


def test_a_tree_that_leads_astray_is_refused(tmp_path: Path) -> None:
    model = HistGradientBoostingClassifier(max_iter=2).fit(*made_rows())
    model._predictors[0][0].nodes["left"][0] = 10**6

    refusal = refused(written(model, tmp_path))

    assert isinstance(refusal, InvalidPayloadError)
    assert refusal.code == "model_damaged"
