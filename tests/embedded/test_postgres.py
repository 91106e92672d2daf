"""The embedded cluster: started on first use, shared, stopped by its last user."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from reviewapp.embedded.postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
USE = (
    "import sys, pathlib, time\n"
    "from reviewapp.embedded.postgres import EmbeddedPostgres\n"
    "EmbeddedPostgres(pathlib.Path(sys.argv[1]), durable=False).acquire()\n"
    "print('up', flush=True); sys.stdin.readline()\n"
)


@pytest.fixture
def var() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rung with blanks ") as folder:
        yield Path(folder)
        EmbeddedPostgres(Path(folder), durable=False).stop()


def user(var: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", USE, str(var)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def leave(process: "subprocess.Popen[str]") -> None:
    process.communicate("\n", timeout=30)


def test_many_users_share_one_server_and_the_last_one_stops_it(var: Path) -> None:
    users = [user(var) for _ in range(3)]
    for each in users:
        assert each.stdout is not None
        assert each.stdout.readline() == "up\n"
    server = EmbeddedPostgres(var, durable=False)
    assert server.is_running()
    with psycopg.connect(server.url) as connection:
        row = connection.execute("SELECT current_setting('server_version_num')")
        assert int((row.fetchone() or (0,))[0]) >= 150_000

    leave(users[0])
    leave(users[1])
    assert server.is_running()
    leave(users[2])

    assert not server.is_running()


def test_a_killed_server_is_started_again(var: Path) -> None:
    first = user(var)
    assert first.stdout is not None
    assert first.stdout.readline() == "up\n"
    server = EmbeddedPostgres(var, durable=False)
    pid = int((server.data / "postmaster.pid").read_text().split()[0])

    os.kill(pid, signal.SIGKILL)
    second = user(var)

    assert second.stdout is not None
    assert second.stdout.readline() == "up\n"
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    leave(second)
    leave(first)
    time.sleep(0.1)
    assert not server.is_running()


def test_a_long_path_moves_only_the_socket(var: Path) -> None:
    deep = var / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    each = user(deep)
    assert each.stdout is not None

    assert each.stdout.readline() == "up\n"

    server = EmbeddedPostgres(deep, durable=False)
    assert server.data.is_relative_to(deep)
    assert len(str(server.socket)) < 100
    leave(each)
