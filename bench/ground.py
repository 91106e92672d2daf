"""What every benchmark stands on: a database of its own, a web server, one printout."""

import contextlib
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = ("Django", "psycopg", "gunicorn", "celery")


def prepare_installation() -> Path:
    """Make a throw-away installation with its own cluster, and load Django on it."""
    from reviewapp.embedded.installation import (  # noqa: PLC0415 - before Django
        prepare,
    )

    for name in ("DATABASE_URL", "RUNG_VAR", "SECRET_KEY"):
        os.environ.pop(name, None)
    var = Path(tempfile.mkdtemp(prefix="rung-bench-"))
    prepare(var)
    os.environ["DJANGO_SETTINGS_MODULE"] = "reviewapp.settings"
    os.environ["STATEMENT_TIMEOUT_MS"] = "0"
    import django  # noqa: PLC0415 - its settings come from the lines above

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - likewise

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    return var


def remove(var: Path) -> None:
    """Stop the cluster and remove the installation."""
    from reviewapp.embedded.postgres import (  # noqa: PLC0415 - as above
        EmbeddedPostgres,
    )

    EmbeddedPostgres(var).stop()
    shutil.rmtree(var, ignore_errors=True)


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def web_server(application: str = "reviewapp.wsgi") -> Iterator[tuple[str, int]]:
    """Run gunicorn as the product does; give its address and its master's pid."""
    port = free_port()
    process = subprocess.Popen(
        [
            *[sys.executable, "-m", "gunicorn", application, "--no-control-socket"],
            *[
                "--worker-class",
                "gthread",
                "--workers",
                "2",
                "--threads",
                "2",
                "--preload",
            ],
            *["--bind", f"127.0.0.1:{port}", "--log-level", "warning"],
        ],
        cwd=PROJECT,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{address}/livez", timeout=5).close()  # noqa: S310 - our own server
                break
            time.sleep(0.1)
        yield address, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(15)


def workers_of(pid: int) -> list[int]:
    """Give the pids of a process's children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children]


def memory_mib(pids: list[int]) -> float:
    """Sum the processes' proportional share of memory."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return round(total / 1024, 1)


def own_pid() -> int:
    """Give the pid of the benchmark itself."""
    return os.getpid()


def cpu_seconds(pids: list[int]) -> float:
    """Sum the processes' user and system time."""
    ticks = os.sysconf("SC_CLK_TCK")
    used = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / ticks


def machine() -> dict[str, Any]:
    """Describe what a figure was measured on."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
        "versions": {name: version(name) for name in PACKAGES},
    }


def report(figures: dict[str, Any]) -> None:
    """Print a benchmark's figures as JSON."""
    print(json.dumps(figures, indent=2))
