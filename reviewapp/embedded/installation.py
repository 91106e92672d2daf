"""A local installation: the environment that the settings of a laptop come from."""

import json
import os
import secrets
from pathlib import Path

from reviewapp.embedded.postgres import EmbeddedPostgres
from reviewapp.embedded.sockets import short_folder

KEY_BYTES = 48


def prepare(var: Path) -> None:
    """Fill the environment for the installation in a folder, and start its database.

    A variable that is set already wins; so any part can be replaced by a real server.
    """
    var = var.resolve()
    try:
        var.mkdir(parents=True, exist_ok=True)
        var.chmod(0o700)
    except OSError as error:
        raise SystemExit(
            f"{var} cannot be used ({error.strerror}). Choose a folder of your own: "
            f"./run --var DIR"
        ) from None
    sockets = short_folder(var)
    sockets.mkdir(parents=True, exist_ok=True, mode=0o700)
    defaults = {
        "RUNG_VAR": str(var),
        "SECRET_KEY": _secret(var, "SECRET_KEY"),
        "MODEL_HOST_SOCKET": str(sockets / "model-host.sock"),
        "MEDIA_ROOT": str(var / "media"),
        "MODEL_ROOT": str(var / "models"),
        "STATIC_ROOT": str(var / "static"),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "INSECURE_HTTP": "yes",
        # Two threads of a library on two shared cores are slower than one.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    if "BROKER_URL" not in os.environ:
        socket = f"redis+socket://{sockets}/valkey.sock?virtual_host=0"
        os.environ["BROKER_URL"] = socket
        os.environ["RUNG_KEEP_BROKER"] = "yes"
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = EmbeddedPostgres(var).acquire().url
        os.environ["RUNG_KEEP_POSTGRES"] = "yes"


def _secret(var: Path, name: str) -> str:
    """Read a secret of this installation, or make it on first use."""
    path = var / "secrets.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if name not in known:
        known[name] = secrets.token_urlsafe(KEY_BYTES)
        partial = path.with_suffix(".part")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(known))
        partial.rename(path)
    return known[name]
