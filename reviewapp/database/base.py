"""Connections that plan what has many joins anew, and ask the kernel if they stand."""

import select
from typing import Any, Self

import psycopg
from django.db.backends.postgresql import base
from psycopg.abc import Params, QueryNoTemplate

# A kept plan knows no values. For a row found by its number it need not; of so many
# joins it may take thousands of rows for one, and read each of them for every other.
MANY_JOINS = 5


class Cursor(base.CursorMixin, psycopg.Cursor[Any]):
    """A cursor whose statements of many joins are planned for their values."""

    def execute(  # type: ignore[override]  # Django asks with texts, never templates
        self,
        query: QueryNoTemplate,
        params: Params | None = None,
        *,
        prepare: bool | None = None,
        binary: bool | None = None,
    ) -> Self:
        """Execute a statement, with a plan that is kept unless it has many joins."""
        has_many = isinstance(query, str) and query.count("JOIN ") >= MANY_JOINS
        if prepare is None and has_many:
            prepare = False
        return super().execute(query, params, prepare=prepare, binary=binary)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL that is kept from one request to the next."""

    def get_connection_params(self) -> dict[str, Any]:
        """Give what a connection is made with, its own cursors among it."""
        params: dict[str, Any] = super().get_connection_params()
        return params | {"cursor_factory": Cursor}

    def is_usable(self) -> bool:
        """Say whether the next statement can be sent.

        A server that ends a connection says so on its socket, so a socket with nothing
        to read is one that stands, which costs no round trip. Where there is something
        the server is asked, as Django does each time.
        """
        if self.connection is None or self.connection.closed:
            return False
        socket = select.poll()
        socket.register(self.connection.fileno(), select.POLLIN)
        return not socket.poll(0) or super().is_usable()
