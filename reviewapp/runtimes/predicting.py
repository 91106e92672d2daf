"""What the model host does with a request: find the model, make features, answer.

What is wrong with one item is that item's error; what is wrong with the model is the
request's. Neither ends the host.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import hexdigits
from threading import Lock
from time import perf_counter
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
from reviewapp.runtimes.loading import HashDiffersError, Model, load
from reviewapp.runtimes.wire import Message
from reviewapp.strictjson import JsonObject

MOST_LOADED = 8
SHA256_LENGTH = 64
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


@dataclass(slots=True, kw_only=True)
class Models:
    """The models in memory, the latest used ones; one is asked at a time.

    ``before_use`` is called before a model is loaded or asked, to bound its time.
    """

    folder: Path
    before_use: Callable[[], None]
    loaded: OrderedDict[str, Model] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)
    answered: int = 0

    def answer(self, request: Message) -> JsonObject:
        """Answer every item of a request, each with probabilities or its error."""
        started = perf_counter()
        try:
            rows = _rows(request)
            with self.lock:
                self.before_use()
                model = self._model(str(request.header.get("sha256")))
                found = _ask(model, rows)
                self.answered += len(found)
        except CannotAnswerError as error:
            return {"error": error.args[0], "detail": error.args[1][:LONGEST_DETAIL]}
        return {
            "classes": np.asarray(model.classes_).tolist(),
            "answers": [_written(one) for one in found],
            "ms": (perf_counter() - started) * 1000,
        }

    def _model(self, digest: str) -> Model:
        if digest in self.loaded:
            self.loaded.move_to_end(digest)
            return self.loaded[digest]
        # the name becomes a path
        if len(digest) != SHA256_LENGTH or not set(digest) <= set(hexdigits):
            raise CannotAnswerError("model_missing", "This is no SHA-256 of a file.")
        try:
            model = load(self.folder / f"{digest}.skops", digest)
        except FileNotFoundError as error:
            message = f"There is no file of the model {digest}."
            raise CannotAnswerError("model_missing", message) from error
        except HashDiffersError as error:
            raise CannotAnswerError("model_hash_differs", str(error)) from error
        except MemoryError as error:
            self.loaded.clear()
            message = "There is not enough memory for the model."
            raise CannotAnswerError("model_load_failed", message) from error
        except Exception as error:
            raise CannotAnswerError("model_load_failed", _said(error)) from error
        if not hasattr(model, "classes_") or not hasattr(model, "predict_proba"):
            message = f"The file holds no fitted classifier: {type(model).__name__}."
            raise CannotAnswerError("model_load_failed", message)
        self.loaded[digest] = model
        while len(self.loaded) > MOST_LOADED:
            self.loaded.popitem(last=False)
        return model


def _text_row(content: bytes) -> Row:
    return text_features(content.decode())


# How the content of each kind of item is read under each preprocessing.
CONTENT_FEATURES: dict[tuple[str, str], Callable[[bytes], Row]] = {
    ("image", IMAGE_PREPROCESSING): image_features,
    ("text", TEXT_PREPROCESSING): _text_row,
    ("audio", AUDIO_PREPROCESSING): audio_features,
}


def _rows(request: Message) -> list[Row | ItemError]:
    """Make the features of each item."""
    header = request.header
    kind, preprocessing = header.get("kind"), header.get("preprocessing")
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
        return ItemError(code="bad_media", detail=_said(error))


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
        raise CannotAnswerError("bad_request", _said(error)) from error


def _lists(value: Any) -> list[list[Any]]:  # noqa: ANN401 - parsed JSON, checked here
    if not isinstance(value, list) or not all(isinstance(one, list) for one in value):
        raise TypeError("A list of lists was expected.")
    return value


def _ask(
    model: Model, rows: Sequence[Row | ItemError]
) -> list[list[float] | ItemError]:
    """Ask for all rows at once, and row by row if one of them makes the model fail."""
    good = [row for row in rows if not isinstance(row, ItemError)]
    try:
        answers: list[list[float] | ItemError] = [*_probabilities(model, good)]
    except Exception:  # noqa: BLE001 - asked again one by one, where the error is kept
        answers = [_ask_alone(model, row) for row in good]
    following = iter(answers)
    return [row if isinstance(row, ItemError) else next(following) for row in rows]


def _ask_alone(model: Model, row: Row) -> list[float] | ItemError:
    try:
        return _probabilities(model, [row])[0]
    except Exception as error:  # noqa: BLE001 - a model may raise anything; it is this item's error
        return ItemError(code="model_failed", detail=_said(error))


def _probabilities(model: Model, rows: Sequence[Row]) -> list[list[float]]:
    if not rows:
        return []
    found = np.asarray(model.predict_proba(np.stack(rows)), np.float64)
    if found.ndim != 2 or len(found) != len(rows):  # noqa: PLR2004 - rows and classes
        raise ValueError(f"{len(rows)} rows gave answers of shape {found.shape}.")
    answers: list[list[float]] = found.tolist()
    return answers


def _written(answer: list[float] | ItemError) -> JsonObject:
    if isinstance(answer, ItemError):
        return {"error": answer.code, "detail": answer.detail}
    return {"probabilities": list(answer)}


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST_DETAIL]
