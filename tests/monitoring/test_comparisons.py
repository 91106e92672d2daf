"""Comparing: what moved is both sure and large, and what cannot be told is named."""

from collections.abc import Sequence

import numpy as np
import pytest

from monitoring.services.comparisons import (
    as_matrix,
    compare_answers,
    compare_columns,
    tell_apart,
)
from monitoring.windows.samples import Value

RNG_SEED = 3


def numbers(n: int, shift: float = 0.0, *, seed: int = RNG_SEED) -> list[float]:
    drawn: list[float] = np.random.default_rng(seed).normal(shift, 1, n).tolist()
    return drawn


def reference(**columns: Sequence[Value]) -> dict[str, dict[str, object]]:
    return {
        name: {
            "kind": "category" if isinstance(values[0], str) else "number",
            "values": values,
        }
        for name, values in columns.items()
    }


def test_a_shift_that_is_large_and_sure_has_moved() -> None:
    known = reference(width=numbers(2_000), height=numbers(2_000))

    found = compare_columns(
        known,
        {"width": numbers(400, 0.5, seed=4), "height": numbers(400, seed=5)},
        items=400,
    )

    assert found["width"]["moved"] == ["values"]
    assert found["width"]["shift"] == pytest.approx(0.5, abs=0.1)
    assert found["height"]["moved"] == []


def test_a_sure_but_tiny_shift_has_not_moved() -> None:
    known = reference(width=numbers(5_000))

    found = compare_columns(
        known, {"width": numbers(20_000, 0.08, seed=4)}, items=20_000
    )

    assert found["width"]["p"] < 0.001
    assert found["width"]["moved"] == []


def test_quiet_windows_are_hardly_ever_called_moved() -> None:
    rng = np.random.default_rng(9)
    names = [f"x{n}" for n in range(8)]
    known = reference(**{name: rng.normal(size=4_000).tolist() for name in names})

    alarms = sum(
        any(
            one["moved"]
            for one in compare_columns(
                known,
                {name: rng.normal(size=100).tolist() for name in names},
                items=100,
            ).values()
        )
        for _ in range(200)
    )

    assert alarms <= 5


def test_unseen_words_are_named() -> None:
    known = reference(colour=["red"] * 500 + ["blue"] * 500)

    found = compare_columns(
        known, {"colour": ["red"] * 150 + ["blue"] * 150 + ["green"] * 100}, items=400
    )

    assert found["colour"]["unseen"] == ["green"]
    assert found["colour"]["moved"] == ["values"]


def test_values_that_go_missing_have_moved() -> None:
    known = reference(width=numbers(2_000))

    found = compare_columns(
        known, {"width": [*numbers(360, seed=4), *([None] * 40)]}, items=400
    )

    assert found["width"]["moved"] == ["missing"]
    assert found["width"]["missing"] == 40


def test_a_column_that_is_gone_is_missing_everywhere_and_a_new_one_is_named() -> None:
    known = reference(width=numbers(500))

    found = compare_columns(known, {"depth": numbers(400)}, items=400)

    assert found["width"]["state"] == "no_values"
    assert found["width"]["moved"] == ["missing"]
    assert found["depth"] == {"kind": "new", "moved": []}


def test_a_constant_column_is_usual_or_not() -> None:
    known = reference(lamp=[7.0] * 1_000)

    same = compare_columns(known, {"lamp": [7.0] * 400}, items=400)
    other = compare_columns(known, {"lamp": [7.0] * 300 + [8.0] * 100}, items=400)

    assert same["lamp"]["state"] == "constant"
    assert same["lamp"]["shift"] is None
    assert same["lamp"]["moved"] == []
    assert other["lamp"]["moved"] == ["values"]


def test_a_column_of_free_words_is_not_judged() -> None:
    known = reference(serial=[f"s{n}" for n in range(500)])

    found = compare_columns(known, {"serial": [f"t{n}" for n in range(400)]}, items=400)

    assert found["serial"]["state"] == "too_many_words"
    assert found["serial"]["moved"] == []


def test_answers_of_one_class_are_told_as_such() -> None:
    found = compare_answers({"ok": 500}, {"ok": 400})

    assert found["state"] == "one_class"
    assert found["moved"] is False


def test_a_jump_of_the_rejected_share_has_moved_and_no_answers_are_no_verdict() -> None:
    before = {"ok": 950, "scratch": 50}

    assert compare_answers(before, {"ok": 340, "scratch": 60})["moved"] is True
    assert compare_answers(before, {"ok": 378, "scratch": 22})["moved"] is False
    assert compare_answers(before, {}) == {"state": "no_values"}


def test_a_classifier_sees_columns_that_begin_to_move_together() -> None:
    rng = np.random.default_rng(5)
    before = rng.normal(size=(2_000, 2))
    x = rng.normal(size=1_000)
    now = np.column_stack([x, 0.95 * x + 0.3 * rng.normal(size=1_000)])

    assert tell_apart(before, now, seed=1)["moved"] is True
    assert tell_apart(before, rng.normal(size=(1_000, 2)), seed=1)["moved"] is False


def test_rows_keep_words_and_gaps_apart() -> None:
    known = reference(colour=["a", "b"], width=[1.0, 2.0])

    found = as_matrix(
        known, {"colour": ["b", "z", None], "width": [1.0, None, 3.0]}, items=3
    )

    np.testing.assert_array_equal(found, [[1.0, 1.0], [-1.0, np.nan], [np.nan, 3.0]])
