"""Columns against their reference: how far, and how surely."""

from math import isnan

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from monitoring.stats.drift import benjamini_hochberg, compare_numeric

EXACT = 1e-6
Column = npt.NDArray[np.float64]


def quantiles(n: int, mean: float = 0.0) -> Column:
    """Give n values of a normal column, without chance."""
    column: Column = mean + ndtri((np.arange(n) + 0.5) / n)
    return column


def test_case_c1_finds_nothing_where_nothing_moved() -> None:
    found = compare_numeric(quantiles(1000), quantiles(800))

    assert found.ks == pytest.approx(0.001, abs=EXACT)
    assert found.p == pytest.approx(1, abs=EXACT)
    assert found.shift == pytest.approx(0.002568, abs=EXACT)
    assert (found.psi, found.js, found.tv) == pytest.approx((0, 0, 0), abs=EXACT)
    assert (found.bins, found.n_reference, found.n_current) == (10, 1000, 800)


def test_case_c2_counts_the_shifted_column_over_the_deciles() -> None:
    deciles = np.quantile(quantiles(1000), np.arange(1, 10) / 10)

    counts = np.bincount(np.searchsorted(deciles, quantiles(800, 0.3)))

    assert counts.tolist() == [46, 56, 62, 68, 74, 79, 86, 93, 105, 131]


def test_case_c2_is_sure_of_a_shift_that_the_index_calls_stable() -> None:
    found = compare_numeric(quantiles(1000), quantiles(800, 0.3))

    assert found.ks == pytest.approx(0.12025, abs=EXACT)
    assert found.p == pytest.approx(4.72e-6, rel=1e-3)
    assert found.shift == pytest.approx(0.300195, abs=EXACT)
    assert found.psi == pytest.approx(0.084836, abs=EXACT)
    assert found.js == pytest.approx(0.123959, abs=EXACT)
    assert found.tv == pytest.approx(0.11875, abs=EXACT)


def test_case_c10_a_distance_alone_alarms_always_and_the_rule_of_both_hardly_ever() -> (
    None
):
    rng = np.random.default_rng(10)
    windows, columns = 400, 8
    references = rng.normal(size=(columns, 4000))
    found = [
        [compare_numeric(column, rng.normal(size=100)) for column in references]
        for _ in range(windows)
    ]

    by_both = [
        any(
            rejected and column.shift >= 0.10
            for rejected, column in zip(
                benjamini_hochberg([c.p for c in window], q=0.01).rejected,
                window,
                strict=True,
            )
        )
        for window in found
    ]
    by_shift = [any(column.shift > 0.1 for column in window) for window in found]
    by_index = [any(column.psi > 0.1 for column in window) for window in found]

    assert np.mean(by_both) <= 0.025
    assert all(by_shift)
    for alarms, share in ((by_both, 0.0075), (by_index, 0.95)):
        error = (share * (1 - share) / windows) ** 0.5
        assert np.mean(alarms) == pytest.approx(share, abs=3 * error)


def test_a_constant_reference_is_compared_as_the_usual_value_and_any_other() -> None:
    noise = np.array([0.1 + 0.2, 0.3])  # the same number but for its rounding
    reference = np.tile(noise, 1000)
    current = np.concatenate([np.tile(noise, 180), np.full(40, 0.7)])

    found = compare_numeric(reference, current)

    assert isnan(found.ks)
    assert isnan(found.shift)
    assert found.p < 1e-20
    assert found.tv == pytest.approx(0.1)
    assert found.js > 0
    assert found.bins == 2
    quiet = compare_numeric(reference, np.tile(noise, 200))
    assert (quiet.p, quiet.tv, quiet.js) == (1, 0, 0)


def test_a_small_spread_on_a_large_level_is_no_constant() -> None:
    seconds = 1_750_000_000 + np.arange(1000.0)

    found = compare_numeric(seconds, seconds + 100)

    assert found.ks == pytest.approx(0.1)
    assert found.shift == pytest.approx(100 / seconds.std())


def test_equal_deciles_are_one_edge_and_what_nobody_is_in_is_no_bin() -> None:
    reference = np.repeat([0.0, 1.0, 2.0], [500, 450, 50])

    found = compare_numeric(reference, np.repeat([0.0, 1.0, 2.0], [50, 45, 5]))

    assert found.bins == 3
    assert found.js == pytest.approx(0, abs=1e-7)
    assert found.psi < 1e-3


@given(seed=st.integers(0, 10_000), n=st.integers(5, 80), m=st.integers(1, 80))
def test_units_and_order_change_nothing(seed: int, n: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    reference, current = rng.normal(size=n), rng.normal(0.3, size=m)

    found = compare_numeric(reference, current)
    scaled = compare_numeric(8 * reference + 2, 8 * current[::-1] + 2)

    for name in ("ks", "p", "shift"):
        assert getattr(scaled, name) == pytest.approx(getattr(found, name), rel=1e-6)
    assert 0 <= found.ks <= 1
    assert 0 <= found.p <= 1
    assert found.shift >= 0
    assert 0 <= found.tv <= 1 + 1e-12


@given(seed=st.integers(0, 10_000), step=st.floats(0.05, 3))
def test_a_column_moved_by_a_step_is_shifted_by_that_step(
    seed: int, step: float
) -> None:
    reference = np.random.default_rng(seed).normal(size=200)

    found = compare_numeric(reference, reference + step)

    assert found.shift == pytest.approx(step / reference.std(), rel=1e-9)
    further = compare_numeric(reference, reference + 2 * step)
    assert further.ks >= found.ks
    assert further.p <= found.p


@pytest.mark.parametrize(
    ("reference", "current", "complaint"),
    [
        ([], [1.0], "nothing to compare"),
        ([1.0], [], "nothing to compare"),
        ([[1.0]], [1.0], "nothing to compare"),
        ([1.0, float("nan")], [1.0], "1 of 2 values are missing or infinite"),
        ([1.0], [float("inf"), 2.0, 3.0], "1 of 3 values are missing or infinite"),
    ],
)
def test_columns_without_values_are_refused(
    reference: list[float], current: list[float], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        compare_numeric(reference, current)
