"""Ask the policy about every routing of a line again, and report differences."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from reviewapp.models import ProductLine
from reviewapp.services.replays import replay_line


class Command(BaseCommand):
    help = "Recompute every route of a line from stored inputs and report differences."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("line", help="the line's name in its address")
        parser.add_argument("--since", help="only what was routed since this date")

    def handle(self, *args: Any, **options: Any) -> None:
        line = ProductLine.objects.filter(slug=options["line"]).first()
        if line is None:
            raise CommandError(f"There is no line {options['line']!r}.")
        replayed = replay_line(line, since=_moment(options["since"]))
        for found in replayed.named:
            self.stdout.write(
                f"item {found.item}, policy {found.policy}: {found.what} is stored as "
                f"{found.stored!r}, replayed it is {found.replayed!r}"
            )
        summary = (
            f"{replayed.routings:,} routings and {replayed.decisions:,} decisions of "
            f"the model replayed on {line.name}"
        )
        if replayed.differences:
            raise CommandError(f"{summary}: {replayed.differences:,} differences.")
        self.stdout.write(f"{summary}: no difference.")


def _moment(text: str | None) -> Any:  # noqa: ANN401 - a moment, or none
    if not text:
        return None
    day = parse_date(text)
    moment = parse_datetime(f"{text}T00:00" if day else text)
    if moment is None:
        raise CommandError(f"{text!r} is no date; write it as 2026-03-01.")
    return moment if moment.tzinfo else timezone.make_aware(moment)
