"""Typed readers of the environment: each refuses what would be unsafe."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

# Keys that were printed somewhere are known to everybody.
PUBLISHED_KEYS = frozenset({"changeme", "secret", "django-insecure"})
SHORTEST_KEY = 50
SHORTEST_TOKEN = 32
FEWEST_KEY_CHARACTERS = 10


def read(
    name: str, convert: Callable[[str], T], *, example: str, default: T | None = None
) -> T:
    """Read one variable, or stop with a line that names it and shows an example."""
    text = os.environ.get(name, "")
    if not text:
        if default is None:
            raise ImproperlyConfigured(f"Set {name}, for example {name}={example}")
        return default
    try:
        return convert(text)
    except ValueError as error:
        # the value is not repeated: it may be a secret
        raise ImproperlyConfigured(
            f"{name}: {error}. For example {name}={example}"
        ) from error


def yes_or_no(text: str) -> bool:
    """Read a switch; anything but yes or no is refused."""
    if text not in {"yes", "no"}:
        raise ValueError("neither yes nor no")
    return text == "yes"


def words(text: str) -> list[str]:
    """Read a list with commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def host_names(text: str) -> list[str]:
    """Read the names this server answers to; a wildcard is refused."""
    names = words(text)
    if not names:
        raise ValueError("it names no host")
    if "*" in names:
        raise ValueError(
            "name each host; * lets anybody choose the links in your mails"
        )
    return names


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in; without a host no mail is sent."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False


def mail_server(text: str) -> MailServer:
    """Read a mail server: smtp:// begins TLS after a greeting, smtps:// at once."""
    parts = urlsplit(text)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("neither smtp:// nor smtps:// with a host")
    is_ssl = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if is_ssl else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_tls=not is_ssl and parts.query != "tls=no",
        use_ssl=is_ssl,
    )


def origins(text: str) -> list[str]:
    """Read origins with commas, each a scheme and a host and perhaps a port."""
    found = words(text)
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
            raise ValueError("each is https://host or http://host:port")
    return found


def secret_key(text: str) -> str:
    """Read a signing key, refusing short, monotonous and published ones."""
    if len(text) < SHORTEST_KEY or len(set(text)) < FEWEST_KEY_CHARACTERS:
        raise ValueError(
            f"fewer than {SHORTEST_KEY} characters, or than {FEWEST_KEY_CHARACTERS}"
            " different ones"
        )
    if any(key in text for key in PUBLISHED_KEYS):
        raise ValueError("a published key")
    return text


def metrics_token(text: str) -> str:
    """Read the token of /metrics, refusing one that can be guessed."""
    if len(text) < SHORTEST_TOKEN:
        raise ValueError(f"fewer than {SHORTEST_TOKEN} characters")
    return text
