"""Acceptance of days of audits, switching, and rates over both denominators."""

import numpy as np
import pytest

from monitoring.stats.acceptance import (
    Severity,
    acceptance_number,
    corrected_upper,
    error_rates,
    severity_after,
)
from monitoring.stats.sampling import stratified_error_interval

CLEAN, BAD = (30, 0), (30, 3)


@pytest.mark.parametrize(
    ("audits", "rate", "expected"),
    [(0, 0.005, 0), (10, 0.005, 0), (30, 0.005, 1), (100, 0.02, 5), (500, 0.005, 5)],
)
def test_the_acceptance_number_keeps_the_producers_risk(
    audits: int, rate: float, expected: int
) -> None:
    from_tables = acceptance_number(audits, rate)

    assert from_tables == expected
    rng = np.random.default_rng(7)
    refused = np.mean(rng.binomial(audits, rate, 200_000) > from_tables)
    assert refused <= 0.05 + 0.002


@pytest.mark.parametrize(
    ("lots", "expected"),
    [
        ([], Severity.NORMAL),
        ([CLEAN] * 9, Severity.NORMAL),
        ([CLEAN] * 10, Severity.REDUCED),
        ([CLEAN] * 10 + [BAD], Severity.NORMAL),
        ([BAD], Severity.NORMAL),
        ([BAD, CLEAN, CLEAN, CLEAN, BAD], Severity.TIGHTENED),
        ([BAD, CLEAN, CLEAN, CLEAN, CLEAN, BAD], Severity.NORMAL),
        ([BAD, BAD] + [CLEAN] * 4, Severity.TIGHTENED),
        ([BAD, BAD] + [CLEAN] * 5, Severity.NORMAL),
        ([BAD, BAD] + [CLEAN] * 14, Severity.NORMAL),
        ([BAD, BAD] + [CLEAN] * 15, Severity.REDUCED),
        ([CLEAN] * 9 + [(0, 0)] * 5 + [CLEAN], Severity.REDUCED),
    ],
)
def test_days_switch_as_the_standard_says(
    lots: list[tuple[int, int]], expected: Severity
) -> None:
    assert severity_after(lots, rate=0.005) is expected


def test_what_inspectors_miss_widens_the_bound() -> None:
    assert corrected_upper(0.01, 5, 100) == pytest.approx(0.011272, abs=1e-6)
    assert corrected_upper(0.01, 0, 100) > 0.01, "no miss seen is not none"
    assert corrected_upper(0.5, 3, 3) == 1.0
    with pytest.raises(ValueError, match="0 of 0"):
        corrected_upper(0.01, 0, 0)


def test_both_denominators_are_bounded() -> None:
    passed, rejected = [(8000, 400, 2)], [(1500, 150, 6)]

    found = error_rates(passed, rejected)

    assert found.escape == stratified_error_interval(passed)
    assert found.miss is not None
    assert found.overkill is not None
    assert found.miss.value == pytest.approx(40 / (40 + 1440))
    assert found.overkill.value == pytest.approx(60 / (60 + 7960))
    assert found.miss.low < found.miss.value < found.miss.high
    assert found.overkill.low < found.overkill.value < found.overkill.high


def test_without_rejects_there_is_no_share_of_all_defective() -> None:
    found = error_rates([(100, 20, 0)], [])

    assert found.escape is not None
    assert (found.miss, found.false_reject, found.overkill) == (None, None, None)


def test_the_bounds_of_the_miss_rate_hold() -> None:
    rng = np.random.default_rng(11)
    rounds, held = 400, 0
    truth = 40 / (40 + 570)  # of 4,000 passed 40 are defective, of 600 rejected 570
    for _ in range(rounds):
        k = int(rng.hypergeometric(40, 3960, 300))
        j = int(rng.hypergeometric(30, 570, 90))
        miss = error_rates([(4000, 300, k)], [(600, 90, j)]).miss
        assert miss is not None
        held += miss.low <= truth <= miss.high
    assert held / rounds >= 0.95
