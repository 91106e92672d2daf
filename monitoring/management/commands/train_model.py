"""Train a version of a line's model on the line's own labels."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from monitoring.services.training import train_version
from reviewapp.errors import RefusedError
from reviewapp.models import ProductLine
from reviewapp.services import levels


class Command(BaseCommand):
    help = "Train, calibrate and register a version on a line's labels."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("line", help="the line's name in its address")
        parser.add_argument("--name", default="", help="name of the version")
        parser.add_argument(
            "--live", action="store_true", help="put it live, at most in shadow"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        line = ProductLine.objects.filter(slug=options["line"]).first()
        if line is None:
            raise CommandError(f"There is no line {options['line']!r}.")
        try:
            version = train_version(line, by=None, name=options["name"])
            if options["live"]:
                levels.put_live(line, version, by=None, reason="trained here")
        except RefusedError as refusal:
            raise CommandError(refusal.message) from refusal
        card = version.card
        self.stdout.write(f"Registered {version.name}: {card['method']}")
        self.stdout.write(f"trained on {card['trained_on']} labels")
        held = card.get("holdout")
        if held:
            self.stdout.write(
                f"agreement on {held['count']} held-out items "
                f"{held['agreement']:.1%} ({held['low']:.1%} to {held['high']:.1%})"
            )
