"""Many p-values at once, against SciPy and statsmodels."""

import gc
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

from monitoring.stats.multiplicity import benjamini_hochberg, holm

EXACT = 1e-6
p_lists = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def little_to_collect() -> Iterator[None]:
    """Set aside what lives by now: statsmodels collects garbage at every call."""
    gc.freeze()
    yield
    gc.unfreeze()


def test_case_c8_rejects_the_first_three() -> None:
    p_values = [0.001, 0.008, 0.012, 0.041, 0.042, 0.06, 0.2, 0.5, 0.7, 0.9]

    found = benjamini_hochberg(p_values, q=0.05)

    assert found.rejected.tolist() == [True] * 3 + [False] * 7
    assert found.n == 10


def test_case_c8_adjusts_twelve_by_holm() -> None:
    p_values = [0.001, 0.004, 0.006, 0.012, 0.02, 0.03, *[0.5] * 6]

    found = holm(p_values, alpha=0.05)

    expected = [0.012, 0.044, 0.060, 0.108, 0.160, 0.210]
    assert found.adjusted[:6] == pytest.approx(expected, abs=EXACT)
    assert found.rejected.tolist() == [True] * 2 + [False] * 10


@given(p_values=p_lists, q=st.floats(0.001, 0.5))
def test_the_adjusted_values_are_those_of_scipy(
    p_values: list[float], q: float
) -> None:
    found = benjamini_hochberg(p_values, q=q)

    assert found.adjusted == pytest.approx(false_discovery_control(p_values), abs=1e-12)
    assert found.rejected.tolist() == (found.adjusted <= q).tolist()


@pytest.mark.usefixtures("little_to_collect")
@given(p_values=p_lists, alpha=st.floats(0.001, 0.5))
def test_holm_adjusts_as_statsmodels_does(p_values: list[float], alpha: float) -> None:
    found = holm(p_values, alpha=alpha)

    _, adjusted, _, _ = multipletests(p_values, alpha=alpha, method="holm")
    assert found.adjusted == pytest.approx(adjusted, abs=1e-12)
    assert found.rejected.tolist() == (found.adjusted <= alpha).tolist()


@given(p_values=p_lists, data=st.data())
def test_each_keeps_its_own_verdict_in_whatever_order_it_comes(
    p_values: list[float], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(p_values))))

    found = benjamini_hochberg(p_values, q=0.05)

    moved = benjamini_hochberg([p_values[i] for i in order], q=0.05)
    assert moved.adjusted == pytest.approx(found.adjusted[list(order)])


@given(p_values=p_lists, low=st.floats(0.001, 0.2), more=st.floats(0, 0.2))
@example(p_values=[0.0, 0.0, 0.09884082614052428], low=0.09884082614052428, more=0.0)
def test_a_laxer_level_rejects_no_less_and_holm_no_more(
    p_values: list[float], low: float, more: float
) -> None:
    strict = benjamini_hochberg(p_values, q=low).rejected

    assert np.all(benjamini_hochberg(p_values, q=low + more).rejected >= strict)
    assert np.all(holm(p_values, alpha=low).rejected <= strict)
    assert np.all(strict <= (np.array(p_values) <= low))


def test_no_columns_give_no_rejection() -> None:
    found = benjamini_hochberg([], q=0.01)

    assert (found.rejected.tolist(), found.n) == ([], 0)
    assert holm([], alpha=0.01).n == 0


@pytest.mark.parametrize(
    ("p_values", "complaint"),
    [
        ([0.5, 1.5], "1 of 2 p-values"),
        ([float("nan")], "1 of 1 p-values"),
        ([[0.5]], "2 dimensions"),
    ],
)
def test_p_values_that_cannot_be_are_refused(
    p_values: list[float], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        benjamini_hochberg(p_values, q=0.05)
    with pytest.raises(ValueError, match=complaint):
        holm(p_values, alpha=0.05)


def test_levels_outside_0_to_1_are_refused() -> None:
    with pytest.raises(ValueError, match="q is 0"):
        benjamini_hochberg([0.5], q=0)
    with pytest.raises(ValueError, match="alpha is 1"):
        holm([0.5], alpha=1)
