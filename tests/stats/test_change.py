"""The detector of a raised rate, against published and closed-form values."""

from math import inf

import numpy as np
import pytest

from monitoring.stats.change import MixtureCusum


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


def test_case_d6_quiet_streams_run_as_long_as_is_promised() -> None:
    rng = np.random.default_rng(7)
    lengths = []

    for _ in range(200):
        detector = MixtureCusum(0.05, 250)
        for x in (rng.random(100_000) < 0.05).tolist():
            detector.update(x)
            if detector.alarm:
                break
        lengths.append(detector.count)

    assert 8_500 < float(np.mean(lengths)) < 11_500


def run_in_parallel(rows: np.ndarray, threshold: float) -> tuple[int, int]:
    """Watch many streams at once, each until its alarm: alarms, and items watched."""
    gain_of_one = np.log([1.5, 2, 4])[:, None]
    gain_of_zero = np.log((1 - 0.05 * np.array([1.5, 2, 4])) / 0.95)[:, None]
    logs = np.zeros((3, len(rows)))
    is_running = np.ones(len(rows), dtype=np.bool_)
    watched = 0
    for column in rows.T:
        watched += int(np.count_nonzero(is_running))
        logs = np.maximum(logs, 0) + np.where(column, gain_of_one, gain_of_zero)
        is_running &= np.exp(logs).mean(axis=0) < threshold
    return int(np.count_nonzero(~is_running)), watched


def test_streams_watched_at_once_alarm_where_the_detector_does() -> None:
    row = np.random.default_rng(3).random(20_000) < 0.08
    detector = MixtureCusum(0.05, 1e4)

    for x in row.tolist():
        detector.update(x)
        if detector.alarm:
            break

    assert run_in_parallel(row[None, :], 1e4) == (1, detector.count)


@pytest.mark.parametrize(("threshold", "length"), [(2500, 1.12e5), (10_000, 4.2e5)])
def test_case_d6_a_higher_threshold_is_as_much_quieter(
    threshold: float, length: float
) -> None:
    rows = np.random.default_rng(6).random((600, 40_000), dtype=np.float32) < 0.05

    alarms, watched = run_in_parallel(rows, threshold)

    # streams without an alarm count with what was watched, as in any life table
    assert watched / alarms == pytest.approx(length, rel=3 / alarms**0.5)
    assert alarms > 40


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
