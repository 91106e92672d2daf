"""What a line's items are to a learner: their numbers, and the pipelines to try."""

from collections.abc import Iterable
from typing import assert_never

import numpy as np
import numpy.typing as npt
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from reviewapp.modalities.tabular import Schema
from reviewapp.models import Item, Modality, Payload, ProductLine
from reviewapp.runtimes.features import (
    IMAGE_FEATURES,
    MARK_FEATURES,
    image_features,
    tabular_features,
)
from reviewapp.runtimes.features_audio import audio_features
from reviewapp.runtimes.features_text import text_features
from reviewapp.services.media import read_medium

Floats = npt.NDArray[np.float64] | npt.NDArray[np.float32]

SEED = 0


def features_of(line: ProductLine, items: Iterable[Item]) -> Floats:
    """Give what models see of items: an array of items by features."""
    if line.modality == Modality.TABULAR:
        columns = line.schema.columns if line.schema else []
        rows = [item.payload.values or {} for item in items]
        return tabular_features(Schema.from_json(columns).columns, rows)
    modality = Modality(line.modality)
    return np.array([_content_features(modality, item.payload) for item in items])


def _content_features(modality: Modality, payload: Payload) -> npt.NDArray[np.float32]:
    if modality == Modality.TEXT:
        return text_features(payload.text)
    content = read_medium(payload.media_path)
    is_audio = modality == Modality.AUDIO
    return audio_features(content) if is_audio else image_features(content)


def pipelines_for(line: ProductLine) -> dict[str, Pipeline]:
    """Give the pipelines to choose from, by the name that the version's card bears."""
    match Modality(line.modality):
        case Modality.TABULAR:
            return _for_rows()
        case Modality.IMAGE:
            return _for_pictures()
        case Modality.TEXT:
            return _for_texts()
        case Modality.AUDIO:
            return _for_recordings()
        case _ as never:
            assert_never(never)


def _for_rows() -> dict[str, Pipeline]:
    return {
        "logistic regression": make_pipeline(
            SimpleImputer(strategy="median", keep_empty_features=True),
            StandardScaler(),
            LogisticRegression(max_iter=2_000),
        ),
        "gradient boosting": make_pipeline(
            HistGradientBoostingClassifier(max_iter=150, random_state=SEED)
        ),
    }


def _for_pictures() -> dict[str, Pipeline]:
    marks = list(range(IMAGE_FEATURES - MARK_FEATURES, IMAGE_FEATURES))
    return {
        # two thousand gradients and a few hundred labels want a strong prior
        "logistic regression on shapes": make_pipeline(
            StandardScaler(), LogisticRegression(C=0.01, max_iter=2_000)
        ),
        "logistic regression on marks": make_pipeline(
            ColumnTransformer([("marks", StandardScaler(), marks)]),
            LogisticRegression(max_iter=3_000),
        ),
        "gradient boosting on marks": make_pipeline(
            ColumnTransformer([("marks", "passthrough", marks)]),
            HistGradientBoostingClassifier(max_iter=100, random_state=SEED),
        ),
    }


def _for_texts() -> dict[str, Pipeline]:
    # each text has length 1 already; scaling would make rare words loud
    return {
        "logistic regression on words": make_pipeline(
            LogisticRegression(C=100, max_iter=2_000)
        ),
        "logistic regression on words, strong prior": make_pipeline(
            LogisticRegression(C=5, max_iter=2_000)
        ),
    }


def _for_recordings() -> dict[str, Pipeline]:
    return {
        "logistic regression on sounds": make_pipeline(
            StandardScaler(), LogisticRegression(max_iter=3_000)
        ),
        "logistic regression on sounds, strong prior": make_pipeline(
            StandardScaler(), LogisticRegression(C=0.05, max_iter=3_000)
        ),
        "gradient boosting on sounds": make_pipeline(
            HistGradientBoostingClassifier(max_iter=100, random_state=SEED)
        ),
    }
