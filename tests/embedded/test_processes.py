"""The process tree: it restarts, gives up, stops in order, and leaves nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SUPERVISE = """
import sys, pathlib
from reviewapp.embedded.processes import Program, Supervisor
var = pathlib.Path(sys.argv[1])
supervisor = Supervisor(var)
for name, stops_in, code in {programs!r}:
    command = [sys.executable, "-c", code, str(var)]
    supervisor.start(Program(name=name, command=command, stops_in=stops_in))
print("started", flush=True)
sys.exit(supervisor.watch())
"""
# Writes its pid, then waits; on SIGTERM it notes that it went.
PATIENT = (
    "import os, pathlib, signal, sys, time\n"
    "var = pathlib.Path(sys.argv[1])\n"
    "def go(*_):\n"
    "    with (var / 'gone').open('a') as f: f.write('{name} ')\n"
    "    sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, go)\n"
    "(var / '{name}.pid').write_text(str(os.getpid()))\n"
    "while True: time.sleep(0.05)\n"
)
FAILING = (
    "import pathlib, sys\n"
    "with (pathlib.Path(sys.argv[1]) / 'tries').open('a') as f: f.write('x')\n"
    "sys.exit(3)\n"
)
PARENT = (
    "import os, pathlib, subprocess, sys, time\n"
    "var = pathlib.Path(sys.argv[1])\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "(var / 'child.pid').write_text(str(child.pid))\n"
    "(var / 'parent.pid').write_text(str(os.getpid()))\n"
    "time.sleep(60)\n"
)


def supervise(
    var: Path, programs: list[tuple[str, int, str]]
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", SUPERVISE.format(programs=programs), str(var)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(path: Path) -> str:
    for _ in range(200):
        if path.exists() and path.read_text():
            return path.read_text()
        time.sleep(0.05)
    raise AssertionError(f"{path.name} never came")


def lives(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


def patient(name: str, stops_in: int) -> tuple[str, int, str]:
    return name, stops_in, PATIENT.format(name=name)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_in_order_and_leaves_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = supervise(tmp_path, [patient("broker", 2), patient("web", 0)])
    pids = [int(wait_for(tmp_path / f"{name}.pid")) for name in ("broker", "web")]

    process.send_signal(number)
    process.communicate(timeout=20)

    assert process.returncode == 0
    assert (tmp_path / "gone").read_text() == "web broker "
    assert not any(lives(pid) for pid in pids)


def test_a_killed_supervisor_leaves_neither_child_nor_grandchild(
    tmp_path: Path,
) -> None:
    process = supervise(tmp_path, [("web", 0, PARENT)])
    pids = [int(wait_for(tmp_path / f"{name}.pid")) for name in ("child", "parent")]

    process.kill()
    process.communicate(timeout=20)

    for _ in range(300):
        if not any(lives(pid) for pid in pids):
            return
        time.sleep(0.05)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    raise AssertionError("orphans were left")


def test_a_program_that_ends_is_started_again(tmp_path: Path) -> None:
    process = supervise(tmp_path, [patient("web", 0)])
    first = int(wait_for(tmp_path / "web.pid"))
    (tmp_path / "web.pid").unlink()

    os.kill(first, signal.SIGKILL)

    assert int(wait_for(tmp_path / "web.pid")) != first
    process.terminate()
    said, _nothing = process.communicate(timeout=20)
    assert "web ended with" in said


@pytest.mark.faults
def test_a_program_that_ends_always_ends_everything(tmp_path: Path) -> None:
    process = supervise(tmp_path, [("web", 0, FAILING)])

    said, _nothing = process.communicate(timeout=60)

    assert process.returncode == 1
    assert (tmp_path / "tries").read_text() == "x" * 6
    assert "stopping everything" in said


def test_a_second_start_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    first = supervise(tmp_path, [patient("web", 0)])
    wait_for(tmp_path / "web.pid")

    second = supervise(tmp_path, [patient("web", 0)])
    said, _nothing = second.communicate(timeout=20)

    assert second.returncode != 0
    assert "is running on" in said
    first.terminate()
    first.communicate(timeout=20)
