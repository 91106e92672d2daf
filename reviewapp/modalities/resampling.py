"""A lower sample rate, block by block, so that memory does not grow with the length."""

from collections.abc import Iterable, Iterator
from math import ceil, gcd
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]

# Zeros of the filter's wave on each side, and its window's shape, as scipy's
# resample_poly chooses them. scipy.signal itself would weigh 60 MB in each process.
REACH = 10
KAISER_BETA = 5.0


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
    taps = _low_pass(down)
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


def _low_pass(down: int) -> Samples:
    """Make the filter that keeps what a rate ``down`` times lower can hold."""
    places = np.arange(-REACH * down, REACH * down + 1)
    taps = np.sinc(places / down) * np.kaiser(len(places), KAISER_BETA)
    unity: Samples = (taps / taps.sum()).astype(np.float32)
    return unity


def _resampled(samples: Samples, up: int, down: int, taps: Samples) -> Samples:
    """Filter as if ``up - 1`` zeros stood after each sample, and keep each ``down``-th.

    Of the filter only the taps that meet a sample are used: every ``up``-th, from a
    place that comes again after ``up`` outputs.
    """
    half = len(taps) // 2
    reach = len(taps) // up + 1
    padded = np.pad(samples, reach)
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach)
    found = np.empty(ceil(len(samples) * up / down), np.float32)
    for first in range(min(up, len(found))):
        place = first * down + half
        own = np.zeros(reach, np.float32)
        met = taps[place % up :: up]
        own[reach - len(met) :] = met[::-1]
        count = len(range(first, len(found), up))
        ends = place // up + 1
        found[first::up] = windows[ends::down][:count] @ own
    return found * np.float32(up)
