"""The detector of a raised rate, against published and closed-form values."""

from functools import cache
from math import inf

import numpy as np
import pytest

from monitoring.stats.change import MixtureCusum
from tests.stats.streams import first_alarms

THRESHOLDS = (250, 2500, 10_000)
LONGEST = 100_000


def test_case_d1_one_alternative_follows_the_recursion_by_hand() -> None:
    detector = MixtureCusum(0.05, 1e9, ratios=(2,))
    values = []

    for x in [0] * 10 + [1, 1, 0, 1]:
        detector.update(x)
        values.append(detector.value)

    expected = [0.947368] * 10 + [2, 4, 3.789474, 7.578947]
    assert values == pytest.approx(expected, abs=1e-6)


def test_case_d2_a_mixture_finds_the_change_and_places_it() -> None:
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


@cache
def quiet_lengths() -> np.ndarray:
    """Watch 200 quiet streams: how long until each threshold, NaN where never."""
    rng = np.random.default_rng(7)
    alarms = [
        first_alarms(rng.random(LONGEST) < 0.05, THRESHOLDS, base_rate=0.05)
        for _ in range(200)
    ]
    return np.array(alarms, dtype=np.float64) + 1


def test_case_d6_quiet_streams_run_as_long_as_is_promised() -> None:
    lengths = quiet_lengths()[:, 0]

    assert 8_500 < float(np.nan_to_num(lengths, nan=LONGEST).mean()) < 11_500


@pytest.mark.parametrize(
    ("place", "length"), [(1, 1.12e5), (2, 4.2e5)], ids=["2500", "10000"]
)
def test_case_d6_a_higher_threshold_is_as_much_quieter(
    place: int, length: float
) -> None:
    lengths = quiet_lengths()[:, place]

    alarms = int(np.count_nonzero(~np.isnan(lengths)))
    # streams without an alarm count with what was watched, as in any life table
    watched = np.nan_to_num(lengths, nan=LONGEST).sum()
    assert watched / alarms == pytest.approx(length, rel=3 / alarms**0.5)
    assert alarms > 30


@pytest.mark.parametrize("rate", [0.05, 0.06, 0.08])
def test_streams_watched_as_a_whole_alarm_where_the_detector_does(rate: float) -> None:
    row = np.random.default_rng(3).random(20_000) < rate
    detector = MixtureCusum(0.05, max(THRESHOLDS))
    expected: dict[float, int | None] = dict.fromkeys(THRESHOLDS)

    for place, x in enumerate(row.tolist()):
        detector.update(x)
        for threshold in THRESHOLDS:
            if expected[threshold] is None and detector.value >= threshold:
                expected[threshold] = place

    found = first_alarms(row, THRESHOLDS, base_rate=0.05)
    assert found == list(expected.values())


@pytest.mark.parametrize(("rate", "threshold"), [(0, 20), (0.96, 20), (0.05, 1)])
def test_parameters_without_a_promise_are_refused(
    rate: float, threshold: float
) -> None:
    with pytest.raises(ValueError, match="is"):
        MixtureCusum(rate, threshold)


def test_before_the_first_observation_nothing_speaks_for_a_change() -> None:
    assert MixtureCusum(0.05, 20).value == 1


def test_evidence_beyond_a_float_is_endless_and_no_error() -> None:
    detector = MixtureCusum(0.01, 20)

    for _ in range(1000):
        detector.update(1)

    assert detector.value == inf
    assert detector.alarm
