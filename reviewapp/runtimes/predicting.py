"""What the model host does with a request: find the model, make features, answer.

What is wrong with one item is that item's error; what is wrong with the model is the
request's. Neither ends the host.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from string import hexdigits
from threading import Lock
from time import perf_counter

import numpy as np

from reviewapp.runtimes.loading import HashDiffersError, Model, load
from reviewapp.runtimes.rows import (
    LONGEST_DETAIL,
    CannotAnswerError,
    ItemError,
    Row,
    rows_of,
    said,
)
from reviewapp.runtimes.stages import Stage, pass_through, read_stages
from reviewapp.runtimes.wire import Message
from reviewapp.strictjson import JsonObject, JsonValue

MOST_LOADED = 8
SHA256_LENGTH = 64


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
        stages = read_stages(request.header.get("stages"))
        try:
            return self._through(request, stages) if stages else self._alone(request)
        except CannotAnswerError as error:
            return {"error": error.args[0], "detail": error.args[1][:LONGEST_DETAIL]}

    def _alone(self, request: Message) -> JsonObject:
        started = perf_counter()
        rows = rows_of(request, str(request.header.get("preprocessing")))
        with self.lock:
            self.before_use()
            model = self._model(str(request.header.get("sha256")))
            found = _ask(model, rows)
            self.answered += len(found)
            self._keep_warm(request)
        return {
            "classes": np.asarray(model.classes_).tolist(),
            "answers": [_written(one) for one in found],
            "ms": (perf_counter() - started) * 1000,
        }

    def _through(self, request: Message, stages: Sequence[Stage]) -> JsonObject:
        """Send a request through the stages of a version, one model after the other."""
        started = perf_counter()
        seen: dict[str, list[Row | ItemError]] = {}
        took: JsonObject = {}

        def features(stage: Stage) -> list[Row | ItemError]:
            if stage.preprocessing not in seen:
                seen[stage.preprocessing] = rows_of(request, stage.preprocessing)
            return seen[stage.preprocessing]

        def ask(
            stage: Stage, rows: Sequence[Row | ItemError]
        ) -> tuple[list[str], list[list[float] | ItemError]]:
            began = perf_counter()
            model = self._model(stage.sha256)
            found = _ask(model, rows)
            took[stage.name] = (perf_counter() - began) * 1000 / max(len(rows), 1)
            return np.asarray(model.classes_).tolist(), found

        classes = [str(key) for key in _list(request.header.get("classes"))]
        count = len(features(stages[0]))
        with self.lock:
            self.before_use()
            found = pass_through(
                stages, classes, count=count, features=features, ask=ask
            )
            self.answered += count
            self._keep_warm(request)
        return {
            "classes": list(classes),
            "answers": [_written(answer) | {"stages": told} for answer, told in found],
            "stage_ms": took,
            "ms": (perf_counter() - started) * 1000,
        }

    def _keep_warm(self, request: Message) -> None:
        """Keep what may be returned to in memory; none of what is asked makes room."""
        for name in _list(request.header.get("warm")):
            digest = str(name)
            if digest in self.loaded or len(self.loaded) < MOST_LOADED:
                with suppress(CannotAnswerError):
                    self._model(digest)

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
            raise CannotAnswerError("model_load_failed", said(error)) from error
        if not hasattr(model, "classes_") or not hasattr(model, "predict_proba"):
            message = f"The file holds no fitted classifier: {type(model).__name__}."
            raise CannotAnswerError("model_load_failed", message)
        self.loaded[digest] = model
        while len(self.loaded) > MOST_LOADED:
            self.loaded.popitem(last=False)
        return model


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
        return ItemError(code="model_failed", detail=said(error))


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


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
