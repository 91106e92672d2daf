"""Outbound: one POST to one address that was checked, and nothing of the answer.

A name is resolved once; every address it has must be a public one, and the connection
goes to the address that was checked, so that a name cannot change its mind in between.
Private targets are reached only where the server's own settings name their origin.
"""

import socket
import ssl
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from urllib.parse import SplitResult, urlsplit

PORTS = frozenset({443, 8443})
CONNECT_S = 2.0
TOTAL_S = 10.0
LONGEST_URL = 300
# Ways round a check of IPv4: NAT64, 6to4 and Teredo carry an address inside.
TUNNELS = (
    IPv6Network("64:ff9b::/96"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("2002::/16"),
    IPv6Network("2001::/32"),
)


class WhyNot(StrEnum):
    """Why nothing may be sent to an address, as logs say it."""

    NO_ADDRESS = "this is no address"
    NAMED = "an address carries no name or password"
    NOT_HTTPS = "only https is sent to"
    OTHER_PORT = "only the ports 443 and 8443 are sent to"
    PRIVATE_ADDRESS = "this is an address of a private network"
    PRIVATE_NAME = "this is a name of a private network"


class TargetNotAllowedError(ValueError):
    """An address that nothing may be sent to; the message says why."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why.value)
        self.why = why


class SendFailedError(Exception):
    """A target that could not be reached, or did not answer with success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to send: an origin, a path, and whether the server's settings name it."""

    scheme: str
    host: str
    port: int
    path: str
    is_listed: bool


def target_of(url: str, *, allowed: Collection[str] = ()) -> Target:
    """Read an address and refuse what nothing may be sent to, without asking a name.

    Raises
    ------
    TargetNotAllowedError
        If it is not https on port 443 or 8443, carries a password, or names this or a
        private network, and its origin is not in ``allowed``.
    """
    parts, port = _read(url)
    host = (parts.hostname or "").rstrip(".")
    port = port or (443 if parts.scheme == "https" else 80)
    target = Target(
        scheme=parts.scheme,
        host=host,
        port=port,
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        is_listed=_origin(parts.scheme, host, port) in {*map(_origin_of, allowed)},
    )
    if target.is_listed:
        return target
    if target.scheme != "https":
        raise TargetNotAllowedError(WhyNot.NOT_HTTPS)
    if port not in PORTS:
        raise TargetNotAllowedError(WhyNot.OTHER_PORT)
    literal = _literal(host)
    if literal is not None and not is_public(literal):
        raise TargetNotAllowedError(WhyNot.PRIVATE_ADDRESS)
    if literal is None and ("." not in host or host.endswith(".localhost")):
        raise TargetNotAllowedError(WhyNot.PRIVATE_NAME)
    return target


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a body once, following nothing; return the status if it is a success.

    Two seconds to connect, ten in all. The answer's body is not read.

    Raises
    ------
    TargetNotAllowedError
        If the name has an address that is not public.
    SendFailedError
        If it could not be sent, or the answer is no success.
    """
    address = _address(target)
    try:
        stream = socket.create_connection((address, target.port), CONNECT_S)
    except OSError as error:
        raise SendFailedError("cannot be reached") from error
    if target.scheme == "https":
        stream = ssl.create_default_context().wrap_socket(
            stream, server_hostname=target.host, do_handshake_on_connect=False
        )
    with closing(stream):
        # a peer that answers byte by byte would outlast any wait for a single read
        ends = Timer(TOTAL_S, _hang_up, [stream])
        ends.daemon = True
        ends.start()
        try:
            status = _exchange(stream, target, body, headers)
        except (OSError, HTTPException, ValueError) as error:
            raise SendFailedError("broke off or was too slow") from error
        finally:
            ends.cancel()
    if not 200 <= status < 300:  # noqa: PLR2004 - the class of successes
        raise SendFailedError(f"answered {status}")
    return status


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address belongs to the public network and to a single host."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in tunnel for tunnel in TUNNELS):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _read(url: str) -> tuple[SplitResult, int | None]:
    """Take an address apart, and refuse what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise TargetNotAllowedError(WhyNot.NO_ADDRESS) from error
    is_plain = url.isascii() and url.isprintable() and " " not in url
    if not is_plain or len(url) > LONGEST_URL or not parts.hostname or parts.fragment:
        raise TargetNotAllowedError(WhyNot.NO_ADDRESS)
    if parts.username is not None or parts.password is not None:
        raise TargetNotAllowedError(WhyNot.NAMED)
    if parts.scheme not in {"http", "https"}:
        raise TargetNotAllowedError(WhyNot.NOT_HTTPS)
    return parts, port


def _exchange(
    stream: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]
) -> int:
    stream.settimeout(TOTAL_S)
    if isinstance(stream, ssl.SSLSocket):
        stream.do_handshake()
    connection = HTTPConnection(target.host, target.port)
    connection.sock = stream
    with closing(connection):
        connection.request("POST", target.path, body=body, headers=dict(headers))
        return connection.getresponse().status


def _address(target: Target) -> str:
    """Resolve a name once, and refuse it when any of its addresses is not public."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SendFailedError("has no address") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not target.is_listed and not all(
        is_public(ip_address(address)) for address in addresses
    ):
        raise TargetNotAllowedError(WhyNot.PRIVATE_ADDRESS)
    return addresses[0]


def _hang_up(stream: socket.socket) -> None:
    try:
        stream.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _origin(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{host}:{port}"


def _origin_of(listed: str) -> str:
    parts = urlsplit(listed)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return _origin(parts.scheme, (parts.hostname or "").rstrip("."), port)
