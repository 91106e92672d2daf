"""What a window says without labels: as a whole, by its answers, and of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from monitoring.models import DriftWindow
from monitoring.services.comparisons import (
    ANSWERS_P,
    ANSWERS_VARIATION,
    CLASSIFIER_AUC,
    CLASSIFIER_P,
)
from monitoring.services.embeddings import has_embedding
from reviewapp.models import LabelClass, ProductLine


class Trial(StrEnum):
    """What is tested of a whole window."""

    INPUTS = "inputs"
    FEATURES = "features"
    PROBABILITIES = "probabilities"
    ANSWERS = "answers"


class Told(StrEnum):
    """What a test of a whole window says; one that moved once warns, twice rings."""

    UNTESTED = "untested"
    AS_KNOWN = "as_known"
    MOVED = "moved"
    MOVED_AGAIN = "moved_again"


class Turn(StrEnum):
    """How a class's share has turned, as far as its interval tells."""

    UNKNOWN = "unknown"
    IMPOSSIBLE = "impossible"
    SAME = "same"
    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One test: its effect and its p, with the limits of both.

    The effect is an AUC in [0.5, 1], or of answers the share of items in [0, 1] that
    would have to change. ``until`` is when the tested window ended.
    """

    trial: Trial
    told: Told
    effect: float | None
    p: float | None
    limit: float
    most_p: float
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shifted:
    """How many times as common a class is as in the reference, with 95 % bounds."""

    label_class: LabelClass
    ratio: float | None
    low: float | None
    high: float | None

    @property
    def turn(self) -> Turn:
        """Say which way it went; a share below nothing cannot be."""
        if self.ratio is None or self.low is None or self.high is None:
            return Turn.UNKNOWN
        if self.ratio < 0:
            return Turn.IMPOSSIBLE
        if self.low > 1:
            return Turn.MORE
        return Turn.LESS if self.high < 1 else Turn.SAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlabelled:
    """A compared window's tests as a whole, and what is only shown and never judged.

    ``accuracy`` in [0, 1] is what the version expects of its ``count`` answers;
    ``None`` where there were none.
    """

    tests: Sequence[Tested]
    accuracy: float | None
    count: int
    shifts: Sequence[Shifted]


def unlabelled(line: ProductLine, window: DriftWindow) -> Unlabelled:
    """Read from a compared window what it says without a label.

    The classifier does not try each window; its last trial stands until the next.
    """
    return Unlabelled(
        tests=tests_of(line, window),
        accuracy=window.estimate.get("accuracy"),
        count=window.estimate.get("count", 0),
        shifts=_shifts(line, window),
    )


def tests_of(line: ProductLine, window: DriftWindow) -> list[Tested]:
    """Read what a window says as a whole: by classifiers, and by its answers."""
    tried = window if window.whole else window.tried_before()
    trials = [Trial.INPUTS, Trial.FEATURES, Trial.PROBABILITIES]
    if not has_embedding(line):
        trials.remove(Trial.FEATURES)
    told = [_classified(tried or window, trial) for trial in trials]
    return [*told, _answered(window)]


def _classified(window: DriftWindow, trial: Trial) -> Tested:
    found = window.whole.get(trial.value, {})
    told = _told(found)
    if told is Told.MOVED:
        before = window.tried_before()
        told = Told.MOVED_AGAIN if before and before.is_told_apart else told
    return Tested(
        trial=trial,
        told=told,
        effect=found.get("auc"),
        p=found.get("p"),
        limit=CLASSIFIER_AUC,
        most_p=CLASSIFIER_P,
        until=window.end,
    )


def _answered(window: DriftWindow) -> Tested:
    found = window.predictions
    told = _told(found)
    if told is Told.MOVED:
        before = window.judged_before()
        told = Told.MOVED_AGAIN if before and before.has_other_answers else told
    return Tested(
        trial=Trial.ANSWERS,
        told=told,
        effect=found.get("tv"),
        p=found.get("p"),
        limit=ANSWERS_VARIATION,
        most_p=ANSWERS_P,
        until=window.end,
    )


def _told(found: Mapping[str, Any]) -> Told:
    if "moved" not in found:
        return Told.UNTESTED
    return Told.MOVED if found["moved"] else Told.AS_KNOWN


def _shifts(line: ProductLine, window: DriftWindow) -> list[Shifted]:
    ratios = window.predictions.get("label_shift", {})
    if not ratios:
        return []
    return [
        Shifted(label_class=one, **ratios[one.key])
        for one in line.classes.all()
        if one.key in ratios
    ]
