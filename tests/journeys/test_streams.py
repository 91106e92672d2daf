"""Listen to whole streams through windows: find the speech, then read it.

The set lies beside the checkout; without it the test says so and passes by.
"""

import csv
import html
import re
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import soundfile
from django.urls import reverse
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from monitoring.models import Measurement
from monitoring.services.attribution import StageEffect, effects_of_stages
from monitoring.services.comparing import Sight, compare
from monitoring.services.measurements import measure_lines
from monitoring.services.series import Span
from monitoring.stats.figures import Interval
from monitoring.stats.intervals import wilson
from reviewapp.models import ModelVersion, ProductLine, User
from reviewapp.services.pipelines import register_pipeline
from tests import factories
from tests.journeys.test_stages import (
    DATA,
    DAYS,
    Heard,
    make_digits_line,
    play_day,
    seen,
    write_pipeline,
)
from tests.modalities.sounds import encoded
from tests.pages.test_content import browser_of

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no data set in {DATA}"),
    pytest.mark.django_db(transaction=True),
]

Sound: TypeAlias = NDArray[np.float64]
Models: TypeAlias = tuple[Pipeline, Pipeline]

RATE = 8_000
WINDOW, HOP = RATE // 2, RATE // 4
UTC = ZoneInfo("UTC")
HOUR = timedelta(hours=1)
# Between digits the set is exactly silent, as no room is; some speakers are quiet.
ROOM = 0.0005
# Of a digit, or of a window that it fills, this much is enough to be asked for it.
ENOUGH = 0.7
CUT_OFF = 0.1
CUTS = 3
# Of the first coefficient of the cepstrum, the loudness: the mean and the 0.9-quantile.
LOUDNESS = [0, 100]
# What a deaf microphone still gives, and what a deaf first stage takes off its odds.
QUIET = 0.1
DEAF = 11.0


def room(size: int, rng: np.random.Generator) -> Sound:
    return rng.normal(0, ROOM, size)


def truth_of(start: float, spoken: list[tuple[float, float, str]]) -> str | None:
    """Say what a window holds; ``None`` where not even a person could."""
    end = start + WINDOW / RATE
    heard = [one for one in spoken if one[0] < end and one[1] > start]
    if not heard:
        return "unknown"
    if len(heard) > 1:
        return None
    [(begins, ends, label)] = heard
    whole = min(ends - begins, end - start)
    inside = min(ends, end) - max(begins, start)
    return label if inside >= ENOUGH * whole else None


