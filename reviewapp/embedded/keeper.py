"""Keep the embedded PostgreSQL up for as long as this process lives.

A child of the supervisor, so that the server also stops when the supervisor is killed.
"""

import signal
import sys
from pathlib import Path

from reviewapp.embedded.postgres import EmbeddedPostgres


def keep(var: Path) -> None:
    """Count as a user of the cluster until told to go."""
    server = EmbeddedPostgres(var).acquire()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while server.is_running():
        signal.sigtimedwait([signal.SIGUSR1], 1)
    sys.exit("PostgreSQL is gone")


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
