"""Texts: every refusal by its code, one form for what looks the same, its metrics."""

import unicodedata
from hashlib import sha256
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.errors import InvalidPayloadError, RefusedError, TooLargeError
from reviewapp.modalities.language import UNDETERMINED, language_of
from reviewapp.modalities.text import (
    MAX_CHARACTERS,
    TextPayload,
    commonest_words,
    measure,
    out_of_vocabulary,
    read_text,
    words_of,
)


def refused(sent: str | bytes) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        read_text(sent)
    (fault,) = caught.value.faults
    assert fault.code == caught.value.code
    return caught.value


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("", "text_blank"),
        (" \n\t\u00a0\u3000", "text_blank"),
        ("\u200b\ufeff\u202e", "text_blank"),
        (b"", "text_blank"),
        ("a\0b", "nul_character"),
        (b"a\0b", "nul_character"),
        ("a\ud800", "invalid_unicode"),
        (b"caf\xe9", "not_utf8"),
        (b"\xed\xa0\x80", "not_utf8"),
        ("Hi".encode("utf-16"), "not_utf8"),
        ("e" + "\u0301" * 31, "too_many_marks"),
    ],
)
def test_what_is_no_text_is_refused_by_code(sent: str | bytes, code: str) -> None:
    refusal = refused(sent)
    assert isinstance(refusal, InvalidPayloadError)
    assert refusal.code == code


@pytest.mark.parametrize(
    "sent",
    [
        "a" * (MAX_CHARACTERS + 1),
        b"a" * (MAX_CHARACTERS + 1),
        b"a" * 5_000_000,
        "\u0958" * 40_000,  # two characters each in NFC
    ],
)
def test_a_text_that_is_too_long_is_refused_with_the_limit(sent: str | bytes) -> None:
    refusal = refused(sent)
    assert isinstance(refusal, TooLargeError)
    assert refusal.code == "text_too_long"
    assert "65,536" in refusal.message


def test_the_longest_text_is_read_in_every_width() -> None:
    for sign in ("a", "é", "語", "😀"):
        assert len(read_text((sign * MAX_CHARACTERS).encode()).text) == MAX_CHARACTERS


def test_what_looks_the_same_becomes_the_same() -> None:
    composed = read_text("Café\nopen")

    assert read_text("Cafe\u0301\r\nopen").text == composed.text
    assert read_text("Café\ropen").text == composed.text
    assert read_text("\ufeffCafé\nopen".encode()).text == composed.text


def test_of_what_was_sent_the_hash_and_the_size_are_kept() -> None:
    sent = "Cafe\u0301\r\n"

    payload = read_text(sent)

    assert payload.original_sha256 == sha256(sent.encode()).hexdigest()
    assert payload.original_size == 8
    assert payload.text == "Café\n"


def test_marks_in_the_worst_order_cost_no_time() -> None:
    began = perf_counter()

    assert refused("a" + "\u0301\u0316" * 30_000).code == "too_many_marks"

    assert perf_counter() - began < 0.5


def test_metrics_of_a_message() -> None:
    found = measure(read_text("Ring 0800 now £ it's ¡gratis!"))

    assert found == {
        "characters": 29,
        "words": 5,
        "letter_share": pytest.approx(16 / 29),
        "digit_share": pytest.approx(4 / 29),
        "non_ascii_share": pytest.approx(2 / 29),
        "script_share": 1.0,
        "latin_share": 1.0,
        "hangul_share": 0.0,
        "other_script_share": 0.0,
        "bytes": 31,
        "language": UNDETERMINED,
    }


def test_the_most_frequent_script_is_found_among_letters_alone() -> None:
    assert measure(read_text("abc где 123 !!!"))["script_share"] == 0.5
    assert measure(read_text("ab где 😀"))["script_share"] == pytest.approx(3 / 5)
    assert measure(read_text("123"))["script_share"] == 0


