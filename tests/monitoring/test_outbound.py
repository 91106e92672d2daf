"""Outbound: what is never sent to, and that a name cannot change its mind."""

import shutil
import socket
import ssl
import subprocess
import time
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from monitoring import outbound
from monitoring.outbound import (
    SendFailedError,
    TargetNotAllowedError,
    is_public,
    post,
    target_of,
)
from tests.monitoring.receivers import receiver


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://user:pw@example.com/",
        "https://127.0.0.1",
        "https://[::1]",
        "https://0.0.0.0",
        "https://169.254.169.254",
        "https://10.0.0.1",
        "https://localhost",
        "https://localhost.",
        "https://me.localhost/",
        "https://intranet/",
        "https://example.com:22/",
        "https://example.com:70000/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::]/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://example.com/#part",
        "https://exa mple.com/",
        "https://example.com/\r\nHost: evil",
        "https://",
        "javascript:alert(1)",
        "",
    ],
)
def test_no_address_of_this_kind_is_a_target(url: str) -> None:
    with pytest.raises(TargetNotAllowedError):
        target_of(url)


def test_a_public_https_address_is_a_target() -> None:
    target = target_of("https://example.com/hooks?line=3")

    assert (target.host, target.port, target.path) == (
        "example.com",
        443,
        "/hooks?line=3",
    )
    assert not target.is_listed


def test_a_private_origin_is_a_target_where_the_server_lists_it() -> None:
    listed = ["http://mes.local:8080"]

    assert target_of("http://mes.local:8080/a", allowed=listed).is_listed
    for other in (
        "http://mes.local/a",
        "https://mes.local:8080/",
        "http://a.local:8080",
    ):
        with pytest.raises(TargetNotAllowedError):
            target_of(other, allowed=listed)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("192.168.1.1", False),
        ("100.64.1.1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2001:0:1::1", False),
        ("ff02::1", False),
        ("fe80::1", False),
    ],
)
def test_only_single_public_hosts_are_public(address: str, public: bool) -> None:  # noqa: FBT001 - a parameter of the table
    assert is_public(ip_address(address)) is public


def test_a_name_that_resolves_to_this_machine_is_refused_before_a_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receiver() as heard:
        real = socket.getaddrinfo

        def rebinding(host: str, port: int, **rest: Any) -> Any:
            return real("127.0.0.1", heard.port, **rest)

        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        with pytest.raises(TargetNotAllowedError, match="private"):
            post(target_of("https://public.example.com/"), b"{}", {})

        assert heard.requests == []


def test_a_name_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    with receiver() as heard:
        origin = f"http://mes.local:{heard.port}"

        def once(host: str, port: int, **rest: Any) -> Any:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]

        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, port, *a, **k: (
                once(host, port) if host == "mes.local" else real(host, port, *a, **k)
            ),
        )
        assert post(target_of(f"{origin}/in", allowed=[origin]), b"{}", {}) == 200

        [(path, headers, body)] = heard.requests
    assert asked == ["mes.local"]
    assert (path, body) == ("/in", b"{}")
    assert headers["Host"] == f"mes.local:{heard.port}"


def test_a_redirect_is_a_failure_and_not_followed() -> None:
    with receiver() as first, receiver() as second:
        first.status, first.location = 302, f"http://127.0.0.1:{second.port}/"
        origin = f"http://127.0.0.1:{first.port}"

        with pytest.raises(SendFailedError, match="answered 302"):
            post(target_of(origin, allowed=[origin]), b"{}", {})

        assert len(first.requests) == 1
        assert second.requests == []


def test_nobody_there_is_a_failure_that_says_no_more() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{held.getsockname()[1]}"

        with pytest.raises(SendFailedError, match=r"^cannot be reached$"):
            post(target_of(origin, allowed=[origin]), b"{}", {})


def test_who_answers_byte_by_byte_is_hung_up_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbound, "TOTAL_S", 0.5)
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        peer, _address = listener.accept()
        with peer:
            try:
                for _ in range(100):
                    peer.sendall(b"H")
                    time.sleep(0.1)
            except OSError:
                return

    thread = Thread(target=drip)
    thread.start()
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    began = time.monotonic()
    with pytest.raises(SendFailedError, match="too slow"):
        post(target_of(origin, allowed=[origin]), b"{}", {})
    took = time.monotonic() - began
    thread.join()
    listener.close()

    assert 0.4 < took < 3


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine's name, in one file with its key."""
    folder = tmp_path_factory.mktemp("tls")
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    make = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    into = "-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    subprocess.run(
        [openssl, *make.split(), *into.split()],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    both = folder / "both.pem"
    both.write_text(
        (folder / "key.pem").read_text() + (folder / "cert.pem").read_text()
    )
    return both


def test_a_certificate_is_checked_against_the_name(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with receiver(context) as heard:
        named = f"https://localhost:{heard.port}"
        other = f"https://127.0.0.1:{heard.port}"
        with pytest.raises(SendFailedError, match="broke off"):
            post(target_of(named, allowed=[named]), b"{}", {})
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with pytest.raises(SendFailedError, match="broke off"):
            post(target_of(other, allowed=[other]), b"{}", {})
        assert heard.requests == []

        assert post(target_of(named, allowed=[named]), b"{}", {}) == 200

        assert len(heard.requests) == 1
