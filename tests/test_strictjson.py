"""The one JSON parser: what it reads, and what it refuses by which code and where."""

import json
import unicodedata
from contextlib import suppress
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.errors import InvalidInputError, RefusedError, TooLargeError
from reviewapp.strictjson import JsonValue, parse, parse_object


def refusal_of(body: bytes) -> tuple[str, object]:
    with pytest.raises(RefusedError) as caught:
        parse(body)
    (fault,) = caught.value.faults
    assert fault.code == caught.value.code
    assert fault.message in caught.value.message
    return caught.value.code, fault.where["pointer"]


@pytest.mark.parametrize("body", [b"", b" ", b"{", b"{'a': 1}", b"[1,]", b"{} {}"])
def test_what_is_not_json_is_refused(body: bytes) -> None:
    assert refusal_of(body) == ("invalid_json", "")


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"1", b"true"])
def test_an_object_is_asked_for_by_name(body: bytes) -> None:
    assert parse(body) == json.loads(body)
    with pytest.raises(InvalidInputError) as caught:
        parse_object(body)
    assert caught.value.code == "not_an_object"


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        (rb'{"data":{"s":"a\u0000b"}}', "nul_character", "/data/s"),
        (rb'{"data":[1,"\u0000"]}', "nul_character", "/data/1"),
        (rb'{"a\u0000":1}', "nul_character", r"/a\x00"),
        (b'{"data":{"s":"a\x00b"}}', "nul_character", ""),
        (rb'{"data":{"s":"\ud800"}}', "invalid_unicode", "/data/s"),
        (rb'{"data":{"s":"\udc00\ud800"}}', "invalid_unicode", "/data/s"),
        (rb'{"\ud800":1}', "invalid_unicode", r"/\ud800"),
        (rb'"\ud800"', "invalid_unicode", ""),
        (b'{"a":NaN}', "not_finite", "/a"),
        (b'{"a":[0,-Infinity]}', "not_finite", "/a/1"),
        (b'{"a":Infinity}', "not_finite", "/a"),
        (b'{"a":1e999}', "not_finite", "/a"),
        (b"-1e999", "not_finite", ""),
        (b'{"a":' + b"9" * 400 + b".0}", "not_finite", "/a"),
        (b'{"a":9007199254740993}', "integer_too_large", "/a"),
        (b'{"a":-9007199254740993}', "integer_too_large", "/a"),
        (b'{"a":' + b"1" * 5000 + b"}", "integer_too_large", "/a"),
        (b'{"external_id":"1","external_id":"2"}', "duplicate_key", "/external_id"),
        (b'{"a":{"b":[{"c":1,"c":1}]}}', "duplicate_key", "/a/b/0/c"),
        (b'{"x/y~":{"c":NaN}}', "not_finite", "/x~1y~0/c"),
        ('{"e\u0301":1,"é":2}'.encode(), "duplicate_key", "/é"),
        (b'{"a":"' + b"x" * 65_537 + b'"}', "too_long", "/a"),
        (b'{"a":"' + "é".encode() * 32_769 + b'"}', "too_long", "/a"),
        (b'{"' + b"k" * 65_537 + b'":1}', "too_long", "/" + "k" * 60),
        (b'{"items":[{"a":1},{"b":{"c":NaN}}]}', "not_finite", "/items/1/b/c"),
        (b'{"items":[],"b":1e999}', "not_finite", "/b"),
    ],
)
def test_what_json_would_let_through_is_refused_with_its_place(
    body: bytes, code: str, pointer: str
) -> None:
    assert refusal_of(body) == (code, pointer)


@pytest.mark.parametrize(
    "body",
    [
        '{"a":"b"}'.encode("utf-16"),
        '{"a":"b"}'.encode("utf-16-le"),
        '{"a":"b"}'.encode("utf-32"),
        '{"a":"é"}'.encode("latin-1"),
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
    ],
)
def test_only_utf8_is_read(body: bytes) -> None:
    assert refusal_of(body) == ("not_utf8", "")


def test_a_byte_order_mark_is_named() -> None:
    with pytest.raises(InvalidInputError, match="byte order mark") as caught:
        parse(b"\xef\xbb\xbf{}")
    assert caught.value.code == "invalid_json"


def nested(levels: int, *, inside: str = "1") -> str:
    return "[" * levels + inside + "]" * levels


def test_nesting_ends_at_thirty_two_levels() -> None:
    assert parse(nested(32).encode())
    assert refusal_of(nested(33).encode()) == ("too_deep", "/0" * 32)
    assert refusal_of(nested(34).encode()) == ("too_deep", "/0" * 32)


def test_a_hundred_thousand_brackets_are_refused_at_once() -> None:
    started = perf_counter()

    code, pointer = refusal_of(b"[" * 100_000)

    assert (code, pointer) == ("too_deep", "/0" * 34)
    assert refusal_of(b'{"a":[' * 50_000)[0] == "too_deep"
    assert perf_counter() - started < 1


