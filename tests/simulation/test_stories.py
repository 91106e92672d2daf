"""What happens to the line, and on which day."""

import pytest

from reviewapp.simulation.phone_screens import USUAL_PREVALENCE, Kind, Scene
from reviewapp.simulation.stories import (
    DEMO_CHAPTERS,
    Story,
    demo_chapter,
    demo_scene,
    scene_at,
)


@pytest.mark.parametrize("story", Story)
def test_before_the_change_every_line_is_as_usual(story: Story) -> None:
    assert scene_at(story, 0) == scene_at(story, 29.99) == Scene()


@pytest.mark.parametrize("story", [s for s in Story if s is not Story.STABLE])
def test_after_the_change_a_line_differs_in_one_thing_only(story: Story) -> None:
    usual, changed = Scene(), scene_at(story, 35)

    differing = [
        name
        for name in ("prevalence", "light", "amplitude_factor")
        if getattr(usual, name) != getattr(changed, name)
    ]
    assert len(differing) == 1


def test_a_stable_line_stays_as_it_is() -> None:
    assert scene_at(Story.STABLE, 59) == Scene()


def test_sudden_light_falls_at_once_and_slow_light_over_a_month() -> None:
    assert scene_at(Story.SUDDEN_LIGHT, 30).light.gain == 0.85
    gains = [scene_at(Story.SLOW_LIGHT, day).light.gain for day in (30, 45, 60, 90)]
    assert gains == pytest.approx([1.0, 0.925, 0.85, 0.85])


def test_a_new_defect_comes_on_top_of_the_known_ones() -> None:
    shares = scene_at(Story.NEW_DEFECT, 31).prevalence

    assert shares == {**USUAL_PREVALENCE, Kind.EDGE_CRACK: 0.02}


def test_a_lint_season_ends() -> None:
    assert scene_at(Story.LINT_SEASON, 44).prevalence[Kind.LINT] == 0.05
    assert scene_at(Story.LINT_SEASON, 46).prevalence[Kind.LINT] == 0


def test_the_demo_recovers_after_each_trouble_and_begins_anew() -> None:
    lengths = [length for length, _ in DEMO_CHAPTERS]
    starts = [sum(lengths[:i]) for i in range(len(lengths))]
    played = [demo_chapter(start) for start in starts]

    assert played == [
        Story.STABLE,
        Story.SUDDEN_LIGHT,
        Story.STABLE,
        Story.NEW_DEFECT,
    ]
    assert demo_chapter(sum(lengths)) is Story.STABLE
    assert demo_chapter(sum(lengths) - 0.01) is Story.NEW_DEFECT
    assert demo_chapter(sum(lengths) + starts[1]) is Story.SUDDEN_LIGHT


def test_the_demo_is_as_usual_before_it_begins_and_between_its_troubles() -> None:
    assert demo_scene(-5) == demo_scene(0) == Scene()
    assert demo_scene(DEMO_CHAPTERS[0][0]).light.gain == 0.85
