"""JSON lines in one canonical form: the same row always gives the same bytes."""

import json
from collections.abc import Iterable, Iterator

from reviewapp.datasetfiles.rows import DatasetRow


def line_of(row: DatasetRow) -> bytes:
    """Write a row: names sorted, no blanks, UTF-8, floats by their shortest form."""
    text = json.dumps(
        row, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode() + b"\n"


def write(rows: Iterable[DatasetRow]) -> Iterator[bytes]:
    """Write rows, one JSON object a line."""
    return map(line_of, rows)
