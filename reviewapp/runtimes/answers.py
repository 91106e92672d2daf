"""What a model said of one item, once it is proved to be an answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

from reviewapp.strictjson import JsonObject

# Far above what rounding does, far below what a person would call another number.
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A valid answer.

    ``label`` is the class key of the highest of ``probabilities``, which follow the
    version's classes; ``confidence`` is that highest one, in [0, 1]. ``latency_ms`` is
    the model host's time for the batch, divided by its items. ``stages`` is what each
    stage of the version said, by its name; empty where there is only one.
    """

    label: str
    confidence: float
    probabilities: tuple[float, ...]
    latency_ms: float
    stages: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerError:
    """Why there is no answer: a code of at most 40 characters, and words."""

    code: str
    detail: str


def check_answer(
    classes: Sequence[str], probabilities: Sequence[object], *, latency_ms: float = 0.0
) -> Answer | AnswerError:
    """Make an answer of what a model gave, or say why it is none.

    Probabilities must be as many as the classes, finite, in [0, 1], and sum to 1 within
    a millionth for each class. Of equal probabilities the first counts.

    Returns
    -------
    Answer or AnswerError
        The error's code is ``wrong_length``, ``not_a_number``, ``not_finite``,
        ``out_of_range`` or ``sum_not_one``.

    Examples
    --------
    >>> check_answer(["bad", "good"], [0.2, 0.8]).label
    'good'
    >>> check_answer(["bad", "good"], [0.2, 0.9]).code
    'sum_not_one'
    """
    if not classes or len(probabilities) != len(classes):
        return AnswerError(
            code="wrong_length",
            detail=f"{len(probabilities)} probabilities for {len(classes)} classes.",
        )
    numbers = []
    for probability in probabilities:
        if isinstance(probability, bool) or not isinstance(probability, int | float):
            return AnswerError(
                code="not_a_number", detail=f"A probability is {probability!r:.60}."
            )
        if not isfinite(probability):
            return AnswerError(
                code="not_finite", detail=f"A probability is {probability}."
            )
        if not -TOLERANCE <= probability <= 1 + TOLERANCE:
            return AnswerError(
                code="out_of_range", detail=f"A probability is {probability}."
            )
        numbers.append(min(1.0, max(0.0, float(probability))))
    total = sum(numbers)
    if abs(total - 1) > TOLERANCE * len(classes):
        return AnswerError(
            code="sum_not_one", detail=f"The probabilities sum to {total}."
        )
    confidence = max(numbers)
    return Answer(
        label=classes[numbers.index(confidence)],
        confidence=confidence,
        probabilities=tuple(numbers),
        latency_ms=latency_ms,
    )
