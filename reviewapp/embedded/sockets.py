"""Places for Unix sockets, whose paths may be no longer than about a hundred bytes."""

import hashlib
import tempfile
from pathlib import Path

LONGEST = 85


def short_folder(folder: Path) -> Path:
    """Give the folder, or one of our own in the temporary folder if it is too long."""
    if len(str(folder)) <= LONGEST:
        return folder
    tag = hashlib.sha256(str(folder).encode()).hexdigest()[:10]
    return Path(tempfile.gettempdir()) / f"rung-{tag}"
