"""Evidence that may be looked at daily: gates, comparisons, sequences."""

from fractions import Fraction
from functools import cache
from math import comb, inf, isnan, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import binom, binomtest

from monitoring.stats.sequential import (
    breach_evidence,
    confidence_sequence,
    gate_evidence,
    labels_needed,
    paired_evidence,
    two_arm_difference,
    weighted_paired_evidence,
)

EXACT = 1e-6
Z_ONE_SIDED = 1.6449
LARGEST = Fraction(8.2e307)  # exp(709)
counts = st.integers(0, 400)
gates = st.floats(0.01, 0.99)


def exact_evidence(successes: int, failures: int, gate: Fraction) -> Fraction:
    """Evidence in whole numbers, for a gate that is a fraction of two of them."""
    n = successes + failures
    tail = sum(
        comb(n + 1, i) * gate**i * (1 - gate) ** (n + 1 - i)
        for i in range(successes + 1)
    )
    whole = Fraction(1, (n + 1) * comb(n, successes))
    return whole * tail / (gate**successes * (1 - gate) ** (failures + 1))


@pytest.mark.parametrize(
    ("successes", "failures", "evidence"),
    [
        (100, 0, 33.2582),
        (95, 5, 0.432302),
        (490, 10, 136.8143),
        (980, 20, 41806.57),
        (0, 0, 1),
    ],
)
def test_case_f1_gives_the_evidence_of_a_gate(
    successes: int, failures: int, evidence: float
) -> None:
    found = gate_evidence(successes, failures, gate=0.95)

    assert found == pytest.approx(evidence, rel=2e-6)


@pytest.mark.parametrize(
    ("gate", "labels"), [(0.9, 43), (0.95, 88), (0.98, 224), (0.99, 449)]
)
def test_case_f2_counts_the_labels_of_a_perfect_run(gate: float, labels: int) -> None:
    assert labels_needed(0, 0, gate=gate) == labels
    assert gate_evidence(labels, 0, gate=gate) >= 20
    assert gate_evidence(labels - 1, 0, gate=gate) < 20


def test_half_a_percent_takes_901_labels_and_1368_with_one_error() -> None:
    assert labels_needed(0, 0, gate=0.995) == 901
    assert 1 + labels_needed(0, 1, gate=0.995) == 1368


def test_case_f5_bounds_a_share_at_every_look() -> None:
    for (successes, failures), (low, high) in {
        (95, 5): (0.844206, 0.992851),
        (950, 50): (0.920760, 0.971280),
    }.items():
        found = confidence_sequence(successes, failures)

        assert found.low == pytest.approx(low, abs=EXACT)
        assert found.high == pytest.approx(high, abs=EXACT)
        assert (found.value, found.n) == (0.95, successes + failures)


def test_without_observations_any_share_is_possible() -> None:
    found = confidence_sequence(0, 0)

    assert (found.low, found.high, found.n) == (0, 1, 0)
    assert isnan(found.value)


def test_case_f7_looking_again_and_again_opens_no_gate_by_luck() -> None:
    rng = np.random.default_rng(7)
    runs, looks, gate = 4000, np.arange(50, 5001, 50), 0.95
    failures = rng.binomial(50, 1 - gate, (runs, looks.size)).cumsum(axis=1)

    @cache
    def is_open(n: int, failed: int) -> bool:
        return gate_evidence(n - failed, failed, gate=gate) >= 20

    opened = np.vectorize(is_open)(looks[None, :], failures).any(axis=1).mean()
    repeated = np.asarray(binom.cdf(failures, looks[None, :], 1 - gate) <= 0.05)

    assert opened <= 0.05
    assert opened == pytest.approx(0.023, abs=3 * (0.023 * 0.977 / runs) ** 0.5)
    assert repeated.any(axis=1).mean() == pytest.approx(
        0.257, abs=3 * (0.257 * 0.743 / runs) ** 0.5
    )


@pytest.mark.parametrize(
    ("champion_only", "challenger_only", "evidence"),
    [(0, 5, 10.5), (0, 8, 56.7778), (5, 15, 6.35552), (20, 20, 0.194545)],
)
def test_case_f9_compares_two_versions_by_the_items_they_differ_on(
    champion_only: int, challenger_only: int, evidence: float
) -> None:
    found = paired_evidence(champion_only, challenger_only)

    assert found == pytest.approx(evidence, rel=5e-6)


