"""A model of phone screens for the stories: balanced patches, calibrated on the line's.

./run bench stories trains it once; every play registers the same file.
"""

from pathlib import Path

import numpy as np
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from reviewapp.modalities.image import read_image
from reviewapp.runtimes.features import IMAGE_FEATURES, MARK_FEATURES, image_features
from reviewapp.simulation.phone_screens import (
    BALANCED,
    Scene,
    draw_item,
    to_png,
)

SCALE = 4
TRAINED_ON = 6_000
CALIBRATED_ON = 8_000


def train(path: Path, *, seed: int = 1) -> None:
    """Train, calibrate and write the model."""
    rng = np.random.default_rng(seed)
    marks = list(range(IMAGE_FEATURES - MARK_FEATURES, IMAGE_FEATURES))
    pipeline = make_pipeline(
        ColumnTransformer([("marks", "passthrough", marks)]),
        HistGradientBoostingClassifier(max_iter=150, random_state=0),
    )
    pipeline.fit(*draw(BALANCED, TRAINED_ON, rng))
    model = CalibratedClassifierCV(FrozenEstimator(pipeline), method="sigmoid")
    model.fit(*draw(Scene(), CALIBRATED_ON, rng))
    skops.io.dump(model, path)


def draw(
    scene: Scene, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    drawn = [draw_item(scene, rng) for _ in range(count)]
    x = [
        image_features(
            read_image(to_png(one.pixels, scale=SCALE), name="p.png").derivative
        )
        for one in drawn
    ]
    return np.array(x), np.array([one.truth.value for one in drawn])
