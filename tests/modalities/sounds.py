"""Recordings made for tests."""

import struct
from io import BytesIO

import numpy as np
import soundfile
from numpy.typing import NDArray


def tone(
    seconds: float = 0.5, *, rate: int = 8_000, hertz: float = 440, level: float = 0.5
) -> NDArray[np.float64]:
    """A steady tone, whose root mean square is level / √2."""
    times = np.arange(round(seconds * rate)) / rate
    wave: NDArray[np.float64] = level * np.sin(2 * np.pi * hertz * times)
    return wave


def encoded(
    samples: NDArray[np.floating], rate: int = 8_000, kind: str = "WAV/PCM_16"
) -> bytes:
    """The bytes of a file of a kind, such as WAV/PCM_16."""
    file = BytesIO()
    container, subtype = kind.split("/")
    soundfile.write(file, samples, rate, format=container, subtype=subtype)
    return file.getvalue()


def wav_header(
    claimed: int,
    *,
    rate: int = 8_000,
    channels: int = 1,
    kind: int = 1,
    bits: int = 16,
) -> bytes:
    """The 44 bytes before the samples, whatever they claim."""
    block = channels * bits // 8
    return (
        b"RIFF"
        + struct.pack("<I", min(claimed + 36, 0xFFFFFFFF))
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, kind, channels, rate, rate * block, block, bits)
        + b"data"
        + struct.pack("<I", claimed)
    )
