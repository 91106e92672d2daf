"""The one JSON parser for all that comes from outside: strict, bounded, quick.

Python's scanner reads the text; a single walk afterwards checks and normalises it.
Whatever JSON would let through silently (a repeated key, ``NaN``) is read as a marker,
so that the walk can name its place.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import NoReturn, TypeAlias, cast

from reviewapp.errors import Fault, InvalidInputError, RefusedError, TooLargeError

JsonValue: TypeAlias = (
    "dict[str, JsonValue] | list[JsonValue] | str | int | float | bool | None"
)
JsonObject: TypeAlias = dict[str, JsonValue]

MAX_BODY_BYTES = 1_048_576
MAX_DEPTH = 32
MAX_KEYS = 500
MAX_STRING_BYTES = 65_536
MAX_INTEGER = 2**53
# Marks on one letter: more than any writing needs, and what keeps NFC quick (UAX #15).
MAX_MARKS = 30

# An item of {"items": [...]} stands two levels deep.
BULK_LEVELS = 2
LONGEST_INTEGER = 17
LONGEST_SHOWN_KEY = 60

STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
OPENING = {"[": "]", "{": "}"}
ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
DEPTH_OF = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


@dataclass(frozen=True, slots=True)
class _RepeatedKey:
    key: str


@dataclass(frozen=True, slots=True)
class _NotFinite:
    text: str


@dataclass(frozen=True, slots=True)
class _LargeInteger:
    text: str


def parse(
    body: bytes,
    *,
    max_bytes: int = MAX_BODY_BYTES,
    max_string_bytes: int = MAX_STRING_BYTES,
) -> JsonValue:
    r"""Read one JSON text, or refuse it with a code and a JSON pointer.

    Depth and keys are counted for each item: if the text is ``{"items": [...]}``, for
    each element of that list, else for the whole. Text is normalised to NFC. Integers
    stay integers; numbers with a point or exponent are floats.

    Raises
    ------
    TooLargeError
        ``body_too_large``: more than ``max_bytes``.
    InvalidInputError
        ``not_utf8``, ``invalid_json``, ``too_deep``, ``too_many_keys``,
        ``duplicate_key``, ``not_finite``, ``integer_too_large``, ``nul_character``,
        ``invalid_unicode``, ``too_many_marks``, ``too_long``.

    Examples
    --------
    >>> parse(b'{"width": 2.5, "name": "e\\u0301"}') == {"width": 2.5, "name": "é"}
    True
    >>> try:
    ...     parse(b'{"a": [1, NaN]}')
    ... except InvalidInputError as refusal:
    ...     print(refusal.code, refusal.faults[0].where["pointer"])
    not_finite /a/1
    """
    if len(body) > max_bytes:
        _refuse(
            "body_too_large",
            f"The JSON text has {len(body):,} bytes; at most {max_bytes:,} are read.",
            kind=TooLargeError,
        )
    text = _decode(body)
    _check_depth(text, MAX_DEPTH + BULK_LEVELS)
    try:
        value: JsonValue = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        _refuse_syntax(text, error)
    items = value.get("items") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(items, list):
        return _check_item(value, "", max_string_bytes)
    del value["items"]
    _check_item(value, "", max_string_bytes)
    value["items"] = [
        _check_item(item, f"/items/{position}", max_string_bytes)
        for position, item in enumerate(items)
    ]
    return value


def parse_object(body: bytes, *, max_bytes: int = MAX_BODY_BYTES) -> JsonObject:
    """Read a JSON object; anything else is refused as ``not_an_object``.

    Raises
    ------
    TooLargeError, InvalidInputError
        As ``parse`` does.
    """
    value = parse(body, max_bytes=max_bytes)
    if not isinstance(value, dict):
        _refuse("not_an_object", 'A JSON object was expected, as {"name": "value"}.')
    return value


def _decode(body: bytes) -> str:
    # JSON text holds no NUL byte at its start unless it is UTF-16 or UTF-32
    if b"\0" in body[:4]:
        _refuse("not_utf8", "The text looks like UTF-16 or UTF-32. Send UTF-8.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(
            "not_utf8",
            f"Byte {error.start + 1} (0x{body[error.start]:02x}) is not UTF-8. "
            "Send UTF-8.",
        )
    if text.startswith("\ufeff"):
        _refuse(
            "invalid_json",
            "The text begins with a byte order mark, which JSON does not have. "
            "Send it without.",
        )
    return text


def _check_depth(text: str, limit: int) -> None:
    """Refuse deep nesting before the scanner recurses into it."""
    if text.count("[") + text.count("{") <= limit:
        return
    # without escapes, every second piece between quotes is outside of a string
    unescaped = text.replace("\\\\", "").replace('\\"', "")
    outside = "".join(unescaped.split('"')[::2]).encode()
    depth = 0
    for sign in outside.translate(None, ALL_BUT_BRACKETS):
        depth += DEPTH_OF[sign]
        if depth > limit:
            _refuse_depth(_place_at_depth(text, limit))


def _place_at_depth(text: str, limit: int) -> str:
    expected: list[str] = []
    for match in STRING_OR_BRACKET.finditer(text):
        sign = match[0]
        if sign in OPENING:
            expected.append(OPENING[sign])
        elif sign in {"]", "}"} and expected:
            expected.pop()
        if len(expected) > limit:
            # closed there and then, the text leads to the place
            return _last_place(text[: match.end()] + "".join(reversed(expected)))
    return ""


def _last_place(text: str) -> str:
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        _refuse_syntax(text, error)
    pointer = ""
    while value and isinstance(value, dict | list):
        if isinstance(value, dict):
            key = next(reversed(value))
            pointer, value = _at(pointer, key), value[key]
        else:
            pointer, value = _at(pointer, len(value) - 1), value[-1]
    return pointer


def _object(pairs: list[tuple[str, object]]) -> object:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    counts = Counter(key for key, _ in pairs)
    return _RepeatedKey(next(key for key, count in counts.items() if count > 1))


def _integer(text: str) -> object:
    if len(text) > LONGEST_INTEGER:
        return _LargeInteger(text)
    number = int(text)
    return number if -MAX_INTEGER <= number <= MAX_INTEGER else _LargeInteger(text)


def _float(text: str) -> object:
    number = float(text)
    return number if isfinite(number) else _NotFinite(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_float,
    parse_constant=_NotFinite,
)


def has_too_many_marks(text: str) -> bool:
    """Say whether more marks stand on one letter than any writing needs.

    Putting n marks in order takes n² steps, so they are counted before NFC is made.
    """
    run = 0
    for sign in text:
        run = run + 1 if unicodedata.combining(sign) else 0
        if run > MAX_MARKS:
            return True
    return False


def _check_item(item: JsonValue, pointer: str, longest: int) -> JsonValue:
    count = _walk(item, pointer, 0, longest)
    if count > MAX_KEYS:
        _refuse(
            "too_many_keys",
            f"There are {count:,} keys; at most {MAX_KEYS} are read in one item.",
            pointer=pointer,
        )
    return _normal(item, pointer, longest) if isinstance(item, str) else item


def _walk(value: JsonValue, pointer: str, depth: int, longest: int) -> int:
    """Check a value, normalise its texts in their places, and count its keys."""
    if isinstance(value, dict):
        _check_keys(value, pointer)
        places: Iterable[tuple[str | int, JsonValue]] = value.items()
    elif isinstance(value, list):
        places = enumerate(value)
    else:
        _refuse_marker(value, pointer)
        return 0
    if depth >= MAX_DEPTH:
        _refuse_depth(pointer)
    count = len(value) if isinstance(value, dict) else 0
    # an object is told where by keys, an array by positions; both take a member so
    members = cast("dict[str | int, JsonValue]", value)
    for place, member in places:
        if isinstance(member, str):
            if not _is_plain(member, longest):
                members[place] = _normal(member, _at(pointer, place), longest)
        elif type(member) is not float and type(member) is not int:
            count += _walk(member, _at(pointer, place), depth + 1, longest)
    return count


def _check_keys(members: JsonObject, pointer: str) -> None:
    """Check the keys of an object and normalise them, in their order."""
    if _is_plain("".join(members), MAX_STRING_BYTES):
        return
    pairs = list(members.items())
    members.clear()
    for key, member in pairs:
        name = _normal(key, _at(pointer, key), MAX_STRING_BYTES)
        if name in members:
            _refuse_repeated(pointer, key)
        members[name] = member


def _is_plain(text: str, longest: int) -> bool:
    """Say whether a text needs no closer look."""
    return text.isascii() and "\0" not in text and len(text) <= longest


def _normal(text: str, pointer: str, longest: int) -> str:
    """Give a text in NFC, if it may be stored."""
    if "\0" in text:
        _refuse(
            "nul_character",
            "There is a NUL character in the text. Send it without.",
            pointer=pointer,
        )
    if has_too_many_marks(text):
        _refuse(
            "too_many_marks",
            f"More than {MAX_MARKS} combining marks stand on one letter.",
            pointer=pointer,
        )
    normal = unicodedata.normalize("NFC", text)
    try:
        size = len(normal.encode())
    except UnicodeEncodeError:
        _refuse(
            "invalid_unicode",
            "Half of a surrogate pair stands alone in the text.",
            pointer=pointer,
        )
    if size > longest:
        _refuse(
            "too_long",
            f"The text has {size:,} bytes; at most {longest:,} are read.",
            pointer=pointer,
        )
    return normal


def _refuse_marker(value: object, pointer: str) -> None:
    if isinstance(value, _RepeatedKey):
        _refuse_repeated(pointer, value.key)
    if isinstance(value, _NotFinite):
        _refuse(
            "not_finite",
            f"{value.text[:40]} is not a finite number. Send null if it is missing.",
            pointer=pointer,
        )
    if isinstance(value, _LargeInteger):
        _refuse(
            "integer_too_large",
            f"The integer {value.text[:40]} is beyond 2^53 and would lose digits. "
            "Send it as a string.",
            pointer=pointer,
        )


def _refuse_repeated(pointer: str, key: str) -> NoReturn:
    _refuse(
        "duplicate_key",
        f'The key "{_shown(key)}" stands twice in one object.',
        pointer=_at(pointer, key),
    )


def _refuse_depth(pointer: str) -> NoReturn:
    _refuse(
        "too_deep",
        f"The value is nested more than {MAX_DEPTH} levels deep.",
        pointer=pointer,
    )


def _refuse_syntax(text: str, error: json.JSONDecodeError) -> NoReturn:
    place = f"line {error.lineno}, column {error.colno}"
    if text[error.pos : error.pos + 1] == "\0":
        _refuse("nul_character", f"There is a NUL character at {place}.")
    _refuse("invalid_json", f"This is not JSON: {error.msg} ({place}).")


def _refuse(
    code: str,
    message: str,
    *,
    pointer: str = "",
    kind: type[RefusedError] = InvalidInputError,
) -> NoReturn:
    fault = Fault(code=code, message=message, where={"pointer": pointer})
    place = f"{pointer}: " if pointer else ""
    raise kind(f"{place}{message}", code=code, faults=(fault,))


def _at(pointer: str, step: str | int) -> str:
    """Give the pointer of a member (RFC 6901), safe to print and to store."""
    if type(step) is int:
        return f"{pointer}/{step}"
    return f"{pointer}/{_shown(str(step)).replace('~', '~0').replace('/', '~1')}"


def _shown(key: str) -> str:
    return "".join(_printable(key[:LONGEST_SHOWN_KEY]))


def _printable(text: str) -> Iterator[str]:
    for sign in text:
        yield sign if sign.isprintable() else sign.encode("unicode_escape").decode()
