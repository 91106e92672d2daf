"""Opening a model file: by its recorded hash, with our list of types, and checked."""

from hashlib import sha256
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray
from skops import io as skops_io

from reviewapp.runtimes.modelfiles import TRUSTED_TYPES, file_sha256
from reviewapp.runtimes.soundness import check_sound


class Model(Protocol):
    """What we ask of a classifier."""

    classes_: NDArray[np.str_]

    def predict_proba(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """Give a probability for each row and class."""


class HashDiffersError(Exception):
    """The file is not the one that was recorded."""


def load(path: Path, expected_sha256: str) -> Model:
    """Open a model whose bytes are those that were registered.

    The very bytes that were hashed are loaded, so nothing can be put in between.

    Raises
    ------
    HashDiffersError
        If the file has changed since it was registered.
    UnsoundModelError
        If one of its trees leads astray.
    Exception
        Whatever skops raises on a file it does not trust or understand.
    """
    content = path.read_bytes()
    found = sha256(content).hexdigest()
    if found != expected_sha256:
        raise HashDiffersError(f"The file's SHA-256 is {found}.")
    model = skops_io.loads(content, trusted=list(TRUSTED_TYPES))
    check_sound(model)
    # what it is, the inspection has found out before it was registered
    return cast("Model", model)


def write_model(model: object, path: Path) -> str:
    """Write a trained model as a skops file; give its SHA-256."""
    skops_io.dump(model, path)
    return file_sha256(path)
