"""Recordings: real files of every accepted kind, and every bad one by its code."""

import wave
from contextlib import suppress
from hashlib import sha256
from io import BytesIO

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import resample_poly

from reviewapp.errors import (
    InvalidInputError,
    InvalidPayloadError,
    RefusedError,
    UnsupportedFormatError,
)
from reviewapp.modalities.audio import measure, read_audio
from reviewapp.modalities.resampling import lowered
from tests.modalities.sounds import encoded, tone, wav_header

LOSSLESS = [
    *(f"WAV/{kind}" for kind in ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    *("WAVEX/PCM_16", "FLAC/PCM_16", "FLAC/PCM_24"),
]
KINDS = [*LOSSLESS, "WAV/PCM_U8", "OGG/VORBIS", "OGG/OPUS"]


def refused(content: bytes, name: str = "a.wav") -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        read_audio(content, name=name)
    (fault,) = caught.value.faults
    assert fault.code == caught.value.code
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_every_accepted_kind_becomes_the_same_derivative(kind: str) -> None:
    content = encoded(tone(), kind=kind)

    payload = read_audio(content, name="a.wav")

    assert payload.media_type == "audio/wav"
    assert payload.original_sha256 == sha256(content).hexdigest()
    assert payload.sha256 == sha256(payload.derivative).hexdigest()
    assert payload.original_size == len(content)
    with wave.open(BytesIO(payload.derivative)) as file:
        assert file.getparams()[:4] == (1, 2, payload.rate, len(payload.samples))
    if kind in LOSSLESS:
        exact = np.rint(tone() * 32_768)
        assert np.abs(payload.samples - exact).max() <= 1


def test_channels_are_mixed_and_the_rate_is_lowered_to_16_khz() -> None:
    left, right = tone(rate=48_000), tone(rate=48_000, hertz=12_000)

    payload = read_audio(encoded(np.stack([left, right], 1), 48_000), name="a")

    assert (payload.rate, payload.original_rate, payload.channels) == (
        16_000,
        48_000,
        2,
    )
    # half of the left one; 12 kHz has no place at 16 kHz
    expected = tone(rate=16_000, level=0.25) * 32_768
    assert np.abs(payload.samples - expected)[200:-200].max() < 40


def test_a_rate_that_is_lower_stays() -> None:
    assert read_audio(encoded(tone(rate=11_025), 11_025), name="a").rate == 11_025


@settings(deadline=None, max_examples=25)
@given(
    rate=st.sampled_from([16_001, 22_050, 32_000, 44_100, 48_000, 192_000]),
    count=st.integers(1, 30_000),
    cut=st.integers(1, 9_000),
)
def test_blocks_are_resampled_as_the_whole_is(rate: int, count: int, cut: int) -> None:
    noise = np.random.default_rng(count).normal(0, 0.2, count).astype(np.float32)
    blocks = [noise[start : start + cut] for start in range(0, count, cut)]

    found = np.concatenate([*lowered(blocks, rate, 16_000)])

    common = np.gcd(rate, 16_000)
    whole = resample_poly(noise, 16_000 // common, rate // common)
    assert len(found) == len(whole)
    assert np.abs(found - whole).max() < 1e-6


def test_no_metadata_is_left_in_the_derivative() -> None:
    file = BytesIO()
    with soundfile.SoundFile(file, "w", 8_000, 1, "PCM_16", format="WAV") as written:
        written.title = written.artist = "SECRET"
        written.write(tone())
    assert b"SECRET" in file.getvalue()

    payload = read_audio(file.getvalue(), name="a.wav")

    assert b"SECRET" not in payload.derivative
    assert len(payload.derivative) == 44 + 2 * len(payload.samples)


def test_a_header_that_claims_4_gib_is_not_believed() -> None:
    content = wav_header(0xFFFFFFFE) + b"\0\0"
    assert len(content) == 46

    refusal = refused(content)

    assert isinstance(refusal, InvalidPayloadError)
    assert refusal.code == "audio_truncated"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_recording_that_is_cut_off_is_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 48_000)
    content = encoded(noise, 48_000, kind)

    refusal = refused(content[: int(len(content) * share)])

    assert isinstance(refusal, InvalidPayloadError)
    assert refusal.code == "audio_truncated"


FLOAT, A_LAW = 3, 6
HTML = b"<!doctype html><html><body><script>alert(1)</script></body></html>"


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (HTML, "a.wav", "type_mismatch"),
        (HTML, "a.html", "unsupported_media_type"),
        (b"ID3\x04 an mp3", "a.OGG", "type_mismatch"),
        (b"ID3\x04 an mp3", "a.mp3", "unsupported_media_type"),
        (b"RIFX" + wav_header(2)[4:] + b"\0\0", "a.wav", "type_mismatch"),
        (encoded(tone(), kind="WAV/ULAW"), "a.wav", "sample_format_not_accepted"),
        (encoded(tone(), kind="WAV/IMA_ADPCM"), "a.wav", "sample_format_not_accepted"),
        (encoded(tone(), kind="AIFF/PCM_16"), "a.aiff", "unsupported_media_type"),
        (encoded(tone(), kind="AU/PCM_16"), "a", "unsupported_media_type"),
    ],
)
def test_what_is_no_accepted_recording_is_refused(
    content: bytes, name: str, code: str
) -> None:
    refusal = refused(content, name)
    assert isinstance(refusal, UnsupportedFormatError)
    assert refusal.code == code