def test_an_item_of_a_bulk_may_be_as_deep_as_one_alone() -> None:
    assert parse(f'{{"items":[{nested(32)}]}}'.encode())
    assert refusal_of(f'{{"items":[1,{nested(33)}]}}'.encode()) == (
        "too_deep",
        "/items/1" + "/0" * 32,
    )


def test_brackets_in_strings_are_no_nesting() -> None:
    text = {"a": '[[[["\\' * 40, "b": ["]" * 99, "\\", '"', "{" * 99]}
    assert parse(json.dumps(text).encode()) == text


def test_keys_are_counted_for_each_item() -> None:
    item = {str(i): 0 for i in range(499)}

    assert parse(json.dumps({"items": [item | {"more": 0}] * 3}).encode())
    too_many = {"items": [item, item | {"deep": {"er": [{"still": 0}]}}]}

    assert refusal_of(json.dumps(too_many).encode()) == ("too_many_keys", "/items/1")
    assert refusal_of(json.dumps([item, item]).encode()) == ("too_many_keys", "")


def test_a_body_over_the_limit_is_refused_with_the_limit() -> None:
    with pytest.raises(TooLargeError, match="1,048,576") as caught:
        parse(b" " * 1_048_575 + b"{}")
    assert caught.value.code == "body_too_large"
    assert parse(b" " * 1_048_574 + b"{}") == {}
    assert parse(b" " * 2_000_000 + b"{}", max_bytes=3_000_000) == {}


def test_limits_themselves_are_permitted() -> None:
    body = {"i": 2**53, "j": -(2**53), "s": "x" * 65_536, "f": 1.7e308}
    assert parse(json.dumps(body).encode()) == body


def test_text_is_normalised_in_keys_and_values() -> None:
    decomposed = unicodedata.normalize("NFD", "Größe")
    body = {decomposed: [decomposed, {"a": decomposed}], "z": 1}

    assert parse(json.dumps(body).encode()) == {
        "Größe": ["Größe", {"a": "Größe"}],
        "z": 1,
    }
    assert parse(json.dumps(decomposed).encode()) == "Größe"
    bulk = {"items": [decomposed], "note": decomposed}
    assert parse(json.dumps(bulk).encode()) == {"items": ["Größe"], "note": "Größe"}


def test_a_pair_of_surrogates_is_one_sign() -> None:
    assert parse(rb'["\ud83d\ude00"]') == ["\U0001f600"]


def test_a_message_cannot_carry_a_line_break_out_of_a_key() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse(rb'{"a\n{\"event\":1}":NaN}')
    assert caught.value.message.isprintable()


def storable(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [storable(member) for member in value]
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", k): storable(v) for k, v in value.items()}
    return value


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(texts, inner, max_size=5).filter(
            lambda d: len({unicodedata.normalize("NFC", k) for k in d}) == len(d)
        )
    ),
    max_leaves=20,
)


@given(value=values, is_ascii=st.booleans())
def test_whatever_may_be_stored_is_read_as_it_is(
    value: JsonValue, *, is_ascii: bool
) -> None:
    body = json.dumps(value, ensure_ascii=is_ascii).encode()
    assert parse(body) == storable(value)


@given(st.binary())
def test_arbitrary_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(RefusedError):
        parse(body)


SCRAPS = r'{ } [ ] " : , \ \u d800 0000 1 e 999 NaN - . items "items": \\ true null é'
pieces = st.sampled_from([*SCRAPS.split(), " ", "\n", "\0"])


@given(st.lists(pieces, max_size=60).map("".join))
def test_scraps_of_json_are_read_or_refused(text: str) -> None:
    try:
        value = parse(text.encode())
    except RefusedError:
        return
    assert storable(json.loads(text)) == value


@pytest.mark.parametrize("value", ["a" + "\u0301\u0316" * 16, "\u0301" * 500_000])
def test_more_marks_than_any_writing_needs_are_refused_at_once(value: str) -> None:
    began = perf_counter()

    body = json.dumps({"note": value}, ensure_ascii=False).encode()
    assert refusal_of(body) == ("too_many_marks", "/note")

    # in the worst order, putting half a million in order takes minutes
    assert perf_counter() - began < 1


def test_as_many_marks_as_a_writing_needs_are_read() -> None:
    body = json.dumps({"note": "a" + "\u0316" * 30 + "b" + "\u0316" * 30}).encode()
    assert parse(body)


def test_longer_texts_are_read_where_they_are_asked_for() -> None:
    body = json.dumps({"text": "é" * 65_536}, ensure_ascii=False).encode()

    assert refusal_of(body) == ("too_long", "/text")
    assert parse(body, max_string_bytes=131_072) == {"text": "é" * 65_536}
    with pytest.raises(InvalidInputError, match="at most 131,071"):
        parse(body, max_string_bytes=131_071)
