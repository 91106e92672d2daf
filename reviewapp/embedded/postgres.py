"""A real PostgreSQL in a folder, started on first use, stopped by its last user.

Only for when ``DATABASE_URL`` is not set. No root, no TCP port, no configuration.
"""

import atexit
import contextlib
import fcntl
import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

from reviewapp.embedded.programs import find_postgres
from reviewapp.embedded.sockets import short_folder

OPTIONS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "log_min_messages": "warning",
}
# These lose what was just committed when the machine stops: for test clusters only.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
USER = "rung"
DATABASE = "rung"
# After a kill the old backends need a few seconds to notice and go.
START_TRIES = 50
BETWEEN_TRIES_S = 0.2
LONGEST_STOP_S = 15.0


class EmbeddedPostgres:
    """One cluster below a folder, shared by every process that acquires it.

    Each user holds a shared lock that the kernel frees even after a kill; whoever
    leaves last stops the server.
    """

    def __init__(self, var: Path, *, durable: bool = True) -> None:
        self.programs = find_postgres()
        # A new major is a new, empty cluster beside the old one.
        self.home = var.resolve() / "postgres" / str(self._major())
        self.data = self.home / "data"
        self.socket = short_folder(self.home)
        self.url = f"postgresql://{USER}@/{DATABASE}?host={quote(str(self.socket))}"
        self._options = OPTIONS | {"unix_socket_directories": str(self.socket)}
        self._options |= {} if durable else NOT_DURABLE
        self._users: IO[str] | None = None

    def acquire(self) -> Self:
        """Start the server unless it runs, and count as a user until the exit."""
        with self._alone():
            if not self.is_running():
                self._start()
            self._users = (self.home / "users.lock").open("w")
            fcntl.flock(self._users, fcntl.LOCK_SH)
        atexit.register(self._release, os.getpid())
        return self

    def is_running(self) -> bool:
        """Say whether the server takes connections."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket / ".s.PGSQL.5432")) == 0

    def stop(self) -> None:
        """Stop the server whoever uses it, and wait until it is gone."""
        pid_file = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
            ends = time.monotonic() + LONGEST_STOP_S
            while pid_file.exists() and time.monotonic() < ends:
                time.sleep(0.05)

    def _major(self) -> int:
        said = subprocess.run(
            [self.programs / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
        )
        return int(said.stdout.split()[2].split(".")[0])

    def _start(self) -> None:
        self.socket.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (self.data / "global" / "pg_control").exists():
            # what an interrupted initdb may have left
            shutil.rmtree(self.data, ignore_errors=True)
            self._run(
                "initdb",
                *["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C"],
                *self._builtin_locale(),
            )
        # pg_ctl hands them to a shell, and a folder may have blanks in its name
        options = " ".join(
            f"-c {shlex.quote(f'{name}={value}')}"
            for name, value in self._options.items()
        )
        for left in range(START_TRIES - 1, -1, -1):
            log = str(self.home / "log")
            arguments = ["-w", "-l", log, "-o", options, "start"]
            if self._run("pg_ctl", *arguments, must_work=not left):
                break
            time.sleep(BETWEEN_TRIES_S)
        # it is there already on every start but the first
        subprocess.run(
            [self.programs / "createdb", "-h", self.socket, "-U", USER, DATABASE],
            capture_output=True,
            check=False,
        )

    def _builtin_locale(self) -> list[str]:
        if self._major() < 17:  # noqa: PLR2004 - the major that brought it
            return []
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]

    def _run(self, tool: str, *arguments: str, must_work: bool = True) -> bool:
        prefix, user = self._unprivileged()
        ended = subprocess.run(
            [*prefix, self.programs / tool, "-D", self.data, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            check=False,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=[] if user is not None else None,
        )
        if must_work and ended.returncode:
            raise SystemExit(
                f"{tool} failed. If it says 'Permission denied', run as a normal user, "
                f"move the checkout, or set DATABASE_URL.\n{ended.stdout[-2000:]}"
            )
        return ended.returncode == 0

    def _unprivileged(self) -> tuple[list[str], int | None]:
        """Say how to run a program that refuses root.

        As root, in a user namespace where root's own files look like nobody's: it works
        below a 0700 /root and changes no owner. Where that is forbidden, as nobody.
        """
        if os.geteuid() != 0:
            return [], None
        namespace = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
        if shutil.which("unshare"):
            allowed = subprocess.run(
                [*namespace, "true"], capture_output=True, check=False
            )
            if allowed.returncode == 0:
                self._give_to(0)
                return namespace, None
        nobody = pwd.getpwnam("nobody").pw_uid
        self._give_to(nobody)
        return [], nobody

    def _give_to(self, owner: int) -> None:
        if {self.home.stat().st_uid, self.socket.stat().st_uid} == {owner}:
            return
        for path in {self.home, self.socket, *self.home.rglob("*")}:
            os.chown(path, owner, owner)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _release(self, pid: int) -> None:
        if os.getpid() != pid or self._users is None or not self.home.exists():
            return  # a forked child holds its parent's lock, and may not let go
        with self._alone(), contextlib.suppress(BlockingIOError):
            # refused as long as anybody else holds it
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.stop()
