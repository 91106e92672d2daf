"""Texts: what people wrote, in one Unicode form, measured without knowing its words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NoReturn

from reviewapp.errors import Fault, InvalidPayloadError, RefusedError, TooLargeError
from reviewapp.modalities.language import language_of
from reviewapp.strictjson import MAX_MARKS, has_too_many_marks

MAX_CHARACTERS = 65_536
MOST_BYTES_A_CHARACTER = 4

WORD = re.compile(r"\w+(?:['\u2019]\w+)*")
WIDTHS = frozenset({"FULLWIDTH", "HALFWIDTH"})
LINE_ENDS = re.compile(r"\r\n?")

# The input metric that a text has where its line has a vocabulary.
OUT_OF_VOCABULARY = "out_of_vocabulary"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPayload:
    """A checked text in NFC, its lines ended by LF; and facts of what was sent.

    ``original_size`` is in bytes of UTF-8.
    """

    text: str = field(repr=False)
    original_sha256: str
    original_size: int


def read_text(sent: str | bytes) -> TextPayload:
    r"""Check a text and bring it into one form.

    Parameters
    ----------
    sent : str or bytes
        Bytes are UTF-8, with or without a byte order mark.

    Raises
    ------
    TooLargeError
        ``text_too_long``: more than 65,536 characters, as sent or in NFC.
    InvalidPayloadError
        ``not_utf8``, ``nul_character``, ``invalid_unicode``, ``too_many_marks``,
        ``text_blank``: no letter, digit or other sign that anybody could see.

    Examples
    --------
    >>> read_text("Cafe\u0301\r\nopen").text == "Café\nopen"
    True
    """
    text = _decoded(sent) if isinstance(sent, bytes) else sent
    _check_length(text)
    if "\0" in text:
        message = "There is a NUL character in the text. Send it without."
        _refuse("nul_character", message)
    try:
        original = sent if isinstance(sent, bytes) else sent.encode()
    except UnicodeEncodeError:
        message = "Half of a surrogate pair stands alone in the text."
        _refuse("invalid_unicode", message)
    if has_too_many_marks(text):
        message = f"More than {MAX_MARKS} combining marks stand on one letter."
        _refuse("too_many_marks", message)
    normal = unicodedata.normalize("NFC", LINE_ENDS.sub("\n", text))
    _check_length(normal)
    if all(unicodedata.category(sign)[0] in "ZC" for sign in normal):
        _refuse("text_blank", "The text is empty or blank.")
    return TextPayload(
        text=normal,
        original_sha256=sha256(original).hexdigest(),
        original_size=len(original),
    )


def measure(
    payload: TextPayload, *, vocabulary: Container[str] | None = None
) -> dict[str, float | str]:
    """Give the input metrics of a text.

    Parameters
    ----------
    payload : TextPayload
    vocabulary : container of str, optional
        Knows words as ``words_of`` gives them.

    Returns
    -------
    dict
        ``characters``: code points in NFC; ``words``: runs of letters and digits, an
        apostrophe within kept; ``letter_share``, ``digit_share``, ``non_ascii_share``:
        of all characters, in [0, 1]; ``script_share``: of the letters, those of the
        most frequent script (the first word of each letter's name in Unicode, such as
        LATIN or CJK); ``latin_share``, ``hangul_share`` and ``other_script_share``: of
        the letters, by script, which is not yet their language; all four in [0, 1], 0
        without a letter; ``bytes``: size of what was sent; ``language``: its code, see
        ``language_of``; with a vocabulary ``out_of_vocabulary`` too, see there.

    Examples
    --------
    >>> found = measure(read_text("Win £50 now"))
    >>> found["characters"], found["words"], found["script_share"]
    (11.0, 3.0, 1.0)
    """
    text = payload.text
    words = words_of(text)
    letters = [sign for sign in text if sign.isalpha()]
    scripts = _scripts(letters)
    of_letters = max(len(letters), 1)
    latin, hangul = scripts["LATIN"], scripts["HANGUL"]
    found: dict[str, float | str] = {
        "characters": float(len(text)),
        "words": float(len(words)),
        "letter_share": len(letters) / len(text),
        "digit_share": sum(map(str.isdigit, text)) / len(text),
        "non_ascii_share": sum(not sign.isascii() for sign in text) / len(text),
        "script_share": max(scripts.values(), default=0) / of_letters,
        "latin_share": latin / of_letters,
        "hangul_share": hangul / of_letters,
        "other_script_share": (len(letters) - latin - hangul) / of_letters,
        "bytes": float(payload.original_size),
        "language": language_of(text),
    }
    if vocabulary is not None:
        found[OUT_OF_VOCABULARY] = _share_outside(words, vocabulary)
    return found


def words_of(text: str) -> list[str]:
    """Give the words of a text in order, without regard to case.

    Examples
    --------
    >>> words_of("Don't go, GO!")
    ["don't", 'go', 'go']
    """
    return [word.casefold() for word in WORD.findall(text)]


def out_of_vocabulary(text: str, vocabulary: Container[str]) -> float:
    """Give the share of a text's words that a vocabulary does not have.

    Parameters
    ----------
    text : str
    vocabulary : container of str
        Knows words as ``words_of`` gives them.

    Returns
    -------
    float
        In [0, 1], repeated words counted each time; 0 for a text without a word.

    Examples
    --------
    >>> out_of_vocabulary("Free entry, free!", {"free"})
    0.3333333333333333
    """
    return _share_outside(words_of(text), vocabulary)


def commonest_words(texts: Iterable[str], *, most: int) -> list[str]:
    """Give the words of texts, the commonest first.

    Parameters
    ----------
    texts : iterable of str
    most : int
        So many words are kept; of equally common ones, those that came first.

    Examples
    --------
    >>> commonest_words(["Free entry", "entry now"], most=2)
    ['entry', 'free']
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(words_of(text))
    return [word for word, _count in counts.most_common(most)]


def _share_outside(words: Sequence[str], vocabulary: Container[str]) -> float:
    new = {word for word in set(words) if word not in vocabulary}
    return sum(word in new for word in words) / max(len(words), 1)


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES_A_CHARACTER * (MAX_CHARACTERS + 1):
        _refuse_length(f"{len(content):,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = (
            f"Byte {error.start + 1} (0x{content[error.start]:02x}) is not UTF-8. "
            "Send UTF-8."
        )
        _refuse("not_utf8", message)


def _check_length(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        _refuse_length(f"{len(text):,} characters")


def _scripts(letters: list[str]) -> Counter[str]:
    """Count letters by script; one that is merely wider is of the same script."""
    scripts: Counter[str] = Counter()
    for letter, count in Counter(letters).items():
        words = unicodedata.name(letter, "").split(" ", 2)
        is_resized = words[0] in WIDTHS and len(words) > 1
        scripts[words[1] if is_resized else words[0]] += count
    return scripts


def _refuse_length(found: str) -> NoReturn:
    message = f"The text has {found}; at most {MAX_CHARACTERS:,} characters are read."
    _refuse("text_too_long", message, kind=TooLargeError)


def _refuse(
    code: str, message: str, *, kind: type[RefusedError] = InvalidPayloadError
) -> NoReturn:
    raise kind(message, code=code, faults=(Fault(code=code, message=message),))
