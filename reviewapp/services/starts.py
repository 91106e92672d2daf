"""Where an inspector may start: each line with its queue, book and one's standing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from reviewapp.models import (
    BookEdition,
    GoldRun,
    GoldUse,
    ProductLine,
    Shift,
    User,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One line as a person who inspects there may begin on it.

    ``passed`` is the qualification that was passed last, ``open_shift`` the shift that
    goes on, ``last`` the newest that has ended.
    """

    line: ProductLine
    edition: BookEdition | None
    has_unread: bool
    passed: GoldRun | None
    open_shift: Shift | None
    last: Shift | None

    @property
    def is_qualified(self) -> bool:
        """Say whether the line asks for nothing that the person does not have."""
        if not self.line.qualification_size:
            return True
        until = self.passed.valid_until if self.passed else None
        return until is not None and until > timezone.now()

    @property
    def has_changed(self) -> bool:
        """Say whether the book has changed since the person's last shift began."""
        since = self.open_shift or self.last
        published = self.edition.published_at if self.edition else None
        return bool(since and published and published > since.began_at)


def starts_of(
    inspector: User, lines: Iterable[ProductLine], *, seen: Mapping[int, int | None]
) -> list[Start]:
    """Give what a person may start on; one statement for each kind of fact.

    ``seen`` names the lines where the person inspects, each with the edition of its
    book that was read last. First comes what can be started: the shift that goes on,
    then what has work.
    """
    inspected = [line for line in lines if line.pk in seen]
    if not inspected:
        return []
    editions = BookEdition.objects.in_bulk(
        [line.edition_id for line in inspected if line.edition_id]
    )
    passed = _passed(inspector, [one for one in inspected if one.qualification_size])
    open_shifts, ended = _shifts(inspector, inspected)
    found = [
        Start(
            line=line,
            edition=editions.get(line.edition_id or 0),
            has_unread=line.edition_id not in {None, seen[line.pk]},
            passed=passed.get(line.pk),
            open_shift=open_shifts.get(line.pk),
            last=ended.get(line.pk),
        )
        for line in inspected
    ]
    return sorted(found, key=_order)


def _passed(inspector: User, asking: list[ProductLine]) -> dict[int, GoldRun]:
    if not asking:
        return {}
    runs = GoldRun.objects.filter(
        inspector=inspector,
        line__in=asking,
        use=GoldUse.QUALIFICATION,
        is_passed=True,
    )
    return {run.line_id: run for run in runs.order_by("pk")}


def _shifts(
    inspector: User, lines: list[ProductLine]
) -> tuple[dict[int, Shift], dict[int, Shift]]:
    """Give by line the open shift, and the newest that has ended."""
    own = Shift.objects.filter(inspector=inspector, line__in=lines)
    going_on: dict[int, Shift] = {}
    ended: dict[int, Shift] = {}
    for shift in own.newest_by_line():
        (ended if shift.ended_at else going_on)[shift.line_id] = shift
    return going_on, ended


def _order(start: Start) -> tuple[bool, bool, bool, str]:
    state = getattr(start.line, "state", None)
    waiting = bool(state and state.waiting)
    return (
        not start.is_qualified,
        start.open_shift is None,
        not waiting,
        start.line.name,
    )
