"""The model host's server: a Unix socket for our own user, and limits that hold.

It knows no database and no secret. Started by ``host.py`` with a clean environment.
"""

import os
import resource
import signal
import socket
import socketserver
import stat
import sys
import time
import warnings
from functools import partial
from pathlib import Path
from types import FrameType

from reviewapp.runtimes.confinement import limit_cpu, limit_memory
from reviewapp.runtimes.predicting import Models
from reviewapp.runtimes.wire import BrokenMessageError, Message, receive, send
from reviewapp.strictjson import JsonObject

IDLE_S = 60.0
NEW = ".new"
LONGEST_SOCKET_PATH = 107
PAGE_BYTES = resource.getpagesize()
BEGAN_S = time.time()


class Server(socketserver.ThreadingUnixStreamServer):
    """Takes connections; ``models`` answers them, one at a time.

    The socket appears at its path only when it takes connections, and for our own user.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: Path, models: Models) -> None:
        _clear(path)
        self.models = models
        new = path.with_name(path.name + NEW)
        new.unlink(missing_ok=True)
        former = os.umask(0o177)
        try:
            super().__init__(str(new), Connection)
        finally:
            os.umask(former)
        new.rename(path)


class Connection(socketserver.BaseRequestHandler):
    """One client; it may ask as often as it likes."""

    server: Server

    def handle(self) -> None:
        """Answer until the client closes, or breaks off."""
        self.request.settimeout(IDLE_S)
        try:
            while (request := receive(self.request)) is not None:
                answer = _answer(self.server.models, request)
                send(self.request, Message(header=answer))
        except (BrokenMessageError, OSError):
            # the client is gone, or is none of ours; there is nobody to tell
            return


def main() -> None:
    """Limit this process, then serve until it is told to stop."""
    path, folder = Path(sys.argv[1]), Path(sys.argv[2])
    memory_mib, cpu_s = int(sys.argv[3]), int(sys.argv[4])
    limit_memory(memory_mib)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGTERM, _stop)
    models = Models(folder=folder, before_use=partial(limit_cpu, cpu_s))
    with Server(path, models) as server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return
        finally:
            path.unlink(missing_ok=True)


def _answer(models: Models, request: Message) -> JsonObject:
    match request.header.get("op"):
        case "predict":
            return models.answer(request)
        case "ping":
            return {"pong": True}
        case "stats":
            return {
                "pid": os.getpid(),
                "resident_bytes": _resident_bytes(),
                "loaded": list(models.loaded),
                "answered": models.answered,
                "began_s": BEGAN_S,
                "cpu_s": time.process_time(),
            }
        case other:
            return {"error": "bad_request", "detail": f"Unknown operation {other!r}."}


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def _clear(path: Path) -> None:
    """Remove the socket of a host that has died; refuse to take one from a living."""
    if len(os.fsencode(path)) + len(NEW) > LONGEST_SOCKET_PATH:
        raise SystemExit(f"{path} is too long for a socket. Choose a shorter path.")
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise SystemExit(f"{path} is there and is no socket. Choose another path.")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise SystemExit(f"Another model host listens at {path}.")


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
