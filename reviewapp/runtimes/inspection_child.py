"""The child that opens an unknown model once, says what it found, and ends.

A question comes as JSON on standard input; the answer goes as JSON to standard output.
Run by ``inspection.py``; nothing else imports it.
"""

import json
import re
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NoReturn
from zipfile import ZipFile

import numpy as np
import sklearn
from sklearn.base import is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted
from skops import io as skops_io

from reviewapp.runtimes.answers import AnswerError, check_answer
from reviewapp.runtimes.confinement import limit_cpu, limit_memory
from reviewapp.runtimes.loading import load
from reviewapp.runtimes.modelfiles import SCHEMA, TRUSTED_TYPES
from reviewapp.runtimes.soundness import UnsoundModelError

TRIALS = 5
SHOWN = 20
VERSION = re.compile(r'"content": "\\"(\d+)\.(\d+)([^"\\]*)\\""')


class RefusedModelError(Exception):
    """The model is none of this line's; the first argument is the code."""


def main() -> None:
    """Answer the one question."""
    question = json.load(sys.stdin)
    limit_memory(question["memory_mib"])
    limit_cpu(question["cpu_s"])
    warnings.simplefilter("ignore")
    # what a model prints is no part of the answer
    answer_to, sys.stdout = sys.stdout, sys.stderr
    json.dump(_answer(question), answer_to)


def _answer(question: dict[str, Any]) -> dict[str, object]:
    path = Path(question["path"])
    try:
        version = _check_library(path)
        _check_types(path)
        model = load(path, question["sha256"])
        _check_kind(model)
        _check_classes(model, question["classes"])
        _check_features(model, question["feature_count"], question["feature_names"])
        return {
            "classes": question["classes"],
            "estimator": _name(model),
            "sklearn_version": version,
        } | _try_out(model, question["classes"], question["feature_count"])
    except RefusedModelError as refusal:
        return {"refused": refusal.args[0], "message": refusal.args[1]}
    except UnsoundModelError as error:
        return {"refused": "model_damaged", "message": str(error)}
    except MemoryError:
        limit = question["memory_mib"]
        message = f"Opening the model needs more than {limit:,} MiB of memory."
        return {"refused": "model_load_failed", "message": message}
    except Exception as error:  # noqa: BLE001 - a loader may raise anything on foreign bytes, and each means the same
        message = f"The model cannot be opened: {type(error).__name__}: {error!s:.300}"
        return {"refused": "model_load_failed", "message": message}


def _check_library(path: Path) -> str:
    """Refuse what a newer scikit-learn wrote; give the version that wrote it."""
    with ZipFile(path) as archive:
        text = archive.read(SCHEMA).decode()
    newest, written = (0, 0), ""
    for place in re.finditer('"_sklearn_version"', text):
        found = VERSION.search(text, place.end(), place.end() + 500)
        if found and (int(found[1]), int(found[2])) > newest:
            newest = (int(found[1]), int(found[2]))
            written = f"{found[1]}.{found[2]}{found[3]}"
    ours = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
    if newest > ours:
        _refuse(
            "library_version",
            f"The model was written by scikit-learn {written}; here runs "
            f"{sklearn.__version__}. Train it with {ours[0]}.{ours[1]} or upgrade.",
        )
    return written


def _check_types(path: Path) -> None:
    found = set(skops_io.get_untrusted_types(file=path)) - set(TRUSTED_TYPES)
    if found:
        shown = ", ".join(sorted(found)[:SHOWN])
        _refuse(
            "untrusted_types",
            f"The model holds types that are not trusted: {shown}. Use scikit-learn's "
            "own estimators.",
        )


def _check_kind(model: object) -> None:
    try:
        is_one = is_classifier(model)
    except (AttributeError, TypeError):
        is_one = False
    if not is_one:
        _refuse(
            "not_a_classifier",
            f"{type(model).__name__} is not a classifier. Send a fitted classifier, or "
            "a pipeline that ends in one.",
        )
    try:
        check_is_fitted(model)
    except NotFittedError:
        _refuse("not_fitted", f"The {_name(model)} has not been fitted. Fit it first.")
    if not hasattr(model, "predict_proba"):
        _refuse(
            "no_probabilities",
            f"The {_name(model)} gives no probabilities (predict_proba). Calibrate it, "
            "for instance with CalibratedClassifierCV.",
        )


def _check_classes(model: Any, expected: list[str]) -> None:  # noqa: ANN401 - a foreign model
    found = np.asarray(model.classes_).tolist()
    if found != expected:
        _refuse(
            "classes_differ",
            f"The model's classes are {_listed(found)}; the line's are "
            f"{_listed(expected)}, as texts in this order.",
        )


def _check_features(model: Any, count: int, names: Sequence[str]) -> None:  # noqa: ANN401 - a foreign model
    found = getattr(model, "n_features_in_", count)
    if found != count:
        _refuse(
            "features_differ",
            f"The model was fitted on {found} features; the line gives {count}.",
        )
    known = list(getattr(model, "feature_names_in_", names))
    if names and known != list(names):
        _refuse(
            "features_differ",
            f"The model's features are {_listed(known)}; the line's columns are "
            f"{_listed(list(names))}.",
        )


def _try_out(model: Any, classes: list[str], count: int) -> dict[str, object]:  # noqa: ANN401 - a foreign model
    row = np.zeros((1, count))
    answers = np.asarray(model.predict_proba(row), float)
    if answers.ndim != 2 or len(answers) != 1:  # noqa: PLR2004 - rows and classes
        _refuse("bad_answer", f"One row gave an answer of shape {answers.shape}.")
    checked = check_answer(classes, answers[0].tolist())
    if isinstance(checked, AnswerError):
        _refuse("bad_answer", f"A row of zeros gave no answer: {checked.detail}")
    try:
        model.predict_proba(np.full((1, count), np.nan))
        accepts_missing = True
    except ValueError:
        accepts_missing = False
    times = []
    for _ in range(TRIALS):
        started = perf_counter()
        model.predict_proba(row)
        times.append((perf_counter() - started) * 1000)
    return {"accepts_missing": accepts_missing, "trial_ms": min(times)}


def _name(model: object) -> str:
    steps = getattr(model, "steps", None)
    parts = [step for _, step in steps] if isinstance(steps, list) else [model]
    return " > ".join(type(part).__name__ for part in parts)


def _listed(names: list[Any]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"[{', '.join(f'{name!r:.60}' for name in names[:SHOWN])}{more}]"


def _refuse(code: str, message: str) -> NoReturn:
    raise RefusedModelError(code, message)


if __name__ == "__main__":
    main()
