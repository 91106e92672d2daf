"""The items that show an alarm: which they are, and who sees them."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from monitoring.models import Alarm, AlarmCause
from monitoring.services.witnesses import witnesses_of
from reviewapp.models import Item, ProductLine, Role, SkipPolicy, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import people, reviews
from reviewapp.services.routings import route_items
from tests import factories
from tests.monitoring.days import label_all
from tests.monitoring.test_drift import DAY, MONDAY, days, known
from tests.pages.test_alarms import address_of, browser_of, rung, text

__all__ = ["known"]
HEADING = 'id="items-title"'


def names(alarm: Alarm) -> set[str]:
    return {witness.item.external_id for witness in witnesses_of(alarm).each}


def out_of_bounds(line: ProductLine, metric: str, verdict: str = "high") -> Alarm:
    """Ring for a share of the last two hours."""
    now = timezone.now()
    figures = {
        "value": 0.5,
        "verdict": verdict,
        "start": (now - timedelta(hours=2)).isoformat(),
        "end": (now + timedelta(hours=1)).isoformat(),
    }
    return rung(
        line, cause=AlarmCause.OUT_OF_BOUNDS, subject=metric, figures=figures, at=now
    )


def answered(line: ProductLine, name: str, predicted: str | None) -> Item:
    """Receive an item with the live version's answer; ``None`` is a failing one."""
    version = line.in_force.live
    assert version is not None
    item = factories.make_item(line, name)
    key = line.classes.get(key=predicted) if predicted else None
    factories.make_prediction(item, version, key)
    route_items(line.pk, [item.pk])
    return item


@pytest.fixture
def shadowed(line: ProductLine) -> ProductLine:
    """A line whose version is asked, and decides nothing."""
    factories.put_at(line, AutomationLevel.SHADOW)
    return line


def read(
    line: ProductLine, reader: User, pairs: Sequence[tuple[str, str, str | None]]
) -> None:
    """Let a person read items blind, each with its name, prediction and answer."""
    for name, predicted, said in pairs:
        answered(line, name, predicted)
        factories.label_next(reader, line, said)


def test_a_share_is_shown_by_the_items_of_its_part(
    shadowed: ProductLine, ana: User
) -> None:
    read(
        shadowed,
        ana,
        [
            ("right", "ok", "ok"),
            ("missed", "ok", "scratch"),
            ("overkilled", "scratch", "ok"),
            ("found", "scratch", "scratch"),
        ],
    )
    answered(shadowed, "waits", "scratch")
    answered(shadowed, "failed", None)

    assert names(out_of_bounds(shadowed, "missed_share")) == {"missed"}
    assert names(out_of_bounds(shadowed, "overkill_share")) == {"overkilled"}
    assert names(out_of_bounds(shadowed, "agreement", "low")) == {
        "missed",
        "overkilled",
    }
    # what waits would be read with the model's answer known
    assert names(out_of_bounds(shadowed, "reject_share")) == {"overkilled", "found"}
    # a failing answer gives nothing away, though its item waits
    assert names(out_of_bounds(shadowed, "null_share")) == {"failed"}


def test_another_versions_answers_show_nothing(
    shadowed: ProductLine, ana: User
) -> None:
    rival = factories.make_version(shadowed)
    item = answered(shadowed, "found", "scratch")
    factories.make_prediction(item, rival, shadowed.classes.get(key="ok"))
    factories.label_next(ana, shadowed, "scratch")

    assert names(rung(shadowed)) == set()
    assert names(out_of_bounds(shadowed, "missed_share")) == set()


