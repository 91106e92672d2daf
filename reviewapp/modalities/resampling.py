"""A lower sample rate, block by block, so that memory does not grow with the length."""

from collections.abc import Iterable, Iterator
from math import ceil, gcd

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, resample_poly

# Zeros of the filter's wave on each side, and its window, as scipy chooses them.
REACH = 10
WINDOW = ("kaiser", 5.0)


def lowered(
    blocks: Iterable[NDArray[np.float32]], rate: int, target: int
) -> Iterator[NDArray[np.float32]]:
    """Give samples at a lower rate; the same as if all were resampled at once.

    Parameters
    ----------
    blocks : iterable of arrays of float32, each of one dimension
    rate, target : int
        Samples a second, ``0 < target < rate``.

    Returns
    -------
    iterator of arrays of float32
        Together ``ceil(n * target / rate)`` samples for n of them; before the first
        and after the last there is silence.
    """
    common = gcd(rate, target)
    up, down = target // common, rate // common
    taps = firwin(2 * REACH * down + 1, 1 / down, window=WINDOW).astype(np.float32)
    beside = down * ceil(REACH / up)
    skipped = beside // down * up
    held: NDArray[np.float32] = np.zeros(beside, np.float32)
    for block in blocks:
        held = np.concatenate([held, block])
        inner = (len(held) - 2 * beside) // down * down
        if inner > 0:
            part = resample_poly(held[: inner + 2 * beside], up, down, window=taps)
            yield part[skipped : skipped + inner // down * up]
            held = held[inner:]
    rest = len(held) - beside
    held = np.concatenate([held, np.zeros(beside, np.float32)])
    part = resample_poly(held, up, down, window=taps)
    yield part[skipped : skipped + ceil(rest * up / down)]
