"""What models see of a text; a change here is another preprocessing with another name.

Words and pieces of words are hashed into a fixed number of places, so there is no
vocabulary to learn, to keep, or to leak.
"""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

TEXT_PREPROCESSING = "text-1"

WORD_FEATURES = 2_048
PIECE_FEATURES = 2_048
TEXT_FEATURES = WORD_FEATURES + PIECE_FEATURES
PIECE_LENGTHS = (3, 4, 5)
WORD_OR_SIGN = re.compile(r"\w+|[^\w\s]")
SIGN_BIT = 1 << 31


def text_features(text: str) -> NDArray[np.float32]:
    """Describe a text by its words and by the pieces they are made of.

    Capital letters do not count. A word or piece that occurs n times adds or takes away
    1 + log n at the place that its CRC-32 names; the first bit says which, so that what
    falls together by chance cancels out rather than adds up.

    Parameters
    ----------
    text : str
        As ``modalities.text`` gives it.

    Returns
    -------
    array of float32, shape (TEXT_FEATURES,)
        2,048 numbers of words, single signs, and pairs of neighbours; then 2,048 of
        pieces of 3, 4 and 5 characters, blanks between words included. Each half has
        length 1 (L2), or is all 0 if there is nothing in it.

    References
    ----------
    K. Weinberger et al. (2009), "Feature hashing for large scale multitask learning",
    ICML 26, 1113-1120.

    Examples
    --------
    >>> found = text_features("Win a prize!")
    >>> found.shape, bool((found == text_features("WIN A  PRIZE!")).all())
    ((4096,), True)
    """
    folded = text.casefold()
    words = WORD_OR_SIGN.findall(folded)
    pairs = (f"{one} {other}" for one, other in pairwise(words))
    line = f" {' '.join(folded.split())} "
    pieces = (
        line[start : start + length]
        for length in PIECE_LENGTHS
        for start in range(len(line) - length + 1)
    )
    return np.concatenate(
        [
            _hashed([*words, *pairs], WORD_FEATURES),
            _hashed(pieces, PIECE_FEATURES),
        ]
    )


def _hashed(found: Iterable[str], places: int) -> NDArray[np.float32]:
    numbers = np.zeros(places, np.float32)
    counts = Counter(found)
    if not counts:
        return numbers
    hashes = np.array([crc32(one.encode()) for one in counts], np.int64)
    weights = 1 + np.log(np.array([*counts.values()], np.float64))
    signs = np.where(hashes & SIGN_BIT, 1.0, -1.0)
    np.add.at(numbers, hashes % places, (signs * weights).astype(np.float32))
    length = float(np.sqrt(np.square(numbers, dtype=np.float64).sum()))
    return numbers / np.float32(length) if length else numbers
