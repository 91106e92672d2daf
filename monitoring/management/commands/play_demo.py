"""Keep the demo's traffic coming until stopped."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from monitoring.demo.live import play


class Command(BaseCommand):
    help = "Let items arrive on the demo lines and colleagues label them."

    def handle(self, *args: Any, **options: Any) -> None:
        over = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: over.set())
        play(is_over=over.is_set)
