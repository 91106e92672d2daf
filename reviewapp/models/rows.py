"""Instances from the rows of a statement written by hand.

What every answer reads is read by statements of our own: building the same query anew
each time takes the processor longer than running it.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

from django.db import connection, models


class Joined:
    """Columns of several tables that one statement reads, each under its alias.

    ``Joined(review=(Review, ["id", "closed_at"]), item=(Item, ["id"]))`` reads
    ``review.id, review.closed_at, item.id``. What is not named is read when it is asked
    for, as after ``only()``.
    """

    def __init__(self, **parts: tuple[type[models.Model], Sequence[str]]) -> None:
        self._parts = parts

    @cached_property
    def columns(self) -> str:
        """The list of columns for a SELECT, in order."""
        return ", ".join(
            f'{alias}."{field.column}"'
            for alias, fields in zip(self._parts, self._fields, strict=True)
            for field in fields
        )

    def instances(self, row: Sequence[Any]) -> list[Any]:
        """Give an instance of each part, ``None`` where a joined row is missing."""
        made: list[Any] = []
        for (model, _), names, (start, end), converters in self._plan:
            values = list(row[start:end])
            if values[0] is None:
                made.append(None)
                continue
            for place, convert in converters:
                values[place] = convert(values[place], None, connection)
            made.append(model.from_db(connection.alias, names, values))
        return made

    @cached_property
    def _fields(self) -> list[list["models.Field[Any, Any]"]]:
        """The fields of each part, the primary key first."""
        found = []
        for model, names in self._parts.values():
            wanted = {*names, model._meta.pk.name}  # noqa: SLF001 - Django's public name for it
            fields = model._meta.concrete_fields  # noqa: SLF001 - likewise
            named = [field for field in fields if field.name in wanted]
            found.append(sorted(named, key=lambda field: not field.primary_key))
        return found

    @cached_property
    def _plan(self) -> list[Any]:
        bounds = pairwise(accumulate(map(len, self._fields), initial=0))
        return [
            (
                part,
                [field.attname for field in fields],
                span,
                [
                    (place, convert)
                    for place, field in enumerate(fields)
                    for convert in field.get_db_converters(connection)
                ],
            )
            for part, fields, span in zip(
                self._parts.values(), self._fields, bounds, strict=True
            )
        ]
