"""The database's own clock: one clock for every process."""

from django.db.models import DateTimeField, Func


class ClockNow(Func):
    """The moment at which the database evaluates it, also inside a transaction."""

    function = "clock_timestamp"
    template = "%(function)s()"
    output_field = DateTimeField()
