"""Make the demo's accounts and lines, once."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from monitoring.demo.seed import seed_demo


class Command(BaseCommand):
    help = "Make the demo's accounts and lines, unless there is anything already."

    def handle(self, *args: Any, **options: Any) -> None:
        if seed_demo(Path(os.environ.get("RUNG_VAR", "var"))):
            self.stdout.write("The demo is seeded; its past is played by a worker.")
