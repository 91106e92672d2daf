"""The detector of a raised rate, against published and closed-form values."""

import numpy as np
import pytest

from monitoring.stats.change import MixtureCusum


def test_one_alternative_follows_the_recursion_by_hand() -> None:
    detector = MixtureCusum(0.05, 1e9, ratios=(2,))
    values = []

    for x in [0] * 10 + [1, 1, 0, 1]:
        detector.update(x)
        values.append(detector.value)

    expected = [0.947368] * 10 + [2, 4, 3.789474, 7.578947]
    assert values == pytest.approx(expected, abs=1e-6)


def test_a_mixture_finds_the_change_and_places_it() -> None:
    quiet = [int(i % 20 == 0) for i in range(1000)]
    raised = [int(i % 8 == 0) for i in range(600)]
    detector = MixtureCusum(0.05, 2500)

    for x in quiet + raised:
        detector.update(x)
        if detector.alarm:
            break

    assert detector.count == 1209
    assert detector.value == pytest.approx(2687.489, abs=1e-3)
    assert detector.change_start == 1001


def test_quiet_streams_run_as_long_as_is_promised() -> None:
    rng = np.random.default_rng(7)
    lengths = []

    for _ in range(60):
        detector = MixtureCusum(0.05, 250)
        for x in rng.random(60_000) < 0.05:
            detector.update(int(x))
            if detector.alarm:
                break
        lengths.append(detector.count)

    # about 2 A / p0 = 10,000; three standard errors of an exponential mean of 60
    assert 6_000 < float(np.mean(lengths)) < 14_500


@pytest.mark.parametrize(("rate", "threshold"), [(0, 20), (0.96, 20), (0.05, 1)])
def test_parameters_without_a_promise_are_refused(
    rate: float, threshold: float
) -> None:
    with pytest.raises(ValueError, match="is"):
        MixtureCusum(rate, threshold)
