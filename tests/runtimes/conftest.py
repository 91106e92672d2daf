"""Real small models, and a real model host in a process of its own."""

from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from reviewapp.runtimes.client import VersionRef
from reviewapp.runtimes.features import IMAGE_PREPROCESSING, image_features
from tests.runtimes.hosts import RunningHost, made_rows, png_of, start_host, stop_host


@pytest.fixture(scope="session")
def host() -> Iterator[RunningHost]:
    """A host that is shared; tests that harm theirs start their own."""
    running = start_host()
    yield running
    stop_host(running)


@pytest.fixture
def own_host() -> Iterator[RunningHost]:
    """A host that a test may harm."""
    running = start_host("--memory-mib", "700")
    yield running
    stop_host(running)


@pytest.fixture(scope="session")
def row_model() -> HistGradientBoostingClassifier:
    """It takes missing values."""
    return HistGradientBoostingClassifier(max_iter=20).fit(*made_rows())


@pytest.fixture(scope="session")
def strict_model() -> object:
    """It fails on missing values."""
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(*made_rows())


@pytest.fixture(scope="session")
def digits() -> tuple[list[bytes], list[str]]:
    """Handwritten digits as small PNG files, with their names."""
    found = load_digits()
    contents = [png_of(np.round(levels * 255 / 16)) for levels in found.images]
    return contents, [f"digit-{number}" for number in found.target]


@pytest.fixture(scope="session")
def picture_model(digits: tuple[list[bytes], list[str]]) -> object:
    contents, names = digits
    features = np.stack([image_features(content) for content in contents[:500]])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1))
    return model.fit(features, names[:500])


@pytest.fixture(scope="session")
def row_version(
    host: RunningHost, row_model: HistGradientBoostingClassifier
) -> VersionRef:
    return host.keep(row_model)


@pytest.fixture(scope="session")
def picture_version(host: RunningHost, picture_model: object) -> VersionRef:
    return host.keep(picture_model, preprocessing=IMAGE_PREPROCESSING)
