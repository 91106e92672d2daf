"""pip for a bare Python: the one wheel that is known by its hash, or nothing."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from reviewapp.embedded.fetch_pip import WHEEL, fetch_pip


class Quiet(SimpleHTTPRequestHandler):
    """An index that keeps no log."""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """A package index in a folder."""
    (tmp_path / "pip").mkdir()
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_another_file_under_the_wheels_name_is_not_installed(
    index: str, tmp_path: Path
) -> None:
    (tmp_path / "pip" / WHEEL).write_bytes(b"PK other")
    (tmp_path / "pip" / "index.html").write_text(f'<a href="{WHEEL}#sha256=0">x</a>')

    with pytest.raises(SystemExit, match="not the file it should be"):
        fetch_pip(index)


def test_an_index_without_the_wheel_is_told(index: str, tmp_path: Path) -> None:
    (tmp_path / "pip" / "index.html").write_text('<a href="pip-9-py3.whl">x</a>')

    with pytest.raises(SystemExit, match=f"{WHEEL} is not on"):
        fetch_pip(index)


def test_no_index_at_all_is_told_in_a_line() -> None:
    with pytest.raises(SystemExit, match="could not be fetched"):
        fetch_pip("http://127.0.0.1:9/simple")
