"""Locks that belong to no row: a line's automation, and sweeps that run one at a time.

The model's decisions hold a line's lock shared, a move of its policy takes it alone:
after a stop is acknowledged no decision made under the old policy can follow.
"""

from enum import IntEnum

from django.db import connection

from reviewapp.models import ProductLine


class Sweep(IntEnum):
    """Work of which one run at a time is enough."""

    NUMBER_FEED = 1
    COUNT_QUEUES = 2
    ROLL_UP = 3
    JUDGE = 4
    MEASURE = 5
    BRING_FORWARD = 6
    FOLLOW_HANDLING = 7
    THIN_SAMPLES = 11
    ADVANCE_CANARIES = 12
    FOLLOW_AUDITS = 13
    KEEP_SHIFTS = 31
    KEEP_PACES = 32
    BRING_BREAKS_FORWARD = 33
    SETTLE_ANSWERED = 15


LINE_LOCKS = 7001
SWEEP_LOCKS = 7002


def share_line(line: ProductLine) -> None:
    """Hold off moves of a line's policy until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, %s)", [LINE_LOCKS, line.pk]
        )


def seize_line(line: ProductLine) -> None:
    """Wait until no decision of the model is in flight on a line, and hold it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LINE_LOCKS, line.pk])


def try_sweep(sweep: Sweep) -> bool:
    """Take a sweep for this transaction; ``False`` when another run has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s, %s)", [SWEEP_LOCKS, int(sweep)]
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def seize_sweep(sweep: Sweep) -> None:
    """Wait until no run of a sweep is under way, and hold it for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)", [SWEEP_LOCKS, int(sweep)]
        )
