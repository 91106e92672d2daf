"""Shares of categories and of missing values, against SciPy and statsmodels."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency
from statsmodels.stats.proportion import proportions_ztest

from monitoring.services.comparisons import compare_columns
from monitoring.stats.drift import compare_categorical, compare_missing

EXACT = 1e-6


def test_case_c6_sees_an_effect_that_is_not_sure() -> None:
    found = compare_categorical([50, 30, 15, 5, 0], [40, 30, 15, 10, 5])

    assert found.chi2 == pytest.approx(7.777778, abs=EXACT)
    assert found.df == 4
    assert found.p == pytest.approx(0.100066, abs=EXACT)
    assert found.tv == pytest.approx(0.1, abs=EXACT)
    assert found.js == pytest.approx(0.187466, abs=EXACT)
    assert found.unseen == (4,)
    assert (found.n_reference, found.n_current) == (100, 100)


def test_case_c7_is_sure_that_more_is_missing() -> None:
    found = compare_missing(20, 2000, 25, 500)

    assert found.p == pytest.approx(1.1015e-7, rel=1e-4)
    assert found.z == pytest.approx(6.017249, abs=EXACT)
    assert found.difference == pytest.approx(0.04, abs=EXACT)
    assert (found.n_reference, found.n_current) == (2000, 500)


def test_case_c6_has_not_moved_and_case_c7_has() -> None:
    before, now = ([*"a" * 50, *"b" * 30, *"c" * 15, *"d" * 5] for _ in range(2))
    now[:10] = [*"d" * 5, *"e" * 5]
    found = compare_columns(
        {"c6": {"kind": "category", "values": before}}, {"c6": now}, items=100
    )
    assert found["c6"]["p"] == pytest.approx(0.100066, abs=EXACT)
    assert found["c6"]["moved"] == []

    full = np.random.default_rng(7).normal(size=2480).tolist()
    known = {"kind": "number", "values": full[:1980] + [None] * 20}
    found = compare_columns({"c7": known}, {"c7": full[2005:] + [None] * 25}, items=500)
    assert found["c7"]["missing_difference"] == pytest.approx(0.04, abs=EXACT)
    assert found["c7"]["moved"] == ["missing"]


def test_categories_expected_fewer_than_five_times_are_one_cell() -> None:
    found = compare_categorical([500, 440, 3, 2, 4], [480, 450, 6, 1, 5])

    # 4.5, 1.5 and 4.5 expected
    merged = chi2_contingency([[500, 440, 9], [480, 450, 12]], correction=False)
    assert found.df == 2
    assert found.chi2 == pytest.approx(merged.statistic)
    assert found.p == pytest.approx(merged.pvalue)


def test_what_is_expected_less_than_once_joins_the_rarest_category() -> None:
    found = compare_categorical([2500, 500, 0], [340, 59, 1])

    merged = chi2_contingency([[2500, 500], [340, 60]], correction=False)
    assert found.df == 1
    assert found.p == pytest.approx(merged.pvalue)
    assert found.unseen == (2,)
    assert found.tv == pytest.approx((340 / 400 - 2500 / 3000) + 1 / 400)


def test_one_category_throughout_cannot_differ() -> None:
    found = compare_categorical([40, 0], [7, 0])

    assert (found.chi2, found.df, found.p, found.tv) == (0, 0, 1, 0)
    assert compare_categorical([2, 0], [0, 2]).p == 1  # too few to say


def test_the_p_value_is_small_as_often_as_it_says_though_categories_are_rare() -> None:
    rng = np.random.default_rng(6)
    runs = 3000
    shares = np.array([0.6, 0.3, 0.08, 0.01, 0.006, 0.003, 0.001])
    pairs = zip(
        rng.multinomial(3000, shares, runs),
        rng.multinomial(400, shares, runs),
        strict=True,
    )

    small = np.mean([compare_categorical(*pair).p <= 0.05 for pair in pairs])

    assert small == pytest.approx(0.05, abs=3 * (0.05 * 0.95 / runs) ** 0.5)


frequent = st.lists(st.integers(30, 200), min_size=2, max_size=8)


@given(reference=frequent, data=st.data())
def test_frequent_categories_are_compared_as_scipy_does(
    reference: list[int], data: st.DataObject
) -> None:
    size = len(reference)
    current = data.draw(st.lists(st.integers(30, 200), min_size=size, max_size=size))

    found = compare_categorical(reference, current)

    theirs = chi2_contingency([reference, current], correction=False)
    assert found.chi2 == pytest.approx(theirs.statistic, abs=1e-9)
    assert found.df == theirs.dof
    assert found.p == pytest.approx(theirs.pvalue, abs=1e-12)


@given(data=st.data(), size=st.integers(1, 8))
def test_neither_the_order_of_categories_nor_of_samples_matters(
    data: st.DataObject, size: int
) -> None:
    column = st.lists(st.integers(0, 60), min_size=size, max_size=size).filter(any)
    reference, current = data.draw(column), data.draw(column)
    order = data.draw(st.permutations(range(size)))

    found = compare_categorical(reference, current)

    turned = compare_categorical(current, reference)
    assert turned.df == found.df
    assert turned.tv == pytest.approx(found.tv)
    assert turned.p == pytest.approx(found.p)
    moved = compare_categorical(
        [reference[i] for i in order], [current[i] for i in order]
    )
    assert moved.tv == pytest.approx(found.tv)
    assert 0 <= found.p <= 1
    assert 0 <= found.df < max(size, 1)
    # an empty category more changes nothing
    padded = compare_categorical([*reference, 0], [*current, 0])
    assert padded.chi2 == pytest.approx(found.chi2)
    assert padded.df == found.df


@given(
    n=st.integers(1, 300), m=st.integers(1, 300), share=st.floats(0, 1), data=st.data()
)
def test_missing_values_are_compared_as_statsmodels_does(
    n: int, m: int, share: float, data: st.DataObject
) -> None:
    first, second = int(n * share), data.draw(st.integers(0, m))

    found = compare_missing(first, n, second, m)

    turned = compare_missing(second, m, first, n)
    assert turned.p == pytest.approx(found.p)
    assert turned.difference == pytest.approx(-found.difference)
    if isnan(found.z):
        assert first + second in {0, n + m}
        assert found.p == 1
        return
    theirs, _ = proportions_ztest([second, first], [m, n])
    assert found.z == pytest.approx(theirs, abs=1e-9)


def test_counts_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(ValueError, match="same bins"):
        compare_categorical([1, 2], [1])
    with pytest.raises(ValueError, match="3 of 2 is no count of missing reference"):
        compare_missing(3, 2, 0, 5)
    with pytest.raises(ValueError, match="-1 of 5 is no count of missing current"):
        compare_missing(1, 2, -1, 5)
    with pytest.raises(ValueError, match="0 and 5 items"):
        compare_missing(0, 0, 1, 5)