def test_what_nobody_could_tell_and_what_two_read_otherwise_is_shown(
    line: ProductLine, ana: User, ben: User
) -> None:
    factories.read_twice(line, 1.0)
    cleo = factories.make_inspector(line, "cleo")
    for name, said in (("alike", ("ok", "ok")), ("apart", ("ok", "scratch"))):
        factories.make_item(line, name)
        for reader, key in zip((ana, ben), said, strict=True):
            factories.label_next(reader, line, key)
    factories.label_next(cleo, line, "ok")
    factories.read_twice(line, 0.0)
    factories.make_item(line, "unclear")
    factories.label_next(ana, line, None)
    factories.label_next(ben, line, "ok")

    assert names(out_of_bounds(line, "agreement_people", "low")) == {"apart"}
    assert names(out_of_bounds(line, "cannot_tell_share")) == {"unclear"}


def test_what_was_decided_otherwise_with_the_prediction_in_sight_is_shown(
    line: ProductLine, ana: User
) -> None:
    style = {"blind_share": 1e-9, "assist_style": "suggestion_first"}
    factories.put_at(line, AutomationLevel.ASSIST, **style)
    read(line, ana, [("followed", "ok", "ok"), ("overridden", "ok", "scratch")])

    assert names(out_of_bounds(line, "override_share")) == {"overridden"}
    assert names(out_of_bounds(line, "agreement_shown")) == {"followed"}


@pytest.mark.parametrize(
    ("metric", "verdict"),
    [
        ("backlog", "high"),
        ("confidence", "low"),
        ("skip_share", "high"),
        ("reject_share", "low"),
        ("no such metric", "high"),
    ],
)
def test_where_no_single_item_shows_it_the_page_says_so(
    shadowed: ProductLine, mia: User, metric: str, verdict: str
) -> None:
    page = text(browser_of(mia), address_of(out_of_bounds(shadowed, metric, verdict)))

    assert "No single item shows it" in page


def test_where_all_that_show_it_still_wait_the_page_says_so(
    shadowed: ProductLine, mia: User
) -> None:
    answered(shadowed, "waits", "scratch")
    alarm = out_of_bounds(shadowed, "reject_share")

    page = text(browser_of(mia), address_of(alarm))

    assert "None can be shown" in page
    assert "waits" not in page


@pytest.fixture
def about_ben(line: ProductLine, ana: User, ben: User) -> Alarm:
    """An alarm about ben, who read one of three otherwise than others settled it."""
    factories.read_twice(line, 1.0)
    cleo = factories.make_inspector(line, "cleo")
    for name, said in (
        ("agreed", ("ok", "ok")),
        ("bens-slip", ("ok", "scratch")),
        ("anas-slip", ("scratch", "ok")),
    ):
        factories.make_item(line, name)
        for reader, key in zip((ana, ben), said, strict=True):
            factories.label_next(reader, line, key)
        if said[0] != said[1]:
            factories.label_next(cleo, line, "ok")
    factories.make_item(line, "undecided")
    factories.label_next(ana, line, "ok")
    factories.label_next(ben, line, "scratch")
    return rung(line, cause=AlarmCause.INSPECTOR, subject=ben.pseudonym)


def test_a_readers_items_are_those_read_otherwise_than_settled(
    about_ben: Alarm,
) -> None:
    assert names(about_ben) == {"bens-slip"}


def test_a_readers_items_are_for_managers_alone(
    about_ben: Alarm, line: ProductLine, ana: User, mia: User
) -> None:
    sam = factories.make_user("sam")
    people.give_role(sam, line, Role.SCIENTIST, by=None)

    of_mia, of_sam, of_ana = (
        text(browser_of(person), address_of(about_ben)) for person in (mia, sam, ana)
    )

    assert "bens-slip" in of_mia
    assert "anas-slip" not in of_mia
    assert "Read otherwise than settled" in of_mia
    assert HEADING in of_sam
    for page in (of_sam, of_ana):
        assert "bens-slip" not in page
        assert "only the line's managers see them" in page
    assert HEADING not in of_ana


def test_no_items_are_shown_to_inspectors_and_admins(
    shadowed: ProductLine, ana: User, ada: User
) -> None:
    read(shadowed, ana, [("missed", "ok", "scratch")])
    alarm = rung(shadowed)

    for person in (ana, ada):
        page = text(browser_of(person), address_of(alarm))
        assert "missed" not in page
        assert HEADING not in page


