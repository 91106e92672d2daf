"""What other rules would have done, where the document says so.

None of these rules is offered. They are written here from their sources, so that the
comparison is measured and not asserted.
"""

from collections.abc import Callable
from functools import cache
from math import ceil, log2

import numpy as np
import pytest
from river import drift
from river.base import BinaryDriftDetector, DriftDetector
from scipy.stats import binom

from monitoring.stats.intervals import upper_bound
from monitoring.stats.sampling import hajek, stratified_error_interval
from monitoring.stats.selective import certify_threshold
from monitoring.stats.sequential import gate_evidence
from tests.stats.streams import first_alarm_of_bound, first_alarms
from tests.stats.test_selective import close_to, draw_line, set_s

EXACT = 1e-6
E10_WRONG = np.array([0, 1, 0, 0, 0, 0, 1, 0, 1, 0])
E10_INCLUSION = np.repeat([0.25, 1.0], [6, 4])
E10_LABELLED = np.isin(np.arange(10), [0, 3, 6, 7, 8, 9])


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


def test_a_search_by_halves_certifies_nothing_of_every_second_line() -> None:
    rng = np.random.default_rng(8)
    runs, target = 500, 0.005
    lines = [draw_line(rng, 3000) for _ in range(runs)]

    found = [guaranteed_risk(*line, max_error=target, delta=0.05) for line in lines]

    # we certify nothing in 5 %, as is tested with what we do certify
    assert found.count(None) / runs == close_to(0.48, runs)


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
    weighted = hajek(E10_WRONG, E10_INCLUSION, E10_LABELLED)
    assert weighted.se > 2 * error_with_predictions
    # two of the six were looked at and right: that is no width of 0
    bounds = stratified_error_interval([(6, 2, 0), (4, 4, 2)])
    assert bounds.low == pytest.approx(0.2)
    assert bounds.high > E10_WRONG.mean() > bounds.low


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


Watch = Callable[[np.ndarray], int | None]


def by_river(make: Callable[[], DriftDetector | BinaryDriftDetector]) -> Watch:
    """Let a fresh detector watch a stream: the place of its first alarm."""

    def watch(row: np.ndarray) -> int | None:
        detector = make()
        for place, x in enumerate(row.astype(int).tolist()):
            detector.update(x)
            if detector.drift_detected:
                return place
        return None

    return watch


def ours(row: np.ndarray) -> int | None:
    return first_alarms(row, [1e4], base_rate=0.05)[0]


STREAMS = 200
RACERS: dict[str, Watch] = {
    "ours": ours,
    "ADWIN": by_river(drift.ADWIN),
    "Page-Hinkley": by_river(drift.PageHinkley),
    "HDDM-A": first_alarm_of_bound,  # river's own takes 18 s
    "DDM": by_river(drift.binary.DDM),
    "EDDM": by_river(drift.binary.EDDM),
}


@cache
def quiet_streams() -> np.ndarray:
    return np.random.default_rng(8).random((STREAMS, 10_000)) < 0.05


@cache
def doubling_streams() -> np.ndarray:
    rates = np.repeat([0.05, 0.10], [5000, 10_000])
    return np.random.default_rng(9).random((STREAMS, rates.size)) < rates


def test_a_stream_watched_as_a_whole_alarms_where_hddm_of_river_does() -> None:
    watch = by_river(drift.binary.HDDMA)
    steep = np.random.default_rng(1).random((20, 2000)) < np.linspace(0.02, 0.3, 2000)
    rows = [*steep, *doubling_streams()[:4], quiet_streams()[0]]

    expected = [watch(row) for row in rows]

    assert [first_alarm_of_bound(row) for row in rows] == expected
    assert None in expected
    assert len(set(expected)) > 20


@pytest.mark.parametrize(
    ("racer", "share"),
    [
        ("ours", 0.015),
        ("ADWIN", 0.005),
        ("Page-Hinkley", 0.005),
        ("HDDM-A", 0.0),
        ("DDM", 0.64),
        ("EDDM", 0.965),
    ],
)
def test_case_d8_only_some_keep_quiet_where_nothing_changes(
    racer: str, share: float
) -> None:
    alarms = sum(RACERS[racer](row) is not None for row in quiet_streams())

    tolerance = 3 * (max(share * (1 - share), 1 / STREAMS) / STREAMS) ** 0.5
    assert alarms / STREAMS == pytest.approx(share, abs=tolerance)


@pytest.mark.parametrize(
    ("racer", "delay"),
    [("ours", 408), ("ADWIN", 672), ("Page-Hinkley", 1120), ("HDDM-A", 2122)],
)
def test_case_d8_of_those_that_keep_quiet_ours_is_the_quickest(
    racer: str, delay: float
) -> None:
    alarms = [RACERS[racer](row) for row in doubling_streams()]

    delays = [at - 5000 for at in alarms if at is not None and at >= 5000]
    error = float(np.std(delays)) * (1 / len(delays) + 1 / STREAMS) ** 0.5
    assert len(delays) > 0.9 * STREAMS
    assert np.mean(delays) == pytest.approx(delay, abs=3 * error)
