"""Proof that the trees in a loaded model lead nowhere but to their own nodes.

skops vouches for types, not for contents: scikit-learn follows the node numbers of a
tree without a look, so a made-up file could read or crash at will.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble._forest import BaseForest
from sklearn.ensemble._gb import BaseGradientBoosting
from sklearn.ensemble._hist_gradient_boosting.gradient_boosting import (
    BaseHistGradientBoosting,
)
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.tree._tree import Tree

# A tree of scikit-learn marks a leaf so.
LEAF = -1
BITSET_WORDS = 8


class UnsoundModelError(Exception):
    """A part of a model points outside of itself."""


def check_sound(model: object) -> None:
    """Check every tree in a model, and keep its parts from starting threads.

    Raises
    ------
    UnsoundModelError
        If a node's children are not nodes further on in the tree (so that every path
        ends), or it asks for a feature that the rows do not have.
    """
    for part, features in _parts(model):
        if isinstance(part, Tree):
            _check_tree(part, features)
        elif isinstance(part, TreePredictor):
            _check_predictor(part, features)
        elif isinstance(part, BaseForest | BaseGradientBoosting):
            _check_ensemble(part)
        elif isinstance(part, BaseHistGradientBoosting):
            _check_categorical(part)
        if "n_jobs" in getattr(part, "__dict__", {}):
            part.n_jobs = None


def _parts(model: object) -> Iterator[tuple[Any, int]]:
    """Give each part with the feature count of each estimator that it stands in."""
    waiting: list[tuple[Any, int]] = [(model, 0)]
    seen: set[tuple[int, int]] = set()
    while waiting:
        part, features = waiting.pop()
        key = (id(part), features)
        if key in seen or isinstance(part, str | bytes | int | float | None):
            continue
        seen.add(key)
        members = getattr(part, "__dict__", {})
        found = members.get("n_features_in_", features)
        features = found if isinstance(found, int) else features
        yield part, features
        inner: list[Any] = list(members.values())
        if isinstance(part, dict):
            inner += part.values()
        elif isinstance(part, list | tuple | set):
            inner += part
        elif isinstance(part, np.ndarray) and part.dtype == object:
            inner += part.ravel().tolist()
        waiting += [(member, features) for member in inner]


def _check_ensemble(ensemble: Any) -> None:  # noqa: ANN401 - scikit-learn is untyped
    for tree in np.ravel(getattr(ensemble, "estimators_", [])):
        if tree.n_features_in_ != ensemble.n_features_in_:
            raise UnsoundModelError("A tree asks for other features than its forest.")


def _check_tree(tree: Tree, features: int) -> None:
    left, right = tree.children_left, tree.children_right
    is_leaf = left == LEAF
    _check_nodes(left[~is_leaf], right[~is_leaf], np.flatnonzero(~is_leaf), len(left))
    _check_features(tree.feature[~is_leaf], features)
    if len(tree.value) != len(left):
        raise UnsoundModelError("A tree has other values than nodes.")


def _check_predictor(tree: TreePredictor, features: int) -> None:
    nodes = tree.nodes
    is_leaf = nodes["is_leaf"] != 0
    inner = nodes[~is_leaf]
    _check_nodes(inner["left"], inner["right"], np.flatnonzero(~is_leaf), len(nodes))
    _check_features(inner["feature_idx"], features)
    sets = tree.raw_left_cat_bitsets
    used = inner["bitset_idx"][inner["is_categorical"] != 0]
    if used.size and (used.max() >= len(sets) or sets.shape[1:] != (BITSET_WORDS,)):
        raise UnsoundModelError("A tree points at categories that it does not have.")


def _check_categorical(boosting: Any) -> None:  # noqa: ANN401 - scikit-learn is untyped
    """Check that trees ask for categories only where the features have some."""
    if not hasattr(boosting, "_predictors"):
        # the pattern that a calibrator keeps of what it has fitted
        return
    is_categorical = np.asarray(boosting._bin_mapper.is_categorical_, bool)  # noqa: SLF001 - there is no public name
    for tree in (tree for row in boosting._predictors for tree in row):  # noqa: SLF001 - likewise
        nodes = tree.nodes[(tree.nodes["is_leaf"] == 0)]
        asked = nodes["feature_idx"][nodes["is_categorical"] != 0]
        _check_features(asked, len(is_categorical))
        if not is_categorical[asked].all():
            raise UnsoundModelError("A tree asks for categories where there are none.")


def _check_nodes(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    position: NDArray[np.int64],
    count: int,
) -> None:
    if count == 0:
        raise UnsoundModelError("A tree has no node.")
    for child in (left.astype(np.int64), right.astype(np.int64)):
        if np.any(child <= position) or np.any(child >= count):
            raise UnsoundModelError("A node of a tree points outside of the tree.")


def _check_features(feature: NDArray[np.int64], count: int) -> None:
    if np.any(feature < 0) or np.any(feature >= count):
        raise UnsoundModelError(
            "A node of a tree asks for a feature that is not there."
        )
