"""Connections that ask the kernel, not the server, whether they still stand."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL that is kept from one request to the next."""

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
