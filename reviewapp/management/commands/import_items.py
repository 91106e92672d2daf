"""Bring items from a file or a folder onto a line."""

import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviewapp.errors import RefusedError
from reviewapp.models import ProductLine
from reviewapp.services.imports import import_items, worthy_lanes

BETWEEN_TELLINGS_S = 0.2
# More would only wait for each other on two cores.
MOST_LANES = 2


class Command(BaseCommand):
    help = "Import items from a CSV or JSONL file, or a folder of files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("line", help="the line's name in its address")
        parser.add_argument("path", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        line = (
            ProductLine.objects.select_related("schema", "policy__live")
            .filter(slug=options["line"])
            .first()
        )
        path: Path = options["path"]
        if line is None:
            raise CommandError(f"There is no line {options['line']!r}.")
        if not path.exists():
            raise CommandError(f"There is no file or folder {path}.")
        began = time.monotonic()
        try:
            imported = import_items(
                line,
                path,
                tell=Progress(self).tell,
                lanes=worthy_lanes(path, most=MOST_LANES),
            )
        except RefusedError as refusal:
            raise CommandError(f"{_placed(refusal)} ({refusal.code})") from refusal
        took = time.monotonic() - began
        self.stdout.write(
            f"{imported.created} new items on {line.name}, {imported.known} were known "
            f"already ({took:.1f} s)."
        )


def _placed(refusal: RefusedError) -> str:
    """Begin a refusal with its row, unless it says so itself."""
    row = refusal.faults[0].where.get("row") if refusal.faults else None
    is_placed = row is None or refusal.message.startswith("Row ")
    return refusal.message if is_placed else f"Row {row}: {refusal.message}"


class Progress:
    """A line of progress on a terminal; nothing in a log."""

    def __init__(self, command: BaseCommand) -> None:
        self._write = command.stderr.write
        self._is_shown = sys.stderr.isatty()
        self._told_at = 0.0

    def tell(self, what: str, count: int) -> None:
        """Show how far it is."""
        now = time.monotonic()
        if self._is_shown and now - self._told_at > BETWEEN_TELLINGS_S:
            self._told_at = now
            self._write(f"\r{count:>10,} {what}", ending="")
