"""The model host asked about texts and recordings, for real."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from reviewapp.modalities.audio import read_audio
from reviewapp.runtimes.answers import Answer, AnswerError
from reviewapp.runtimes.client import VersionRef
from reviewapp.runtimes.features_audio import AUDIO_PREPROCESSING, audio_features
from reviewapp.runtimes.features_text import TEXT_PREPROCESSING, text_features
from tests.modalities.sounds import encoded, tone
from tests.runtimes.hosts import RunningHost, codes

TEXTS = ["win a prize now", "free prize inside", "see you at lunch", "lunch at two?"]
KINDS = ["spam", "spam", "ham", "ham"]


def recording(hertz: float) -> bytes:
    return read_audio(encoded(tone(0.2, hertz=hertz)), name="a").derivative


@pytest.fixture(scope="module")
def text_version(host: RunningHost) -> VersionRef:
    features = np.stack([text_features(text) for text in TEXTS])
    model = LogisticRegression(C=100).fit(features, KINDS)
    return host.keep(model, preprocessing=TEXT_PREPROCESSING)


@pytest.fixture(scope="module")
def sound_version(host: RunningHost) -> VersionRef:
    pitches = [200, 260, 320, 2_000, 2_300, 2_600]
    features = np.stack([audio_features(recording(hertz)) for hertz in pitches])
    names = ["low"] * 3 + ["high"] * 3
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return host.keep(model.fit(features, names), preprocessing=AUDIO_PREPROCESSING)


def test_texts_are_told_apart(host: RunningHost, text_version: VersionRef) -> None:
    answers = host.asked().predict_texts(text_version, ["A PRIZE!", "Lunch?", "\n"])

    assert codes(answers)[:2] == ["spam", "ham"]
    assert isinstance(answers[2], Answer), "a text without a word has an answer too"


def test_a_broken_recording_is_its_own_error_only(
    host: RunningHost, sound_version: VersionRef
) -> None:
    contents = (c for c in [recording(230), b"broken", recording(2_100)])

    answers = host.asked().predict_recordings(sound_version, contents)

    assert codes(answers) == ["low", "bad_media", "high"]
    assert isinstance(answers[1], AnswerError)


def test_a_text_models_preprocessing_hears_no_recording(
    host: RunningHost, text_version: VersionRef
) -> None:
    [answer] = host.asked().predict_recordings(text_version, [recording(230)])

    assert isinstance(answer, AnswerError)
    assert answer.code == "unknown_preprocessing"
