"""Shares: more escapes of more defects, and more overkill of whom."""

from datetime import UTC, datetime

import numpy as np
import pytest

from monitoring.services.shares import confirmed_fell, misses_rose
from monitoring.windows.streams import Stream


def stream_of(
    labels: int, *, escapes: int = 0, confirmed: int = 0, overkills: int = 0
) -> Stream:
    """A stream in which the model missed so many, both rejected so many, and so on."""
    places = np.arange(labels)
    is_escape = places < escapes
    is_rejected = places < escapes + confirmed
    is_overkill = (places < escapes + confirmed + overkills) & ~is_rejected
    return Stream(
        differs=is_escape | is_overkill,
        escapes=is_escape,
        overkills=is_overkill,
        rejected=is_rejected,
        is_sure=np.zeros(labels, dtype=bool),
        is_early=np.zeros(labels, dtype=bool),
        confidence=np.full(labels, 0.9),
        occurred_at=[datetime(2026, 3, 2, tzinfo=UTC)] * labels,
    )


@pytest.mark.parametrize(
    ("escapes", "confirmed", "rose"),
    [
        (30, 270, False),  # three times as many of both
        (60, 240, None),  # chance enough, where the place was chosen
        (120, 180, True),
        (3, 17, None),  # may be the same share, and may be twice
        (5, 0, None),  # too few defects to speak of a share
    ],
)
def test_more_escapes_of_more_defects_are_no_more_misses(
    escapes: int, confirmed: int, *, rose: bool | None
) -> None:
    before = stream_of(2_000, escapes=10, confirmed=90)
    since = stream_of(400, escapes=escapes, confirmed=confirmed)

    assert misses_rose(before, since, began=0) is rose


@pytest.mark.parametrize(
    ("labels", "overkills", "confirmed", "fell"),
    [
        (400, 20, 16, False),  # lint: as many scratches as before
        (400, 6, 9, None),  # either, of one day
        (4_000, 60, 110, True),  # a third of the scratches are let pass
        (4_000, 60, 165, False),
        (0, 0, 0, None),
    ],
)
def test_more_overkill_is_of_people_only_where_they_confirm_less(
    labels: int, overkills: int, confirmed: int, *, fell: bool | None
) -> None:
    before = stream_of(2_000, confirmed=80, overkills=8)
    since = stream_of(labels, confirmed=confirmed, overkills=overkills)

    assert confirmed_fell(before, since, began=0) is fell


def test_of_a_line_without_defects_no_share_is_told() -> None:
    before, since = stream_of(2_000), stream_of(400, escapes=20, overkills=20)

    assert misses_rose(before, since, began=0) is None
    assert confirmed_fell(before, since, began=0) is None


def test_only_what_came_since_the_change_is_counted() -> None:
    before = stream_of(2_000, escapes=10, confirmed=90)
    since = stream_of(2_000, escapes=500, confirmed=100)

    assert misses_rose(before, since, began=0) is True
    assert misses_rose(before, since, began=600) is None
