"""Shares: more escapes of more defects, and more overkill of whom."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from monitoring.services.detectors import Detected, run
from monitoring.services.quiet_rates import LOWEST_QUIET
from monitoring.services.shares import confirmed_fell, misses_rose
from monitoring.stats.intervals import upper_bound
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
        (400, 20, 16, False),  # lint
        (400, 6, 14, None),  # either, of one day
        (4_000, 60, 110, True),  # a third of the scratches are let pass
        (4_000, 100, 165, False),
        (0, 0, 0, None),
    ],
)
def test_more_overkill_is_of_people_only_where_they_confirm_less(
    labels: int, overkills: int, confirmed: int, *, fell: bool | None
) -> None:
    before = stream_of(2_000, confirmed=80, overkills=8)
    since = stream_of(labels, confirmed=confirmed, overkills=overkills)

    assert confirmed_fell(before, since, began=0) is fell


USUAL = (0.042, 0.004)  # the shares of labels that both reject, and of overkill


@pytest.mark.parametrize(
    ("since", "wrong", "least_right"),
    [
        ((0.042 * 0.7, 0.004 + 0.042 * 0.3), False, 20),  # people pass 30 % of defects
        ((0.042 * 0.8, 0.004 + 0.042 * 0.2), False, 10),
        ((0.042, 0.004 + 0.045), True, 50),  # lint on every twentieth item
    ],
)
def test_on_the_evening_of_an_alarm_the_other_cause_is_hardly_ever_told(
    since: tuple[float, float], *, wrong: bool, least_right: int
) -> None:
    rng = np.random.default_rng(7)
    told = [evening_of_the_alarm(rng, since) for _line in range(100)]

    # the change is placed where overkill is many: an exact 95 % was wrong in one of six
    assert told.count(wrong) <= 7
    assert told.count(not wrong) >= least_right


def evening_of_the_alarm(
    rng: np.random.Generator, since: tuple[float, float]
) -> bool | None:
    """Play days of 400 labels after 2,000 usual ones, until overkill rings."""
    before, stream = drawn(rng, 2_000, USUAL), drawn(rng, 400, USUAL)
    overkills = int(before.overkills.sum())
    quiet = max(upper_bound(overkills, before.labels), LOWEST_QUIET)
    for _day in range(12):
        stream = joined(stream, drawn(rng, 400, since))
        ran = run(stream.overkills, np.full(stream.labels, quiet))
        if ran.state is Detected.ALARM:
            return confirmed_fell(before, stream, began=ran.began)
    return None


def drawn(rng: np.random.Generator, labels: int, shares: tuple[float, float]) -> Stream:
    lot = rng.random(labels)
    stream = stream_of(labels)
    is_confirmed, is_wrong = lot < shares[0], (lot >= shares[0]) & (lot < sum(shares))
    return replace(stream, rejected=is_confirmed, overkills=is_wrong, differs=is_wrong)


def joined(first: Stream, second: Stream) -> Stream:
    kinds = ("differs", "escapes", "overkills", "rejected", "is_sure", "is_early")
    both = {
        kind: np.concatenate([getattr(first, kind), getattr(second, kind)])
        for kind in (*kinds, "confidence")
    }
    return Stream(**both, occurred_at=first.occurred_at + second.occurred_at)


def test_of_a_line_without_defects_no_share_is_told() -> None:
    before, since = stream_of(2_000), stream_of(400, escapes=20, overkills=20)

    assert misses_rose(before, since, began=0) is None
    assert confirmed_fell(before, since, began=0) is None


def test_only_what_came_since_the_change_is_counted() -> None:
    before = stream_of(2_000, escapes=10, confirmed=90)
    since = stream_of(2_000, escapes=500, confirmed=100)

    assert misses_rose(before, since, began=0) is True
    assert misses_rose(before, since, began=600) is None
