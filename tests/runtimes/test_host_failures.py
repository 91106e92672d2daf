"""A model host that dies, hangs, or is asked for too much, harms itself alone."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from reviewapp.errors import ModelHostError
from reviewapp.runtimes.client import ModelHost, VersionRef
from tests.runtimes.hosts import (
    SCHEMA,
    RunningHost,
    as_rows,
    codes,
    made_rows,
    start_host,
    stop_host,
)


def test_a_host_that_is_not_there_is_said(tmp_path: Path) -> None:
    host = ModelHost(tmp_path / "none", timeout_s=1)
    version = VersionRef(sha256="0" * 64, preprocessing="table-1", classes=("a",))

    assert not host.ping()
    with pytest.raises(ModelHostError, match="cannot be asked"):
        host.predict_rows(version, SCHEMA, [{}])


def test_a_host_that_hangs_is_given_up_after_the_time_out(
    own_host: RunningHost,
) -> None:
    assert own_host.asked().ping()
    own_host.process.send_signal(signal.SIGSTOP)
    started = time.monotonic()

    with pytest.raises(ModelHostError, match=r"within 0\.5 s"):
        own_host.asked(timeout_s=0.5).stats()

    assert time.monotonic() - started < 5
    own_host.process.send_signal(signal.SIGCONT)
    assert own_host.asked().ping()


def slow_model() -> KNeighborsClassifier:
    """It compares every row with 400,000 others: many seconds for ten thousand."""
    return KNeighborsClassifier(algorithm="brute").fit(*made_rows(400_000))


def test_a_host_that_dies_meanwhile_is_said(own_host: RunningHost) -> None:
    slow = own_host.keep(slow_model())
    rows = as_rows(made_rows(10_000)[0])
    threading.Timer(0.5, own_host.process.kill).start()

    with pytest.raises(ModelHostError, match=r"cannot be asked|without an answer"):
        own_host.asked().predict_rows(slow, SCHEMA, rows)


def test_a_model_too_large_for_the_limit_is_an_error_and_the_host_lives(
    own_host: RunningHost,
) -> None:
    large = LogisticRegression().fit(*made_rows())
    large.ballast_ = np.zeros(60_000_000)
    small = own_host.keep(LogisticRegression().fit(*made_rows()))
    version = own_host.keep(large)
    host = own_host.asked()

    assert codes(host.predict_rows(version, SCHEMA, [{"width": 1.0}])) == [
        "model_load_failed"
    ]
    rows = as_rows(made_rows(1)[0])
    assert codes(host.predict_rows(small, SCHEMA, rows))[0] in small.classes


def test_a_model_that_computes_too_long_ends_the_host_alone() -> None:
    own_host = start_host("--cpu-s", "1")
    try:
        slow = own_host.keep(slow_model())

        with pytest.raises(ModelHostError):
            own_host.asked().predict_rows(slow, SCHEMA, as_rows(made_rows(10_000)[0]))

        assert own_host.process.wait(10) == -signal.SIGXCPU
    finally:
        stop_host(own_host)


def test_the_socket_of_a_dead_host_is_taken_over_and_removed_at_the_end(
    own_host: RunningHost,
) -> None:
    own_host.process.kill()
    own_host.process.wait(10)
    assert own_host.socket.exists()
    assert not own_host.asked().ping()

    second = start_host(folder=own_host.folder)
    assert second.asked().stats()["pid"] == second.process.pid

    second.process.terminate()
    assert second.process.wait(10) == 0
    assert not own_host.socket.exists()


def test_the_socket_of_a_living_host_is_left_to_it(host: RunningHost) -> None:
    second = subprocess.run(
        [
            *(sys.executable, "-m", "reviewapp.runtimes.host"),
            *("--socket", str(host.socket), "--models", str(host.folder)),
        ],
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert second.returncode == 1
    assert b"Another model host listens" in second.stderr
    assert host.asked().ping()
