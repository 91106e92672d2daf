"""HTTP over one kept connection, at the least cost to the load generator.

The generator shares two cores with what it measures. Python's own client parses the
head of each answer as if it were mail and sends a request in two packets; a browser
does neither.
"""

import socket
from collections.abc import Mapping
from http import HTTPStatus

TIMEOUT_S = 30


class Wire:
    """A connection to a server that names the length of what it sends."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._socket: socket.socket | None = None

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: str = ""
    ) -> tuple[int, bytes]:
        """Send a request; give the answer's status and content."""
        content = body.encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        opened = self._open()
        opened.sendall(
            f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\n{head}"
            f"Content-Length: {len(content)}\r\n\r\n".encode()
            + content
        )
        return self._read(opened)

    def close(self) -> None:
        """End the connection; the next request begins another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self) -> socket.socket:
        if self._socket is None:
            host, _, port = self._host.partition(":")
            self._socket = socket.create_connection((host, int(port)), TIMEOUT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _read(self, opened: socket.socket) -> tuple[int, bytes]:
        got = b""
        while b"\r\n\r\n" not in got:
            got += _more(opened)
        head, _, content = got.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        fields = head.lower()
        if status == HTTPStatus.NO_CONTENT:
            return status, b""
        _, named, length = fields.partition(b"\r\ncontent-length:")
        if not named:
            raise RuntimeError(f"The server names no length:\n{head.decode()}")
        while len(content) < int(length.partition(b"\r\n")[0]):
            content += _more(opened)
        if b"\r\nconnection: close" in fields:
            self.close()
        return status, content


def _more(opened: socket.socket) -> bytes:
    part = opened.recv(65_536)
    if not part:
        raise RuntimeError("The server has ended the connection.")
    return part
