"""Comparing: columns, classes and whole windows with their reference, and judging.

A column has moved where the difference is sure *and* large: in a large window a p-value
condemns what matters to nobody, and in a small one a distance is mostly chance. The
limits are the house's; the statistics below know none.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np

from monitoring.stats.drift import (
    benjamini_hochberg,
    classifier_two_sample,
    compare_categorical,
    compare_missing,
    compare_numeric,
    psi_noise,
)
from monitoring.stats.figures import Floats
from monitoring.windows.samples import Value

FALSE_DISCOVERIES = 0.01
SMALLEST_SHIFT = 0.10
SMALLEST_VARIATION = 0.05
SMALLEST_MISSING = 0.02
CLASSIFIER_P = 0.001
CLASSIFIER_AUC = 0.55
ANSWERS_P = 0.01
ANSWERS_VARIATION = 0.02
FEWEST_ROWS = 30
MOST_CATEGORIES = 100
UNSEEN_NAMED = 10

Figures = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Tested:
    """One column's figures, and each test's p with whether its effect is large."""

    figures: Figures
    tests: dict[str, tuple[float, bool]] = field(default_factory=dict)


def compare_columns(
    reference: Mapping[str, Mapping[str, Any]],
    current: Mapping[str, Sequence[Value]],
    *,
    items: int,
) -> dict[str, Figures]:
    """Compare each column of a reference with today's, and judge them together.

    The chance of calling a column moved that is not is held down over all of them at
    once (Benjamini and Hochberg). A column that the reference does not hold is named
    and not judged.
    """
    nothing: Sequence[Value] = [None] * items
    tested = {
        name: _compare(column, current.get(name, nothing))
        for name, column in sorted(reference.items())
    }
    places = [(name, test) for name, one in tested.items() for test in one.tests]
    if places:
        p_values = [tested[name].tests[test][0] for name, test in places]
        rejected = benjamini_hochberg(p_values, q=FALSE_DISCOVERIES).rejected
        for (name, test), is_sure in zip(places, rejected, strict=True):
            if is_sure and tested[name].tests[test][1]:
                tested[name].figures["moved"].append(test)
    found = {name: one.figures for name, one in tested.items()}
    for name in sorted(set(current) - set(reference)):
        found[name] = {"kind": "new", "moved": []}
    return found


def _compare(reference: Mapping[str, Any], current: Sequence[Value]) -> Tested:
    is_of_words = reference["kind"] == "category"
    kind = str if is_of_words else float
    before = [value for value in reference["values"] if value is not None]
    # what is not of the column's kind is as good as missing
    now = [value for value in current if isinstance(value, kind)]
    missing = len(reference["values"]) - len(before), len(current) - len(now)
    sizes = len(reference["values"]), len(current)
    tested = Tested(
        figures={
            "kind": reference["kind"],
            "count": len(now),
            "missing": missing[1],
            "moved": [],
        }
    )
    if all(sizes):
        found = compare_missing(missing[0], sizes[0], missing[1], sizes[1])
        tested.figures["missing_difference"] = found.difference
        is_large = abs(found.difference) >= SMALLEST_MISSING
        tested.tests["missing"] = found.p, is_large
    if not before or not now:
        tested.figures["state"] = "no_values"
    elif is_of_words:
        _compare_words(tested, [str(v) for v in before], [str(v) for v in now])
    else:
        _compare_numbers(tested, np.array(before, float), np.array(now, float))
    return tested


def _compare_numbers(tested: Tested, before: Floats, now: Floats) -> None:
    found = compare_numeric(before, now)
    is_constant = not isfinite(found.shift)
    tested.figures |= {
        "state": "constant" if is_constant else "compared",
        "ks": finite(found.ks),
        "p": found.p,
        "shift": finite(found.shift),
        "psi": found.psi,
        "tv": found.tv,
        "mean": float(now.mean()),
        "mean_before": float(before.mean()),
    }
    if found.bins > 1:
        noise = psi_noise(before.size, now.size, bins=found.bins)
        tested.figures["psi_noise"] = noise
    is_large = (
        found.tv >= SMALLEST_VARIATION if is_constant else found.shift >= SMALLEST_SHIFT
    )
    tested.tests["values"] = found.p, is_large


def _compare_words(tested: Tested, before: Sequence[str], now: Sequence[str]) -> None:
    old, new = Counter(before), Counter(now)
    if len(old) > MOST_CATEGORIES:
        tested.figures["state"] = "too_many_words"
        return
    words = sorted({*old, *new})
    found = compare_categorical([old[w] for w in words], [new[w] for w in words])
    tested.figures |= {
        "state": "constant" if len(old) == 1 else "compared",
        "chi2": found.chi2,
        "p": found.p,
        "tv": found.tv,
        "unseen": [words[place] for place in found.unseen][:UNSEEN_NAMED],
    }
    tested.tests["values"] = found.p, found.tv >= SMALLEST_VARIATION


def compare_answers(before: Mapping[str, int], now: Mapping[str, int]) -> Figures:
    """Compare the shares of the predicted classes."""
    if not sum(before.values()) or not sum(now.values()):
        return {"state": "no_values"}
    keys = sorted({*before, *now})
    found = compare_categorical(
        [before.get(key, 0) for key in keys], [now.get(key, 0) for key in keys]
    )
    return {
        "state": "compared" if found.df else "one_class",
        "counts": dict(now),
        "chi2": found.chi2,
        "p": found.p,
        "tv": found.tv,
        "moved": found.p < ANSWERS_P and found.tv >= ANSWERS_VARIATION,
    }


def tell_apart(before: Floats, now: Floats, *, seed: int) -> Figures:
    """Let a classifier try to tell today's rows from the reference's."""
    if min(len(before), len(now)) < FEWEST_ROWS:
        return {"state": "no_values"}
    found = classifier_two_sample(before, now, rng=np.random.default_rng(seed))
    return {
        "state": "compared",
        "auc": found.auc,
        "p": found.p,
        "scored": found.n_current,
        "moved": found.p < CLASSIFIER_P and found.auc >= CLASSIFIER_AUC,
    }


def as_matrix(
    reference: Mapping[str, Mapping[str, Any]],
    columns: Mapping[str, Sequence[Value]],
    *,
    items: int,
) -> Floats:
    """Lay columns out as rows of numbers, by the kinds that the reference gives them.

    A word becomes its place among the reference's words, an unknown one -1, and what
    is missing NaN.
    """
    found = np.full((items, len(reference)), np.nan)
    for place, (name, known) in enumerate(sorted(reference.items())):
        words = sorted({v for v in known["values"] if isinstance(v, str)})
        codes = {word: float(code) for code, word in enumerate(words)}
        is_of_words = known["kind"] == "category"
        for row, value in enumerate(columns.get(name, ())):
            if is_of_words and isinstance(value, str):
                found[row, place] = codes.get(value, -1.0)
            elif not is_of_words and isinstance(value, float | int):
                found[row, place] = value
    return found


def finite(value: float) -> float | None:
    """Give a number as JSON can hold it."""
    return value if isfinite(value) else None
