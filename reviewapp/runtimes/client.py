"""Asking the model host: every item gets an answer or an error, or nobody gets any."""

import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reviewapp.errors import ModelHostError
from reviewapp.runtimes.answers import Answer, AnswerError, check_answer
from reviewapp.runtimes.columns import TableSchema
from reviewapp.runtimes.stages import Stage
from reviewapp.runtimes.wire import BrokenMessageError, Message, receive, send
from reviewapp.strictjson import JsonObject, JsonValue

MOST_BYTES_AT_ONCE = 64 * 1_048_576
MOST_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRef:
    """Which model is asked: its file, what it sees, and the order of its answers.

    ``warm`` are the files of models to be kept in memory beside it, while there is
    room: those that one click returns to.
    """

    sha256: str
    preprocessing: str
    classes: tuple[str, ...]
    stages: tuple[Stage, ...] = ()
    warm: tuple[str, ...] = ()


class ModelHost:
    """The model host at a socket.

    A call opens a connection of its own, so a host may be shared by threads and
    processes. Time-outs count for each wait, not for the whole of a call.
    """

    def __init__(self, socket_path: Path | str, *, timeout_s: float) -> None:
        self.socket_path = str(socket_path)
        self.timeout_s = timeout_s

    def predict_images(
        self, version: VersionRef, contents: Iterable[bytes]
    ) -> list[Answer | AnswerError]:
        """Ask about encoded pictures; a broken one is that picture's error.

        Contents are taken one after the other, as many as fit into one message.

        Raises
        ------
        ModelHostError
            If the host cannot be reached, breaks off or takes too long. The work may
            be tried again.
        """
        return self._predict_contents("image", version, contents)

    def predict_texts(
        self, version: VersionRef, texts: Iterable[str]
    ) -> list[Answer | AnswerError]:
        """Ask about texts.

        Raises
        ------
        ModelHostError
            As ``predict_images`` does.
        """
        contents = (text.encode() for text in texts)
        return self._predict_contents("text", version, contents)

    def predict_recordings(
        self, version: VersionRef, contents: Iterable[bytes]
    ) -> list[Answer | AnswerError]:
        """Ask about recordings as WAV, as ``predict_images`` does about pictures.

        Raises
        ------
        ModelHostError
            As ``predict_images`` does.
        """
        return self._predict_contents("audio", version, contents)

    def predict_rows(
        self,
        version: VersionRef,
        schema: TableSchema,
        rows: Sequence[Mapping[str, object]],
    ) -> list[Answer | AnswerError]:
        """Ask about checked rows, by column name; ``None`` or nothing is missing.

        Raises
        ------
        ModelHostError
            As ``predict_images`` does.
        """
        columns: list[JsonValue] = [
            [column.name, list(column.categories)] for column in schema.columns
        ]
        names = [column.name for column in schema.columns]
        answers: list[Answer | AnswerError] = []
        for start in range(0, len(rows), MOST_ROWS_AT_ONCE):
            part = rows[start : start + MOST_ROWS_AT_ONCE]
            values: list[JsonValue] = [
                [_value(row.get(name)) for name in names] for row in part
            ]
            header: JsonObject = {"kind": "table", "columns": columns, "rows": values}
            answers += self._predict(version, header, [], count=len(part))
        return answers

    def ping(self) -> bool:
        """Say whether the host answers."""
        try:
            return self._ask({"op": "ping"}, []).get("pong") is True
        except ModelHostError:
            return False

    def stats(self) -> JsonObject:
        """Give the host's pid, memory, CPU time, loaded models and answered items.

        Raises
        ------
        ModelHostError
            If the host cannot be reached.
        """
        return self._ask({"op": "stats"}, [])

    def _predict_contents(
        self, kind: str, version: VersionRef, contents: Iterable[bytes]
    ) -> list[Answer | AnswerError]:
        return [
            answer
            for part in _parts(contents)
            for answer in self._predict(version, {"kind": kind}, part, count=len(part))
        ]

    def _predict(
        self,
        version: VersionRef,
        header: JsonObject,
        contents: Sequence[bytes],
        *,
        count: int,
    ) -> list[Answer | AnswerError]:
        asked = header | {
            "op": "predict",
            "sha256": version.sha256,
            "preprocessing": version.preprocessing,
            "classes": list(version.classes),
            "stages": [stage.to_json() for stage in version.stages],
            "warm": list(version.warm),
        }
        said = self._ask(asked, contents)
        if "error" in said:
            return [_error(said)] * count
        classes, found, ms = said.get("classes"), said.get("answers"), said.get("ms")
        if classes != list(version.classes):
            detail = f"The file's classes are {classes}."[:300]
            return [AnswerError(code="classes_differ", detail=detail)] * count
        if not isinstance(found, list) or len(found) != count:
            raise ModelHostError("The model host gave another number of answers.")
        latency_ms = ms / count if isinstance(ms, int | float) else 0.0
        stage_ms = said.get("stage_ms")
        return [
            _read(version.classes, one, latency_ms, stage_ms=stage_ms) for one in found
        ]

    def _ask(self, header: JsonObject, contents: Sequence[bytes]) -> JsonObject:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(self.timeout_s)
                connection.connect(self.socket_path)
                send(connection, Message(header=header, attachments=contents))
                answer = receive(connection)
        except TimeoutError as error:
            message = f"The model host did not answer within {self.timeout_s:g} s."
            raise ModelHostError(message) from error
        except (OSError, BrokenMessageError) as error:
            raise ModelHostError(f"The model host cannot be asked: {error}") from error
        if answer is None:
            raise ModelHostError("The model host ended without an answer.")
        return answer.header


def _parts(contents: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Cut contents into parts that fit into one message."""
    part: list[bytes] = []
    size = 0
    for content in contents:
        if part and size + len(content) > MOST_BYTES_AT_ONCE:
            yield part
            part, size = [], 0
        part.append(content)
        size += len(content)
    if part:
        yield part


def _value(value: object) -> JsonValue:
    """Give a value of a cell as JSON can say it; anything else is missing."""
    return value if isinstance(value, str | float | int | bool) else None


def _read(
    classes: Sequence[str], said: JsonValue, latency_ms: float, *, stage_ms: JsonValue
) -> Answer | AnswerError:
    if not isinstance(said, dict):
        raise ModelHostError("The model host gave an answer that is none.")
    if "error" in said:
        return _error(said)
    probabilities = said.get("probabilities")
    if not isinstance(probabilities, list):
        raise ModelHostError("The model host gave an answer that is none.")
    answer = check_answer(classes, probabilities, latency_ms=latency_ms)
    if isinstance(answer, AnswerError):
        return answer
    return replace(answer, stages=_stages(said.get("stages"), stage_ms))


def _stages(told: JsonValue, took: JsonValue) -> JsonObject:
    """Put together what each stage said of an item, and how long it took."""
    if not isinstance(told, dict) or not isinstance(took, dict):
        return {}
    return {
        name: {**one, "ms": took.get(name)}
        for name, one in told.items()
        if isinstance(one, dict)
    }


def _error(said: JsonObject) -> AnswerError:
    return AnswerError(code=str(said["error"]), detail=str(said.get("detail", "")))
