"""Colours that the device forces: what is chosen, present or in focus is still seen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import Meaning, ProductLine, Role, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import lines, people
from tests import factories
from tests.browser.conftest import begin, sign_in, visit

pytestmark = pytest.mark.django_db(transaction=True)
STAIN = lines.NewClass(name="Stain", meaning=Meaning.REJECT)


@pytest.fixture(params=["light", "dark"])
def forced(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page on a device that forces its own colours, on white and on black."""
    context = browser.new_context(forced_colors="active", color_scheme=request.param)
    yield context.new_page()
    context.close()


@pytest.fixture
def screens(db: None) -> ProductLine:
    """A line in shadow on which an item may have several classes, with two items."""
    classes = (*factories.OK_OR_SCRATCH, STAIN)
    line = factories.make_line("Screens", classes=classes, allows_several=True)
    factories.put_at(line, AutomationLevel.SHADOW)
    for _ in range(2):
        factories.make_item(line)
    return line


@pytest.fixture
def eva(screens: ProductLine) -> User:
    """Eva inspects screens and manages them, so that her board says how they stand."""
    eva = factories.make_inspector(screens, "eva")
    people.give_role(eva, screens, Role.MANAGER, by=None)
    return eva


def style(element: Locator, name: str) -> str:
    """Give how something is shown, once nothing of it moves any more."""
    found: str = element.evaluate(
        "async (element, name) => {"
        "  await Promise.all(element.getAnimations().map((one) => one.finished));"
        "  return getComputedStyle(element)[name];"
        "}",
        name,
    )
    return found


def test_the_rung_that_is_present_is_told_from_the_others(
    forced: Page, live_server: LiveServer, screens: ProductLine, eva: User
) -> None:
    sign_in(forced, live_server, eva)
    filled, empty = (
        style(forced.locator(f".dots i{which}").first, "backgroundColor")
        for which in ("[data-on]", ":not([data-on])")
    )
    assert filled != empty

    visit(forced, f"{live_server.url}/lines/{screens.slug}/")

    passed, present, to_come = (
        style(
            forced.locator(f".ladder-rung{which} .ladder-dot").first, "backgroundColor"
        )
        for which in (
            "[data-state=passed]",
            "[data-state=present]",
            ":not([data-state=passed], [data-state=present])",
        )
    )
    assert len({passed, present, to_come}) == 3
    chip = forced.locator("[data-level]")
    expect(chip).to_have_text("Shadow")
    assert style(chip, "borderTopColor") == style(chip, "color"), "it has its edge"
    here, elsewhere = (
        style(forced.locator(f".line-tabs a{which}").first, "borderBottomColor")
        for which in ("[aria-current]", ":not([aria-current])")
    )
    assert here != elsewhere == style(forced.locator("html"), "backgroundColor")


def test_what_is_put_on_is_filled_and_the_focus_has_its_ring(
    forced: Page, live_server: LiveServer, screens: ProductLine, eva: User
) -> None:
    sign_in(forced, live_server, eva)
    begin(forced, live_server, screens)

    forced.keyboard.press("2")
    forced.locator("[name=answer][value=ok]").focus()
    forced.keyboard.press("Tab")

    ok, scratch = (
        forced.locator(".answer", has_text=name) for name in ("OK", "Scratch")
    )
    assert style(scratch, "backgroundColor") != style(ok, "backgroundColor")
    assert style(scratch, "color") != style(scratch, "backgroundColor")
    meaning = scratch.locator(".meaning")
    assert style(meaning, "color") == style(scratch, "color")
    assert (style(scratch, "outlineStyle"), style(ok, "outlineStyle")) == (
        "solid",
        "none",
    )
    page_colour = style(forced.locator("html"), "backgroundColor")
    assert style(scratch, "outlineColor") not in {
        page_colour,
        style(scratch, "backgroundColor"),
    }


def test_a_plot_is_drawn_in_other_colours_than_its_grid(
    forced: Page, live_server: LiveServer, screens: ProductLine, eva: User
) -> None:
    sign_in(forced, live_server, eva)
    module = forced.evaluate(
        "async (address) => {"
        "  const { colour } = await import(address);"
        "  return ['--model', '--model-faint', '--line', '--surface'].map(colour);"
        "}",
        f"{live_server.url}/static/js/marks.js",
    )

    assert len(set(module)) == 4


def test_the_band_of_a_plot_is_filled(
    forced: Page, live_server: LiveServer, screens: ProductLine, eva: User
) -> None:
    sign_in(forced, live_server, eva)
    filled = forced.evaluate(
        "async (address) => {"
        "  const { colour, faint } = await import(address);"
        "  const pen = document.createElement('canvas').getContext('2d');"
        "  pen.fillStyle = 'red';"
        "  pen.fillStyle = faint(colour('--model'), 0.16);"
        "  return pen.fillStyle;"
        "}",
        f"{live_server.url}/static/js/marks.js",
    )

    assert filled != "#ff0000", "a colour that a canvas does not know is left out"
    assert "0.1" in filled, "and it stays faint"
