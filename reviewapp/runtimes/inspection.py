"""Judging a model file before it becomes a version: in a process that may break."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from os import environ
from pathlib import Path
from signal import Signals
from typing import Any

from reviewapp.errors import Fault, InvalidPayloadError
from reviewapp.runtimes.confinement import ROOT, clean_environment
from reviewapp.runtimes.modelfiles import check_model_file

MEMORY_MIB = 1_024
CPU_S = 20
# The processor may be busy with other work; this bounds a child that only waits.
WAIT_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What a file was found to hold.

    ``classes`` is the order of its probabilities; ``accepts_missing`` says whether it
    answered a row of missing values; ``trial_ms`` is the time of one answer.
    """

    sha256: str
    size: int
    classes: tuple[str, ...]
    feature_count: int
    estimator: str
    sklearn_version: str
    accepts_missing: bool
    trial_ms: float


def inspect_model(
    path: Path,
    *,
    classes: Sequence[str],
    feature_count: int,
    feature_names: Sequence[str] = (),
    memory_mib: int = MEMORY_MIB,
    cpu_s: int = CPU_S,
) -> ModelFacts:
    """Open a model file in a throw-away child with limits and try it out.

    1. Its bytes must be those of a skops file; no loader is called for any other.
    2. A child with little memory and processor time and none of our environment checks
       its types against our list, opens it, proves its trees and lets it answer.

    Parameters
    ----------
    path : Path
    classes : sequence of str
        The line's class keys, in any order. The model must know exactly these, as
        texts, in the sorted order that scikit-learn keeps them in.
    feature_count : int
        How many numbers the line's preprocessing gives.
    feature_names : sequence of str
        The line's columns; compared if the model remembers names.
    memory_mib, cpu_s : int
        What the child may use: MiB of address space, seconds of processor time.

    Raises
    ------
    TooLargeError
        ``model_too_large``.
    UnsupportedFormatError
        ``unsupported_model_format``.
    InvalidPayloadError
        ``empty_file``, ``untrusted_types``, ``library_version``, ``not_a_classifier``,
        ``no_probabilities``, ``not_fitted``, ``classes_differ``, ``features_differ``,
        ``model_damaged``, ``bad_answer``, ``model_load_failed``.
    """
    digest = check_model_file(path)
    question = {
        "path": str(path.resolve()),
        "sha256": digest,
        "classes": sorted(classes),
        "feature_count": feature_count,
        "feature_names": list(feature_names),
        "memory_mib": memory_mib,
        "cpu_s": cpu_s,
    }
    found = _ask_child(question, cpu_s=cpu_s)
    if "refused" in found:
        raise _refusal(found["refused"], found["message"])
    return ModelFacts(
        sha256=digest,
        size=path.stat().st_size,
        classes=tuple(found["classes"]),
        feature_count=feature_count,
        estimator=found["estimator"],
        sklearn_version=found["sklearn_version"],
        accepts_missing=found["accepts_missing"],
        trial_ms=found["trial_ms"],
    )


def _ask_child(question: dict[str, object], *, cpu_s: int) -> dict[str, Any]:
    try:
        child = subprocess.run(
            [sys.executable, "-m", "reviewapp.runtimes.inspection_child"],
            input=json.dumps(question).encode(),
            capture_output=True,
            env=clean_environment(environ),
            cwd=ROOT,
            timeout=WAIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _refusal(
            "model_load_failed", f"Opening the model took longer than {WAIT_S} s."
        ) from error
    if child.returncode < 0:
        signal = Signals(-child.returncode).name
        why = {
            "SIGXCPU": f"computed for more than {cpu_s} s",
            "SIGKILL": "was ended by the system, which it may have starved",
        }.get(signal, f"crashed ({signal})")
        raise _refusal("model_load_failed", f"The process that opened the model {why}.")
    try:
        answer: dict[str, Any] = json.loads(child.stdout)
    except ValueError as error:
        raise _refusal(
            "model_load_failed",
            f"The process that opened the model broke off ({child.returncode}).",
        ) from error
    return answer


def _refusal(code: str, message: str) -> InvalidPayloadError:
    fault = Fault(code=code, message=message)
    return InvalidPayloadError(message, code=code, faults=(fault,))
