"""Snapshots: freezing a line's labels with their provenance, and writing them out."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from reviewapp.datasetfiles import csv_file, jsonl, manifest
from reviewapp.datasetfiles.rows import DatasetRow
from reviewapp.models import (
    AnswerKind,
    DatasetSnapshot,
    Decision,
    Job,
    Label,
    LevelChoices,
    Prediction,
    ProductLine,
    SnapshotRow,
    User,
)
from reviewapp.services.jobs import Progress
from reviewapp.services.records import actor_name, record

CHUNK = 2_000


def take_snapshot(
    line: ProductLine,
    *,
    by: User | None,
    note: str = "",
    blind_only: bool = False,
    progress: Progress | None = None,
    as_of: datetime | None = None,
) -> DatasetSnapshot:
    """Freeze the labels in force on a line, in the order in which they were given.

    All rows are read in one snapshot of the database; each is hashed, and the hashes
    are hashed in order. Labels are never changed, so the snapshot keeps its bytes.
    """
    at = as_of or timezone.now()
    selection = {"blind_only": blind_only, "labelled_until": at.isoformat()}
    with transaction.atomic():
        ProductLine.objects.select_for_update().get(pk=line.pk)
        chosen = _chosen(line, blind_only=blind_only, until=at)
        total = chosen.count()
        hashes: list[str] = []
        pending: list[tuple[Label, str]] = []
        for label in chosen.iterator(chunk_size=CHUNK):
            digest = manifest.row_hash(row_of(label, label.item.decision))
            hashes.append(digest)
            pending.append((label, digest))
            if progress and len(hashes) % CHUNK == 0:
                progress(len(hashes), total)
        snapshot = DatasetSnapshot.objects.create(
            line=line,
            number=line.snapshots.count() + 1,
            note=note,
            selection=selection,
            rows=len(hashes),
            root_sha256=manifest.root_hash(hashes),
            taken_by=by,
            taken_at=at,
        )
        SnapshotRow.objects.bulk_create(
            (
                SnapshotRow(
                    snapshot=snapshot,
                    position=position,
                    label=label,
                    decision_id=label.item.decision_id,
                    sha256=digest,
                )
                for position, (label, digest) in enumerate(pending)
            ),
            batch_size=CHUNK,
        )
        record(
            "dataset.snapshot_taken",
            actor=actor_name(by),
            line=line,
            subject=f"snapshot {snapshot.number}",
            details={"rows": snapshot.rows, "root_sha256": snapshot.root_sha256},
        )
    return snapshot


def run_snapshot(job: Job, progress: Progress) -> dict[str, Any]:
    """Take the snapshot that a job asks for."""
    if job.line is None:
        return {}
    snapshot = take_snapshot(
        job.line,
        by=job.asked_by,
        note=job.arguments.get("note", ""),
        blind_only=bool(job.arguments.get("blind_only")),
        progress=progress,
    )
    return {"snapshot": snapshot.number, "rows": snapshot.rows}


def _chosen(line: ProductLine, *, blind_only: bool, until: datetime) -> Any:  # noqa: ANN401 - a queryset of labels
    chosen = (
        Label.objects.filter(
            review__line=line, superseded_by=None, labelled_at__lte=until
        )
        .exclude(kind=AnswerKind.RETRACTION)
        .select_related(
            "item__payload",
            "item__routing__version",
            "item__decision__label_class",
            "label_class",
            "inspector",
            "policy",
            "edition",
        )
        .prefetch_related("item__predictions__label_class")
        .order_by("labelled_at", "pk")
    )
    if blind_only:
        chosen = chosen.filter(
            Q(item__routing__route__in=["blind", "audit"]), shown="nothing"
        )
    return chosen


def row_of(label: Label, decision: Decision | None) -> DatasetRow:
    """Give a label's row with all its provenance."""
    item, routing = label.item, label.item.routing
    payload = getattr(item, "payload", None)
    prediction = _prediction_before(label)
    predicted = prediction.label_class if prediction else None
    decided = decision.label_class if decision else None
    row = DatasetRow(
        item=str(item.public_id),
        external_id=item.external_id,
        group=item.group,
        captured_at=_iso(item.captured_at),
        received_at=_iso(item.received_at),
        values=payload.values if payload else None,
        media_sha256=payload.media_sha256 if payload else "",
        media_type=payload.media_type if payload else "",
        label=label.label_class.key if label.label_class else None,
        answer=label.kind,
        labelled_at=_iso(label.labelled_at),
        labelled_by=label.inspector.pseudonym,
        level=LevelChoices(label.policy.level).name.lower(),
        policy=label.policy.number,
        route=routing.route if routing else "",
        because=routing.because if routing else "",
        shown=label.shown,
        inclusion=routing.inclusion if routing else None,
        model_version=routing.version.name if routing and routing.version else "",
        model_answer=predicted.key if predicted else None,
        model_confidence=prediction.confidence if prediction else None,
        active_seconds=None if label.active_ms is None else label.active_ms / 1000,
        decision=decided.key if decided else None,
        decided_by=decision.decided_by if decision else "",
    )
    if label.edition is not None:
        row["edition"] = label.edition.number
    if payload and payload.text:
        row["text"] = payload.text
        if payload.spans:
            row["spans"] = payload.spans
    if label.also:
        row["also"] = label.also
    if label.sight:
        row["sight"] = label.sight
    if label.boxes:
        row["boxes"] = label.boxes
    if label.comment:
        row["comment"] = label.comment
    return row


def _prediction_before(label: Label) -> Prediction | None:
    """Give the routed version's valid answer that was there before the label."""
    routing = label.item.routing
    for prediction in label.item.predictions.all():
        is_routed = routing and prediction.version_id == routing.version_id
        if is_routed and not prediction.error:
            return prediction if prediction.predicted_at <= label.labelled_at else None
    return None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def rows_of(snapshot: DatasetSnapshot) -> Iterator[DatasetRow]:
    """Give a snapshot's rows in order, by chunks."""
    entries = (
        snapshot.entries.select_related(
            "label__item__payload",
            "label__item__routing__version",
            "label__label_class",
            "label__inspector",
            "label__policy",
            "label__edition",
            "decision__label_class",
        )
        .prefetch_related("label__item__predictions__label_class")
        .order_by("position")
        .iterator(chunk_size=CHUNK)
    )
    for entry in entries:
        yield row_of(entry.label, entry.decision)


def export_jsonl(snapshot: DatasetSnapshot) -> Iterator[bytes]:
    """Write a snapshot as JSON lines."""
    return jsonl.write(rows_of(snapshot))


def export_csv(snapshot: DatasetSnapshot) -> Iterator[bytes]:
    """Write a snapshot as CSV for spreadsheets."""
    return csv_file.write(rows_of(snapshot))


def manifest_of(snapshot: DatasetSnapshot) -> dict[str, Any]:
    """Describe a snapshot: what was asked for, and every row's hash."""
    hashes: Iterable[str] = snapshot.entries.order_by("position").values_list(
        "sha256", flat=True
    )
    return {
        "line": snapshot.line.slug,
        "snapshot": snapshot.number,
        "taken_at": snapshot.taken_at.isoformat(),
        "selection": snapshot.selection,
        "rows": snapshot.rows,
        "root_sha256": snapshot.root_sha256,
        "row_sha256": list(hashes),
    }
