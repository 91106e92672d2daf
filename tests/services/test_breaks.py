"""Breaks: as the line says, as a person wants them sooner."""

import pytest
from django.db import IntegrityError, transaction

from reviewapp.models import OwnBreaks, ProductLine, ShiftTerms, User
from reviewapp.services import shifts
from tests import factories


@pytest.fixture
def begun(line: ProductLine, ana: User) -> ProductLine:
    """A line where Ana has begun a shift."""
    factories.make_item(line)
    shifts.start_work(line, by=ana)
    return line


@pytest.mark.parametrize(
    ("of_line", "own", "holds"),
    [
        (None, None, 50),
        (30, None, 30),
        (30, 20, 20),
        (30, 45, 30),
        (0, 45, 45),
        (0, None, 0),
        (None, 25, 25),
        (None, 90, 50),
    ],
)
def test_the_sooner_of_the_lines_minutes_and_the_own_holds(
    begun: ProductLine, ana: User, of_line: int | None, own: int | None, holds: int
) -> None:
    if of_line is not None:
        ShiftTerms.objects.create(line=begun, break_after_min=of_line)
    if own is not None:
        shifts.set_own_breaks(ana, OwnBreaks(break_after_min=own))

    progress = shifts.progress_of(begun, ana)

    assert progress is not None
    assert (progress.break_after_min, progress.break_after_items) == (holds, 0)


def test_the_own_items_hold_on_every_line_and_for_nobody_else(
    begun: ProductLine, ana: User, ben: User
) -> None:
    ShiftTerms.objects.create(line=begun, break_after_items=300)
    shifts.set_own_breaks(ana, OwnBreaks(break_after_items=120))
    factories.make_item(begun)
    shifts.start_work(begun, by=ben)

    own, others = (shifts.progress_of(begun, one) for one in (ana, ben))

    assert own is not None
    assert others is not None
    assert (own.break_after_items, others.break_after_items) == (120, 300)


@pytest.mark.parametrize(
    "wanted",
    [
        {"break_after_min": 0},
        {"break_after_min": 241},
        {"break_after_items": 0},
        {"break_after_items": 5_001},
    ],
)
def test_the_database_refuses_what_no_line_could_say(
    ana: User, wanted: dict[str, int]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnBreaks.objects.create(person=ana, **wanted)
