"""Recordings: decoded for real, made mono at 16 kHz, stripped of all but sound.

People and models hear the same derivative; none of the sender's bytes is ever served.
"""

import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from math import log10
from pathlib import PurePosixPath
from typing import NoReturn

import numpy as np
import soundfile
from numpy.typing import NDArray

from reviewapp.errors import (
    Fault,
    InvalidPayloadError,
    RefusedError,
    UnsupportedFormatError,
)
from reviewapp.modalities.audio_containers import is_wav, is_whole
from reviewapp.modalities.filenames import check_name, plain_name
from reviewapp.modalities.resampling import lowered

MEDIA_TYPE = "audio/wav"
RATE = 16_000
MAX_SECONDS = 1_800
# 200 MB at 16 bits a sample, all channels counted.
MAX_SAMPLES = 100_000_000
MAX_CHANNELS = 8
LOWEST_RATE, HIGHEST_RATE = 4_000, 192_000
BLOCK = 65_536

ENDINGS = frozenset({".wav", ".wave", ".flac", ".ogg", ".oga", ".opus"})
SAMPLE_FORMATS = {
    "WAV": {"PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"},
    "WAVEX": {"PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"},
    "FLAC": {"PCM_S8", "PCM_16", "PCM_24"},
    "OGG": {"VORBIS", "OPUS"},
}

FULL_SCALE = 32_768
# Full scale is 1. The largest sample of 8 bits is 0.992.
CLIPPED_FROM = 0.99
QUIETEST_DB, SILENT_BELOW_DB = -120.0, -50.0
FRAME_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioPayload:
    """A decoded recording: the derivative that is kept, and facts of what was sent.

    ``samples`` are the derivative's, 16 bits each, at ``rate`` a second;
    ``original_rate``, ``channels``, ``peak`` and ``clipping_share`` are those of what
    was sent, full scale being 1; ``original_size`` is its bytes.
    """

    derivative: bytes = field(repr=False)
    media_type: str
    sha256: str
    rate: int
    original_name: str
    original_sha256: str
    original_size: int
    original_rate: int
    channels: int
    peak: float
    clipping_share: float
    samples: NDArray[np.int16] = field(repr=False, compare=False)


@dataclass(slots=True)
class _Levels:
    """What is counted while a recording is decoded."""

    frames: int = 0
    peak: float = 0.0
    clipped: int = 0


def read_audio(content: bytes, *, name: str) -> AudioPayload:
    """Decode a recording and make the derivative that people and models hear.

    WAV (8, 16, 24, 32 bits or floats), FLAC, and OGG (Vorbis, Opus) are read, up to 30
    minutes and 100 million samples. The derivative is the mean of all channels, at 16
    kHz or the original rate if that is lower, as WAV of 16 bits without anything else.

    1. Look at how the file begins, and whether it holds what its headers announce.
    2. Decode block by block, and count; what a header says is never believed.
    3. Mix, lower the rate, cut what is beyond full scale, write it anew.

    Parameters
    ----------
    content : bytes
        The file as it was sent.
    name : str
        The file's name as it was sent; it is kept as text and never used as a path.

    Raises
    ------
    InvalidInputError
        ``bad_file_name``.
    UnsupportedFormatError
        ``type_mismatch``, ``unsupported_media_type``, ``sample_format_not_accepted``.
    InvalidPayloadError
        ``empty_file``, ``audio_truncated``, ``audio_too_long``, ``too_many_channels``,
        ``sample_rate_not_accepted``, ``not_finite``, ``no_sound``.
    """
    check_name(name)
    _check_beginning(content, name)
    if not is_whole(content):
        _refuse_broken("it holds less than it announces")
    levels = _Levels()
    try:
        with soundfile.SoundFile(BytesIO(content)) as file:
            _check_kind(file)
            original_rate, channels = file.samplerate, file.channels
            mixed = _mixed(file, levels)
            if original_rate > RATE:
                mixed = lowered(mixed, original_rate, RATE)
            samples = np.concatenate([_to_16_bits(block) for block in mixed])
    except RefusedError:
        raise
    except Exception as error:  # noqa: BLE001 - a decoder may raise anything on foreign bytes, and each means the same
        _refuse_broken(type(error).__name__)
    rate = min(original_rate, RATE)
    derivative = _wav(samples, rate)
    return AudioPayload(
        derivative=derivative,
        media_type=MEDIA_TYPE,
        sha256=sha256(derivative).hexdigest(),
        rate=rate,
        original_name=plain_name(name),
        original_sha256=sha256(content).hexdigest(),
        original_size=len(content),
        original_rate=original_rate,
        channels=channels,
        peak=levels.peak,
        clipping_share=levels.clipped / (levels.frames * channels),
        samples=samples,
    )


