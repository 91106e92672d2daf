"""Several raters, against statsmodels and the krippendorff package."""

from math import isnan

import krippendorff
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import fleiss_kappa as fleiss_of_statsmodels

from monitoring.stats.agreement import (
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
)
from monitoring.stats.raters import Level

EXACT = 1e-6
NAN = float("nan")
LEVELS: list[Level] = ["nominal", "ordinal", "interval", "ratio"]
Ratings = npt.NDArray[np.float64]

A8_COUNTS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]
A10_RATINGS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
]


@st.composite
def counts_of_raters(draw: st.DrawFn) -> list[list[int]]:
    """Let 2 to 6 raters put each of a few items into one of 3 classes."""
    raters = draw(st.integers(2, 6))
    answers = st.lists(st.integers(0, 2), min_size=raters, max_size=raters)
    items = draw(st.lists(answers, min_size=1, max_size=12))
    return [[item.count(place) for place in range(3)] for item in items]


@st.composite
def ratings_with_gaps(draw: st.DrawFn) -> Ratings:
    raters, items = draw(st.integers(2, 5)), draw(st.integers(1, 10))
    rating = st.one_of(st.just(NAN), st.integers(1, 5).map(float))
    row = st.lists(rating, min_size=items, max_size=items)
    return np.array(draw(st.lists(row, min_size=raters, max_size=raters)))


def test_case_a8_gives_the_kappa_of_fourteen_raters() -> None:
    found = fleiss_kappa(A8_COUNTS)

    assert found.value == pytest.approx(0.209931, abs=EXACT)
    assert found.n == 10


@pytest.mark.parametrize(
    ("level", "alpha"),
    [
        ("nominal", 0.743421),
        ("ordinal", 0.815388),
        ("interval", 0.849107),
        ("ratio", 0.797403),
    ],
)
def test_case_a10_gives_the_alphas_of_four_observers(
    level: Level, alpha: float
) -> None:
    found = krippendorff_alpha(A10_RATINGS, level=level)

    assert found.value == pytest.approx(alpha, abs=EXACT)
    assert found.n == 11  # the last item has one rating


@given(counts=counts_of_raters())
def test_kappa_of_several_is_that_of_statsmodels(counts: list[list[int]]) -> None:
    found = fleiss_kappa(counts)
    if isnan(found.value):
        assert len([column for column in zip(*counts, strict=True) if any(column)]) == 1
        return

    assert found.value == pytest.approx(fleiss_of_statsmodels(counts), abs=1e-9)
    assert found.value <= 1
    turned = fleiss_kappa([row[::-1] for row in counts[::-1]])
    assert turned.value == pytest.approx(found.value)


@settings(max_examples=60)
@pytest.mark.parametrize("level", LEVELS)
@given(ratings=ratings_with_gaps())
def test_alpha_is_that_of_the_krippendorff_package(
    level: Level, ratings: Ratings
) -> None:
    paired = ratings[:, (~np.isnan(ratings)).sum(axis=0) >= 2]
    values = paired[~np.isnan(paired)]
    if values.size == 0:
        with pytest.raises(ValueError, match="items have two ratings"):
            krippendorff_alpha(ratings, level=level)
        return

    found = krippendorff_alpha(ratings, level=level)

    assert found.n == paired.shape[1]
    if np.unique(values).size == 1:
        assert isnan(found.value)
        return
    theirs = krippendorff.alpha(paired, level_of_measurement=level)
    assert found.value == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("level", LEVELS)
@given(ratings=ratings_with_gaps(), data=st.data())
def test_alpha_does_not_know_who_rated_or_in_which_order(
    level: Level, ratings: Ratings, data: st.DataObject
) -> None:
    if ((~np.isnan(ratings)).sum(axis=0) < 2).all():
        return
    raters = data.draw(st.permutations(range(len(ratings))))
    items = data.draw(st.permutations(range(ratings.shape[1])))

    found = krippendorff_alpha(ratings, level=level)

    moved = krippendorff_alpha(ratings[raters][:, items], level=level)
    assert moved.value == pytest.approx(found.value, nan_ok=True)
    assert isnan(found.value) or found.value <= 1 + 1e-12


def test_levels_know_what_their_numbers_mean() -> None:
    ratings = np.array(A10_RATINGS)

    same_to: list[tuple[Level, Ratings]] = [
        ("nominal", -(ratings**3)),
        ("ordinal", ratings**3),
        ("interval", 10 - 2 * ratings),
        ("ratio", 7 * ratings),
    ]
    for level, same in same_to:
        found = krippendorff_alpha(ratings, level=level)
        assert krippendorff_alpha(same, level=level).value == pytest.approx(found.value)


def test_two_raters_without_gaps_nearly_have_the_kappa_of_cohen() -> None:
    table = [[400, 50], [40, 510]]
    cells = [(i, j) for i in (0, 1) for j in (0, 1) for _ in range(table[i][j])]
    ratings = np.array(cells, dtype=np.float64).T

    alpha = krippendorff_alpha(ratings).value

    assert alpha == pytest.approx(cohen_kappa(table).value, abs=2e-3)


def test_raters_who_never_differ_agree_wholly_and_one_class_says_nothing() -> None:
    assert fleiss_kappa([[3, 0], [0, 3]]).value == 1
    assert isnan(fleiss_kappa([[3, 0], [3, 0]]).value)
    assert krippendorff_alpha([[1, 2], [1, 2]]).value == 1
    assert isnan(krippendorff_alpha([[1, 1], [1, 1]]).value)
    assert krippendorff_alpha([[0, 0, 1], [0, 0, 1]], level="ratio").value == 1


@pytest.mark.parametrize(
    ("counts", "complaint"),
    [
        ([[2, 0], [1, 2]], "2 to 3 ratings"),
        ([[1, 0], [0, 1]], "1 to 1 ratings"),
        ([[2], [2]], "shape"),
        ([], "shape"),
        ([[2, -1]], "no count"),
        ([[1.5, 0.5]], "no count"),
    ],
)
def test_counts_of_no_panel_are_refused(
    counts: list[list[int]], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        fleiss_kappa(counts)


@pytest.mark.parametrize(
    ("ratings", "complaint"),
    [
        ([[1.0, NAN], [NAN, 2.0]], "0 of 2 items have two ratings"),
        ([1.0, 2.0], "1 dimensions"),
        ([[1.0], [float("inf")]], "1 ratings are infinite"),
    ],
)
def test_ratings_that_cannot_be_paired_are_refused(
    ratings: list[list[float]], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        krippendorff_alpha(ratings)


def test_a_ratio_below_0_is_refused() -> None:
    with pytest.raises(ValueError, match="no ratio"):
        krippendorff_alpha([[-1.0, 2.0], [1.0, 2.0]], level="ratio")