def test_a_drift_of_inputs_is_shown_by_what_lies_farthest_out(
    known: ProductLine, mia: User
) -> None:
    days(known, 1.0, 1.0)
    alarm = Alarm.objects.get(cause=AlarmCause.INPUT_DRIFT)

    found = witnesses_of(alarm)
    page = text(browser_of(mia), address_of(alarm))

    assert found.column is not None
    assert found.column.title == "width"
    assert len(found.each) == 12
    distances = [one.far.distance for one in found.each if one.far]
    assert distances == sorted(distances, reverse=True)
    assert "Farthest out in width" in page
    assert f"{distances[0]:.1f} standard deviations from the median" in page


def test_the_column_that_moved_most_is_told_by_what_each_is_judged_by(
    known: ProductLine,
) -> None:
    days(known, 0.0)
    window = known.drift_windows.order_by("-end")[0]
    figures = {
        "window": window.pk,
        "columns": {
            "value:width": {"shift": 0.2, "tv": 0.1},
            # how sure the model was of what may still be read blind stays untold
            "confidence": {"shift": 9.0, "tv": 0.9},
            # a word that came more often, fifteen times what counts as a move
            "value:height": {"shift": None, "tv": 0.75},
        },
    }
    alarm = rung(known, cause=AlarmCause.INPUT_DRIFT, figures=figures)

    found = witnesses_of(alarm)

    assert found.column is not None
    assert found.column.title == "height"
    alarm.figures["columns"] = {"confidence": {"shift": 9.0, "tv": 0.9}}
    assert not witnesses_of(alarm).can_be_told


def test_what_was_set_aside_waits_for_its_manager(
    shadowed: ProductLine, ana: User
) -> None:
    ProductLine.objects.update(skip_policy=SkipPolicy.OUT)
    answered(shadowed, "aside", "scratch")
    review = reviews.claim_next(ana, shadowed)
    assert review is not None
    assert review.claim_token is not None
    reviews.skip_review(
        review.public_id, shadowed, by=ana, key=review.claim_token, reason="bad_image"
    )

    assert names(out_of_bounds(shadowed, "reject_share")) == set()


def test_a_drift_that_only_all_columns_show_names_no_items(
    known: ProductLine, mia: User
) -> None:
    days(known, 0.0)
    window = known.drift_windows.order_by("-end")[0]
    figures = {"columns": {}, "window": window.pk}
    alarm = rung(known, cause=AlarmCause.INPUT_DRIFT, figures=figures)

    assert "No column moved by itself" in text(browser_of(mia), address_of(alarm))


def test_a_drift_of_answers_is_shown_by_the_answer_that_came_more_often(
    known: ProductLine, ana: User, mia: User
) -> None:
    days(known, 0.0, 0.0, rejected=0.3)
    alarm = Alarm.objects.get(cause=AlarmCause.PREDICTION_DRIFT)
    page = text(browser_of(mia), address_of(alarm))
    assert "None can be shown" in page, "nobody has read them yet"

    newest = MONDAY + 3 * DAY
    received = list(Item.objects.of_line(known).filter(occurred_at__gte=newest))
    label_all(known, ana, received, ["ok"] * len(received), at=newest + DAY)

    found = witnesses_of(alarm)
    assert found.answer == known.classes.get(key="scratch")
    assert found.each
    assert "The newest that the model answered with Scratch" in text(
        browser_of(mia), address_of(alarm)
    )


def test_an_alarms_page_costs_the_same_however_many_items_show_it(
    shadowed: ProductLine,
    ana: User,
    mia: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    read(shadowed, ana, [(f"missed-{number}", "ok", "scratch") for number in range(14)])
    alarm = out_of_bounds(shadowed, "missed_share")
    browser = browser_of(mia)

    with django_assert_max_num_queries(28):
        page = text(browser, address_of(alarm))

    assert page.count('class="witness"') == 12
