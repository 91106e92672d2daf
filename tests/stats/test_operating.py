"""What a threshold would cost: exact bands, and errors in all traffic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.stats.intervals import clopper_pearson
from monitoring.stats.operating import Part, operating_curve, share_of_traffic
from monitoring.stats.selective import risk_coverage


@given(
    rows=st.lists(
        st.tuples(st.sampled_from([0.5, 0.6, 0.7, 0.8, 0.9]), st.booleans()),
        min_size=1,
        max_size=60,
    )
)
def test_the_band_is_the_exact_interval_of_each_threshold(
    rows: list[tuple[float, bool]],
) -> None:
    confidence = [row[0] for row in rows]
    wrong = [row[1] for row in rows]

    curve = operating_curve(confidence, wrong)

    plain = risk_coverage(confidence, wrong)
    assert curve.risk.tolist() == plain.risk.tolist()
    assert curve.coverage.tolist() == plain.coverage.tolist()
    for place in range(curve.threshold.size):
        exact = clopper_pearson(int(curve.wrong[place]), int(curve.labels[place]))
        assert curve.low[place] == pytest.approx(exact.low, abs=1e-9)
        assert curve.high[place] == pytest.approx(exact.high, abs=1e-9)


def test_a_long_curve_is_thinned_and_keeps_both_ends() -> None:
    curve = operating_curve(np.linspace(0.5, 1, 5000), np.zeros(5000), points=50)

    assert curve.threshold.size == 50
    assert (curve.labels[0], curve.labels[-1]) == (1, 5000)


def test_no_label_has_no_curve() -> None:
    with pytest.raises(ValueError, match="0 labels"):
        operating_curve([], [])


def test_the_sum_over_classes_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    shares, errors = np.array([0.6, 0.2]), np.array([0.004, 0.02])
    truth = float(shares @ errors)
    runs, missed = 1000, 0
    for _ in range(runs):
        seen = rng.multinomial(2000, [*shares, 1 - shares.sum()])
        bad = rng.binomial([1500, 400], errors)
        found = share_of_traffic(
            [
                Part(decided=int(seen[n]), seen=2000, bad=int(bad[n]), labels=labels)
                for n, labels in enumerate([1500, 400])
            ]
        )
        missed += not found.low <= truth <= found.high

    assert missed / runs <= 0.05


def test_a_class_without_a_label_is_unknown_and_not_free_of_errors() -> None:
    found = share_of_traffic([Part(decided=100, seen=1000, bad=0, labels=0)])

    assert np.isnan(found.value)
    assert found.high >= 0.1


def test_where_nothing_is_decided_nothing_can_be_bad() -> None:
    found = share_of_traffic([Part(decided=0, seen=1000, bad=0, labels=0)])

    assert (found.value, found.low, found.high) == (0, 0, 0)
