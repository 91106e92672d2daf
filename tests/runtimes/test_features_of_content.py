"""What models see of texts and hear of recordings: stable numbers that tell apart."""

import wave
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.modalities.audio import read_audio
from reviewapp.runtimes.features_audio import (
    AUDIO_FEATURES,
    COEFFICIENTS,
    PART_FEATURES,
    NotOursError,
    audio_features,
)
from reviewapp.runtimes.features_text import (
    TEXT_FEATURES,
    WORD_FEATURES,
    text_features,
)
from tests.modalities.sounds import encoded, tone

MESSAGE = "Free entry: WIN a prize in 2 weeks: reply to 80086 now!"
PARTS = slice(AUDIO_FEATURES - PART_FEATURES - 3, AUDIO_FEATURES - 3)


def sums(features: np.ndarray) -> list[float]:
    places = np.arange(1, len(features) + 1)
    numbers = features.astype(np.float64)
    return [numbers.sum(), np.abs(numbers).sum(), (numbers * places).sum()]


def heard(samples: np.ndarray, rate: int = 8_000) -> np.ndarray:
    payload = read_audio(encoded(samples, rate), name="a")
    return audio_features(payload.derivative)


def test_a_text_gives_as_many_numbers_whatever_its_length() -> None:
    for text in ("a", "!", " ", MESSAGE, MESSAGE * 1_000):
        found = text_features(text)
        assert found.shape == (TEXT_FEATURES,) == (4_096,)
        assert found.dtype == np.float32
        for half in (found[:WORD_FEATURES], found[WORD_FEATURES:]):
            assert np.linalg.norm(half) == pytest.approx(1, abs=1e-5) or not half.any()


def test_the_numbers_of_a_text_are_those_of_its_name() -> None:
    # what "text-1" gave when it was made; another number is another name
    assert sums(text_features(MESSAGE)) == pytest.approx(
        [-0.467976, 17.1958, 677.447], rel=1e-5
    )


def test_case_and_blanks_do_not_count_and_words_do() -> None:
    found = text_features("Win a prize")
    assert np.array_equal(found, text_features("WIN  a\nprize"))
    assert not np.array_equal(found, text_features("Win a price"))
    assert not np.array_equal(found, text_features("a prize win"))


@given(st.text(max_size=200))
def test_any_text_gives_finite_numbers(text: str) -> None:
    found = text_features(text.encode(errors="ignore").decode())
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 1 + 1e-6


def test_a_recording_gives_as_many_numbers_whatever_its_length() -> None:
    noise = np.random.default_rng(5).normal(0, 0.1, 80_000)
    for rate in (4_000, 8_000, 16_000, 48_000):
        for count in (1, 2, 199, 200, 201, 4_000, 80_000):
            found = heard(noise[:count], rate)
            assert found.shape == (AUDIO_FEATURES,) == (283,)
            assert found.dtype == np.float32
            assert np.isfinite(found).all()


def test_the_numbers_of_a_recording_are_those_of_its_name() -> None:
    # what "audio-1" gave when it was made; another number is another name
    sound = np.concatenate([tone(0.3), tone(0.2, hertz=1_500, level=0.1)])
    assert sums(heard(sound)) == pytest.approx([-6012.34, 12059.1, -946811], rel=1e-4)


def test_silence_is_described_too() -> None:
    found = heard(np.zeros(8_000))
    assert np.isfinite(found).all()
    assert np.abs(found[COEFFICIENTS : 3 * COEFFICIENTS]).max() < 1e-9
    assert found[-3:] == pytest.approx([0, np.log10(0.98), 1], abs=0.01)


def test_what_comes_first_is_told_from_what_comes_last() -> None:
    low, high = tone(0.4, hertz=300), tone(0.4, hertz=2_500)
    rising, falling = (heard(np.concatenate(p)) for p in ((low, high), (high, low)))

    first = rising[PARTS].reshape(8, COEFFICIENTS)
    last = falling[PARTS].reshape(8, COEFFICIENTS)
    # frames of the same tone begin at other points of its wave
    assert first[1] == pytest.approx(last[6], abs=20)
    assert np.abs(first[1] - last[1]).max() > 100


def test_silence_around_a_sound_hardly_changes_its_parts() -> None:
    quiet = np.zeros(4_000)
    alone = heard(tone(0.5))[PARTS]
    around = heard(np.concatenate([quiet, tone(0.5), quiet]))[PARTS]
    assert np.abs(alone - around)[COEFFICIENTS:-COEFFICIENTS].max() < 20


@pytest.mark.parametrize("channels", [2, None])
def test_a_file_that_is_not_ours_is_an_error(channels: int | None) -> None:
    file = BytesIO()
    if channels:
        with wave.open(file, "wb") as written:
            written.setnchannels(channels)
            written.setsampwidth(2)
            written.setframerate(8_000)
            written.writeframes(b"\0" * 400)
    with pytest.raises(NotOursError):
        audio_features(file.getvalue() or b"RIFF")
