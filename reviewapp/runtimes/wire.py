"""How the model host and its clients write to each other: JSON, then plain bytes.

A message is the length of its header (4 bytes, big-endian), the header as JSON in
UTF-8, and the attachments, whose sizes stand in the header. Nothing is ever unpickled.
"""

import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

from reviewapp.strictjson import JsonObject

LENGTH_BYTES = 4
MAX_HEADER_BYTES = 64 * 1_048_576
MAX_ATTACHED_BYTES = 128 * 1_048_576
CHUNK_BYTES = 1_048_576


class BrokenMessageError(Exception):
    """The other side broke off, or does not speak this protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A header, and the bytes that belong to it."""

    header: JsonObject
    attachments: Sequence[bytes] = field(default=())


def send(connection: socket.socket, message: Message) -> None:
    """Write a message whole."""
    sizes = [len(attachment) for attachment in message.attachments]
    header = json.dumps(message.header | {"attached": sizes}).encode()
    connection.sendall(len(header).to_bytes(LENGTH_BYTES, "big") + header)
    for attachment in message.attachments:
        connection.sendall(attachment)


def receive(connection: socket.socket) -> Message | None:
    """Read a message whole; ``None`` if the other side has closed before it.

    Raises
    ------
    BrokenMessageError
        If it ends within a message, or the message is none or too large.
    """
    beginning = _read(connection, LENGTH_BYTES, may_end=True)
    if not beginning:
        return None
    length = int.from_bytes(beginning, "big")
    if length > MAX_HEADER_BYTES:
        raise BrokenMessageError(f"A header of {length:,} bytes is too large.")
    try:
        header = json.loads(_read(connection, length))
    except (ValueError, RecursionError) as error:
        raise BrokenMessageError("The header is not JSON.") from error
    sizes = header.pop("attached", []) if isinstance(header, dict) else None
    if not isinstance(sizes, list) or not all(type(size) is int for size in sizes):
        raise BrokenMessageError("The header does not say what is attached.")
    if min(sizes, default=0) < 0 or sum(sizes) > MAX_ATTACHED_BYTES:
        raise BrokenMessageError(f"Attachments of {sum(sizes):,} bytes are too large.")
    return Message(
        header=header, attachments=[_read(connection, size) for size in sizes]
    )


def _read(connection: socket.socket, size: int, *, may_end: bool = False) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(min(size - len(parts), CHUNK_BYTES))
        if not part:
            if may_end and not parts:
                return b""
            raise BrokenMessageError(
                f"The connection ended after {len(parts):,} of {size:,} bytes."
            )
        parts += part
    return bytes(parts)
