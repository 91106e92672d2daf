"""A kept connection: it is asked nothing while it stands, and given up when it fell."""

import time
from collections.abc import Iterator

import pytest
from django.db import connection

from reviewapp.database.base import DatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept() -> Iterator[DatabaseWrapper]:
    """Give a connection of its own, as a thread of the web keeps one."""
    kept = connection.copy()
    assert isinstance(kept, DatabaseWrapper)
    kept.connect()
    yield kept
    kept.close()


def pid_of(kept: DatabaseWrapper) -> int:
    return int(kept.connection.info.backend_pid)


def end(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_connection_that_stands_is_usable_without_a_word(
    kept: DatabaseWrapper,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state_change FROM pg_stat_activity WHERE pid = %s", [pid_of(kept)]
        )
        before = cursor.fetchone()
        assert kept.is_usable()
        time.sleep(0.05)
        cursor.execute(
            "SELECT state_change FROM pg_stat_activity WHERE pid = %s", [pid_of(kept)]
        )
        assert cursor.fetchone() == before


def test_a_connection_that_the_server_ended_is_not_usable(
    kept: DatabaseWrapper,
) -> None:
    end(pid_of(kept))

    assert not kept.is_usable()


def test_a_word_from_the_server_is_no_end(kept: DatabaseWrapper) -> None:
    with kept.cursor() as cursor:
        cursor.execute("LISTEN something")
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY something")

    assert kept.is_usable()


def test_the_next_request_after_an_end_connects_anew(
    kept: DatabaseWrapper,
) -> None:
    ended = pid_of(kept)
    end(ended)
    kept.settings_dict["CONN_MAX_AGE"] = None
    kept.close_if_unusable_or_obsolete()

    with kept.cursor() as cursor:
        cursor.execute("SELECT 1")

    assert pid_of(kept) != ended


def test_a_closed_connection_is_not_usable(kept: DatabaseWrapper) -> None:
    kept.connection.close()

    assert not kept.is_usable()
