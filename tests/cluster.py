"""A throw-away PostgreSQL for one run of the tests, started before Django loads."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from reviewapp.embedded.postgres import EmbeddedPostgres


def pytest_configure() -> None:
    """Keep pytest from thinking that this plugin is empty."""


def _start() -> None:
    if "RUNG_TEST_VAR" in os.environ:
        return  # a worker of this run, which has what its parent started
    var = Path(tempfile.mkdtemp(prefix="rung-"))
    os.environ["RUNG_TEST_VAR"] = str(var)
    (var / "rung-test" / "static").mkdir(parents=True)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if "DATABASE_URL" not in os.environ:
        server = EmbeddedPostgres(var, durable=False).acquire()
        os.environ["DATABASE_URL"] = server.url
        atexit.register(shutil.rmtree, var, ignore_errors=True)
        atexit.register(server.stop)


_start()