def windows(*, gain: float, seed: int) -> list[Heard]:
    """Cut the streams, one after the other, into windows; leave out what is neither."""
    rng = np.random.default_rng(seed)
    spoken: dict[str, list[tuple[float, float, str]]] = {}
    with (DATA / "segments.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            times = float(row["start_s"]), float(row["end_s"])
            spoken.setdefault(row["file"], []).append((*times, row["label"]))
    found: list[Heard] = []
    before = 0
    for name, segments in spoken.items():
        samples, _rate = soundfile.read(DATA / name)
        stream = gain * (samples + room(len(samples), rng))
        for start in range(0, len(stream) - WINDOW + 1, HOP):
            truth = truth_of(start / RATE, segments)
            if truth is not None:
                content = encoded(stream[start : start + WINDOW], rate=RATE)
                after = timedelta(seconds=(before + start) / RATE)
                found.append(Heard(truth=truth, content=content, after=after))
        before += len(stream)
    return found


def cut(
    clip: Sound, rng: np.random.Generator, *, least: float = 0.0, most: float = 1.0
) -> Sound:
    """Cut a window at random that holds such a share of a clip, in an empty room."""
    around = np.concatenate([np.zeros(WINDOW), clip, np.zeros(WINDOW)])
    whole = min(WINDOW, len(clip))
    starts = np.arange(len(around) - WINDOW + 1)
    inside = np.minimum(starts, len(clip)) - np.maximum(starts - WINDOW, 0)
    share = np.minimum(inside, whole) / whole
    start = rng.choice(starts[(share >= least) & (share <= most)])
    return around[start : start + WINDOW] + room(WINDOW, rng)


@pytest.fixture(scope="module")
def models() -> Models:
    """Train both stages on single clips, none of which is in a stream.

    The first goes by loudness alone. The second has heard its digits at many volumes,
    so that one which is quiet is not lost on it.
    """
    rng = np.random.default_rng(7)
    with (DATA / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    loud, quiet, empty, said = [], [], [], []
    for row in rows:
        clip, _rate = soundfile.read(DATA / row["file"])
        for _ in range(CUTS):
            heard = cut(clip, rng, least=ENOUGH)
            said.append(row["label"])
            loud.append(heard)
            quiet.append(10 ** rng.uniform(-1.3, 0.2) * heard)
        empty += [room(WINDOW, rng), cut(clip, rng, most=CUT_OFF)]
    speech, soft, silence = (
        np.stack([seen(encoded(one, rate=RATE)) for one in sounds])
        for sounds in (loud, quiet, empty)
    )
    voice = make_pipeline(
        ColumnTransformer([("loudness", StandardScaler(), LOUDNESS)]),
        LogisticRegression(),
    )
    names = ["speech"] * len(speech) + ["silence"] * len(silence)
    voice.fit(np.vstack([speech, silence]), names)
    digit = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=2_000))
    digit.fit(np.vstack([speech, soft]), said + said)
    return voice, digit


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a day's streams came to, as shares with their intervals.

    ``unknown`` is of all windows what the whole version called so, ``missed`` that of
    those with a digit; ``read`` is of what reached the second stage what it read right.
    """

    told: dict[str, dict[str, int]]
    agreed: Interval
    unknown: Interval
    missed: Interval
    read: Interval
    effect: StageEffect

    @property
    def unheard(self) -> Interval:
        """The share of windows in which the first stage heard nothing."""
        voice = self.told["voice"]
        return wilson(voice["silence"], sum(voice.values()))

    @property
    def by_voice(self) -> Interval:
        """The share of windows that the version gets wrong by its first stage alone."""
        return wilson(self.effect.mended, self.effect.count)

    @property
    def by_digit(self) -> Interval:
        """The share of windows that it gets wrong without its first stage, too."""
        return wilson(self.effect.wrong - self.effect.mended, self.effect.count)


def listen(
    line: ProductLine, version: ModelVersion, day: int, *, gain: float = 1.0
) -> Day:
    """Play all streams on a day, through a microphone that gives so much of them."""
    told = play_day(line, version, windows(gain=gain, seed=day), day)
    on = DAYS[day].date()
    compared = compare(line, Span(first=on, last=on, zone=UTC)).compared
    [pairs] = [one for one in compared if one.sight is Sight.BLIND]
    [effect] = effects_of_stages(line, version, DAYS[day], DAYS[day] + HOUR)
    assert measure_lines(as_of=DAYS[day] + HOUR) == 1
    assert [one.key for one in pairs.classes] == [*"0123456789", "unknown"]
    table = np.array(pairs.table)  # a row for each answer, a column for each truth
    heard = Day(
        told=told,
        agreed=wilson(int(table.trace()), int(table.sum())),
        unknown=wilson(int(table[-1].sum()), int(table.sum())),
        missed=wilson(int(table[-1, :-1].sum()), int(table[:, :-1].sum())),
        read=wilson(int(table[:-1, :-1].trace()), int(table[:-1].sum())),
        effect=effect,
    )
    print(heard, heard.unheard, heard.by_voice, heard.by_digit)  # noqa: T201 - a journey tells what it found
    return heard


def register(
    line: ProductLine, folder: Path, models: Models, *, deafness: float = 0.0
) -> ModelVersion:
    """Register both stages; ``deafness`` makes the first one hear silence in speech."""
    voice, digit = deepcopy(models)
    voice[-1].intercept_ -= deafness  # scikit-learn's own sign: below 0 is "silence"
    path = write_pipeline(folder, voice, digit)
    return register_pipeline(line, path, name=folder.name, by=None)


def assert_cascade(before: Day, after: Day) -> None:
    """Hold two days' streams against each other, of which the second one suffered."""
    # on the first day both stages do well, on recordings that neither has heard
    assert before.agreed.low > 0.85
    assert before.missed.value < 0.05
    # the first stage hears less and passes less on; what it passes on is read as before
    assert after.unheard.low > before.unheard.high
    assert sum(after.told["digit"].values()) == after.told["voice"]["speech"]
    assert after.read.high > before.read.low
    # so at the end digits are missed
    assert after.missed.low > before.missed.high
    assert after.agreed.high < before.agreed.low
    # of which the first stage has the blame, and the second none
    assert before.by_voice.high < before.by_digit.low
    assert after.by_voice.low > before.by_voice.high
    assert after.by_voice.low > after.by_digit.high
    assert after.by_digit.low < before.by_digit.value < after.by_digit.high