def run_of_pairs(
    rng: np.random.Generator, *, runs: int, shares: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw looks every 100 items to 20,000: champion-only and challenger-only."""
    looks = np.arange(100, 20_001, 100)
    steps = rng.multinomial(100, [*shares, 1 - sum(shares)], (runs, looks.size))
    totals = steps.cumsum(axis=1)
    return looks, totals[..., 0], totals[..., 1]


def test_case_f10_an_equal_challenger_is_hardly_ever_promoted() -> None:
    rng = np.random.default_rng(10)
    runs = 1000
    _, champion, challenger = run_of_pairs(rng, runs=runs, shares=(0.02, 0.02))
    evidence = np.vectorize(cache(paired_evidence))
    with np.errstate(invalid="ignore"):  # no discordant pair yet
        mcnemar = (challenger - champion) / np.sqrt(challenger + champion)

    promoted = (evidence(champion, challenger) >= 20).any(axis=1).mean()
    peeking = (mcnemar > Z_ONE_SIDED).any(axis=1).mean()

    assert promoted <= 0.05
    assert promoted == pytest.approx(0.024, abs=3 * (0.024 * 0.976 / runs) ** 0.5)
    assert peeking == pytest.approx(0.281, abs=3 * (0.281 * 0.719 / runs) ** 0.5)


def test_case_f10_a_better_challenger_is_promoted_soon() -> None:
    rng = np.random.default_rng(11)
    looks, champion, challenger = run_of_pairs(rng, runs=500, shares=(0.01, 0.03))
    evidence = np.vectorize(cache(paired_evidence))

    reached = evidence(champion, challenger) >= 20

    assert reached.any(axis=1).mean() > 0.99
    assert np.median(looks[reached.argmax(axis=1)]) == pytest.approx(700, abs=100)


@pytest.mark.parametrize(
    ("successes", "low", "high"),
    [(460, -0.094762, 0.021167), (430, -0.166113, -0.025281)],
)
def test_case_f11_holds_or_rolls_back_an_unpaired_canary(
    successes: int, low: float, high: float
) -> None:
    found = two_arm_difference(successes, 500, 4750, 5000)

    assert found.low == pytest.approx(low, abs=EXACT)
    assert found.high == pytest.approx(high, abs=EXACT)
    assert found.value == pytest.approx(successes / 500 - 0.95)
    assert found.n == 5500


def test_an_arm_without_observations_leaves_the_difference_open() -> None:
    found = two_arm_difference(0, 0, 4750, 5000)

    assert isnan(found.value)
    assert found.low < -0.9
    assert 0 < found.high < 0.1


def test_case_f14_assisted_labels_would_open_what_blind_labels_keep_shut() -> None:
    assert gate_evidence(989, 11, gate=0.95) == pytest.approx(1.8553e9, rel=5e-5)
    assert gate_evidence(895, 105, gate=0.95) == pytest.approx(0.016750, abs=5e-7)
    assert breach_evidence(895, 105, gate=0.95) == pytest.approx(1.1476e9, rel=5e-5)


@given(
    successes=st.integers(0, 250),
    failures=st.integers(0, 250),
    gate=st.fractions(Fraction(1, 50), Fraction(49, 50), max_denominator=50),
)
def test_evidence_is_exact_on_both_sides_of_the_gate(
    successes: int, failures: int, gate: Fraction
) -> None:
    found = gate_evidence(successes, failures, gate=float(gate))

    exact = exact_evidence(successes, failures, gate)
    if exact > LARGEST:
        assert found == inf
    else:
        assert found == pytest.approx(float(exact), rel=1e-9)


@pytest.mark.parametrize(
    ("successes", "failures"), [(0, 1500), (300, 1200), (900, 1100), (1500, 400)]
)
def test_evidence_far_below_the_gate_keeps_its_digits(
    successes: int, failures: int
) -> None:
    exact = exact_evidence(successes, failures, Fraction(95, 100))

    found = gate_evidence(successes, failures, gate=0.95)

    assert 0 < found < 0.1
    assert found == pytest.approx(float(exact), rel=1e-9)


def test_evidence_of_ten_million_labels_is_neither_lost_nor_slow() -> None:
    n = 10_000_000

    assert gate_evidence(n, 0, gate=0.95) == inf
    assert 0 < gate_evidence(940 * n // 1000, 60 * n // 1000, gate=0.95) < 1e-3
    assert 0 < gate_evidence(95 * n // 100, 5 * n // 100, gate=0.95) < 0.01


@given(successes=counts, failures=counts, gate=gates)
def test_a_success_never_lowers_the_evidence_and_a_failure_never_raises_it(
    successes: int, failures: int, gate: float
) -> None:
    found = gate_evidence(successes, failures, gate=gate)

    better = gate_evidence(successes + 1, failures, gate=gate)
    worse = gate_evidence(successes, failures + 1, gate=gate)
    assert worse <= found * (1 + 1e-9)
    assert found <= better * (1 + 1e-9)


@given(successes=st.integers(0, 60), failures=st.integers(0, 60), gate=gates)
def test_at_the_gate_the_next_observation_is_expected_to_change_nothing(
    successes: int, failures: int, gate: float
) -> None:
    found = gate_evidence(successes, failures, gate=gate)

    expected = gate * gate_evidence(successes + 1, failures, gate=gate)
    expected += (1 - gate) * gate_evidence(successes, failures + 1, gate=gate)
    assert expected == pytest.approx(found, rel=1e-9)


@given(
    successes=st.integers(0, 300),
    failures=st.integers(0, 5),
    gate=st.floats(0.5, 0.99),
    evidence=st.floats(0.5, 200),
)
def test_the_labels_needed_are_the_fewest_that_reach_the_evidence(
    successes: int, failures: int, gate: float, evidence: float
) -> None:
    more = labels_needed(successes, failures, gate=gate, evidence=evidence)

    assert gate_evidence(successes + more, failures, gate=gate) >= evidence
    if more:
        before = gate_evidence(successes + more - 1, failures, gate=gate)
        assert before < evidence


@given(successes=counts, failures=counts, alpha=st.floats(0.001, 0.5))
def test_the_sequence_ends_where_the_mixed_evidence_reaches_its_limit(
    successes: int, failures: int, alpha: float
) -> None:
    found = confidence_sequence(successes, failures, alpha=alpha)
    mirrored = confidence_sequence(failures, successes, alpha=alpha)

    assert found.low == pytest.approx(1 - mirrored.high, abs=1e-12)
    if successes and failures:
        assert 0 < found.low < found.value < found.high < 1

        def likelihood_ratio(p: float) -> float:
            """Likelihood at p over that at the bound, weighted by the mixture."""
            exponent = successes * log(p / found.low)
            exponent += failures * (np.log1p(-p) - np.log1p(-found.low))
            return float(np.exp(exponent) / (np.pi * (p * (1 - p)) ** 0.5))

        peaks = [found.value] if 0 < found.value < 1 else None
        mixed, _ = quad(likelihood_ratio, 0, 1, points=peaks, limit=200)
        assert mixed == pytest.approx(1 / alpha, rel=1e-4)


def test_the_sequence_is_wider_than_an_interval_for_a_single_look() -> None:
    found = confidence_sequence(950, 50)
    single = binomtest(950, 1000).proportion_ci(method="exact")

    assert found.low < single.low < single.high < found.high


@pytest.mark.parametrize(("successes", "failures"), [(-1, 0), (0, -1)])
def test_negative_counts_are_refused(successes: int, failures: int) -> None:
    for call in (
        lambda: gate_evidence(successes, failures, gate=0.9),
        lambda: breach_evidence(successes, failures, gate=0.9),
        lambda: paired_evidence(successes, failures),
        lambda: confidence_sequence(successes, failures),
        lambda: labels_needed(successes, failures, gate=0.9),
    ):
        with pytest.raises(ValueError, match="no counts"):
            call()


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_gates_and_chances_outside_0_to_1_are_refused(share: float) -> None:
    with pytest.raises(ValueError, match="gate"):
        gate_evidence(1, 1, gate=share)
    with pytest.raises(ValueError, match="Alpha"):
        confidence_sequence(1, 1, alpha=share)


def test_more_successes_than_observations_are_refused() -> None:
    with pytest.raises(ValueError, match="6 of 5"):
        two_arm_difference(6, 5, 1, 2)
    with pytest.raises(ValueError, match="3 of 2"):
        two_arm_difference(1, 5, 3, 2)


def test_endless_evidence_is_refused_rather_than_waited_for() -> None:
    for endless in (inf, float("nan")):
        with pytest.raises(ValueError, match="never reached"):
            labels_needed(0, 0, gate=0.9, evidence=endless)


def test_equal_chances_give_the_plain_paired_evidence() -> None:
    for champion, challenger in ((0, 5), (5, 15), (20, 20), (300, 260)):
        plain = paired_evidence(champion, challenger)
        nearly = weighted_paired_evidence([(1 - 1e-12, champion, challenger)])
        exact = weighted_paired_evidence([(1.0, champion, challenger)])

        assert exact == plain
        assert nearly == pytest.approx(plain, rel=1e-6)


def test_pairs_that_were_likelier_drawn_speak_less() -> None:
    even = weighted_paired_evidence([(1.0, 0, 10)])
    uneven = weighted_paired_evidence([(1.0, 0, 5), (0.05, 0, 5)])

    assert weighted_paired_evidence([]) == 1
    assert weighted_paired_evidence([(1.0, 0, 5)]) < uneven < even


def test_uneven_draws_of_equal_rivals_seldom_promote() -> None:
    rng = np.random.default_rng(4)
    chances = np.array([0.05, 0.5])
    promoted = naively = 0
    for _run in range(400):
        # where the challenger is better, items are looked at ten times as often
        side = rng.integers(2, size=4000)
        is_challengers = rng.random(4000) < np.array([0.4, 0.6])[side]
        is_drawn = rng.random(4000) < chances[side]
        reached = plain = 0.0
        for end in range(500, 4001, 500):
            strata = []
            for one, chance in enumerate(chances):
                seen = is_challengers[:end][is_drawn[:end] & (side[:end] == one)]
                strata.append((0.05 / chance, int((~seen).sum()), int(seen.sum())))
            reached = max(reached, weighted_paired_evidence(strata, points=500))
            raw = [(1.0, live, candidate) for _weight, live, candidate in strata]
            plain = max(plain, weighted_paired_evidence(raw))
        promoted += reached >= 20
        naively += plain >= 20

    assert promoted / 400 <= 0.05
    assert naively / 400 >= 0.95, "without weights the draw itself would promote"


@pytest.mark.parametrize("weight", [0.0, 1.5])
def test_a_weight_is_a_share(weight: float) -> None:
    with pytest.raises(ValueError, match="more than 0, at most 1"):
        weighted_paired_evidence([(weight, 1, 1)])
