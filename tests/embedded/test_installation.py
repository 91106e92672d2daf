"""What a start brings by itself, and what it leaves to servers that already run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOLD = """
import json, os, sys
from pathlib import Path
from reviewapp.embedded.installation import prepare
prepare(Path(sys.argv[1]))
print(json.dumps({name: os.environ.get(name) for name in sys.argv[2:]}))
"""
ASKED = ("DATABASE_URL", "BROKER_URL", "RUNG_KEEP_POSTGRES", "RUNG_KEEP_BROKER")
DATABASE = "postgresql://rung@db.example/rung"
SOCKET_OF_OTHERS = "redis+socket:///run/valkey/valkey.sock?virtual_host=1"


def prepared(var: Path, **given: str) -> dict[str, str | None]:
    """Prepare an installation in a process of its own; give what stands then."""
    bare = {k: v for k, v in os.environ.items() if k not in ASKED}
    ended = subprocess.run(
        [sys.executable, "-c", TOLD, str(var), *ASKED],
        env=bare | given,
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, str | None] = json.loads(ended.stdout)
    return told


@pytest.mark.parametrize("broker", ["redis://broker.example:6379/0", SOCKET_OF_OTHERS])
def test_servers_that_are_named_are_used_and_none_is_started(
    tmp_path: Path, broker: str
) -> None:
    told = prepared(tmp_path / "var", DATABASE_URL=DATABASE, BROKER_URL=broker)

    assert told == {
        "DATABASE_URL": DATABASE,
        "BROKER_URL": broker,
        "RUNG_KEEP_POSTGRES": None,
        "RUNG_KEEP_BROKER": None,
    }
    assert not (tmp_path / "var" / "postgres").exists()


def test_what_is_not_named_is_brought(tmp_path: Path) -> None:
    told = prepared(tmp_path / "var", DATABASE_URL=DATABASE)

    assert told["RUNG_KEEP_BROKER"] == "yes"
    assert told["RUNG_KEEP_POSTGRES"] is None
    assert (told["BROKER_URL"] or "").startswith("redis+socket://")
