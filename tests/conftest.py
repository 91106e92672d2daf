"""What all tests stand on: a clean database, a running model host, people and lines."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError
from django.db import OperationalError, connection
from django.test import Client, TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as properties
from pytest_django import DjangoDbBlocker

from reviewapp.models import ProductLine, User
from tests import factories

PASSWORD = "a-long-enough-password"

# A busy machine is no counterexample.
properties.register_profile(
    "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
properties.load_profile("busy")

_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # the stubs leave it out
FLUSH_TRIES = 5


def _flush_facts_too(case: TransactionTestCase) -> None:
    """Empty the tables after a test that committed; facts refuse that otherwise.

    A browser that is just closing may still have a request under way, whose locks and
    ours could wait for each other; then one of both is refused, and we ask again.
    """
    _wait_for_others()
    for left in range(FLUSH_TRIES - 1, -1, -1):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET session_replication_role = replica")
            _flush(case)
        except (CommandError, OperationalError):
            if not left:
                raise
            connection.close()
            time.sleep(0.2)
        else:
            break
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = origin")


def _wait_for_others() -> None:
    """Wait until no other connection of this database is at work."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle'"
                " AND datname = current_database() AND pid <> pg_backend_pid()"
            )
            row = cursor.fetchone()
        if row == (0,):
            return
        time.sleep(0.05)


TransactionTestCase._fixture_teardown = _flush_facts_too  # type: ignore[attr-defined]  # the stubs leave it out


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """Leave no test the language in which the one before was answered."""
    yield
    translation.deactivate()


@pytest.fixture
def line(db: None) -> ProductLine:
    """A line of table rows with the classes OK and scratch, at MANUAL."""
    return factories.make_line()


@pytest.fixture
def ana(line: ProductLine) -> User:
    """Ana inspects on the line."""
    return factories.make_inspector(line, "ana")


@pytest.fixture
def ben(line: ProductLine) -> User:
    """Ben inspects on the line too."""
    return factories.make_inspector(line, "ben")


@pytest.fixture
def mia(line: ProductLine) -> User:
    """Mia manages the line."""
    return factories.make_manager(line, "mia")


@pytest.fixture
def ada(db: None) -> User:
    """Ada is an admin."""
    return factories.make_user("ada", is_superuser=True)


@pytest.fixture
def zoe(db: None) -> User:
    """Zoe has no access to any line."""
    return factories.make_user("zoe")


@pytest.fixture
def ana_browser(client: Client, ana: User) -> Client:
    """Ana's signed-in browser."""
    client.force_login(ana, backend="reviewapp.sessions.PersonBackend")
    return client


@pytest.fixture(scope="session", autouse=True)
def alone_at_the_end(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """End what a server's thread has left open before the database is dropped.

    By a connection of its own: the suite's is closed before, lest it be ended as well.
    """
    yield
    with django_db_blocker.unblock():
        apart = connection.copy()
        connection.close()
        with apart.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        apart.close()


@pytest.fixture(scope="session")
def model_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real model host in a process of its own."""
    folder = tmp_path_factory.mktemp("host")
    socket = Path("/tmp") / f"rung-host-{folder.parent.name}-{id(folder):x}.sock"
    Path(settings.MODEL_ROOT).mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "reviewapp.runtimes.host",
            "--socket",
            str(socket),
            "--models",
            str(settings.MODEL_ROOT),
        ]
    )
    for _ in range(200):
        if socket.exists():
            break
        time.sleep(0.05)
    settings.MODEL_HOST_SOCKET = socket
    yield socket
    process.terminate()
    process.wait(10)
    socket.unlink(missing_ok=True)
