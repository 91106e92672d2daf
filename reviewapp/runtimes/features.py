"""What models see of an item; a change here is another preprocessing with another name.

The name belongs to a version's fingerprint, so these functions may be made quicker but
never give other numbers under the same name.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reviewapp.runtimes.columns import TableColumn

IMAGE_PREPROCESSING = "grey64-hog-1"
TABULAR_PREPROCESSING = "table-1"

SIDE = 64
CELL = 8
CELLS = SIDE // CELL
BINS = 9
HOG_FEATURES = (CELLS - 1) ** 2 * 4 * BINS
# Quantiles of what stands out from its surroundings, wherever it stands.
MARK_QUANTILES = (0, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 1)
MARK_FEATURES = 3 * len(MARK_QUANTILES)
SURROUNDINGS, BLUR = 8, 1
IMAGE_FEATURES = HOG_FEATURES + 2 * CELLS**2 + 2 + MARK_FEATURES


Levels: TypeAlias = NDArray[np.float64]
CELL_OF_PIXEL = np.kron(
    np.arange(CELLS**2).reshape(CELLS, CELLS), np.ones((CELL, CELL), np.int64)
)


def image_features(content: bytes) -> NDArray[np.float32]:
    """Describe a picture by its edges and its light.

    The picture is made grey and 64 by 64 pixels, smaller ones enlarged.

    Parameters
    ----------
    content : bytes
        An encoded picture, as ``modalities.image`` makes it.

    Returns
    -------
    array of float32, shape (IMAGE_FEATURES,)
        1,764 numbers: histograms of 9 unsigned gradient directions in cells of 8 by 8
        pixels, normalised over overlapping blocks of 2 by 2 cells (L2, clipped at 0.2,
        L2 again), each in [0, 1]; then of each of the 64 cells its mean grey level and
        its mean gradient, in [0, 1]; then mean and standard deviation of all levels;
        last, for small marks that may be anywhere, quantiles of the difference from
        the mean of 17 by 17 pixels, of the same blurred over 3 by 3, and of the
        gradient.

    Raises
    ------
    OSError
        If the picture cannot be decoded.

    References
    ----------
    N. Dalal, B. Triggs (2005), "Histograms of oriented gradients for human detection",
    CVPR, 886-893.
    """
    with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as image:
        image.draft("L", (SIDE, SIDE))
        grey = image.convert("L").resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    levels = np.asarray(grey, np.float64) / 255
    strength, direction = _gradients(levels)
    return np.concatenate(
        [
            _hog(strength, direction),
            _cell_means(levels).ravel(),
            _cell_means(strength).ravel(),
            [levels.mean(), levels.std()],
            _marks(levels, strength),
        ],
        dtype=np.float32,
    )


def tabular_features(
    columns: Sequence[TableColumn], rows: Sequence[Mapping[str, object]]
) -> NDArray[np.float64]:
    """Lay rows out as numbers, in the order of the columns.

    Parameters
    ----------
    columns : sequence of TableColumn
    rows : sequence of mappings
        Checked values by column name, as ``modalities.tabular`` gives them.

    Returns
    -------
    array of float64, shape (rows, columns)
        Numbers as they are; flags 0 and 1; categories by their position; NaN where a
        value is missing or not of its column.

    Examples
    --------
    >>> from types import SimpleNamespace as Column
    >>> columns = [Column(name="w", categories=()), Column(name="s", categories=("a",))]
    >>> tabular_features(columns, [{"w": 2.5, "s": "a"}, {"w": None}])
    array([[2.5, 0. ],
           [nan, nan]])
    """
    found = np.full((len(rows), len(columns)), np.nan)
    for position, column in enumerate(columns):
        codes = {name: float(code) for code, name in enumerate(column.categories)}
        name = column.name
        for number, row in enumerate(rows):
            value = row.get(name)
            if isinstance(value, str):
                value = codes.get(value)
            if isinstance(value, int | float):
                found[number, position] = value
    return found


def _gradients(levels: Levels) -> tuple[Levels, Levels]:
    """Give strength and direction (in bins, without sign) of the change at each pixel.

    Borders have no change across them.
    """
    across, down = np.zeros_like(levels), np.zeros_like(levels)
    across[:, 1:-1] = levels[:, 2:] - levels[:, :-2]
    down[1:-1] = levels[2:] - levels[:-2]
    return np.hypot(across, down), np.arctan2(down, across) % np.pi * (BINS / np.pi)


def _hog(strength: Levels, direction: Levels) -> Levels:
    bins = np.minimum(direction.astype(np.int64), BINS - 1)
    place = CELL_OF_PIXEL * BINS + bins
    cells = np.bincount(place.ravel(), strength.ravel(), CELLS**2 * BINS)
    cells = cells.reshape(CELLS, CELLS, BINS)
    blocks = np.concatenate(
        [cells[:-1, :-1], cells[:-1, 1:], cells[1:, :-1], cells[1:, 1:]], axis=2
    )
    return _unit_length(np.minimum(_unit_length(blocks), 0.2)).ravel()


def _unit_length(blocks: Levels) -> Levels:
    length: Levels = np.sqrt((blocks**2).sum(axis=2, keepdims=True) + 1e-10)
    return blocks / length


def _marks(levels: Levels, strength: Levels) -> Levels:
    standing_out = levels - _box_means(levels, SURROUNDINGS)
    blurred = _box_means(standing_out, BLUR)
    views = (standing_out, blurred, strength)
    return np.concatenate([np.quantile(view, MARK_QUANTILES) for view in views])


def _box_means(values: Levels, reach: int) -> Levels:
    """Give each pixel the mean of its square neighbourhood, by summed areas."""
    padded = np.pad(values, reach, mode="edge")
    sums = np.pad(padded, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    n = 2 * reach + 1
    areas: Levels = sums[n:, n:] - sums[:-n, n:] - sums[n:, :-n] + sums[:-n, :-n]
    return areas / n**2


def _cell_means(values: Levels) -> Levels:
    means: Levels = values.reshape(CELLS, CELL, CELLS, CELL).mean(axis=(1, 3))
    return means