@pytest.mark.parametrize(
    ("sent", "language"),
    [
        ("Your parcel could not be delivered, please call us back today", "en"),
        ("오늘 배송이 늦어서 죄송합니다 내일 다시 보내 드리겠습니다", "ko"),
        ("Wo ist mein Paket? Ich warte seit drei Tagen darauf.", "de"),
        ("お荷物は明日届きます。ありがとうございます。", "ja"),
        ("WO IST MEIN PAKET? ICH WARTE SEIT DREI TAGEN DARAUF.", "de"),
        ("12 345 !!!", UNDETERMINED),
        ("ok", UNDETERMINED),
        ("😀😀😀", UNDETERMINED),
    ],
)
def test_the_language_of_a_text_is_named_or_left_open(sent: str, language: str) -> None:
    assert measure(read_text(sent))["language"] == language


def test_naming_a_language_takes_no_longer_for_the_longest_text() -> None:
    language_of("warm up")
    payload = read_text("Your parcel could not be delivered. " * 1_800)
    began = perf_counter()

    assert language_of(payload.text) == "en"

    assert perf_counter() - began < 0.05


@pytest.mark.parametrize(
    ("sent", "latin", "hangul", "other"),
    [
        ("Hello, 안녕!", 5 / 7, 2 / 7, 0),
        ("안녕하세요 12", 0, 1, 0),
        ("Ｒｕｎｇ ﾡ", 4 / 5, 1 / 5, 0),  # noqa: RUF001 - wide and half letters are meant
        ("где 語 a", 1 / 5, 0, 4 / 5),
        ("123 !!!", 0, 0, 0),
    ],
)
def test_letters_are_shared_out_by_script(
    sent: str, latin: float, hangul: float, other: float
) -> None:
    found = measure(read_text(sent))

    assert found["latin_share"] == pytest.approx(latin)
    assert found["hangul_share"] == pytest.approx(hangul)
    assert found["other_script_share"] == pytest.approx(other)


def test_words_that_are_not_in_the_vocabulary_are_counted_each_time() -> None:
    known = frozenset(words_of("free entry now"))

    assert out_of_vocabulary("FREE free Viagra!", known) == pytest.approx(1 / 3)
    assert out_of_vocabulary("Entry now", known) == 0
    assert out_of_vocabulary("xyz xyz", known) == 1
    assert out_of_vocabulary("!!!", known) == 0
    assert out_of_vocabulary("free", frozenset()) == 1


def test_new_words_are_measured_where_a_vocabulary_is_given() -> None:
    payload = read_text("FREE free Viagra!")

    known = measure(payload, vocabulary=frozenset({"free"}))

    assert known == {
        **measure(payload),
        "out_of_vocabulary": pytest.approx(1 / 3),
    }
    assert "out_of_vocabulary" not in measure(payload)


def test_the_commonest_words_are_kept_and_of_equals_the_first() -> None:
    texts = ["One two", "TWO three", "two one four"]

    assert commonest_words(texts, most=10) == ["two", "one", "three", "four"]
    assert commonest_words(texts, most=3) == ["two", "one", "three"]
    assert commonest_words(["!!!"], most=3) == []


ANY_TEXT = st.text(max_size=300)


@given(ANY_TEXT | st.binary(max_size=300))
def test_whatever_is_sent_is_read_in_nfc_or_refused(sent: str | bytes) -> None:
    try:
        payload = read_text(sent)
    except RefusedError:
        return
    assert unicodedata.is_normalized("NFC", payload.text)
    assert "\r" not in payload.text
    assert read_text(payload.text).text == payload.text
    found = {k: v for k, v in measure(payload).items() if isinstance(v, float)}
    shares = [value for name, value in found.items() if name.endswith("_share")]
    assert all(0 <= share <= 1 for share in shares)
    assert found["letter_share"] + found["digit_share"] <= 1
    scripts = ("latin_share", "hangul_share", "other_script_share")
    assert sum(found[name] for name in scripts) == pytest.approx(
        1.0 if found["letter_share"] else 0.0
    )


@given(ANY_TEXT, st.frozensets(st.text(max_size=3)))
def test_the_share_outside_of_any_vocabulary_is_a_share(
    text: str, vocabulary: frozenset[str]
) -> None:
    assert 0 <= out_of_vocabulary(text, vocabulary) <= 1
    assert out_of_vocabulary(text, frozenset(words_of(text))) == 0


def test_a_payload_does_not_show_its_text() -> None:
    payload = read_text("a secret")
    assert isinstance(payload, TextPayload)
    assert "secret" not in repr(payload)
