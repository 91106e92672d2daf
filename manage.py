#!/usr/bin/env python
"""Django's command line; on a laptop it first makes sure of the local installation."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

NEEDS_NOTHING = {"help", "--help", "-h", "version", "--version"}


def main() -> None:
    """Run the command that was asked for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings")
    asked = sys.argv[1] if len(sys.argv) > 1 else "help"
    if os.environ.get("RUNG_VAR") and asked not in NEEDS_NOTHING:
        from reviewapp.embedded.installation import (  # noqa: PLC0415 - servers have no embedded parts
            prepare,
        )

        prepare(Path(os.environ["RUNG_VAR"]))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
