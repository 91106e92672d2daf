"""Start everything on this machine: database, broker, workers, web, and the demo."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentTypeError
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from reviewapp.embedded.broker import broker_command
from reviewapp.embedded.processes import Program, Supervisor, say

LONGEST_START_S = 90.0
LAST_PORT = 65_535
# Of the API's two viewers, and of htmx, one is enough.
UNUSED_FILES = ["redoc*", "htmax*", "htmx-4*", "ext"]
WEB_WORKERS = 2
WEB_THREADS = 2
# Training and snapshots read whole lines; a page never may for so long.
LONG_STATEMENTS = "STATEMENT_TIMEOUT_MS=600000"


class Command(BaseCommand):
    help = "Start everything on this machine, and stop it with Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=_port, default=8000)
        parser.add_argument("--no-demo", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        port, is_demo = options["port"], not options["no_demo"]
        var = Path(os.environ.get("RUNG_VAR", "var")).resolve()
        supervisor = Supervisor(var)
        _require_free(port)
        with ThreadPoolExecutor(1) as beside:
            collected = beside.submit(_collect_static_files)
            call_command("migrate", interactive=False, verbosity=0)
            is_empty = not get_user_model().objects.exists()
            if is_demo and is_empty:
                _manage("seed_demo")
            key = _manage("first_admin_link") if is_empty and not is_demo else ""
            collected.result()
        connections.close_all()
        for program in _serving(var, port=port):
            supervisor.start(program)
        # the processor is for the first page until it is there
        answers = _first_page_answers(port, supervisor)
        for program in _working(var, is_demo=is_demo):
            supervisor.start(program)
        if answers:
            _welcome(f"http://127.0.0.1:{port}/", var, admin_key=key, is_demo=is_demo)
        sys.exit(supervisor.watch())


def _port(text: str) -> int:
    if text.isdecimal() and 0 < int(text) <= LAST_PORT:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is no port; give a number up to {LAST_PORT}.")


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CommandError(
                f"Port {port} is in use. Choose another one: ./run --port {port + 1}"
            ) from None


def _collect_static_files() -> None:
    """Collect, hash and compress the static files, if any of them has changed."""
    digest = sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            about = Path(storage.path(name)).stat()
            digest.update(f"{name} {about.st_size} {about.st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    call_command(
        "collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED_FILES
    )
    stamp.write_text(digest.hexdigest())


def _manage(*arguments: str) -> str:
    """Run a command of ours to its end, and give what it printed."""
    ended = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise CommandError(f"manage.py {arguments[0]} failed; see above.")
    return ended.stdout.strip()


def _serving(var: Path, *, port: int) -> list[Program]:
    """Name what the first page needs."""
    python = sys.executable
    gunicorn = [python, "-m", "gunicorn", "reviewapp.wsgi", "--no-control-socket"]
    gunicorn += ["--worker-class", "gthread", "--workers", str(WEB_WORKERS)]
    gunicorn += ["--threads", str(WEB_THREADS), "--bind", f"127.0.0.1:{port}"]
    gunicorn += ["--timeout", "60", "--graceful-timeout", "10", "--preload"]
    gunicorn += ["--max-requests", "20000", "--max-requests-jitter", "2000"]
    gunicorn += ["--log-level", "warning"]
    programs = []
    if os.environ.get("RUNG_KEEP_POSTGRES") == "yes":
        keeper = [python, "-m", "reviewapp.embedded.keeper", str(var)]
        programs.append(Program(name="database", command=keeper, stops_in=3))
    programs.append(Program(name="web", command=gunicorn))
    return programs


def _working(var: Path, *, is_demo: bool) -> list[Program]:
    """Name what predicts, routes and measures."""
    python = sys.executable
    celery = [python, "-m", "celery", "-A", "reviewapp.celery"]
    worker = [*celery, "worker", "--loglevel", "WARNING"]
    worker += ["--without-gossip", "--without-mingle"]
    host = [python, "-m", "reviewapp.runtimes.host"]
    host += ["--socket", str(settings.MODEL_HOST_SOCKET)]
    host += ["--models", str(settings.MODEL_ROOT)]
    beat = [*celery, "beat", "--loglevel", "WARNING"]
    beat += ["--schedule", str(var / "beat-schedule"), "--pidfile="]
    programs = []
    if os.environ.get("RUNG_KEEP_BROKER") == "yes":
        broker = broker_command(var, settings.BROKER_URL)
        programs.append(Program(name="broker", command=broker, stops_in=2))
    programs += [
        Program(name="model host", command=host, stops_in=1),
        Program(
            name="worker",
            command=[*worker, "-Q", "sweeps", "-c", "2", "-n", "sweeps@%h"],
        ),
        Program(
            name="long worker",
            # a job that breaks off is taken again, so nobody waits for its end
            command=[
                *["env", "REMAP_SIGTERM=SIGQUIT", LONG_STATEMENTS, *worker],
                *["-Q", "long", "-c", "1", "-n", "long@%h"],
            ],
        ),
        Program(name="beat", command=beat),
    ]
    if is_demo:
        demo = [python, "manage.py", "play_demo"]
        programs.append(Program(name="demo", command=demo))
    return programs


def _first_page_answers(port: int, supervisor: Supervisor) -> bool:
    ends = time.monotonic() + LONGEST_START_S
    while time.monotonic() < ends and not supervisor.is_stopping:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    return False


def _welcome(address: str, var: Path, *, admin_key: str, is_demo: bool) -> None:
    say(f"\nRung is up: {address}\n")
    accounts = var / "accounts.json"
    if is_demo and accounts.exists():
        say("Sign in as")
        for account in json.loads(accounts.read_text()):
            name, password = account["username"], account["password"]
            say(f"  {name:<8} {password}   {account['role']}")
    elif admin_key:
        say("Become its first admin within 30 minutes:")
        say(f"  {address}welcome/{admin_key}/")
    say("\nStop with Ctrl-C.\n")
