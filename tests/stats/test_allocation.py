"""Labels spread over strata."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.stats.allocation import neyman_allocation


def test_case_e16_spreads_400_labels_over_three_bins() -> None:
    found = neyman_allocation([0.80, 0.15, 0.05], [0.002, 0.02, 0.15], labels=400)

    assert found.labels == pytest.approx([191.66, 112.61, 95.74], abs=5e-3)
    assert found.se == pytest.approx(0.003730, abs=1e-6)
    assert found.se_proportional == pytest.approx(0.005223, abs=1e-6)
    assert found.n == 400


@given(data=st.data(), strata=st.integers(1, 6), labels=st.integers(1, 1000))
def test_no_other_spread_knows_the_rate_more_closely(
    data: st.DataObject, strata: int, labels: int
) -> None:
    sizes = np.array(
        data.draw(st.lists(st.integers(1, 50), min_size=strata, max_size=strata))
    )
    rates = np.array(
        data.draw(st.lists(st.floats(0.001, 0.9), min_size=strata, max_size=strata))
    )
    other = np.array(
        data.draw(st.lists(st.floats(0.1, 1), min_size=strata, max_size=strata))
    )

    found = neyman_allocation(sizes, rates, labels=labels)

    weights = sizes / sizes.sum()
    variances = weights**2 * rates * (1 - rates)
    assert found.labels.sum() == pytest.approx(labels)
    assert (variances / found.labels).sum() ** 0.5 == pytest.approx(found.se)
    assert found.se <= found.se_proportional * (1 + 1e-9)
    spread = labels * other / other.sum()
    assert found.se <= (variances / spread).sum() ** 0.5 * (1 + 1e-9)


@pytest.mark.parametrize(
    ("sizes", "rates", "labels", "complaint"),
    [
        ([1], [0.1, 0.2], 5, "1 sizes and 2 rates"),
        ([], [], 5, "0 sizes and 0 rates"),
        ([1, 0], [0.1, 0.2], 5, "A size"),
        ([1, 1], [0.0, 0.2], 5, "A size"),
        ([1, 1], [0.1, float("nan")], 5, "A size"),
        ([1, 1], [0.1, 0.2], 0, "0 labels"),
    ],
)
def test_what_cannot_be_spread_is_refused(
    sizes: list[float], rates: list[float], labels: int, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        neyman_allocation(sizes, rates, labels=labels)
