"""What models see: stable numbers, with enough of the picture in them."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from reviewapp.modalities.tabular import Schema, read_row
from reviewapp.runtimes.features import (
    HOG_FEATURES,
    IMAGE_FEATURES,
    image_features,
    tabular_features,
)

# What "grey64-hog-1" gave when it was made; another number is another name.
PINNED = [171.4862, 45.20515, 6.67592]
# Where the parts stand behind the histograms.
LIGHT = slice(HOG_FEATURES, HOG_FEATURES + 130)
MARKS = slice(HOG_FEATURES + 130, None)


def encoded(levels: np.ndarray, kind: str = "PNG") -> bytes:
    file = BytesIO()
    Image.fromarray(levels.astype(np.uint8)).save(file, kind)
    return file.getvalue()


def test_a_picture_gives_as_many_numbers_whatever_its_size() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (300, 500, 3))
    for height, width in ((1, 1), (8, 8), (24, 24), (64, 64), (300, 500)):
        found = image_features(encoded(noise[:height, :width]))
        assert found.shape == (IMAGE_FEATURES,) == (1_933,)
        assert found.dtype == np.float32
        assert np.isfinite(found).all()
        assert -1 <= found.min() <= found.max() <= 1.5
        assert found[:HOG_FEATURES].min() >= 0


def test_the_same_picture_gives_the_same_numbers() -> None:
    content = encoded(np.random.default_rng(4).integers(0, 255, (90, 70)), "JPEG")
    assert np.array_equal(image_features(content), image_features(content))


def test_an_even_picture_has_light_but_no_edges() -> None:
    found = image_features(encoded(np.full((64, 64), 51)))

    assert not found[:HOG_FEATURES].any()
    assert found[HOG_FEATURES : HOG_FEATURES + 64] == pytest.approx([0.2] * 64)
    assert not found[HOG_FEATURES + 64 : HOG_FEATURES + 128].any()
    assert found[LIGHT][-2:] == pytest.approx([0.2, 0.0], abs=1e-6)
    assert found[MARKS] == pytest.approx(0, abs=1e-6)


def test_an_edge_is_seen_where_it_is_and_in_its_direction() -> None:
    levels = np.zeros((64, 64))
    levels[:, 20:] = 255

    found = image_features(encoded(levels))

    blocks = found[:HOG_FEATURES].reshape(7, 7, 4, 9)
    assert blocks[:, 1:3].any()
    assert not blocks[:, 3:].any()
    # the light changes across only: the first of nine directions
    assert not blocks[..., 1:].any()


def test_numbers_of_a_known_picture_do_not_change() -> None:
    levels = (np.add.outer(np.arange(64) * 3, np.arange(64) ** 2 // 40) % 200) + 20
    found = image_features(encoded(levels))

    # weighted by position, so that numbers that change places are noticed too
    sums = [
        part @ np.linspace(1, 2, len(part))
        for part in (found[:HOG_FEATURES], found[LIGHT], found[MARKS])
    ]
    assert sums == pytest.approx(PINNED, rel=1e-4)


def test_a_picture_that_cannot_be_decoded_is_an_error() -> None:
    with pytest.raises(OSError, match="cannot identify"):
        image_features(b"no picture")


def test_digits_of_eight_pixels_are_told_apart(
    digits: tuple[list[bytes], list[str]],
) -> None:
    contents, names = digits
    features = np.stack([image_features(content) for content in contents])
    folds = StratifiedKFold(3, shuffle=True, random_state=0)

    accuracy = cross_val_score(
        LogisticRegression(C=0.1, max_iter=300), features, names, cv=folds
    )

    assert accuracy.mean() > 0.98


def test_a_table_becomes_numbers_in_the_order_of_its_columns() -> None:
    schema = Schema.from_json(
        [
            {"name": "w", "kind": "number"},
            {"name": "steel", "kind": "category", "categories": ["A400", "A300"]},
            {"name": "wet", "kind": "flag"},
        ]
    )
    rows: list[dict[str, object]] = [
        {"wet": True, "steel": "A300", "w": 2.5},
        {"wet": False, "steel": "A400", "w": -1},
        {},
    ]

    found = tabular_features(
        schema.columns, [read_row(schema, row).values for row in rows]
    )

    expected = np.array([[2.5, 1, 1], [-1, 0, 0], [np.nan] * 3])
    assert np.array_equal(found, expected, equal_nan=True)


def test_no_rows_are_a_table_of_none() -> None:
    schema = Schema.from_json([{"name": "w", "kind": "number"}])
    assert tabular_features(schema.columns, []).shape == (0, 1)
