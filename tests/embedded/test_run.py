"""``./run`` in a fresh clone: up, stopped, killed, beside another; nothing is left."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_START_S = 120.0

pytestmark = pytest.mark.faults


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """The working tree in a path with blanks, with the environment of this one."""
    folder = tmp_path / "a clone with blanks"
    left_out = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__")
    shutil.copytree(ROOT, folder, ignore=left_out)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    yield folder
    for pid in processes_of(folder):
        os.kill(pid, signal.SIGKILL)


def processes_of(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and entry.name != str(os.getpid()):
            try:
                command, place = entry / "cmdline", (entry / "cwd").readlink()
                is_ours = str(folder).encode() in command.read_bytes()
            except OSError:
                continue
            if is_ours or place.is_relative_to(folder):
                found.append(int(entry.name))
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def start(clone: Path, *arguments: str, port: int) -> "subprocess.Popen[str]":
    clean = {k: v for k, v in os.environ.items() if k not in SET_BY_TESTS}
    return subprocess.Popen(
        ["./run", "--no-demo", "--port", str(port), *arguments],
        cwd=clone,
        env=clean,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


SET_BY_TESTS = {
    *("DATABASE_URL", "BROKER_URL", "SECRET_KEY", "ALLOWED_HOSTS", "MEDIA_ROOT"),
    *("MODEL_ROOT", "STATIC_ROOT", "MODEL_HOST_SOCKET", "RUNG_TEST_VAR", "RUNG_VAR"),
    *("INSECURE_HTTP", "LOG_LEVEL", "DJANGO_SETTINGS_MODULE"),
}


def wait_until_up(process: "subprocess.Popen[str]", port: int) -> None:
    ends = time.monotonic() + LONGEST_START_S
    while time.monotonic() < ends:
        assert process.poll() is None, process.communicate()[0]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail("the first page did not come")


def wait_until_gone(folder: Path) -> None:
    ends = time.monotonic() + 30
    while processes_of(folder) and time.monotonic() < ends:
        time.sleep(0.2)
    assert not processes_of(folder)


def test_it_comes_up_and_goes_and_a_kill_leaves_nothing(clone: Path) -> None:
    port = free_port()
    first = start(clone, port=port)
    wait_until_up(first, port)
    second = start(clone, port=free_port())
    assert "is running on" in second.communicate(timeout=60)[0]
    beside = start(clone, "--var", "other var", port=port)
    assert f"Port {port} is in use" in beside.communicate(timeout=60)[0]

    first.send_signal(signal.SIGINT)
    said = first.communicate(timeout=60)[0]

    assert first.returncode == 0, said
    assert f"http://127.0.0.1:{port}/welcome/" in said
    wait_until_gone(clone)

    again = start(clone, port=port)
    wait_until_up(again, port)
    again.kill()
    again.communicate(timeout=60)
    wait_until_gone(clone)
