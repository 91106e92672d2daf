"""Training a version on a line's own labels: frozen, split, fitted, calibrated, judged.

The labels are frozen as a snapshot first. Items are split by a stable hash of their
group, so that one lot never stands on both sides and a new item moves no old one.
"""

import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import skops.io
from django.utils import timezone
from django.utils.translation import gettext as _
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import cross_val_score

from monitoring.services.figures import share
from monitoring.services.learners import Floats, features_of, pipelines_for
from monitoring.stats.calibration import expected_calibration_error
from reviewapp.errors import InvalidInputError
from reviewapp.lottery import lottery
from reviewapp.models import (
    AnswerKind,
    DatasetSnapshot,
    Item,
    Job,
    ModelVersion,
    ProductLine,
    User,
)
from reviewapp.services.datasets import take_snapshot
from reviewapp.services.jobs import Progress
from reviewapp.services.versions import Provenance, register_version

Names = npt.NDArray[np.str_]

HOLDOUT_SHARE = 0.2
FEWEST_OF_A_CLASS = 2
FEWEST_TO_HOLD_OUT = 5
FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Features and classes: ``x`` is items by features, ``y`` the class keys."""

    x: Floats
    y: Names
    is_holdout: npt.NDArray[np.bool_]


def train_version(
    line: ProductLine,
    *,
    by: User | None,
    name: str = "",
    progress: Progress | None = None,
    as_of: datetime | None = None,
) -> ModelVersion:
    """Train, calibrate and register a version, with its hold-out figures.

    Raises
    ------
    InvalidInputError
        If a class has too few labels; the message names each and what is missing.
    """
    tell = progress or (lambda _done, _total: None)
    snapshot = take_snapshot(line, by=by, note="training", as_of=as_of)
    tell(1, 4)
    examples = _examples(line, snapshot)
    _require_enough(line, examples)
    tell(2, 4)
    train_x, train_y = (
        examples.x[~examples.is_holdout],
        examples.y[~examples.is_holdout],
    )
    kind, model = _fit(line, train_x, train_y)
    tell(3, 4)
    card = _card(kind, model, examples)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.skops"
        skops.io.dump(model, path)
        return register_version(
            line,
            path,
            name=name or f"{line.slug}-{snapshot.number}",
            by=by,
            provenance=Provenance(
                card=card,
                snapshot=snapshot,
                trained_until=as_of or timezone.now(),
            ),
        )


def run_training(job: Job, progress: Progress) -> dict[str, Any]:
    """Train the version that a job asks for."""
    if job.line is None:
        return {}
    version = train_version(job.line, by=job.asked_by, progress=progress)
    return {"version": version.name, **version.card.get("holdout", {})}


def is_held_out(line: ProductLine, item: Item) -> bool:
    """Say whether an item, with its whole group, is kept from training.

    A class with very few labels is learned from nonetheless.
    """
    draw = lottery(f"holdout:{line.slug}", item.group or item.public_id)
    return draw < HOLDOUT_SHARE


def _examples(line: ProductLine, snapshot: DatasetSnapshot) -> Examples:
    """Read a snapshot's items once each, with the class that stands for them."""
    in_use = set(line.classes.in_use().values_list("key", flat=True))
    entries = snapshot.entries.select_related(
        "label__item__payload", "label__label_class", "decision__label_class"
    ).order_by("position")
    chosen: dict[int, tuple[Item, str]] = {}
    for entry in entries.iterator(chunk_size=2_000):
        label, decision = entry.label, entry.decision
        by_person = decision is not None and decision.decided_by == "person"
        settled = decision.label_class if decision and by_person else label.label_class
        if label.kind != AnswerKind.CLASS or settled is None:
            continue
        if settled.key in in_use and hasattr(label.item, "payload"):
            chosen[label.item_id] = (label.item, settled.key)
    items = [item for item, _key in chosen.values()]
    holdout = [is_held_out(line, item) for item in items]
    y = np.array([key for _item, key in chosen.values()])
    is_holdout = np.array(holdout, dtype=bool)
    for key in in_use:
        # what is rare is needed to learn from before it can be held out
        if (y[~is_holdout] == key).sum() < FEWEST_TO_HOLD_OUT:
            is_holdout &= y != key
    return Examples(x=features_of(line, items), y=y, is_holdout=is_holdout)


def _require_enough(line: ProductLine, examples: Examples) -> None:
    """Refuse to train on classes that the training part hardly knows."""
    known = Counter(examples.y[~examples.is_holdout].tolist())
    lacking = [
        f"{label_class.name} has {known[label_class.key]}"
        for label_class in line.classes.in_use()
        if known[label_class.key] < FEWEST_OF_A_CLASS
    ]
    if lacking:
        raise InvalidInputError(
            _(
                "Training needs %(fewest)s labels of each class outside the "
                "hold-out: %(classes)s. Label more, or retire the class."
            )
            % {"fewest": FEWEST_OF_A_CLASS, "classes": ", ".join(lacking)},
            code="too_few_labels",
        )


def _fit(line: ProductLine, x: Floats, y: Names) -> tuple[str, Any]:
    """Choose among sound pipelines by cross-validation, and calibrate it."""
    # a number of folds and no object of folds: the file may hold estimators only
    folds = min(FOLDS, *Counter(y.tolist()).values())
    scores = {
        kind: cross_val_score(
            pipeline, x, y, cv=folds, scoring="neg_log_loss", error_score="raise"
        ).mean()
        for kind, pipeline in pipelines_for(line).items()
    }
    kind = max(scores, key=scores.__getitem__)
    chosen = clone(pipelines_for(line)[kind])
    # one temperature for all classes: it changes how sure, and never which class
    model = CalibratedClassifierCV(
        chosen, method="temperature", cv=folds, ensemble=False
    )
    return kind, model.fit(x, y)


def _card(kind: str, model: Any, examples: Examples) -> dict[str, Any]:  # noqa: ANN401 - a scikit-learn estimator
    """Describe a version: what it is, what it learnt from, how it does on the rest."""
    card: dict[str, Any] = {
        "method": f"{kind}, temperature scaling",
        "trained_on": int((~examples.is_holdout).sum()),
    }
    x, y = examples.x[examples.is_holdout], examples.y[examples.is_holdout]
    if not y.size:
        return card
    probabilities = model.predict_proba(x)
    answers = model.classes_[probabilities.argmax(axis=1)]
    agreed = share(int((answers == y).sum()), int(y.size))
    if agreed is None:
        return card
    confidence = probabilities.max(axis=1)
    card["holdout"] = {
        "agreement": agreed.value,
        "low": agreed.low,
        "high": agreed.high,
        "count": agreed.of,
        "calibration_error": float(
            expected_calibration_error(confidence, answers == y).value
        ),
    }
    return card
