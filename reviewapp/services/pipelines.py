"""Registering versions of several stages: a file for each, described by one of JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

from django.db import transaction

from reviewapp import strictjson
from reviewapp.errors import ConflictError, Fault, InvalidPayloadError
from reviewapp.models import ModelVersion, ProductLine, User
from reviewapp.runtimes.inspection import inspect_model
from reviewapp.runtimes.stages import Stage
from reviewapp.services.records import actor_name, record
from reviewapp.services.versions import Provenance, keep_file, seen_by_models
from reviewapp.strictjson import JsonObject, JsonValue

FEWEST_STAGES, MOST_STAGES = 2, 6
LONGEST_NAME = 40
KEYS = frozenset({"name", "file", "classes", "passes", "otherwise", "informs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A stage as its file describes it; ``classes`` are those that its model knows."""

    stage: Stage
    path: Path
    classes: tuple[str, ...]


def register_pipeline(
    line: ProductLine,
    path: Path,
    *,
    name: str,
    by: User | None,
    provenance: Provenance | None = None,
) -> ModelVersion:
    """Check a description and the files of its stages, keep them, and give the version.

    The description is JSON: ``{"stages": [{"name": "voice", "file": "voice.skops",
    "classes": ["silence", "speech"], "passes": ["speech"], "otherwise": "unknown"},
    {"name": "digit", "file": "digit.skops", "classes": ["0", "1"]}]}``. Files lie
    beside it. Every stage but the last passes items on by its answer, informs the next
    one, or both.

    Raises
    ------
    InvalidPayloadError, InvalidInputError
        If the description cannot be, with the place in it.
    UnsupportedFormatError, TooLargeError
        If a file is no model; the message says which.
    ConflictError
        If the name is taken by another version.
    """
    provenance = provenance or Provenance(card={})
    keys = sorted(line.classes.in_use().values_list("key", flat=True))
    preprocessing, feature_count = seen_by_models(line)
    described = _describe(path, preprocessing=preprocessing)
    _check_classes(described, keys)
    stages, told, size = [], 0, 0
    for one in described:
        facts = inspect_model(
            one.path, classes=one.classes, feature_count=feature_count + told
        )
        stages.append(replace(one.stage, sha256=facts.sha256))
        told += len(one.classes) if one.stage.informs else 0
        size += facts.size
    written = [stage.to_json() for stage in stages]
    text = json.dumps(written, sort_keys=True)
    fingerprint = sha256(text.encode()).hexdigest()
    known = line.versions.filter(name=name).first()
    if known is not None:
        if known.fingerprint == fingerprint:
            return known
        raise ConflictError(
            f"Version {name!r} exists with other stages. Give this one another name.",
            code="version_exists",
        )
    for one, stage in zip(described, stages, strict=True):
        keep_file(one.path, stage.sha256)
    with transaction.atomic():
        version = ModelVersion.objects.create(
            line=line,
            name=name,
            sha256=stages[-1].sha256,
            size=size,
            preprocessing=preprocessing,
            stages=written,
            class_keys=keys,
            schema=line.schema,
            fingerprint=fingerprint,
            card=provenance.card,
            snapshot=provenance.snapshot,
            trained_until=provenance.trained_until,
            registered_by=by,
        )
        record(
            "version.registered",
            actor=actor_name(by),
            line=line,
            subject=name,
            details={"stages": [stage.name for stage in stages]},
        )
    return version


def _describe(path: Path, *, preprocessing: str) -> list[Described]:
    body = strictjson.parse_object(path.read_bytes())
    listed = body.get("stages")
    if not isinstance(listed, list) or not (
        FEWEST_STAGES <= len(listed) <= MOST_STAGES
    ):
        _refuse(
            "bad_stages",
            f"A pipeline has a list of {FEWEST_STAGES} to {MOST_STAGES} stages.",
            "/stages",
        )
    found = [
        _stage(one, f"/stages/{number}", path.parent, preprocessing)
        for number, one in enumerate(listed)
    ]
    names = [one.stage.name for one in found]
    if len(set(names)) < len(names):
        _refuse("duplicate_stage", "Two stages have one name.", "/stages")
    return found


def _stage(
    written: JsonValue, pointer: str, folder: Path, preprocessing: str
) -> Described:
    if not isinstance(written, dict):
        _refuse("not_an_object", "A stage is an object.", pointer)
    unknown = sorted(written.keys() - KEYS)
    if unknown:
        _refuse("unknown_field", f"A stage has no field {unknown[0]!r}.", pointer)
    name, file = _text(written, "name", pointer), _text(written, "file", pointer)
    path = (folder / file).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        message = f"There is no file {file!r} beside the description."
        _refuse("missing_file", message, f"{pointer}/file")
    stage = Stage(
        name=name,
        sha256="",
        preprocessing=preprocessing,
        passes=_texts(written, "passes", pointer),
        otherwise=_text(written, "otherwise", pointer) if "passes" in written else "",
        informs=written.get("informs") is True,
    )
    return Described(
        stage=stage, path=path, classes=_texts(written, "classes", pointer)
    )


def _check_classes(described: Sequence[Described], keys: Sequence[str]) -> None:
    """Refuse stages that do not fit together, or that answer what is no class here."""
    for number, one in enumerate(described):
        pointer = f"/stages/{number}"
        is_last = number == len(described) - 1
        if not one.classes:
            _refuse("missing_field", "A stage names its classes.", pointer)
        if is_last == bool(one.stage.passes or one.stage.informs):
            _refuse(
                "bad_stages",
                "Every stage but the last passes on, or informs the next one.",
                pointer,
            )
        answers = set(one.classes) if is_last else set()
        answers |= {one.stage.otherwise} if one.stage.passes else set()
        if not answers <= set(keys):
            strange = min(answers - set(keys))
            message = f"{strange!r} is no class of the line ({', '.join(keys)})."
            _refuse("classes_differ", message, pointer)
        if not set(one.stage.passes) <= set(one.classes):
            message = "A stage passes on what it does not know."
            _refuse("classes_differ", message, f"{pointer}/passes")


def _text(written: JsonObject, key: str, pointer: str) -> str:
    value = written.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_NAME:
        message = f"{key} is a text of 1 to {LONGEST_NAME} characters."
        _refuse("bad_value", message, f"{pointer}/{key}")
    return value


def _texts(written: JsonObject, key: str, pointer: str) -> tuple[str, ...]:
    value = written.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        _refuse("bad_value", f"{key} is a list of texts.", f"{pointer}/{key}")
    return tuple(str(one) for one in value)


def _refuse(code: str, message: str, pointer: str) -> NoReturn:
    fault = Fault(code=code, message=message, where={"pointer": pointer})
    raise InvalidPayloadError(f"{pointer}: {message}", code=code, faults=(fault,))
