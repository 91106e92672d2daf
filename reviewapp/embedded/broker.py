"""The broker's command line: a real Valkey on a Unix socket, with a log on disk."""

from pathlib import Path
from urllib.parse import urlsplit

from reviewapp.embedded.programs import find_broker


def broker_command(var: Path, url: str) -> list[str]:
    """Give the command that serves a broker's address, which is a Unix socket's."""
    parts = urlsplit(url)
    folder = var / "valkey"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [
        str(find_broker()),
        *["--port", "0", "--unixsocket", parts.path, "--unixsocketperm", "700"],
        *["--dir", str(folder), "--appendonly", "yes", "--appendfsync", "everysec"],
        *["--save", "", "--maxmemory-policy", "noeviction", "--loglevel", "warning"],
        *["--daemonize", "no"],
    ]
