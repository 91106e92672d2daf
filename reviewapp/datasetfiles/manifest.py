"""Hashes by which anybody can check a dataset, row by row and as a whole."""

from collections.abc import Iterable
from hashlib import sha256

from reviewapp.datasetfiles.jsonl import line_of
from reviewapp.datasetfiles.rows import DatasetRow


def row_hash(row: DatasetRow) -> str:
    """Hash a row: SHA-256 of its JSON line, the line's end included."""
    return sha256(line_of(row)).hexdigest()


def root_hash(hashes: Iterable[str]) -> str:
    """Hash a dataset: SHA-256 over its rows' hashes in order, each with a line's end.

    Examples
    --------
    >>> root_hash([])
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    whole = sha256()
    for digest in hashes:
        whole.update(f"{digest}\n".encode())
    return whole.hexdigest()
