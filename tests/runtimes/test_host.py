"""The model host, for real: a process of its own, asked over its socket."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from reviewapp.runtimes.answers import Answer, AnswerError
from reviewapp.runtimes.client import VersionRef
from reviewapp.runtimes.features import IMAGE_PREPROCESSING
from reviewapp.runtimes.wire import Message, receive, send
from tests.runtimes.hosts import (
    SCHEMA,
    RunningHost,
    as_rows,
    codes,
    made_rows,
)


def test_rows_are_answered_as_the_model_answers_them(
    host: RunningHost,
    row_version: VersionRef,
    row_model: HistGradientBoostingClassifier,
) -> None:
    numbers, _ = made_rows(200)
    expected = row_model.predict_proba(numbers)

    answers = host.asked().predict_rows(row_version, SCHEMA, as_rows(numbers))

    assert [a.probabilities for a in answers if isinstance(a, Answer)] == [
        pytest.approx(tuple(row)) for row in expected
    ]
    assert codes(answers) == row_model.predict(numbers).tolist()


def test_an_answer_names_class_confidence_and_time(
    host: RunningHost, row_version: VersionRef
) -> None:
    (answer,) = host.asked().predict_rows(row_version, SCHEMA, [{"width": 3.0}])

    assert isinstance(answer, Answer)
    assert answer.label == "good"
    assert answer.confidence == max(answer.probabilities) > 0.5
    assert 0 < answer.latency_ms < 10_000


def test_pictures_are_told_apart(
    host: RunningHost,
    picture_version: VersionRef,
    digits: tuple[list[bytes], list[str]],
) -> None:
    contents, names = digits[0][1000:1200], digits[1][1000:1200]

    answers = host.asked().predict_images(picture_version, contents)

    right = sum(code == name for code, name in zip(codes(answers), names, strict=True))
    assert right >= 190


def test_a_broken_picture_is_its_own_error_only(
    host: RunningHost,
    picture_version: VersionRef,
    digits: tuple[list[bytes], list[str]],
) -> None:
    good = digits[0][0]
    file = BytesIO()
    Image.new("L", (3, 3)).save(file, "TIFF")

    answers = host.asked().predict_images(
        picture_version, [good, b"", b"broken", good[:60], file.getvalue(), good]
    )

    assert codes(answers) == ["digit-0", *["bad_media"] * 4, "digit-0"]


def test_a_row_that_the_model_cannot_take_is_its_own_error_only(
    host: RunningHost, strict_model: object
) -> None:
    version = host.keep(strict_model)
    good: dict[str, object] = {"width": 3.0, "height": 0.0, "depth": 0.0}

    answers = host.asked().predict_rows(
        version, SCHEMA, [good, good | {"width": None}, good]
    )

    assert codes(answers) == ["good", "model_failed", "good"]
    assert isinstance(answers[1], AnswerError)
    assert "NaN" in answers[1].detail


def test_nothing_asked_is_nothing_answered(
    host: RunningHost, row_version: VersionRef, picture_version: VersionRef
) -> None:
    assert host.asked().predict_rows(row_version, SCHEMA, []) == []
    assert host.asked().predict_images(picture_version, []) == []


def test_answers_that_are_no_numbers_are_errors(host: RunningHost) -> None:
    model = LogisticRegression().fit(*made_rows())
    model.coef_ = model.coef_ * np.nan
    version = host.keep(model)

    answers = host.asked().predict_rows(version, SCHEMA, as_rows(made_rows(3)[0]))

    assert codes(answers) == ["not_finite"] * 3


def test_answers_for_other_classes_are_errors(
    host: RunningHost, row_version: VersionRef
) -> None:
    other = VersionRef(
        sha256=row_version.sha256,
        preprocessing=row_version.preprocessing,
        classes=("good", "bad"),
    )
    rows = as_rows(made_rows(2)[0])
    assert (
        codes(host.asked().predict_rows(other, SCHEMA, rows)) == ["classes_differ"] * 2
    )


def test_another_preprocessing_is_not_guessed(
    host: RunningHost, row_version: VersionRef
) -> None:
    for preprocessing in ("table-2", IMAGE_PREPROCESSING, ""):
        other = VersionRef(
            sha256=row_version.sha256,
            preprocessing=preprocessing,
            classes=row_version.classes,
        )
        found = host.asked().predict_rows(other, SCHEMA, [{}])
        assert codes(found) == ["unknown_preprocessing"]


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc/passwd", "", "x" * 64])
def test_a_model_that_is_not_there_is_an_error(
    host: RunningHost, row_version: VersionRef, digest: str
) -> None:
    version = VersionRef(
        sha256=digest,
        preprocessing=row_version.preprocessing,
        classes=row_version.classes,
    )
    assert (
        codes(host.asked().predict_rows(version, SCHEMA, [{}, {}]))
        == ["model_missing"] * 2
    )


def test_a_model_that_was_swapped_on_disk_is_refused(host: RunningHost) -> None:
    version = host.keep(HistGradientBoostingClassifier(max_iter=2).fit(*made_rows()))
    path = host.folder / f"{version.sha256}.skops"
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)

    answers = host.asked().predict_rows(version, SCHEMA, [{"width": 1.0}])

    assert codes(answers) == ["model_hash_differs"]


def test_a_file_that_is_no_model_is_an_error(host: RunningHost) -> None:
    version = host.keep({"not": "a model"})
    answers = host.asked().predict_rows(version, SCHEMA, [{}])
    assert codes(answers) == ["model_load_failed"]


def test_only_the_latest_models_stay_in_memory(own_host: RunningHost) -> None:
    versions = [
        own_host.keep(LogisticRegression(C=c).fit(*made_rows())) for c in range(1, 11)
    ]
    host = own_host.asked()

    for version in versions:
        assert codes(host.predict_rows(version, SCHEMA, as_rows(made_rows(1)[0]))) != []

    assert host.stats()["loaded"] == [version.sha256 for version in versions[2:]]


def test_the_model_before_stays_in_memory_while_there_is_room(
    own_host: RunningHost,
) -> None:
    rows, kinds = made_rows(40)
    models = [
        own_host.keep(LogisticRegression(C=c).fit(rows, kinds)) for c in (1.0, 2.0)
    ]
    beside = replace(models[0], warm=(models[1].sha256, "0" * 64))

    answers = own_host.asked().predict_rows(beside, SCHEMA, as_rows(rows[:1]))

    assert isinstance(answers[0], Answer)
    (own_host.folder / f"{models[1].sha256}.skops").unlink()
    warm = own_host.asked().predict_rows(models[1], SCHEMA, as_rows(rows[:1]))
    assert isinstance(warm[0], Answer), "it is answered without its file"


def test_the_host_tells_what_it_holds(
    host: RunningHost, row_version: VersionRef
) -> None:
    asked = host.asked()
    before = asked.stats()
    asked.predict_rows(row_version, SCHEMA, as_rows(made_rows(5)[0]))
    after = asked.stats()

    assert after["pid"] == host.process.pid
    assert isinstance(after["resident_bytes"], int)
    assert 50_000_000 < after["resident_bytes"] < 700_000_000
    assert isinstance(before["answered"], int)
    assert after["answered"] == before["answered"] + 5


def test_no_secret_is_in_the_hosts_environment(host: RunningHost) -> None:
    environment = Path(f"/proc/{host.process.pid}/environ").read_bytes()
    assert b"OMP_NUM_THREADS=1" in environment
    assert b"secret" not in environment
    assert b"DATABASE_URL" not in environment


def test_the_socket_is_for_our_own_user_only(host: RunningHost) -> None:
    assert host.socket.stat().st_mode & 0o777 == 0o600


def test_many_may_ask_at_once(host: RunningHost, row_version: VersionRef) -> None:
    rows = as_rows(made_rows(20)[0])
    expected = host.asked().predict_rows(row_version, SCHEMA, rows)

    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(
                lambda _: codes(host.asked().predict_rows(row_version, SCHEMA, rows)),
                range(40),
            )
        )

    assert found == [codes(expected)] * 40


def test_bytes_of_no_protocol_do_not_end_the_host(
    host: RunningHost, row_version: VersionRef
) -> None:
    scraps = [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff" * 64,
        b"\0\0\0\x02[]",
        b"\0\0\0\x03abc",
        b'\0\0\0\x10{"attached":[9]}',
        b'\0\0\0\x11{"attached":[-9]}',
        b"\0\0\0\x02{}",
        b"",
    ]
    for scrap in scraps:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(host.socket))
            connection.sendall(scrap)
            # the host may close before it has read all of it
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(4096):
                    pass

    assert len(host.asked().predict_rows(row_version, SCHEMA, [{}])) == 1


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"op": "erase"},
        {"op": "predict"},
        {"op": "predict", "kind": "table", "preprocessing": "table-1"},
        {"op": "predict", "kind": "table", "preprocessing": "table-1", "columns": 1},
        {
            "op": "predict",
            "kind": "table",
            "preprocessing": "table-1",
            "columns": [["a", []]],
            "rows": [[10**400]],
        },
        {
            "op": "predict",
            "kind": "table",
            "preprocessing": "table-1",
            "columns": [["a", []]],
            "rows": [[1, 2]],
        },
    ],
)
def test_a_request_that_makes_no_sense_is_answered_with_an_error(
    host: RunningHost, header: dict[str, object]
) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(host.socket))
        send(connection, Message(header=header))  # type: ignore[arg-type]  # as wrong as it may be
        answer = receive(connection)

    assert answer is not None
    assert isinstance(answer.header["error"], str)
