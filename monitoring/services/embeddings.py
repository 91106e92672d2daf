"""Embeddings: what models see of pictures, recordings and texts, in few numbers.

The columns of such items say how bright or how long they are, and nothing of what is in
them. Models see more: here it is laid along the 32 directions in which the reference
varies most. A row of a table is its own embedding and has none.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import numpy.typing as npt
from django.db.models import QuerySet
from sklearn.decomposition import PCA

from monitoring.services.learners import features_of
from monitoring.windows.samples import by_lot
from reviewapp.models import Item, Modality, ProductLine

Floats = npt.NDArray[np.float32]

DIMENSIONS = 32
MOST = 1_000
FARTHEST = 10.0  # a light that never shone before is far away, and not endlessly far
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """A reference's rows, and how others are laid beside them.

    ``centre`` and ``spread`` are of each feature, ``axes`` is dimensions by features,
    ``rows`` items by dimensions.
    """

    centre: Floats
    spread: Floats
    axes: Floats
    rows: Floats

    def embed(self, seen: Floats) -> Floats:
        """Lay items by features along the axes."""
        return _along(self.axes, seen, centre=self.centre, spread=self.spread)

    def packed(self) -> bytes:
        """Write it down."""
        file = BytesIO()
        np.savez_compressed(
            file,
            centre=self.centre,
            spread=self.spread,
            axes=self.axes,
            rows=self.rows,
        )
        return file.getvalue()

    @classmethod
    def unpacked(cls, packed: bytes) -> "Embedding":
        """Read what was written down; it holds numbers and nothing else."""
        with np.load(BytesIO(packed), allow_pickle=False) as found:
            return cls(**{name: found[name] for name in found.files})


def has_embedding(line: ProductLine) -> bool:
    """Say whether models see more of a line's items than its columns hold."""
    return line.modality != Modality.TABULAR


def embed_reference(
    line: ProductLine, items: QuerySet[Item], *, fewest: int
) -> Embedding | None:
    """Choose the axes by one half of some items, and lay the other half along them.

    Of at most twice a thousand items, by lot; ``None`` where a half has fewer than
    asked for. Axes fit the items that they were chosen by better than any others, which
    would then look new.
    """
    if items.count() < 2 * fewest:
        return None
    seen = seen_of(line, _drawn(items, most=2 * MOST))
    choosing, kept = seen[::2], seen[1::2]
    if len(kept) < fewest:
        return None
    centre = choosing.mean(axis=0)
    spread = np.ones_like(centre)
    if line.modality != Modality.TEXT:
        # each text has length 1 already; scaling would make rare words loud
        spread = choosing.std(axis=0)
        spread[spread == 0] = 1
    most = min(DIMENSIONS, len(choosing) - 1, choosing.shape[1])
    found = PCA(most, svd_solver="randomized", random_state=SEED)
    found.fit(np.clip((choosing - centre) / spread, -FARTHEST, FARTHEST))
    axes = found.components_.astype(np.float32)
    rows = _along(axes, kept, centre=centre, spread=spread)
    return Embedding(centre=centre, spread=spread, axes=axes, rows=rows)


def embed_items(
    line: ProductLine, known: Embedding, items: QuerySet[Item]
) -> npt.NDArray[np.float64]:
    """Lay at most a thousand items, by lot, along the axes of a reference."""
    seen = seen_of(line, _drawn(items, most=MOST))
    if not len(seen):
        return np.empty((0, len(known.axes)))
    return known.embed(seen).astype(np.float64)


def seen_of(line: ProductLine, items: Iterable[Item]) -> Floats:
    """Give what models see of items; a medium that is gone or broken is left out."""
    seen = []
    for item in items:
        with suppress(OSError):
            seen.append(features_of(line, [item])[0])
    return np.array(seen, dtype=np.float32)


def _drawn(items: QuerySet[Item], *, most: int) -> QuerySet[Item]:
    # what was erased is seen by nobody
    there = items.filter(payload__isnull=False)
    return by_lot(there.select_related("payload__schema"))[:most]


def _along(axes: Floats, seen: Floats, *, centre: Floats, spread: Floats) -> Floats:
    apart = np.clip((seen - centre) / spread, -FARTHEST, FARTHEST)
    laid: Floats = apart.astype(np.float32) @ axes.T
    return laid
