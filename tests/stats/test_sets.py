"""Answers of several classes: distances of sets, and alpha at given distances."""

from itertools import permutations
from math import isnan

import krippendorff
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.stats.raters import bootstrap_alpha, krippendorff_alpha
from monitoring.stats.sets import distances_between, jaccard_distance, masi_distance

EXACT = 1e-9
NAN = float("nan")
Ratings = npt.NDArray[np.float64]
SETS = [frozenset(part) for part in ("", "a", "b", "c", "ab", "ac", "bc", "abc")]

answers = st.frozensets(st.sampled_from("abcde"))
# Two readers and nine items, as the tests of DKPro Agreement have them, with distances
# of their own: a third where one holds the other, two thirds where they overlap.
TWO_READERS = [
    ("", ""),
    ("a", ""),
    ("a", "a"),
    ("a", "b"),
    ("ab", "a"),
    ("ab", "ac"),
    ("abc", "abc"),
    ("c", "ac"),
    ("c", "ac"),
]


def thirds(one: frozenset[str], other: frozenset[str]) -> float:
    if one == other:
        return 0.0
    if one <= other or other <= one:
        return 1 / 3
    return 2 / 3 if one & other else 1.0


def thirds_of_jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return thirds(one, other) * jaccard_distance(one, other)


@st.composite
def ratings_of_sets(draw: st.DrawFn) -> Ratings:
    """Let 2 to 4 readers give one of eight sets to some of a few items."""
    readers, items = draw(st.integers(2, 4)), draw(st.integers(1, 8))
    rating = st.one_of(st.just(NAN), st.integers(0, len(SETS) - 1).map(float))
    row = st.lists(rating, min_size=items, max_size=items)
    return np.array(draw(st.lists(row, min_size=readers, max_size=readers)))


def alpha_by_hand(ratings: Ratings, apart: Ratings) -> float:
    """Compute alpha from all pairs, as it is defined, one at a time."""
    units = [[int(r) for r in column if not isnan(r)] for column in ratings.T]
    units = [unit for unit in units if len(unit) > 1]
    all_of_them = [rating for unit in units for rating in unit]
    n = len(all_of_them)
    observed = sum(
        sum(apart[i, j] for i, j in permutations(unit, 2)) / (len(unit) - 1)
        for unit in units
    )
    by_chance = sum(apart[i, j] for i, j in permutations(all_of_them, 2)) / (n - 1)
    return float(1 - observed / by_chance) if by_chance else NAN


def is_pairable(ratings: Ratings) -> bool:
    return bool(((~np.isnan(ratings)).sum(axis=0) >= 2).any())


@pytest.mark.parametrize(
    ("one", "other", "jaccard", "masi"),
    [
        ("ab", "ab", 0, 0),
        ("a", "b", 1, 1),
        ("a", "ab", 1 / 2, 2 / 3),
        ("ab", "abcd", 1 / 2, 2 / 3),
        ("a", "abc", 2 / 3, 7 / 9),
        ("ab", "bc", 2 / 3, 8 / 9),
        ("abc", "bcd", 1 / 2, 5 / 6),
        ("", "", 0, 0),
        ("", "a", 1, 1),
    ],
)
def test_case_a13_gives_the_distances_of_two_answers(
    one: str, other: str, jaccard: float, masi: float
) -> None:
    assert jaccard_distance(set(one), set(other)) == pytest.approx(jaccard)
    assert masi_distance(set(one), set(other)) == pytest.approx(masi)


@given(one=answers, other=answers)
def test_a_distance_knows_no_order_and_is_0_of_the_same_and_1_of_nothing_shared(
    one: frozenset[str], other: frozenset[str]
) -> None:
    for distance in (jaccard_distance, masi_distance):
        found = distance(one, other)
        assert found == distance(other, one)
        assert 0 <= found <= 1
        assert (found == 0) is (one == other)
        if one or other:
            assert (found == 1) is (not one & other)
    assert masi_distance(one, other) >= jaccard_distance(one, other) - EXACT


@given(one=answers, between=answers, other=answers)
def test_no_way_round_is_shorter_by_jaccard(
    one: frozenset[str], between: frozenset[str], other: frozenset[str]
) -> None:
    direct = jaccard_distance(one, other)
    round_about = jaccard_distance(one, between) + jaccard_distance(between, other)

    assert direct <= round_about + EXACT


@given(one=answers, more=answers, classes=st.permutations("abcde"))
def test_what_classes_are_called_does_not_matter(
    one: frozenset[str], more: frozenset[str], classes: list[str]
) -> None:
    name = dict(zip("abcde", classes, strict=True))

    renamed = masi_distance({name[c] for c in one}, {name[c] for c in more})

    assert renamed == pytest.approx(masi_distance(one, more))


@pytest.mark.parametrize(
    ("distance", "alpha"), [(thirds, 0.186), (thirds_of_jaccard, 0.252)]
)
def test_case_a14_gives_the_alphas_of_two_readers_at_distances_of_their_own(
    distance: object, alpha: float
) -> None:
    assert callable(distance)
    apart = np.array([[distance(one, other) for other in SETS] for one in SETS])
    places = {"".join(sorted(one)): n for n, one in enumerate(SETS)}
    ratings = np.array([[places[said] for said in item] for item in TWO_READERS]).T

    found = krippendorff_alpha(ratings, apart=apart)

    assert found.value == pytest.approx(alpha, abs=1e-3)
    assert found.n == 9


