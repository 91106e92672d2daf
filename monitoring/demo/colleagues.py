"""Simulated colleagues: they label through the same service as everybody else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from monitoring.demo.sources import Source
from reviewapp.models import LabelClass, ProductLine, Review, User
from reviewapp.services import labels, reviews
from reviewapp.services.labels import Answer

SECONDS_APART = timedelta(seconds=20)
FASTEST_MS, SLOWEST_MS = 900, 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A person who answers what is true, but for a share of slips."""

    user: User
    slips: float = 0.004
    follows: float = 0.3


def external_id(number: int, scene: str) -> str:
    """Name an item so that its number and its scene can be read off again."""
    return f"{scene}-{number:06d}"


def truth_of(source: Source, review: Review) -> str:
    """Say what is true of the item that a review shows."""
    scene, _dash, number = review.item.external_id.rpartition("-")
    return source.truth(int(number), scene=scene)


def label_some(
    colleague: Colleague,
    line: ProductLine,
    source: Source,
    count: int,
    *,
    rng: np.random.Generator,
    began_at: datetime | None = None,
) -> int:
    """Let a colleague answer up to ``count`` reviews; return how many there were.

    In a replayed history the answers come twenty seconds apart.
    """
    review = reviews.claim_next(colleague.user, line) if count > 0 else None
    classes = {c.key: c for c in line.classes.in_use()}
    done = 0
    while review is not None and done < count:
        as_of = began_at + SECONDS_APART * (done + 1) if began_at else None
        truth = truth_of(source, review)
        said = _says(truth, classes, slips=colleague.slips, rng=rng)
        answered = _answer(review, colleague, said, rng=rng, as_of=as_of)
        if answered.revealed is not None and answered.following is not None:
            shown = answered.revealed.label_class
            final = shown if shown and rng.random() < colleague.follows else said
            answered = _answer(
                answered.following, colleague, final, rng=rng, as_of=as_of
            )
        review = answered.following
        done += 1
    if review is not None and review.claim_token is not None:
        reviews.release_review(
            review.public_id, line, by=colleague.user, key=review.claim_token
        )
    return done


def _says(
    truth: str,
    classes: dict[str, LabelClass],
    *,
    slips: float,
    rng: np.random.Generator,
) -> LabelClass:
    if rng.random() >= slips:
        return classes[truth]
    others = [key for key in classes if key != truth]
    return classes[str(rng.choice(others))]


def _answer(
    review: Review,
    colleague: Colleague,
    said: LabelClass,
    *,
    rng: np.random.Generator,
    as_of: datetime | None,
) -> labels.Answered:
    if review.claim_token is None:
        raise RuntimeError("A review in hand has a key.")
    answer = Answer(
        label_class=said,
        key=review.claim_token,
        active_ms=int(rng.integers(FASTEST_MS, SLOWEST_MS)),
    )
    return labels.answer_review(
        review.public_id, review.line, by=colleague.user, answer=answer, as_of=as_of
    )
