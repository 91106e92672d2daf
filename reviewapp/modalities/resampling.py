"""A lower sample rate, block by block, so that memory does not grow with the length."""

from collections.abc import Iterable, Iterator
from math import ceil, gcd
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, resample_poly

Samples: TypeAlias = NDArray[np.float32]

# Zeros of the filter's wave on each side, and its window, as scipy chooses them.
REACH = 10
WINDOW = ("kaiser", 5.0)


def lowered(blocks: Iterable[Samples], rate: int, target: int) -> Iterator[Samples]:
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
    # the filter is made once; it reaches so many samples to both sides
    taps = firwin(2 * REACH * down + 1, 1 / down, window=WINDOW).astype(np.float32)
    beside = down * ceil(REACH / up)
    skipped = beside // down * up
    silence: Samples = np.zeros(beside, np.float32)
    held = silence
    for block in blocks:
        held = np.concatenate([held, block])
        inner = (len(held) - 2 * beside) // down * down
        if inner > 0:
            part = _resampled(held[: inner + 2 * beside], up, down, taps)
            yield part[skipped : skipped + inner // down * up]
            held = held[inner:]
    count = ceil((len(held) - beside) * up / down)
    part = _resampled(np.concatenate([held, silence]), up, down, taps)
    yield part[skipped : skipped + count]


def _resampled(samples: Samples, up: int, down: int, taps: Samples) -> Samples:
    found: Samples = resample_poly(samples, up, down, window=taps)  # type: ignore[call-overload]  # the stubs know no filter of one's own
    return found
