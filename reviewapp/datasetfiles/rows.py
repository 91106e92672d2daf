"""The row of a dataset: one label with all its provenance."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict


class DatasetRow(TypedDict):
    """One label, as every format writes it; times are ISO 8601 with their zone.

    ``shown`` says what of the prediction was in sight; ``inclusion`` is the chance, in
    (0, 1], that the item got a blind label, to weight rates with. ``model_answer`` is
    what the routed version had said before the label.

    Some stand only in rows that have them, so that no other row has other bytes, and
    another hash, than before: ``text`` of a text, ``spans`` of one that came with some,
    ``edition`` of the label book that was in force when the item was shown,
    ``sight`` where a picture was looked at otherwise than whole and as it is, ``boxes``
    where places were marked on it, as shares of its width and height, ``also`` the
    other classes of an item that has several: ``label`` is the one that decides.
    """

    item: str
    external_id: str
    group: str
    captured_at: str | None
    received_at: str | None
    values: Mapping[str, object] | None
    text: NotRequired[str]
    spans: NotRequired[Sequence[object]]
    media_sha256: str
    media_type: str
    label: str | None
    also: NotRequired[Sequence[str]]
    answer: str
    labelled_at: str | None
    labelled_by: str
    level: str
    policy: int
    edition: NotRequired[int]
    route: str
    because: str
    shown: str
    inclusion: float | None
    model_version: str
    model_answer: str | None
    model_confidence: float | None
    active_seconds: float | None
    sight: NotRequired[Mapping[str, object]]
    boxes: NotRequired[Sequence[Mapping[str, object]]]
    comment: NotRequired[str]
    decision: str | None
    decided_by: str


COLUMNS: tuple[str, ...] = tuple(DatasetRow.__annotations__)
