"""Trees that lead out of themselves are found before they are followed."""

import pytest
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)

from reviewapp.runtimes.soundness import UnsoundModelError, check_sound
from tests.runtimes.hosts import made_rows


def boosting_with(field: str, value: int) -> HistGradientBoostingClassifier:
    model = HistGradientBoostingClassifier(max_iter=2).fit(*made_rows())
    model._predictors[0][0].nodes[field][0] = value
    return model


@pytest.mark.parametrize(
    ("field", "value"),
    [("left", 10**6), ("right", 0), ("feature_idx", 99), ("feature_idx", -1)],
)
def test_a_tree_of_boosting_that_leads_astray_is_refused(
    field: str, value: int
) -> None:
    with pytest.raises(UnsoundModelError):
        check_sound(boosting_with(field, value))


def test_a_tree_that_asks_for_categories_where_there_are_none_is_refused() -> None:
    with pytest.raises(UnsoundModelError):
        check_sound(boosting_with("is_categorical", 1))


@pytest.mark.parametrize(
    ("field", "value"), [("left_child", 10**6), ("right_child", 0), ("feature", 99)]
)
def test_a_tree_of_a_forest_that_leads_astray_is_refused(
    field: str, value: int
) -> None:
    model = RandomForestClassifier(3).fit(*made_rows())
    check_sound(model)
    tree = model.estimators_[1].tree_
    state = tree.__getstate__()
    state["nodes"][field][0] = value
    tree.__setstate__(state)

    with pytest.raises(UnsoundModelError):
        check_sound(model)


def test_a_forest_whose_tree_is_of_another_size_is_refused() -> None:
    model = RandomForestClassifier(3).fit(*made_rows())
    model.estimators_[2].n_features_in_ = 100
    with pytest.raises(UnsoundModelError):
        check_sound(model)
