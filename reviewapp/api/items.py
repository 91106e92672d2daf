"""Items as they arrive: one or many, as JSON or with files."""

from collections.abc import Sequence
from difflib import get_close_matches
from hashlib import sha256

from django.core.cache import cache
from django.http import HttpRequest
from ninja import Router, Status
from pydantic import ValidationError

from reviewapp import strictjson
from reviewapp.api.auth import line_for
from reviewapp.api.bodies import LARGEST_BODY, Parts, read_body
from reviewapp.api.schemas import ItemIn, ItemOut, ItemsIn, ItemsOut, ProblemOut
from reviewapp.errors import (
    Fault,
    InvalidInputError,
    InvalidPayloadError,
    TooLargeError,
)
from reviewapp.models import Modality, ProductLine, Scope
from reviewapp.services.arrivals import Sent, check_arrivals
from reviewapp.services.items import receive_items

router = Router(tags=["items"])

MOST_ITEMS = 1_000
LARGEST_TEXTS = 8 * 1_048_576
KEY_LIVES_S = 24 * 3600

REFUSALS = dict.fromkeys([400, 401, 403, 404, 409, 413, 415, 422], ProblemOut)
# Pydantic's own names of faults, in the words of our codes.
CODES = {
    "extra_forbidden": "unknown_field",
    "missing": "missing_field",
    "string_too_long": "too_long",
    "string_too_short": "blank",
    "string_pattern_mismatch": "blank",
    "datetime_from_date_parsing": "bad_date",
    "datetime_parsing": "bad_date",
    "timezone_aware": "bad_date",
}


@router.post(
    "/lines/{line}/items",
    response={200: ItemsOut, 201: ItemsOut} | REFUSALS,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"anyOf": [ItemIn.json_schema(), ItemsIn.json_schema()]}
                },
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "item": {
                                "type": "string",
                                "description": "The same JSON as a text part.",
                            },
                            "media": {"type": "string", "format": "binary"},
                        },
                    }
                },
            },
        }
    },
)
def receive(request: HttpRequest, line: str) -> Status[ItemsOut]:
    """Hand in one item, or up to 1,000 as ``{"items": [...]}``.

    An external id that is already known with the same content adds nothing and is
    answered with ``created: false``; so a request may be repeated. Pictures and
    recordings come as multipart: the JSON in the part ``item``, each file in a file
    part that the item names in ``media`` (``media`` itself if there is one item).
    """
    found_line = line_for(request, line, Scope.INGEST)
    # a text is refused for its own length, which a body can only be if it is read
    is_text = found_line.modality == Modality.TEXT
    largest = LARGEST_TEXTS if is_text else LARGEST_BODY
    longest = largest if is_text else strictjson.MAX_STRING_BYTES
    body, files = read_body(request, largest=largest)
    _check_idempotency(request, found_line, body)
    sent = _read_items(body, largest=largest, longest=longest)
    _refuse_unused(sent, files)
    arrivals = check_arrivals(found_line, [_sent(item, files) for item in sent])
    received = receive_items(found_line, arrivals)
    created = sum(item.is_new for item in received)
    out = ItemsOut(
        items=[
            ItemOut(
                external_id=item.external_id, id=item.public_id, created=item.is_new
            )
            for item in received
        ],
        created=created,
        known=len(received) - created,
    )
    return Status(201 if created else 200, out)


def _check_idempotency(request: HttpRequest, line: ProductLine, text: bytes) -> None:
    """Refuse a key that came with another body within a day."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        return
    name = sha256(f"{line.pk}:{key}".encode()).hexdigest()
    digest = sha256(text).hexdigest()
    if not cache.add(name, digest, KEY_LIVES_S) and cache.get(name) != digest:
        raise InvalidPayloadError(
            "This Idempotency-Key came with another body before. Use a new key.",
            code="idempotency_key_reused",
        )


def _read_items(text: bytes, *, largest: int, longest: int) -> list[ItemIn]:
    body = strictjson.parse(text, max_bytes=largest, max_string_bytes=longest)
    if not isinstance(body, dict):
        raise InvalidInputError(
            'Send one item as an object, or many as {"items": [...]}.',
            code="not_an_object",
        )
    rows = body.get("items")
    if "items" not in body:
        rows = [body]
    elif not isinstance(rows, list) or len(body) > 1:
        raise InvalidInputError(
            'Many items are sent as {"items": [...]} and nothing beside it.',
            code="unknown_field" if len(body) > 1 else "not_a_list",
        )
    if not isinstance(rows, list) or not rows:
        raise InvalidInputError("There is no item in the body.", code="no_items")
    if len(rows) > MOST_ITEMS:
        raise TooLargeError(
            f"{len(rows)} items were sent; at most {MOST_ITEMS} go into one request.",
            code="too_many_items",
        )
    try:
        return ItemsIn.model_validate({"items": rows}).items
    except ValidationError as error:
        raise _refusal(error, is_single="items" not in body) from error


def _refusal(error: ValidationError, *, is_single: bool) -> InvalidInputError:
    faults = []
    for found in error.errors(include_url=False, include_input=False)[:20]:
        place = [str(part) for part in found["loc"]][2 if is_single else 0 :]
        code = CODES.get(found["type"], "bad_value")
        message = _words(code, place[-1] if place else "", found["msg"])
        where = {"pointer": "/" + "/".join(place)}
        faults.append(Fault(code=code, message=message, where=where))
    return InvalidInputError(
        f"{faults[0].where['pointer']}: {faults[0].message} Nothing was stored.",
        code=faults[0].code,
        faults=tuple(faults),
    )


def _words(code: str, name: str, said: str) -> str:
    if code != "unknown_field":
        return f"{said.rstrip('.')}."
    near = get_close_matches(name, list(ItemIn.model_fields), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"An item has no such field.{hint}"


def _refuse_unused(sent: Sequence[ItemIn], files: Parts) -> None:
    """Refuse a file that no item names: it was meant for something."""
    unused = files.keys() - {item.media or "media" for item in sent}
    if unused:
        raise InvalidInputError(
            f"No item names the file part {min(unused)[:60]!r} in its 'media'. "
            "Nothing was stored.",
            code="unknown_part",
        )


def _sent(item: ItemIn, files: Parts) -> Sent:
    part = files.get(item.media or "media")
    return Sent(
        external_id=item.external_id,
        group=item.group,
        captured_at=item.captured_at,
        values=item.values,
        text=item.text,
        spans=item.spans,
        content=part.read() if part else None,
        name=(part.name or "") if part else (item.media or ""),
        priority=item.priority,
    )
