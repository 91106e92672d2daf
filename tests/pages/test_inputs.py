"""The inputs page: columns in the band of their reference, and who sees which item."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import time_machine
from django.test import Client
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from monitoring.models import (
    AlarmCause,
    DriftState,
    DriftWindow,
    ReferencePart,
    ReferenceSource,
    ReferenceWindow,
)
from monitoring.services import counts
from monitoring.services.alarms import ring
from monitoring.services.bands import known_of
from monitoring.services.drift import compare_line
from reviewapp.models import Cause, Modality, ProductLine, Role, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import people
from reviewapp.services.policies import append_policy
from tests import factories
from tests.monitoring.days import play_day, receive

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
SHIFT_BEGINS = timedelta(hours=6)
SPAN = "from=2026-03-02&to=2026-03-08"
BACKEND = "reviewapp.sessions.PersonBackend"


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    return browser


def text(browser: Client, address: str, status: int = 200) -> str:
    response = browser.get(address)
    assert response.status_code == status, address
    return response.content.decode()


@pytest.fixture
def known(line: ProductLine) -> ProductLine:
    """A line whose version has a reference of 2,000 items, taken in two days."""
    version = factories.make_version(line)
    append_policy(
        line,
        cause=Cause.RAISED,
        by=None,
        changes={"level": AutomationLevel.SHADOW, "live_id": version.pk},
        as_of=MONDAY,
    )
    line.refresh_from_db()
    rng = np.random.default_rng(1)
    for day in range(2):
        play_day(line, MONDAY + day * DAY + SHIFT_BEGINS, rng=rng, n=1_000)
        compare_line(line, at=MONDAY + (day + 1) * DAY)
    return line


def play_third_day(
    line: ProductLine, *, shift: float = 0.0, rejected: float = 0.05, day: int = 2
) -> None:
    at = MONDAY + day * DAY
    rng = np.random.default_rng(2)
    play_day(line, at + SHIFT_BEGINS, rng=rng, shift=shift, rejected=rejected)
    compare_line(line, at=at + DAY)


@pytest.fixture
def mia_browser(mia: User) -> Client:
    return browser_of(mia)


def test_a_band_is_what_nine_tenths_of_the_reference_lay_in(known: ProductLine) -> None:
    version = known.in_force.live
    assert version is not None
    found = known_of(known, version)
    assert found is not None
    stored = ReferenceWindow.objects.get(part=ReferencePart.INPUTS)

    band = found.bands["value:width"]

    values = np.array(stored.columns["value:width"]["values"], float)
    assert np.mean(values < band.low) == pytest.approx(0.05, abs=0.001)
    assert np.mean(values > band.high) == pytest.approx(0.05, abs=0.001)
    assert band.middle == pytest.approx(np.median(values))
    assert band.count == 2_000
    assert set(found.bands) == {"value:width", "value:height"}


def test_a_column_that_moved_is_named_first_and_says_how_far(
    mia_browser: Client, known: ProductLine
) -> None:
    play_third_day(known, shift=0.6)

    page = text(mia_browser, f"/lines/{known.slug}/inputs/?{SPAN}")

    assert "One column is no longer what the version knows:" in page
    assert '<a href="#column-width">width</a>' in page
    assert '<a href="#column-height">' not in page
    shift = DriftWindow.objects.newest_first()[0].columns["value:width"]["shift"]
    assert f"moved: by {shift:.2f} standard deviations" in page


def test_a_quiet_window_names_its_reference_and_draws_the_band(
    mia_browser: Client, known: ProductLine
) -> None:
    play_third_day(known)

    with time_machine.travel(MONDAY + 3 * DAY, tick=False):
        page = text(mia_browser, f"/lines/{known.slug}/inputs/?{SPAN}")

    assert "What arrives is what the version knows" in page
    version = known.in_force.live
    assert version is not None
    assert f"The reference of {version.name}: the first items" in page
    assert "2,000 items, frozen on" in page
    assert 'class="sparkline-known"' in page
    assert "Reference, median; 90 % of it" in page


def test_other_answers_warn_in_one_window_and_ring_in_two(
    mia_browser: Client, known: ProductLine
) -> None:
    address = f"/lines/{known.slug}/inputs/?{SPAN}"
    play_third_day(known, rejected=0.2)
    with time_machine.travel(MONDAY + 3 * DAY, tick=False):
        first = text(mia_browser, address)
    play_third_day(known, rejected=0.2, day=3)

    second = text(mia_browser, address)

    assert "and yet it answers otherwise than before" in first
    assert first.count("moved in one window: a warning") == 1
    assert second.count("moved in two windows: it rings") == 1


def test_what_is_tested_of_a_whole_window_stands_with_its_limits(
    mia_browser: Client, known: ProductLine
) -> None:
    play_third_day(known)

    page = text(mia_browser, f"/lines/{known.slug}/inputs/?{SPAN}")

    window = DriftWindow.objects.newest_first()[0]
    found = window.whole["inputs"]
    assert f"AUC {found['auc']:.2f}<br><small>limit AUC 0.55" in page
    assert f"{found['p']:.2g}<br><small>limit 0.001" in page
    psi = window.columns["value:width"]
    assert (
        f"PSI {psi['psi']:.3f}; chance alone stays below {psi['psi_noise']:.3f}" in page
    )


def test_what_is_said_without_labels_says_what_it_takes_for_granted(
    mia_browser: Client, known: ProductLine
) -> None:
    play_third_day(known)
    before = DriftWindow.objects.newest_first()[0]
    sure = {"ratio": 1.5, "low": 1.2, "high": 1.9}
    DriftWindow.objects.create(
        line=known,
        version=before.version,
        reference=before.reference,
        start=before.end,
        end=before.end + DAY,
        items=400,
        state=DriftState.QUIET,
        estimate=before.estimate,
        predictions={
            "moved": False,
            "label_shift": {
                "ok": {"ratio": None, "low": None, "high": None},
                "scratch": sure,
            },
        },
    )

    page = text(mia_browser, f"/lines/{known.slug}/inputs/?{SPAN}")

    assert f"{before.estimate['accuracy'] * 100:.1f} %</span> right, by its own" in page
    assert "confidence is calibrated and that no new defect has come" in page
    assert "It is never judged" in page
    assert "1.50 <small>(1.20" in page
    assert "1.90)</small></td><td>more common" in page
    assert "<td>cannot be told</td>" in page
    assert "AUC" in page, "the last trial stands until the next"


def test_a_reference_alone_is_not_yet_a_comparison(
    mia_browser: Client, line: ProductLine
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    ReferenceWindow.objects.create(
        line=line,
        version=version,
        part=ReferencePart.INPUTS,
        source=ReferenceSource.CALIBRATION,
        items=3,
        columns={"value:width": {"kind": "number", "values": [1.0, 2.0, None]}},
    )
    factories.make_item(line)
    counts.roll_up_hours()

    page = text(mia_browser, f"/lines/{line.slug}/inputs/")

    assert "No window has been compared with it yet" in page
    assert "what it was trained and calibrated on, 3 items" in page
    assert "not compared yet" in page
    assert "Items that moved most" not in page


def test_a_column_that_the_catalogue_does_not_name_is_named_all_the_same(
    mia_browser: Client, mia: User
) -> None:
    texts = factories.make_line("Messages", modality=Modality.TEXT)
    people.give_role(mia, texts, Role.MANAGER, by=None)
    version = factories.put_at(texts, AutomationLevel.SHADOW)
    assert version is not None
    reference = ReferenceWindow.objects.create(
        line=texts,
        version=version,
        part=ReferencePart.INPUTS,
        source=ReferenceSource.CALIBRATION,
        items=3,
        columns={"digit_share": {"kind": "number", "values": [0.1, 0.2, 0.3]}},
    )
    DriftWindow.objects.create(
        line=texts,
        version=version,
        reference=reference,
        start=MONDAY,
        end=MONDAY + DAY,
        items=400,
        state=DriftState.MOVED,
        columns={"digit_share": {"kind": "number", "moved": ["values"], "shift": 0.5}},
    )
    factories.make_content(texts, "Call 0800 now")
    counts.roll_up_hours()

    page = text(mia_browser, f"/lines/{texts.slug}/inputs/")

    assert "One column is no longer what the version knows:" in page
    assert '<a href="#column-digit_share">Digit share</a>' in page


def test_a_window_of_few_items_says_how_many_there_were(
    mia_browser: Client, known: ProductLine
) -> None:
    at = MONDAY + 2 * DAY
    receive(known, [{"width": 1.0, "height": 1.0}] * 42, at=at + SHIFT_BEGINS)
    counts.roll_up_hours(as_of=MONDAY + 20 * DAY)
    compare_line(known, at=MONDAY + 20 * DAY)

    page = text(mia_browser, f"/lines/{known.slug}/inputs/?{SPAN}")

    assert "not enough data: 42 of 200" in page


def test_the_items_that_moved_most_are_one_click_away(
    mia_browser: Client, known: ProductLine
) -> None:
    at = MONDAY + 2 * DAY
    [odd] = receive(known, [{"width": 99.0, "height": 0.0}], at=at + SHIFT_BEGINS)
    play_third_day(known)
    page = text(mia_browser, f"/lines/{known.slug}/inputs/?{SPAN}")
    address = f"/lines/{known.slug}/inputs/farthest/?{SPAN}&column=value%3Awidth"
    assert f'href="{escape(address)}"' in page

    far = text(mia_browser, address)

    first = far[far.index('class="far-item"') :]
    assert first.index(f"/items/{odd.public_id}/") < first.index("</li>")
    assert "<strong>99</strong>" in first[: first.index("</li>")]
    assert "standard deviations from the median" in far


def test_whoever_may_not_read_items_sees_how_they_are_spread_only(
    known: ProductLine, ana: User, zoe: User
) -> None:
    play_third_day(known)
    address = f"/lines/{known.slug}/inputs/farthest/"

    assert "farthest" not in text(browser_of(ana), f"/lines/{known.slug}/inputs/")
    assert browser_of(ana).get(address).status_code == 403
    assert browser_of(zoe).get(address).status_code == 404
    assert browser_of(zoe).post(address).status_code in {404, 405}
    assert Client().get(address).status_code == 302


def test_the_far_items_tell_a_witness_nothing_of_the_prediction(
    known: ProductLine, mia: User
) -> None:
    people.give_role(mia, known, Role.INSPECTOR, by=None)
    play_third_day(known)

    far = text(
        browser_of(mia), f"/lines/{known.slug}/inputs/farthest/?column=confidence"
    )

    assert "No column &#x27;confidence&#x27; was compared" in far
    assert "ok" not in {cell.strip() for cell in far.replace("<", ">").split(">")}


def test_without_a_compared_window_the_page_says_when_there_will_be_one(
    mia_browser: Client, line: ProductLine
) -> None:
    far = text(mia_browser, f"/lines/{line.slug}/inputs/farthest/?column=nothing")

    assert "No window has been compared with a reference yet" in far
    assert "A window is compared when it has ended" in far


@pytest.mark.parametrize(("path", "most"), [("inputs/", 25), ("inputs/farthest/", 27)])
def test_a_page_costs_as_many_statements_as_it_says(
    mia_browser: Client,
    known: ProductLine,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    path: str,
    most: int,
) -> None:
    play_third_day(known)

    with django_assert_max_num_queries(most):
        text(mia_browser, f"/lines/{known.slug}/{path}?{SPAN}")


def test_what_was_seen_early_is_told_where_the_windows_are_still_quiet(
    known: ProductLine, mia: User
) -> None:
    address = f"/lines/{known.slug}/inputs/?{SPAN}"
    alarm = ring(known, AlarmCause.ESCAPES, figures={}, began_at=MONDAY, at=MONDAY)
    assert alarm is not None
    assert "no window tells of it yet" not in text(browser_of(mia), address)

    alarm.early_look = {"state": DriftState.MOVED.value}
    alarm.save(update_fields=["early_look"])

    page = text(browser_of(mia), address)
    assert "no window tells of it yet" in page
    assert f'href="/lines/{known.slug}/alarms/{alarm.pk}/"' in page
