"""Sketches: counts that add up, quantiles within two hundredths."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.stats.sketch import Sketch, add, bucket_of, sketch_of, value_of

numbers = st.floats(-1e9, 1e9).filter(lambda x: x == 0 or abs(x) > 1e-8)


@given(numbers)
def test_a_bucket_stands_for_its_values_within_two_percent(value: float) -> None:
    found = value_of(bucket_of(value))

    assert abs(found - value) <= 0.02 * abs(value) * (1 + 1e-9)


@given(
    st.lists(st.one_of(st.none(), numbers), max_size=60),
    st.lists(st.one_of(st.none(), numbers), max_size=60),
)
def test_what_is_counted_apart_adds_up_to_what_is_counted_together(
    first: list[float | None], second: list[float | None]
) -> None:
    apart, together = (
        add([sketch_of(first), sketch_of(second)]),
        sketch_of(first + second),
    )

    assert (apart.count, apart.missing) == (together.count, together.missing)
    assert dict(apart.buckets) == dict(together.buckets)
    assert apart.total == pytest.approx(together.total, rel=1e-9, abs=1e-3)


@given(st.lists(numbers, min_size=1, max_size=80), st.floats(0, 1))
def test_a_quantile_is_within_two_percent_of_the_lower_empirical_one(
    values: list[float], share: float
) -> None:
    exact = float(np.quantile(values, share, method="lower"))

    found = sketch_of(values).quantile(share)

    assert abs(found - exact) <= 0.02 * abs(exact) + 1e-9


@given(st.integers(-10_000, 10_000), st.integers(1, 500), st.floats(0, 1))
def test_a_quantile_of_a_constant_is_that_value(
    value: int, count: int, share: float
) -> None:
    assert sketch_of([float(value)] * count).quantile(share) == value


def test_buckets_without_sums_keep_their_own_quantiles() -> None:
    kept = Sketch(count=3, buckets=sketch_of([192.0] * 3).buckets)

    assert kept.quantile(0.5) == value_of(bucket_of(192.0))


def test_mean_spread_and_missing_are_exact() -> None:
    sketch = sketch_of([1.0, 2.0, None, 4.0, None])

    assert (sketch.mean, sketch.missing_share) == (7 / 3, 0.4)
    assert sketch.spread == pytest.approx(np.std([1, 2, 4]))


def test_nothing_has_no_figure() -> None:
    nothing = Sketch()

    assert all(
        isnan(figure)
        for figure in (
            nothing.mean,
            nothing.spread,
            nothing.missing_share,
            nothing.quantile(0.5),
        )
    )
    with pytest.raises(ValueError, match="from 0 to 1"):
        nothing.quantile(1.5)
