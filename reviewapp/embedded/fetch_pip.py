"""Put pip into an environment that Python could not give one, as on a bare Debian.

Run by ``./run`` with the environment's own Python, before anything is installed: only
the standard library is here. The one wheel that is taken is known by its SHA-256.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

WHEEL = "pip-25.3-py3-none-any.whl"
SHA256 = "9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"
WAIT_S = 60


def fetch_pip(index: str) -> None:
    """Install pip from a package index into the running environment."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder) / WHEEL
        wheel.write_bytes(_download(index))
        # a wheel is a zip file, which Python can run as it is
        subprocess.run(
            [sys.executable, str(wheel / "pip"), "install", "-q", "--no-index", wheel],
            check=True,
        )


def _download(index: str) -> bytes:
    page = f"{index.rstrip('/')}/pip/"
    found = re.search(f'href="([^"#]*{re.escape(WHEEL)})[#"]', _read(page).decode())
    if found is None:
        raise SystemExit(f"{WHEEL} is not on {page}")
    content = _read(urljoin(page, found[1]))
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise SystemExit(f"{WHEEL} is not the file it should be. Not installed.")
    return content


def _read(address: str) -> bytes:
    try:
        with urllib.request.urlopen(  # noqa: S310 - what comes is known by its hash
            address, timeout=WAIT_S
        ) as answer:
            content: bytes = answer.read()
    except OSError as error:
        raise SystemExit(f"pip could not be fetched: {error}") from None
    return content


if __name__ == "__main__":
    fetch_pip(os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple"))
