"""The one source of chance: the same item always draws the same number."""

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

LARGEST_DRAW = 1 - 2**-53


def lottery(salt: str, key: object) -> float:
    """Draw the number that belongs to a key under a secret salt.

    Parameters
    ----------
    salt : str
        Secret of a line and a purpose, so that nobody outside can foresee a draw
        and the draws of two purposes are independent.
    key : object
        What is drawn for, by its text: the server's own id of an item, or of a
        group of items that must share one draw.

    Returns
    -------
    float
        A share in [0, 1): the first 8 bytes of SHA-256 of ``salt:key``, big-endian,
        divided by 2**64. Whoever draws below 0.05 also draws below 0.20, so a
        growing share only ever adds items.

    Examples
    --------
    >>> round(lottery("line-A:v7", 0), 9)
    0.842651142
    """
    drawn = _salted(salt).copy()
    drawn.update(str(key).encode())
    share = int.from_bytes(drawn.digest()[:8], "big") / 2**64
    # the very largest digests would round up to 1.0, which no share reaches
    return share if share < 1 else LARGEST_DRAW


@lru_cache(maxsize=1024)
def _salted(salt: str) -> "_Hash":
    """Hash what stands before every key of a salt, once."""
    return sha256(f"{salt}:".encode())
