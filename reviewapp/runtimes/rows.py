"""What models see of the items of a request: a row of numbers each, or its error."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from reviewapp.runtimes.features import (
    IMAGE_PREPROCESSING,
    TABULAR_PREPROCESSING,
    image_features,
    tabular_features,
)
from reviewapp.runtimes.features_audio import AUDIO_PREPROCESSING, audio_features
from reviewapp.runtimes.features_text import TEXT_PREPROCESSING, text_features
from reviewapp.runtimes.wire import Message
from reviewapp.strictjson import JsonObject

LONGEST_DETAIL = 300

Row: TypeAlias = NDArray[np.floating[Any]]


class CannotAnswerError(Exception):
    """No item of a request can be answered; the arguments are a code and words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemError:
    """One item that cannot be answered."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What features need to know of a column."""

    name: str
    categories: tuple[str, ...]


def _text_row(content: bytes) -> Row:
    return text_features(content.decode())


# How the content of each kind of item is read under each preprocessing.
CONTENT_FEATURES: dict[tuple[str, str], Callable[[bytes], Row]] = {
    ("image", IMAGE_PREPROCESSING): image_features,
    ("text", TEXT_PREPROCESSING): _text_row,
    ("audio", AUDIO_PREPROCESSING): audio_features,
}


def rows_of(request: Message, preprocessing: str) -> list[Row | ItemError]:
    """Make the features of each item, as one preprocessing sees it."""
    header = request.header
    kind = header.get("kind")
    read = CONTENT_FEATURES.get((str(kind), str(preprocessing)))
    if read is not None:
        return [_content_row(read, content) for content in request.attachments]
    if (kind, preprocessing) == ("table", TABULAR_PREPROCESSING):
        return list(_table_rows(header))
    message = f"This host does not know the preprocessing {preprocessing!r} of {kind}."
    raise CannotAnswerError("unknown_preprocessing", message)


def _content_row(read: Callable[[bytes], Row], content: bytes) -> Row | ItemError:
    try:
        return read(content)
    except Exception as error:  # noqa: BLE001 - a decoder may raise anything on foreign bytes, and each means the same
        return ItemError(code="bad_media", detail=said(error))


def _table_rows(header: JsonObject) -> Row:
    try:
        columns = [
            Column(name=name, categories=tuple(categories))
            for name, categories in _lists(header["columns"])
        ]
        names = [column.name for column in columns]
        rows = [dict(zip(names, row, strict=True)) for row in _lists(header["rows"])]
        return tabular_features(columns, rows)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise CannotAnswerError("bad_request", said(error)) from error


def _lists(value: Any) -> list[list[Any]]:  # noqa: ANN401 - parsed JSON, checked here
    if not isinstance(value, list) or not all(isinstance(one, list) for one in value):
        raise TypeError("A list of lists was expected.")
    return value


def said(error: Exception) -> str:
    """Say what an error was, cut to what is kept."""
    return f"{type(error).__name__}: {error}"[:LONGEST_DETAIL]