def read_page(line: ProductLine, name: str, *args: str) -> str:
    """Give the words of a page about these days, as a manager of the line sees it."""
    mia = User.objects.filter(username="mia").first()
    browser = browser_of(mia or factories.make_manager(line, "mia"))
    days = {"from": str(DAYS[0].date()), "to": str(DAYS[-1].date())}
    shown = browser.get(reverse(name, args=[line.slug, *args]), days)
    assert shown.status_code == 200
    body = re.sub(r"<script.*?</script>", "", shown.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def plotted(label: str, *days: tuple[int, Interval]) -> str:
    """Write the numbers of a plot as the page does below it."""
    rows = [
        f"{DAYS[day].day} Mar 2026 {percent(one.value)} "
        f"{percent(one.low)} – {percent(one.high)}, n = {one.n}"  # noqa: RUF001 - as shown
        for day, one in days
    ]
    head = f"{label} by day of UTC Day Value 95 % interval, count"
    return " ".join([head, *rows])


def percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def blamed(line: ProductLine) -> StageEffect:
    """Give what the newest window said of the first stage, on 300 items by lot."""
    measured = Measurement.objects.of_line(line).filter(metric="stage:voice")
    return StageEffect(**measured.newest_first()[0].details)


def sentence(effect: StageEffect) -> str:
    return (
        f"Of {effect.count} blind items of the newest window (1 Mar 2026, 12:00 to "
        f"2 Mar 2026, 13:00) {effect.wrong} were answered wrongly. Without this stage "
        f"{effect.mended} of them would be right, and {effect.lost} that are right "
        "would be wrong."
    )


def test_a_microphone_that_goes_deaf_is_seen_at_the_stage_that_it_fools(
    model_host: Path, tmp_path: Path, models: Models
) -> None:
    line = make_digits_line()
    version = register(line, tmp_path / "good", models)

    before = listen(line, version, 0)
    after = listen(line, version, 1, gain=QUIET)
    page = read_page(line, "line-stages")

    assert_cascade(before, after)
    _top, voice, digit, end = re.split(r"1\. voice|2\. digit|At the end:", page)
    both = (0, before), (1, after)
    unheard = [(day, one.unheard) for day, one in both]
    assert plotted("Answered unknown", *unheard) in voice
    then, now = percent(before.unheard.value), percent(after.unheard.value)
    assert f"Most has moved silence: {then} then, {now} now." in voice
    # the newest window holds both days, and the first one thins the second's errors
    effect = blamed(line)
    assert sentence(effect) in voice
    assert effect.mended > effect.wrong / 3
    assert "Without this stage" not in digit
    never = [(day, wilson(0, sum(one.told["digit"].values()))) for day, one in both]
    assert plotted("Answered unknown", *never) in digit
    agreed = [(day, one.agreed) for day, one in both]
    assert plotted("Agreement on blind items", *agreed) in end


def test_a_first_stage_that_is_degraded_is_blamed_for_what_the_second_would_read(
    model_host: Path, tmp_path: Path, models: Models
) -> None:
    line = make_digits_line()
    good = register(line, tmp_path / "good", models)
    deaf = register(line, tmp_path / "deaf", models, deafness=DEAF)

    before = listen(line, good, 0)
    after = listen(line, deaf, 1)
    page = read_page(line, "line-stages")
    metric = read_page(line, "line-metric", "unknown_share")

    assert_cascade(before, after)
    top, voice, digit, _end = re.split(r"1\. voice|2\. digit|At the end:", page)
    assert "Version deaf went live" in top
    of_both = "good (1 Mar 2026), deaf (2 Mar 2026)"
    assert f"live when the day ended: {of_both}." in top
    both = (0, before.unheard), (1, after.unheard)
    assert plotted("Answered unknown", *both) in voice
    effect = blamed(line)
    assert sentence(effect) in voice
    assert effect.mended > effect.wrong / 2
    assert "Without this stage" not in digit
    days = (0, before.unknown), (1, after.unknown)
    assert plotted("Answers of unknown", *days) in metric
