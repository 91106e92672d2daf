"""What other rules would have done, where the document says so.

None of these rules is offered. They are written here from their sources, so that the
comparison is measured and not asserted.
"""

from collections.abc import Callable
from math import ceil, log2

import numpy as np
import pytest
from river import drift
from river.base import BinaryDriftDetector, DriftDetector
from scipy.stats import binom

from monitoring.stats.change import MixtureCusum
from monitoring.stats.intervals import upper_bound
from monitoring.stats.sampling import hajek
from monitoring.stats.selective import certify_threshold
from monitoring.stats.sequential import gate_evidence

EXACT = 1e-6
E10_WRONG = np.array([0, 1, 0, 0, 0, 0, 1, 0, 1, 0])
E10_INCLUSION = np.repeat([0.25, 1.0], [6, 4])
E10_LABELLED = np.isin(np.arange(10), [0, 3, 6, 7, 8, 9])


def set_s() -> tuple[np.ndarray, np.ndarray]:
    i = np.arange(1000)
    wrong = np.select([i < 300, i < 600], [i % 5 == 0, i % 25 == 0], i % 133 == 0)
    return (i + 0.5) / 1000, wrong.astype(np.bool_)


def guaranteed_risk(
    confidence: np.ndarray, wrong: np.ndarray, *, max_error: float, delta: float
) -> tuple[float, float, float] | None:
    """Search a threshold by halves (Geifman and El-Yaniv 2017, algorithm 2)."""
    order = np.argsort(confidence)
    confidence, wrong = confidence[order], wrong[order]
    n = confidence.size
    steps = ceil(log2(n))
    low, high = 0, n - 1
    best = None
    for _ in range(steps):
        place = ceil((low + high) / 2)
        errors, size = int(wrong[place:].sum()), n - place
        bound = upper_bound(errors, size, delta=delta / steps)
        if bound < max_error:
            best, high = (float(confidence[place]), bound, size / n), place
        else:
            low = place
    return best


@pytest.mark.parametrize(
    ("max_error", "delta", "threshold"), [(0.05, 0.05, 0.2615), (0.05, 0.001, 0.2965)]
)
def test_case_e3_a_search_by_halves_certifies_less_than_we_do(
    max_error: float, delta: float, threshold: float
) -> None:
    confidence, wrong = set_s()

    theirs = guaranteed_risk(confidence, wrong, max_error=max_error, delta=delta)
    ours = certify_threshold(confidence, wrong, max_error=max_error, delta=delta)

    assert theirs is not None
    assert theirs[0] == pytest.approx(threshold, abs=EXACT)
    if delta == 0.05:
        assert theirs[1] == pytest.approx(0.049844, abs=EXACT)
        assert theirs[2] == pytest.approx(0.739)
    assert ours is not None
    assert ours.threshold <= threshold


def test_case_e3_neither_certifies_two_percent() -> None:
    confidence, wrong = set_s()

    assert guaranteed_risk(confidence, wrong, max_error=0.02, delta=0.05) is None
    assert certify_threshold(confidence, wrong, max_error=0.02) is None


def test_case_e10_other_weights_look_surer_than_they_are() -> None:
    claimed = np.repeat([0.05, 0.4], [6, 4])
    weights = E10_LABELLED / E10_INCLUSION
    residuals = (E10_WRONG - claimed) * weights

    by_weights_alone = (E10_WRONG * weights).mean()
    with_predictions = claimed.mean() + residuals.mean()
    # of independent draws, as both are usually given
    missing = (1 - E10_INCLUSION) * weights / E10_INCLUSION
    error_of_weights = (missing * E10_WRONG**2).sum() ** 0.5 / 10
    error_with_predictions = (missing * (E10_WRONG - claimed) ** 2).sum() ** 0.5 / 10

    assert by_weights_alone == pytest.approx(0.2, abs=EXACT)
    assert error_of_weights == 0  # for want of an error among the sampled
    assert with_predictions == pytest.approx(0.19, abs=EXACT)
    assert error_with_predictions == pytest.approx(0.024495, abs=EXACT)
    ours = hajek(E10_WRONG, E10_INCLUSION, E10_LABELLED)
    assert ours.se > 2 * error_with_predictions


def test_case_f13_counting_failed_checks_rolls_a_good_model_back() -> None:
    items, checks = 10, 10

    failing = float(binom.cdf(9, items, 0.97))  # 9 of 10 are less than 95 %
    assert failing == pytest.approx(0.262576, abs=EXACT)
    for allowed, rolled_back in ((0, 0.952447), (3, 0.254207)):
        assert binom.sf(allowed, checks, failing) == pytest.approx(
            rolled_back, abs=EXACT
        )
    # a bad model passes where every one of ten checks must fail
    bad = float(binom.cdf(9, items, 0.90))
    assert 1 - bad**checks == pytest.approx(0.986, abs=1e-3)
    # 98 of 100 are evidence of neither
    assert gate_evidence(98, 2, gate=0.95) < 20


class Ours:
    """The detector in the words of the race."""

    def __init__(self) -> None:
        self.detector = MixtureCusum(0.05, 1e4)

    def update(self, x: int) -> None:
        self.detector.update(x)

    @property
    def drift_detected(self) -> bool:
        return self.detector.alarm


Racer = Callable[[], DriftDetector | BinaryDriftDetector | Ours]


def first_alarm(racer: Racer, row: np.ndarray) -> int | None:
    detector = racer()
    for i, x in enumerate(row.astype(int).tolist()):
        detector.update(x)
        if detector.drift_detected:
            return i
    return None


@pytest.mark.parametrize(
    ("racer", "share", "streams"),
    [
        (Ours, 0.015, 100),
        (drift.ADWIN, 0.005, 100),
        (drift.PageHinkley, 0.005, 100),
        (drift.binary.HDDMA, 0.0, 20),  # slow
        (drift.binary.DDM, 0.64, 200),
        (drift.binary.EDDM, 0.965, 200),
    ],
)
def test_case_d8_only_some_keep_quiet_where_nothing_changes(
    racer: Racer, share: float, streams: int
) -> None:
    rows = np.random.default_rng(8).random((streams, 10_000)) < 0.05

    alarms = sum(first_alarm(racer, row) is not None for row in rows)

    tolerance = 3 * (max(share * (1 - share), 1 / streams) / streams) ** 0.5
    assert alarms / streams == pytest.approx(share, abs=tolerance)


@pytest.mark.parametrize(
    ("racer", "delay", "streams"),
    [
        (Ours, 408, 150),
        (drift.ADWIN, 672, 150),
        (drift.PageHinkley, 1120, 150),
        (drift.binary.HDDMA, 2122, 20),
    ],
)
def test_case_d8_of_those_that_keep_quiet_ours_is_the_quickest(
    racer: Racer, delay: float, streams: int
) -> None:
    rng = np.random.default_rng(9)
    rates = np.repeat([0.05, 0.10], [5000, 10_000])

    alarms = [first_alarm(racer, rng.random(15_000) < rates) for _ in range(streams)]

    delays = [at - 5000 for at in alarms if at is not None and at >= 5000]
    error = float(np.std(delays)) * (1 / len(delays) + 1 / 200) ** 0.5
    assert len(delays) > 0.9 * streams
    assert np.mean(delays) == pytest.approx(delay, abs=3 * error)
