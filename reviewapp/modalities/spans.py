"""Spans: parts of a text that its sender wants seen, each with a short word on why."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, NoReturn, TypeAlias

from reviewapp.errors import Fault, InvalidPayloadError

Span: TypeAlias = tuple[int, int, str]

MOST = 200
LONGEST_LABEL = 60


class Part(NamedTuple):
    """A run of a text, and the labels of the spans that lie over it."""

    text: str
    labels: tuple[str, ...]


def read_spans(given: object, text: str) -> list[Span]:
    """Check the spans of a text.

    Parameters
    ----------
    given : object
        A list of ``[start, end, label]``: places between the characters (code points)
        of the text, counted from 0, and a label of 1 to 60 visible characters. Spans
        may overlap.
    text : str
        As it is kept: in NFC, its lines ended by LF. Places count in this form.

    Raises
    ------
    InvalidPayloadError
        ``bad_spans``, with the place of the first bad one.

    Examples
    --------
    >>> read_spans([[0, 3, "prize"]], "Win now")
    [(0, 3, 'prize')]
    """
    if not isinstance(given, list):
        _refuse("spans is a list of [start, end, label].")
    if len(given) > MOST:
        _refuse(f"There are {len(given)} spans; at most {MOST} are shown.")
    return [_read(span, place, len(text)) for place, span in enumerate(given)]


def parts_of(text: str, spans: Sequence[Span]) -> list[Part]:
    """Cut a text where a span begins or ends, so that each part is marked alike.

    Examples
    --------
    >>> parts_of("Win now", [(0, 3, "prize"), (2, 7, "haste")])[1]
    Part(text='n', labels=('prize', 'haste'))
    """
    cuts = {0, len(text)}.union(*((start, end) for start, end, _label in spans))
    places = sorted(cuts)
    return [
        Part(
            text=text[start:end],
            labels=tuple(
                label
                for begins, ends, label in spans
                if begins <= start and end <= ends
            ),
        )
        for start, end in pairwise(places)
    ]


def _read(span: object, place: int, length: int) -> Span:
    if not isinstance(span, list) or [type(one) for one in span] != [int, int, str]:
        _refuse("A span is [start, end, label].", place)
    start, end, label = span
    if not 0 <= start < end <= length:
        message = f"{start} to {end} is no part of a text of {length} characters."
        _refuse(message, place)
    if not 0 < len(label.strip()) <= LONGEST_LABEL or not label.isprintable():
        message = f"A label has 1 to {LONGEST_LABEL} visible characters."
        _refuse(message, place)
    return start, end, label.strip()


def _refuse(message: str, place: int | None = None) -> NoReturn:
    where: dict[str, str | int] = {}
    if place is not None:
        where["pointer"] = f"/spans/{place}"
    fault = Fault(code="bad_spans", message=message, where=where)
    raise InvalidPayloadError(message, code="bad_spans", faults=(fault,))
