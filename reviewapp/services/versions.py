"""Registering versions: a file is inspected apart, then kept under its own hash."""

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, assert_never

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError, InvalidPayloadError
from reviewapp.models import (
    DatasetSnapshot,
    Modality,
    ModelVersion,
    ProductLine,
    User,
)
from reviewapp.models.versions import fingerprint_of
from reviewapp.runtimes.features import (
    IMAGE_FEATURES,
    IMAGE_PREPROCESSING,
    TABULAR_PREPROCESSING,
)
from reviewapp.runtimes.features_audio import AUDIO_FEATURES, AUDIO_PREPROCESSING
from reviewapp.runtimes.features_text import TEXT_FEATURES, TEXT_PREPROCESSING
from reviewapp.runtimes.inspection import inspect_model
from reviewapp.services.records import actor_name, record


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a version comes from: its card, its dataset, until when it has learnt."""

    card: dict[str, Any]
    snapshot: DatasetSnapshot | None = None
    trained_until: datetime | None = None


def register_version(
    line: ProductLine,
    path: Path,
    *,
    name: str,
    by: User | None,
    provenance: Provenance | None = None,
) -> ModelVersion:
    """Check a model file for a line, keep it, and give the version.

    1. Inspect it in a throw-away child with limits: format, types, classes, features.
    2. Copy it below the model root under its SHA-256, read-only.
    3. Store the row. The same name with the same bytes is the same version.

    Raises
    ------
    UnsupportedFormatError, InvalidPayloadError, TooLargeError
        If the file is not a model of this line; the message says what to do.
    ConflictError
        If the name is taken by other bytes.
    """
    provenance = provenance or Provenance(card={})
    keys = sorted(line.classes.in_use().values_list("key", flat=True))
    preprocessing, feature_count = seen_by_models(line)
    facts = inspect_model(
        path,
        classes=keys,
        feature_count=feature_count,
        feature_names=_column_names(line),
    )
    known = line.versions.filter(name=name).first()
    if known is not None:
        if known.sha256 == facts.sha256:
            return known
        raise ConflictError(
            _("Version %(name)r exists with other bytes. Give this one another name.")
            % {"name": name},
            code="version_exists",
        )
    keep_file(path, facts.sha256)
    with transaction.atomic():
        version = ModelVersion.objects.create(
            line=line,
            name=name,
            sha256=facts.sha256,
            size=path.stat().st_size,
            preprocessing=preprocessing,
            class_keys=list(facts.classes),
            schema=line.schema,
            fingerprint=fingerprint_of(
                file_sha256=facts.sha256, preprocessing=preprocessing
            ),
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
            details={"sha256": facts.sha256},
        )
    return version


def seen_by_models(line: ProductLine) -> tuple[str, int]:
    """Give what models see of the line's items: its name, and how many numbers."""
    match Modality(line.modality):
        case Modality.IMAGE:
            return IMAGE_PREPROCESSING, IMAGE_FEATURES
        case Modality.TEXT:
            return TEXT_PREPROCESSING, TEXT_FEATURES
        case Modality.AUDIO:
            return AUDIO_PREPROCESSING, AUDIO_FEATURES
        case Modality.TABULAR:
            if line.schema is None:
                raise InvalidPayloadError(
                    _("%(line)s has no columns yet.") % {"line": line.name}
                )
            return TABULAR_PREPROCESSING, len(line.schema.columns)
        case _ as never:
            assert_never(never)


def _column_names(line: ProductLine) -> list[str]:
    columns = line.schema.columns if line.schema else []
    return [column["name"] for column in columns]


def keep_file(path: Path, sha256: str) -> None:
    """Keep a model file under its own hash, read-only; one that is there stays."""
    root = Path(settings.MODEL_ROOT)
    root.mkdir(parents=True, exist_ok=True, mode=0o750)
    target = root / f"{sha256}.skops"
    if target.exists():
        return
    partial = root / f"{sha256}.part"
    shutil.copyfile(path, partial)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.chmod(0o440)
    partial.rename(target)