def measure(payload: AudioPayload) -> dict[str, float]:
    """Give the input metrics of a recording.

    Returns
    -------
    dict
        ``duration_s``: seconds; ``volume_db``: root mean square of the derivative, in
        dB of full scale, at least -120; ``silence_share``: of its frames of 20 ms those
        below -50 dB of full scale, in [0, 1]; ``peak``: the largest sample of what was
        sent, full scale is 1 and floats may be beyond; ``clipping_share``: of its
        samples those at 0.99 of full scale or beyond, in [0, 1]; ``sample_rate``: Hz of
        what was sent; ``bytes``: size of what was sent.
    """
    count = len(payload.samples)
    starts = np.arange(0, count, max(round(payload.rate * FRAME_S), 1))
    squares = np.square(payload.samples.astype(np.float32) / FULL_SCALE)
    powers = np.add.reduceat(squares, starts)
    silent = powers / np.diff(starts, append=count) < 10 ** (SILENT_BELOW_DB / 10)
    power = float(powers.sum(dtype=np.float64)) / count
    return {
        "duration_s": count / payload.rate,
        "volume_db": max(10 * log10(power), QUIETEST_DB) if power else QUIETEST_DB,
        "silence_share": float(silent.mean()),
        "peak": payload.peak,
        "clipping_share": payload.clipping_share,
        "sample_rate": float(payload.original_rate),
        "bytes": float(payload.original_size),
    }


def _check_beginning(content: bytes, name: str) -> None:
    if not content:
        _refuse(InvalidPayloadError, "empty_file", "The file is empty (0 bytes).")
    if is_wav(content) or content.startswith((b"fLaC", b"OggS")):
        return
    if PurePosixPath(name.lower()).suffix in ENDINGS:
        _refuse(
            UnsupportedFormatError,
            "type_mismatch",
            "By its name the file is a recording, by its content it is not WAV, FLAC "
            "or OGG.",
        )
    _refuse(
        UnsupportedFormatError,
        "unsupported_media_type",
        "The file is not WAV, FLAC or OGG. Send one of these.",
    )


def _check_kind(file: soundfile.SoundFile) -> None:
    if file.subtype not in SAMPLE_FORMATS.get(file.format, ()):
        _refuse(
            UnsupportedFormatError,
            "sample_format_not_accepted",
            f"{file.format} with samples of {file.subtype} is not accepted. Send WAV "
            "of 8 to 32 bits or floats, FLAC, or OGG with Vorbis or Opus.",
        )
    if file.channels > MAX_CHANNELS:
        _refuse(
            InvalidPayloadError,
            "too_many_channels",
            f"The recording has {file.channels} channels; at most {MAX_CHANNELS} are "
            "read.",
        )
    if not LOWEST_RATE <= file.samplerate <= HIGHEST_RATE:
        _refuse(
            InvalidPayloadError,
            "sample_rate_not_accepted",
            f"The recording has {file.samplerate:,} samples a second; {LOWEST_RATE:,} "
            f"to {HIGHEST_RATE:,} are read.",
        )


def _mixed(file: soundfile.SoundFile, levels: _Levels) -> Iterator[NDArray[np.float32]]:
    """Decode block by block to the end, counting; give the mean of the channels."""
    announced = file.frames
    limit = min(MAX_SECONDS * file.samplerate, MAX_SAMPLES // file.channels)
    while True:
        block = file.read(BLOCK, dtype="float32", always_2d=True)
        if not len(block):
            break
        levels.frames += len(block)
        if levels.frames > limit:
            _refuse(
                InvalidPayloadError,
                "audio_too_long",
                f"The recording is longer than {limit / file.samplerate / 60:.0f} "
                f"minutes, the most that is read at {file.channels} channels and "
                f"{file.samplerate:,} Hz. Send it in parts.",
            )
        if not np.isfinite(block).all():
            message = "The recording holds samples that are no finite numbers."
            _refuse(InvalidPayloadError, "not_finite", message)
        strength = np.abs(block)
        levels.peak = max(levels.peak, float(strength.max()))
        levels.clipped += int((strength >= CLIPPED_FROM).sum())
        yield block.mean(axis=1)
    if not levels.frames:
        _refuse(InvalidPayloadError, "no_sound", "The recording holds no sample.")
    if levels.frames < announced:
        _refuse_broken(f"{levels.frames:,} of {announced:,} samples are there")


def _to_16_bits(block: NDArray[np.float32]) -> NDArray[np.int16]:
    levels = np.rint(block * FULL_SCALE)
    return np.clip(levels, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def _wav(samples: NDArray[np.int16], rate: int) -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def _refuse_broken(found: str) -> NoReturn:
    _refuse(
        InvalidPayloadError,
        "audio_truncated",
        "The recording cannot be decoded to its end: it is cut off or damaged "
        f"({found}). Send it again.",
    )


def _refuse(kind: type[RefusedError], code: str, message: str) -> NoReturn:
    raise kind(message, code=code, faults=(Fault(code=code, message=message),))
