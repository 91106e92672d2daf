"""Media on disk, under names of our own making, there before a row points at them."""

import os
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "audio/wav": "wav"}


def store_medium(content: bytes, media_type: str) -> str:
    """Write a derivative and give its address below the media root.

    It is written under another name, synced and renamed, so that a file is whole or
    not there. The name is ours: nothing of the sender's becomes part of a path.
    """
    name = f"{uuid4().hex}.{EXTENSIONS[media_type]}"
    address = f"{name[:2]}/{name}"
    target = Path(settings.MEDIA_ROOT) / address
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    partial = target.with_suffix(".part")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.chmod(0o640)
    partial.rename(target)
    return address


def open_medium(address: str) -> BinaryIO:
    """Open a stored derivative for reading."""
    return (Path(settings.MEDIA_ROOT) / address).open("rb")


def is_there(address: str) -> bool:
    """Say whether a derivative has not been removed."""
    return (Path(settings.MEDIA_ROOT) / address).is_file()


def read_medium(address: str) -> bytes:
    """Read a stored derivative."""
    return (Path(settings.MEDIA_ROOT) / address).read_bytes()


def remove_medium(address: str) -> None:
    """Remove a derivative that no row points at."""
    (Path(settings.MEDIA_ROOT) / address).unlink(missing_ok=True)
