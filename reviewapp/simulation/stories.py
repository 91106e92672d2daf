"""What happens to the phone-screen line, and when: days that drift on purpose."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from itertools import accumulate
from typing import assert_never

from reviewapp.simulation.phone_screens import USUAL_PREVALENCE, Kind, Light, Scene

USUAL = Scene()
DIM_GAIN = 0.85
NEW_DEFECT_SHARE = 0.02
LINT_SHARE = 0.05
MORE_DEFECTS = 2.5
FAINTER_DEFECTS = 0.6
RAMP_DAYS = 30.0
LINT_DAYS = 15.0


class Story(StrEnum):
    """One thing that happens to a line, all else being as usual."""

    STABLE = "stable"
    SUDDEN_LIGHT = "sudden_light"
    SLOW_LIGHT = "slow_light"
    NEW_DEFECT = "new_defect"
    LINT_SEASON = "lint_season"
    MORE_DEFECTS = "more_defects"
    FAINTER_DEFECTS = "fainter_defects"


# Length in days, and what happens from the first of them on. Each trouble is followed
# by recovery, so that both a fall and the way back can be seen.
DEMO_CHAPTERS = (
    (10.0, Story.STABLE),
    (4.0, Story.SUDDEN_LIGHT),
    (6.0, Story.STABLE),
    (6.0, Story.NEW_DEFECT),
)


def scene_at(  # noqa: PLR0911 - one return a story reads best
    story: Story, day: float, *, change_day: float = 30.0
) -> Scene:
    """Give the scene of one day of a story; before the change it is as usual.

    Sudden changes stay; slow light falls for 30 days; a lint season ends after 15.

    Parameters
    ----------
    story : Story
        What happens.
    day : float
        Days since the start; part of a day counts.
    change_day : float
        The day on which it happens, or begins to.
    """
    since = day - change_day
    if since < 0:
        return USUAL
    match story:
        case Story.STABLE:
            return USUAL
        case Story.SUDDEN_LIGHT:
            return replace(USUAL, light=Light(gain=DIM_GAIN))
        case Story.SLOW_LIGHT:
            lost = (1 - DIM_GAIN) * min(since / RAMP_DAYS, 1.0)
            return replace(USUAL, light=Light(gain=1 - lost))
        case Story.NEW_DEFECT:
            return replace(USUAL, prevalence=_also(Kind.EDGE_CRACK, NEW_DEFECT_SHARE))
        case Story.LINT_SEASON:
            share = LINT_SHARE if since < LINT_DAYS else 0.0
            return replace(USUAL, prevalence=_also(Kind.LINT, share))
        case Story.MORE_DEFECTS:
            more = {k: MORE_DEFECTS * share for k, share in USUAL_PREVALENCE.items()}
            return replace(USUAL, prevalence=more)
        case Story.FAINTER_DEFECTS:
            return replace(USUAL, amplitude_factor=FAINTER_DEFECTS)
        case never:
            assert_never(never)


def demo_chapter(day: float) -> Story:
    """Say what happens on a day of the demo, whose chapters come again and again."""
    ends = list(accumulate(length for length, _ in DEMO_CHAPTERS))
    into = max(day, 0.0) % ends[-1]
    following = zip(ends, DEMO_CHAPTERS, strict=True)
    return next(story for end, (_, story) in following if into < end)


def demo_scene(day: float) -> Scene:
    """Give the scene of a day of the demo: stable, a change, recovery, another.

    Parameters
    ----------
    day : float
        Days of the demo since its start; whoever plays it chooses how many seconds a
        day lasts. Before the start the line is as usual.
    """
    return scene_at(demo_chapter(day), day, change_day=0.0)


def _also(kind: Kind, share: float) -> Mapping[Kind, float]:
    return {**USUAL_PREVALENCE, kind: share}