@given(ratings=ratings_of_sets())
def test_alpha_is_what_its_definition_says_of_all_pairs(ratings: Ratings) -> None:
    apart = distances_between(SETS)
    if not is_pairable(ratings):
        with pytest.raises(ValueError, match="items have two ratings"):
            krippendorff_alpha(ratings, apart=apart)
        return

    found = krippendorff_alpha(ratings, apart=apart)

    assert found.value == pytest.approx(alpha_by_hand(ratings, apart), nan_ok=True)


@given(ratings=ratings_of_sets())
def test_alpha_is_that_of_the_krippendorff_package_at_the_same_distances(
    ratings: Ratings,
) -> None:
    apart = distances_between(SETS)
    paired = ratings[:, (~np.isnan(ratings)).sum(axis=0) >= 2]
    if np.unique(paired[~np.isnan(paired)]).size < 2:
        return

    def between(v1: Ratings, v2: Ratings, **_: object) -> Ratings:
        found: Ratings = apart[v1.astype(int), v2.astype(int)]
        return found

    theirs = krippendorff.alpha(
        paired,
        level_of_measurement=between,  # type: ignore[arg-type]  # ours reads no counts
    )

    found = krippendorff_alpha(ratings, apart=apart)
    assert found.value == pytest.approx(theirs, abs=EXACT)


@given(ratings=ratings_of_sets())
def test_distances_of_0_and_1_give_the_alpha_of_classes(ratings: Ratings) -> None:
    if not is_pairable(ratings):
        return

    found = krippendorff_alpha(ratings, apart=1 - np.eye(len(SETS)))

    assert found.value == pytest.approx(krippendorff_alpha(ratings).value, nan_ok=True)


@given(ratings=ratings_of_sets(), seed=st.integers(0, 9))
def test_an_interval_is_of_the_same_alpha_and_the_same_for_the_same_draws(
    ratings: Ratings, seed: int
) -> None:
    if not is_pairable(ratings):
        return
    apart = distances_between(SETS)

    found, again = (
        bootstrap_alpha(
            ratings, apart=apart, rng=np.random.default_rng(seed), resamples=50
        )
        for _ in range(2)
    )

    alpha = krippendorff_alpha(ratings, apart=apart)
    assert found.value == pytest.approx(alpha.value, nan_ok=True)
    assert found.n == alpha.n
    assert repr(found) == repr(again)
    if found.value == 1 or isnan(found.value):
        assert isnan(found.low)
        assert isnan(found.high)
    elif not isnan(found.low):
        assert found.low <= found.high <= 1 + EXACT


def test_intervals_hold_the_true_alpha_about_as_often_as_they_say() -> None:
    # two readers name "a", "b" or both; the second repeats the first 7 times of 10
    rng = np.random.default_rng(4)
    sets = [frozenset("a"), frozenset("b"), frozenset("ab")]
    apart = distances_between(sets)
    by_chance = float(apart.mean())
    true = 1 - 0.3 * by_chance / by_chance

    held = 0
    for _ in range(200):
        first, other = rng.integers(0, 3, (2, 80))
        second = np.where(rng.random(80) < 0.7, first, other)
        found = bootstrap_alpha([first, second], apart=apart, rng=rng, resamples=400)
        held += found.low <= true <= found.high

    assert 178 <= held <= 199  # of 200; 190 are promised


def test_more_items_give_a_narrower_interval() -> None:
    ratings = np.array([[0, 1, 1, 0, 0, 1, 1, 0], [0, 1, 0, 0, 0, 1, 1, 1]])
    apart = [[0, 1], [1, 0]]

    few, many = (
        bootstrap_alpha(
            np.tile(ratings, times), apart=apart, rng=np.random.default_rng(1)
        )
        for times in (1, 25)
    )

    assert many.high - many.low < (few.high - few.low) / 3


@pytest.mark.parametrize(
    ("apart", "complaint"),
    [
        ([[0, 1]], "shape"),
        ([0, 1], "shape"),
        ([[0, 1], [2, 0]], "same both ways"),
        ([[1, 1], [1, 0]], "0 to itself"),
        ([[0, -1], [-1, 0]], "not below 0"),
        ([[0, NAN], [NAN, 0]], "finite"),
        ([[0]], "no places in a table of 1"),
    ],
)
def test_what_is_no_table_of_distances_is_refused(
    apart: list[list[float]], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        krippendorff_alpha([[0, 1], [0, 0]], apart=apart)


@pytest.mark.parametrize("rating", [0.5, -1, 2])
def test_a_rating_that_is_no_place_is_refused(rating: float) -> None:
    ratings = np.array([[0.0, rating], [1.0, 1.0]])

    with pytest.raises(ValueError, match="no places"):
        krippendorff_alpha(ratings, apart=[[0, 1], [1, 0]])


def test_an_interval_takes_a_draw() -> None:
    with pytest.raises(ValueError, match="0 draws"):
        bootstrap_alpha(
            [[0, 1], [0, 1]],
            apart=[[0, 1], [1, 0]],
            rng=np.random.default_rng(1),
            resamples=0,
        )
