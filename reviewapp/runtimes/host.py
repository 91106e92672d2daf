"""The model host's door: it drops what a model must not know, then becomes the server.

``python -m reviewapp.runtimes.host --socket PATH --models DIR``. Replacing the process
keeps its number for whoever watches it, and leaves no secret in its environment, not
even in the copy that the kernel keeps of it.
"""

import argparse
import os
import sys
from pathlib import Path

from reviewapp.runtimes.confinement import clean_environment

MEMORY_MIB = 2_048
CPU_S = 60


def main() -> None:
    """Read the options and become the server."""
    options = argparse.ArgumentParser(prog="reviewapp.runtimes.host")
    options.add_argument("--socket", type=Path, required=True)
    options.add_argument("--models", type=Path, required=True)
    options.add_argument("--memory-mib", type=int, default=MEMORY_MIB)
    options.add_argument("--cpu-s", type=int, default=CPU_S)
    chosen = options.parse_args()
    os.execve(  # noqa: S606 - no shell: our own interpreter and our own words
        sys.executable,
        [
            sys.executable,
            "-m",
            "reviewapp.runtimes.serving",
            str(chosen.socket.absolute()),
            str(chosen.models.absolute()),
            str(chosen.memory_mib),
            str(chosen.cpu_s),
        ],
        clean_environment(os.environ),
    )


if __name__ == "__main__":
    main()
