"""What counts as an answer of a model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.runtimes.answers import Answer, AnswerError, check_answer

CLASSES = ("bad", "good", "unsure")


def test_the_highest_probability_is_the_answer() -> None:
    assert check_answer(CLASSES, [0.1, 0.7, 0.2], latency_ms=2.5) == Answer(
        label="good", confidence=0.7, probabilities=(0.1, 0.7, 0.2), latency_ms=2.5
    )


def test_of_equal_probabilities_the_first_counts() -> None:
    answer = check_answer(("a", "b"), [0.5, 0.5])
    assert isinstance(answer, Answer)
    assert answer.label == "a"


@pytest.mark.parametrize(
    ("probabilities", "code"),
    [
        ([], "wrong_length"),
        ([1.0], "wrong_length"),
        ([0.25] * 4, "wrong_length"),
        ([0.5, 0.5, None], "not_a_number"),
        ([0.5, 0.5, "0"], "not_a_number"),
        ([True, 0.0, 0.0], "not_a_number"),
        ([float("nan"), 0.5, 0.5], "not_finite"),
        ([float("inf"), 0.5, 0.5], "not_finite"),
        ([1.7, -0.7, 0.0], "out_of_range"),
        ([-0.01, 0.51, 0.5], "out_of_range"),
        ([0.2, 0.2, 0.2], "sum_not_one"),
        ([0.4, 0.4, 0.2001], "sum_not_one"),
        ([0.0, 0.0, 0.0], "sum_not_one"),
    ],
)
def test_anything_else_is_no_answer(probabilities: list[object], code: str) -> None:
    found = check_answer(CLASSES, probabilities)
    assert isinstance(found, AnswerError)
    assert found.code == code
    assert len(found.detail) <= 300


def test_without_classes_there_is_no_answer() -> None:
    assert isinstance(check_answer([], []), AnswerError)


def test_what_rounding_does_is_forgiven() -> None:
    answer = check_answer(("a", "b"), [1.0 + 1e-12, -1e-12])
    assert isinstance(answer, Answer)
    assert answer.probabilities == (1.0, 0.0)


@given(st.lists(st.floats(), min_size=3, max_size=3))
def test_an_answer_is_always_sound(probabilities: list[float]) -> None:
    answer = check_answer(CLASSES, probabilities)
    if isinstance(answer, Answer):
        assert 0 <= answer.confidence <= 1
        assert sum(answer.probabilities) == pytest.approx(1, abs=1e-5)
        assert answer.confidence == max(answer.probabilities)
