"""One process tree: everything starts together, dies together, and says what it does.

Each child runs under a small guardian that holds one end of a pipe. When the
supervisor goes, however it goes, the pipe closes and the guardian ends the child's
whole process group; so a killed supervisor leaves nothing behind.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

MOST_RESTARTS = 5
STEADY_AFTER_S = 60.0
GRACE_S = 12.0
COLOURS = (36, 33, 35, 32, 34, 31, 96)

GUARDIAN = """
import os, signal, subprocess, sys, threading, time
grace = float(sys.argv[1])
child = subprocess.Popen(sys.argv[2:], start_new_session=True, stdin=subprocess.DEVNULL)
def end(*_):
    def tell(number):
        try: os.killpg(child.pid, number)
        except ProcessLookupError: pass
    try: child.send_signal(signal.SIGTERM)
    except ProcessLookupError: pass
    for _ in range(int(grace * 20)):
        if child.poll() is not None: break
        time.sleep(0.05)
    tell(signal.SIGKILL)
    child.wait()
    os._exit(0)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
def watch():
    sys.stdin.buffer.read()
    end()
threading.Thread(target=watch, daemon=True).start()
code = child.wait()
try: os.killpg(child.pid, signal.SIGKILL)
except ProcessLookupError: pass
os._exit(code if code >= 0 else 128 - code)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One child: its name in the logs, its command, and when it stops.

    Children of a lower ``stops_in`` are stopped, and gone, before the next ones.
    """

    name: str
    command: Sequence[str]
    stops_in: int = 0


@dataclass(slots=True)
class _Child:
    program: Program
    process: "subprocess.Popen[bytes]"
    started_at: float
    restarts: int = 0
    due_at: float = field(default=0.0)


class AlreadyRunningError(SystemExit):
    """Another supervisor runs on the same folder."""


class Supervisor:
    """Starts programs, keeps them up, and stops them in order."""

    def __init__(self, var: Path) -> None:
        self._lock = _only_one(var)
        self._children: list[_Child] = []
        self._stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    @property
    def is_stopping(self) -> bool:
        """Say whether somebody asked to stop."""
        return self._stopping.is_set()

    def start(self, program: Program) -> None:
        """Start a program and copy what it says into our own log."""
        self._children.append(self._spawn(program, number=len(self._children)))

    def _spawn(self, program: Program, *, number: int) -> _Child:
        process = subprocess.Popen(
            [sys.executable, "-c", GUARDIAN, str(GRACE_S), *program.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(
            target=_copy_lines, args=(process, program.name, number), daemon=True
        ).start()
        return _Child(program=program, process=process, started_at=time.monotonic())

    def watch(self) -> int:
        """Keep the programs up until asked to stop; return the exit code.

        A program that ends is started again, more slowly each time. One that has ended
        too often ends everything.
        """
        code = 0
        while not self._stopping.wait(0.2):
            for number, child in enumerate(self._children):
                if child.process.poll() is None:
                    continue
                if not self._restart(number, child):
                    code = 1
                    self._stopping.set()
        self.stop()
        return code

    def _restart(self, number: int, child: _Child) -> bool:
        now = time.monotonic()
        if not child.due_at:
            if now - child.started_at > STEADY_AFTER_S:
                child.restarts = 0
            name, ended = child.program.name, child.process.returncode
            if child.restarts >= MOST_RESTARTS:
                say(f"{name} ended {MOST_RESTARTS + 1} times; stopping everything.")
                return False
            child.due_at = now + 0.5 * 2**child.restarts
            say(f"{name} ended with {ended}; starting it again.")
        elif now >= child.due_at:
            fresh = self._spawn(child.program, number=number)
            child.process, child.started_at = fresh.process, now
            child.restarts, child.due_at = child.restarts + 1, 0.0
        return True

    def stop(self) -> None:
        """Stop all programs, those that others need last."""
        for turn in sorted({child.program.stops_in for child in self._children}):
            leaving = [c for c in self._children if c.program.stops_in == turn]
            for child in leaving:
                if child.process.stdin is not None:
                    with contextlib.suppress(BrokenPipeError):
                        child.process.stdin.close()
            for child in leaving:
                child.process.wait(GRACE_S + 5)


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, flush=True)  # noqa: T201 - this is the terminal's program


def _copy_lines(process: "subprocess.Popen[bytes]", name: str, number: int) -> None:
    is_coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    colour = COLOURS[number % len(COLOURS)]
    prefix = f"{name:>10} | "
    if is_coloured:
        prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
    if process.stdout is None:
        return
    for line in process.stdout:
        say(prefix + line.decode(errors="replace").rstrip())


def _only_one(var: Path) -> IO[str]:
    """Hold the folder's lock; the kernel frees it however this process ends."""
    lock = (var / "running.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyRunningError(
            f"Rung is running on {var} already. Stop it there, or use another folder: "
            f"./run --var DIR"
        ) from None
    return lock