NOT_A_NUMBER = np.full(100, np.nan, np.float32)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (wav_header(0), "no_sound"),
        (encoded(np.zeros((100, 9))), "too_many_channels"),
        (encoded(tone(), rate=3_999), "sample_rate_not_accepted"),
        (encoded(tone(), rate=192_001), "sample_rate_not_accepted"),
        (wav_header(400, kind=FLOAT, bits=32) + NOT_A_NUMBER.tobytes(), "not_finite"),
    ],
)
def test_a_bad_recording_is_refused_by_code(content: bytes, code: str) -> None:
    refusal = refused(content)
    assert isinstance(refusal, InvalidPayloadError)
    assert refusal.code == code


@pytest.mark.parametrize(
    ("rate", "channels", "frames"), [(4_000, 1, 7_200_001), (48_000, 8, 12_500_001)]
)
def test_what_is_too_long_is_refused_while_it_is_decoded(
    rate: int, channels: int, frames: int
) -> None:
    # silence packs into next to nothing
    silence: NDArray[np.int16] = np.zeros((frames, channels), np.int16)
    file = BytesIO()
    soundfile.write(file, silence, rate, format="FLAC", subtype="PCM_16")
    assert len(file.getvalue()) < 400_000

    refusal = refused(file.getvalue(), "a.flac")

    assert isinstance(refusal, InvalidPayloadError)
    assert refusal.code == "audio_too_long"


def test_thirty_minutes_are_read() -> None:
    silence: NDArray[np.float32] = np.zeros(7_200_000, np.float32)
    found = measure(read_audio(encoded(silence, 4_000), name="a"))
    assert found["duration_s"] == 1_800


@pytest.mark.parametrize("name", ["a\x00b.wav", "a\ud800.wav"])
def test_a_name_that_cannot_be_stored_is_refused(name: str) -> None:
    refusal = refused(encoded(tone()), name)
    assert isinstance(refusal, InvalidInputError)
    assert refusal.code == "bad_file_name"


def test_a_name_is_kept_as_text_never_as_a_path() -> None:
    payload = read_audio(encoded(tone()), name="..\\..\\w.wav")
    assert payload.original_name == "w.wav"


def test_metrics_of_a_tone() -> None:
    found = measure(read_audio(encoded(tone(2.0)), name="a"))

    assert found == {
        "duration_s": 2.0,
        "volume_db": pytest.approx(-9.03, abs=0.01),  # 20 log10(0.5 / √2)
        "silence_share": 0.0,
        "peak": pytest.approx(0.5, abs=0.001),
        "clipping_share": 0.0,
        "sample_rate": 8_000,
        "bytes": 32_044,
    }


def test_silence_is_a_number() -> None:
    found = measure(read_audio(encoded(np.zeros(800)), name="a"))
    assert (found["volume_db"], found["silence_share"], found["peak"]) == (-120, 1, 0)


def test_silence_between_sounds_is_a_share() -> None:
    quiet = tone(1.0, level=0.003)  # -53.5 dB
    found = measure(read_audio(encoded(np.concatenate([tone(3.0), quiet])), name="a"))
    assert found["silence_share"] == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("kind", ["WAV/PCM_U8", "WAV/PCM_16", "WAV/FLOAT"])
def test_what_was_recorded_too_loud_is_counted(kind: str) -> None:
    loud = tone(1.0, level=2.0)
    clipped = loud if kind == "WAV/FLOAT" else np.clip(loud, -1, 1)

    found = measure(read_audio(encoded(clipped, kind=kind), name="a"))

    # |2 sin x| is at least 0.99 for two thirds of the time
    assert found["clipping_share"] == pytest.approx(0.67, abs=0.01)
    assert found["peak"] == pytest.approx(2.0 if kind == "WAV/FLOAT" else 1, abs=0.01)


def test_channels_that_cancel_out_still_show_their_peak() -> None:
    both = np.stack([tone(), -tone()], 1)
    found = measure(read_audio(encoded(both), name="a"))
    assert found["volume_db"] == -120
    assert found["peak"] == pytest.approx(0.5, abs=0.001)


SAMPLES = [encoded(tone(0.1), kind=kind) for kind in KINDS]


@settings(deadline=None)
@given(
    content=st.sampled_from(SAMPLES),
    position=st.floats(0, 1, exclude_max=True),
    other=st.binary(min_size=1, max_size=8),
)
def test_a_damaged_recording_is_read_or_refused(
    content: bytes, position: float, other: bytes
) -> None:
    at = int(position * len(content))
    with suppress(RefusedError):
        read_audio(content[:at] + other + content[at + len(other) :], name="a.wav")


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", *(s[:36] for s in SAMPLES)]))
def test_arbitrary_bytes_are_read_as_sound_or_refused(tail: bytes, head: bytes) -> None:
    with suppress(RefusedError):
        assert len(read_audio(head + tail, name="a.wav").samples)
