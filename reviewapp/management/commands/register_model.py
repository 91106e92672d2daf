"""Register a model file, or a pipeline of several, as a version of a line."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviewapp.errors import RefusedError
from reviewapp.models import ProductLine
from reviewapp.services import levels
from reviewapp.services.pipelines import register_pipeline
from reviewapp.services.versions import register_version


class Command(BaseCommand):
    help = "Register a skops file, or a pipeline's JSON, as a version of a line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("line", help="the line's name in its address")
        parser.add_argument("file", type=Path)
        parser.add_argument("--name", default="", help="default: the file's name")
        parser.add_argument(
            "--live", action="store_true", help="put it live, at most in shadow"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        line = ProductLine.objects.filter(slug=options["line"]).first()
        path: Path = options["file"]
        if line is None:
            raise CommandError(f"There is no line {options['line']!r}.")
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            is_pipeline = path.suffix.lower() == ".json"
            register = register_pipeline if is_pipeline else register_version
            version = register(line, path, name=options["name"] or path.stem, by=None)
            if options["live"]:
                levels.put_live(line, version, by=None, reason="registered here")
        except RefusedError as refusal:
            raise CommandError(f"{refusal.message} ({refusal.code})") from refusal
        self.stdout.write(f"Registered {version.name}, SHA-256 {version.sha256}")
