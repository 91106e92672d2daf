"""Checking what was sent before it is stored: decoded, measured, on disk.

Nothing here touches a row, so all of it happens before the short transaction that
receives a batch.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

from reviewapp.errors import Fault, InvalidPayloadError, RefusedError
from reviewapp.itemfiles.rows import FileRow
from reviewapp.modalities import audio, image, tabular, text
from reviewapp.modalities.spans import read_spans
from reviewapp.models import Modality, ProductLine
from reviewapp.services.items import Arrival, CheckedText, StoredMedium
from reviewapp.services.media import store_medium
from reviewapp.services.vocabularies import vocabulary_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One item as it was sent: ``values`` of a row, ``text``, or a file's ``content``.

    A text may come as a file too. ``spans`` are those of a text.
    """

    external_id: str
    group: str = ""
    captured_at: datetime | None = None
    values: dict[str, Any] | None = None
    text: str | None = None
    spans: list[Any] | None = None
    content: bytes | None = None
    name: str = ""
    priority: int = 0


def check_arrivals(line: ProductLine, sent: Sequence[Sent]) -> list[Arrival]:
    """Validate payloads by decoding them; all are good, or the first bad one is named.

    Raises
    ------
    RefusedError
        With the place of the item in the batch.
    """
    schema, vocabulary = schema_of(line), vocabulary_of(line)
    arrivals = []
    for position, one in enumerate(sent):
        try:
            arrivals.append(_check(line, schema, vocabulary, one))
        except RefusedError as refusal:
            raise _placed(refusal, position, one, is_only=len(sent) == 1) from refusal
    return arrivals


def schema_of(line: ProductLine) -> tabular.Schema | None:
    """Give the columns that the line's rows have now."""
    if line.schema is None:
        return None
    return tabular.Schema.from_json(line.schema.columns)


def _check(
    line: ProductLine,
    schema: tabular.Schema | None,
    vocabulary: Container[str] | None,
    one: Sent,
) -> Arrival:
    match Modality(line.modality):
        case Modality.TABULAR:
            return _checked_row(line, schema, one)
        case Modality.TEXT:
            return _checked_text(line, vocabulary, one)
        case Modality.IMAGE | Modality.AUDIO:
            return _checked_medium(line, one)
        case _ as never:
            assert_never(never)


def _checked_row(
    line: ProductLine, schema: tabular.Schema | None, one: Sent
) -> Arrival:
    if schema is None:
        raise InvalidPayloadError(
            f"{line.name} has no columns yet. A manager can set them.",
            code="schema_missing",
        )
    if one.values is None:
        raise InvalidPayloadError(
            f"{line.name} inspects table rows: send 'values'.",
            code="values_missing",
        )
    return row_arrival(one, tabular.read_row(schema, one.values))


def _checked_text(
    line: ProductLine, vocabulary: Container[str] | None, one: Sent
) -> Arrival:
    sent = one.text if one.text is not None else one.content
    if sent is None:
        raise InvalidPayloadError(
            f"{line.name} inspects texts: send 'text'.", code="text_missing"
        )
    return text_arrival(one, text.read_text(sent), vocabulary=vocabulary)


def _checked_medium(line: ProductLine, one: Sent) -> Arrival:
    kind = "pictures" if line.modality == Modality.IMAGE else "recordings"
    if one.content is None:
        raise InvalidPayloadError(
            f"{line.name} inspects {kind}: send a file part.", code="media_missing"
        )
    return medium_arrival(line, one, one.content)


def row_arrival(sent: Sent | FileRow, row: tabular.TabularPayload) -> Arrival:
    """Make an arrival of a checked table row."""
    return Arrival(
        external_id=sent.external_id,
        group=sent.group,
        captured_at=_aware(sent.captured_at),
        priority=sent.priority,
        input_metrics=tabular.measure(row),
        values=row.values,
    )


def text_arrival(
    sent: Sent, checked: text.TextPayload, *, vocabulary: Container[str] | None
) -> Arrival:
    """Make an arrival of a checked text, with the spans of it that are to be seen.

    With a vocabulary the share of its words that are new is measured too.
    """
    spans = None
    if sent.spans is not None:
        if sent.text != checked.text:
            raise InvalidPayloadError(
                "The places of spans would shift. Send a text that has spans with its "
                "lines ended by LF alone.",
                code="text_not_normal",
            )
        spans = read_spans(sent.spans, checked.text)
    return Arrival(
        external_id=sent.external_id,
        group=sent.group,
        captured_at=_aware(sent.captured_at),
        priority=sent.priority,
        input_metrics=text.measure(checked, vocabulary=vocabulary),
        text=CheckedText(
            text=checked.text, original_sha256=checked.original_sha256, spans=spans
        ),
    )


def medium_arrival(line: ProductLine, sent: Sent, content: bytes) -> Arrival:
    """Decode a picture or recording and make an arrival; its derivative is stored."""
    if line.modality == Modality.IMAGE:
        picture = image.read_image(content, name=sent.name)
        return _of_medium(
            sent,
            image.measure(picture),
            StoredMedium(
                path=store_medium(picture.derivative, picture.media_type),
                media_type=picture.media_type,
                sha256=picture.sha256,
                width=picture.width,
                height=picture.height,
                original_sha256=picture.original_sha256,
                original_name=picture.original_name,
            ),
        )
    sound = audio.read_audio(content, name=sent.name)
    return _of_medium(
        sent,
        audio.measure(sound),
        StoredMedium(
            path=store_medium(sound.derivative, sound.media_type),
            media_type=sound.media_type,
            sha256=sound.sha256,
            original_sha256=sound.original_sha256,
            original_name=sound.original_name,
        ),
    )


def _of_medium(
    sent: Sent, input_metrics: Mapping[str, float | str], medium: StoredMedium
) -> Arrival:
    return Arrival(
        external_id=sent.external_id,
        group=sent.group,
        captured_at=_aware(sent.captured_at),
        priority=sent.priority,
        input_metrics=input_metrics,
        medium=medium,
    )


def _aware(at: datetime | None) -> datetime | None:
    """Read a time without a zone as UTC."""
    if at is None or at.tzinfo is not None:
        return at
    return at.replace(tzinfo=UTC)


def _placed(
    refusal: RefusedError, position: int, sent: Sent, *, is_only: bool
) -> RefusedError:
    """Give the refusal with the item's place and id, the same kind and code."""
    pointer = "" if is_only else f"/items/{position}"
    fault = Fault(
        code=refusal.code,
        message=refusal.message,
        where={"pointer": pointer or "/", "row": position, "item": sent.external_id},
    )
    message = f"Item {sent.external_id!r}: {refusal.message} Nothing was stored."
    return type(refusal)(message, code=refusal.code, faults=(fault, *refusal.faults))
