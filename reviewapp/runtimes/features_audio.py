"""What models hear of a recording; a change here is another preprocessing and name.

Whatever its length, a recording becomes the same number of figures: how the strength of
its pitches is spread, how it moves, and how it goes on from beginning to end.
"""

import wave
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from math import log10
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

AUDIO_PREPROCESSING = "audio-1"

Levels: TypeAlias = NDArray[np.float64]

FRAME_S, STEP_S = 0.025, 0.010
BANDS, COEFFICIENTS = 40, 20
LOWEST_HZ, HIGHEST_HZ = 50.0, 8_000.0
# Powers are of full scale 1; nothing is quieter than the floor.
FLOOR = 1e-10
# What is that much quieter than the loudest frame is not what the recording is about.
QUIETER_DB = 40.0
PARTS = 8
QUANTILES = (0.1, 0.5, 0.9)
FRAMES_AT_ONCE = 2_048
WHOLE_FEATURES = COEFFICIENTS * (3 + len(QUANTILES))
PART_FEATURES = COEFFICIENTS * PARTS
AUDIO_FEATURES = WHOLE_FEATURES + PART_FEATURES + 3


class NotOursError(ValueError):
    """The file is none that ``modalities.audio`` makes."""


def audio_features(content: bytes) -> NDArray[np.float32]:
    """Describe a recording by its cepstrum, as a whole and part by part.

    Frames of 25 ms every 10 ms; of each the strength in 40 bands, evenly spaced on the
    mel scale from 50 to 8,000 Hz, in decibels, and its first 20 cosine coefficients. A
    recording shorter than a frame is followed by silence.

    Parameters
    ----------
    content : bytes
        WAV, mono, 16 bits, as ``modalities.audio`` makes it.

    Returns
    -------
    array of float32, shape (AUDIO_FEATURES,)
        283 numbers, in order: of each coefficient over all frames the mean, the
        standard deviation, and the standard deviation of its change from frame to
        frame, then its quantiles at 0.1, 0.5 and 0.9; then, of the frames between the
        first and the last that are within 40 dB of the loudest, cut into 8 parts of
        equal length, each part's mean coefficients; last the logarithm (base 10) of the
        seconds, of the seconds between those frames, and the share of frames that are
        within 40 dB of the loudest.

    Raises
    ------
    NotOursError
        If it is no such WAV, or holds no sample.

    References
    ----------
    S. B. Davis, P. Mermelstein (1980), "Comparison of parametric representations for
    monosyllabic word recognition in continuously spoken sentences", IEEE Transactions
    on Acoustics, Speech, and Signal Processing 28 (4), 357-366.
    """
    samples, rate = _read(content)
    bands = np.concatenate([*_band_levels(samples, rate)])
    cepstrum = dct(bands, axis=1, norm="ortho")[:, :COEFFICIENTS]
    loudness = bands.max(axis=1)
    is_loud = loudness >= loudness.max() - QUIETER_DB
    first, last = np.flatnonzero(is_loud)[[0, -1]]
    heard = cepstrum[first : last + 1]
    changes = np.diff(cepstrum, axis=0) if len(cepstrum) > 1 else cepstrum * 0
    return np.concatenate(
        [
            cepstrum.mean(axis=0),
            cepstrum.std(axis=0),
            changes.std(axis=0),
            np.quantile(cepstrum, QUANTILES, axis=0).ravel(),
            _part_means(heard).ravel(),
            [
                log10(len(samples) / rate),
                log10(len(heard) * STEP_S),
                is_loud.mean(),
            ],
        ],
        dtype=np.float32,
    )


def _read(content: bytes) -> tuple[NDArray[np.int16], int]:
    try:
        with wave.open(BytesIO(content), "rb") as file:
            kind = (file.getnchannels(), file.getsampwidth())
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    except (wave.Error, EOFError, ValueError) as error:
        raise NotOursError(f"This is no WAV: {error}") from error
    if kind != (1, 2) or not len(samples):
        raise NotOursError("The WAV is not mono of 16 bits, or holds no sample.")
    return samples, rate


def _band_levels(samples: NDArray[np.int16], rate: int) -> Iterator[Levels]:
    """Give the bands of some frames at once, in decibels, shape (frames, BANDS)."""
    size, step = round(rate * FRAME_S), round(rate * STEP_S)
    padded = np.pad(samples, (0, max(size - len(samples), 0)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::step]
    shape = np.hanning(size)
    transform_size = 1 << (size - 1).bit_length()
    filters = _mel_filters(rate, transform_size)
    for start in range(0, len(frames), FRAMES_AT_ONCE):
        some = frames[start : start + FRAMES_AT_ONCE] / 32_768 * shape
        spectrum = np.abs(np.fft.rfft(some, transform_size)) ** 2 / shape.sum() ** 2
        yield 10 * np.log10(np.maximum(spectrum @ filters.T, FLOOR))


@lru_cache(maxsize=8)
def _mel_filters(rate: int, transform_size: int) -> Levels:
    """Give triangles over frequencies, each half over its neighbours.

    A band that is too narrow for the transform takes what lies nearest to its middle;
    one above half the sample rate takes nothing.
    """
    edges = _hertz(np.linspace(_mel(LOWEST_HZ), _mel(HIGHEST_HZ), BANDS + 2))
    frequencies = np.fft.rfftfreq(transform_size, 1 / rate)
    low, middle, high = (edges[i : BANDS + i, np.newaxis] for i in range(3))
    rising = (frequencies - low) / (middle - low)
    falling = (high - frequencies) / (high - middle)
    filters: Levels = np.maximum(np.minimum(rising, falling), 0)
    for band in np.flatnonzero(~filters.any(axis=1)):
        if middle[band, 0] <= rate / 2:
            filters[band, np.abs(frequencies - middle[band]).argmin()] = 1.0
    return filters


def _mel(hertz: float) -> float:
    return 2_595 * log10(1 + hertz / 700)


def _hertz(mel: Levels) -> Levels:
    return 700 * (10 ** (mel / 2_595) - 1)


def _part_means(frames: Levels) -> Levels:
    """Cut frames into equal parts; a part shorter than a frame takes its nearest."""
    bounds = np.linspace(0, len(frames), PARTS + 1)
    starts = np.minimum(np.floor(bounds[:-1]).astype(int), len(frames) - 1)
    ends = np.maximum(np.ceil(bounds[1:]).astype(int), starts + 1)
    return np.array(
        [frames[a:b].mean(axis=0) for a, b in zip(starts, ends, strict=True)]
    )
