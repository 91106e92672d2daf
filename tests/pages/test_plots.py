"""Plots: a day without data is a gap, and what lies around a line says what it is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.test import Client

from monitoring.catalogue import Unit
from monitoring.models import AlarmCause
from monitoring.services import alarms, counts
from monitoring.services.arriving import arriving
from monitoring.services.series import Point, Span, share_point
from monitoring.views.plots import Plot, SpreadPlot
from monitoring.views.scales import scale_of
from reviewapp.models import Modality, ProductLine, Role, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import people
from tests import factories

FIRST = date(2026, 3, 1)
SPAN = Span(first=FIRST, last=FIRST + timedelta(days=6), zone=ZoneInfo("Asia/Seoul"))


def on(*days: int) -> list[Point]:
    return [share_point(FIRST + timedelta(days=day), 90, 100) for day in days]


def plot(points: list[Point]) -> Plot:
    return Plot(name="it", label="It", unit=Unit.SHARE, points=points, span=SPAN)


def sparkline(points: list[Point]) -> str:
    source = "{% load drawings %}{% sparkline points span %}"
    return Template(source).render(Context({"points": points, "span": SPAN}))


def test_a_day_without_data_is_sent_as_a_gap_and_says_so() -> None:
    sent = plot(on(0, 1, 4)).as_json()

    assert [value is None for value in sent["value"]] == [
        *(False, False),
        *(True, True),
        False,
        *(True, True),
    ]
    assert sent["low"][2] is None
    assert sent["high"][2] is None
    assert sent["words"][2] == "3 Mar 2026: no data"
    steps = {b - a for a, b in zip(sent["at"], sent["at"][1:], strict=False)}
    assert steps == {86_400.0}


def test_a_value_of_nothing_is_no_gap() -> None:
    points = [share_point(FIRST, 0, 100)]

    assert plot(points).as_json()["value"][0] == 0


def test_the_small_drawing_breaks_its_line_and_keeps_a_lone_day() -> None:
    drawn = sparkline(on(0, 1, 3, 5, 6))

    assert drawn.count("<polyline") == 2
    assert drawn.count('class="sparkline-alone"') == 1
    assert drawn.count('class="sparkline-band"') == 3
    assert sparkline(on(0, 1, 2)).count("<polyline") == 1


@pytest.mark.parametrize(
    ("points", "heading"),
    [
        (on(0, 1), "95 % interval, count"),
        ([Point(day=FIRST, value=3.0, count=4)], "Count"),
    ],
)
def test_a_table_claims_an_interval_only_where_there_is_one(
    points: list[Point], heading: str
) -> None:
    assert plot(points).heading == heading


def test_a_spread_is_never_called_a_95_percent_interval() -> None:
    point = Point(day=FIRST, value=190.0, low=180.0, high=200.0, count=12)
    spread = SpreadPlot(
        name="it", label="It", unit=Unit.PIXELS, points=[point], span=SPAN
    )

    assert spread.heading == "Middle half of the day's values, count"
    assert spread.words(point) == (
        "1 Mar 2026: mean 190 px (middle half 180 px \N{EN DASH} 200 px, n = 12)"
    )


@pytest.mark.parametrize(
    ("unit", "largest", "suffix"),
    [
        (Unit.SECONDS, 852_256.0, " d"),
        (Unit.SECONDS, 30.0, " s"),
        (Unit.BYTES, 300_000.0, " KiB"),
        (Unit.BYTES, 3e9, " GiB"),
        (Unit.PLAIN, 3e9, ""),
    ],
)
def test_an_axis_is_in_the_unit_in_which_its_values_are_small(
    unit: Unit, largest: float, suffix: str
) -> None:
    assert scale_of(unit, largest)[1] == suffix


@pytest.fixture
def pictures(mia: User) -> ProductLine:
    """A line of pictures in shadow: four of them, each 192 pixels wide."""
    line = factories.make_line("Pictures", modality=Modality.IMAGE)
    people.give_role(mia, line, Role.MANAGER, by=None)
    factories.put_at(line, AutomationLevel.SHADOW)
    for shade in (40, 90, 140, 200):
        factories.make_content(line, factories.make_picture((192, 108), shade=shade))
    counts.roll_up_hours()
    return line


def test_a_constant_lies_in_its_own_middle_half(pictures: ProductLine) -> None:
    now = datetime.now(UTC)
    span = Span(first=now.date(), last=now.date(), zone=ZoneInfo("UTC"))

    found = arriving(pictures, span, at=now)

    [width] = next(one for one in found.columns if one.key == "width").days
    assert (width.low, width.value, width.high) == (192.0, 192.0, 192.0)


def test_values_close_together_have_their_mean_in_their_middle_half(
    line: ProductLine,
) -> None:
    now = datetime.now(UTC)
    for width in (597.0, 598.0, 599.0):
        factories.make_item(line, row={"width": width, "height": 2.0})
    counts.roll_up_hours()
    span = Span(first=now.date(), last=now.date(), zone=ZoneInfo("UTC"))

    found = arriving(line, span, at=now)

    [day] = next(one for one in found.columns if one.key == "width").days
    assert day.low is not None
    assert day.high is not None
    assert day.low <= day.value == 598.0 <= day.high


def test_what_arrives_is_drawn_with_its_own_heading_and_with_what_happened(
    pictures: ProductLine, mia: User
) -> None:
    alarms.ring(pictures, AlarmCause.INPUT_DRIFT, figures={}, at=datetime.now(UTC))
    browser = Client()
    browser.force_login(mia, backend="reviewapp.sessions.PersonBackend")

    page = browser.get(f"/lines/{pictures.slug}/inputs/").content.decode()

    assert "Middle half of the day" in page
    assert "95 % interval" not in page
    assert "192 px \N{EN DASH} 192 px, n = 4" in page
    assert page.count('<li data-kind="alarm">') == 1
    assert page.count('"kind": "alarm"') == page.count("data-plot data-source")
    assert page.count("data-plot data-source") > 1
