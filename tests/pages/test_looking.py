"""How a picture was looked at, where it was marked, and the golden sample beside it."""

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reviewapp.models import (
    Item,
    Label,
    Membership,
    Modality,
    ProductLine,
    Review,
    User,
)
from reviewapp.services import decisions
from reviewapp.services.datasets import rows_of, take_snapshot
from reviewapp.services.media import read_medium
from tests import factories
from tests.pages.test_content import browser_of, sent

CLOSE = {
    "zoom": 2.0,
    "x": 0.25,
    "y": 0.5,
    "brightness": 1.0,
    "contrast": 1.5,
    "inverted": False,
}
BOX = {"class": "scratch", "x": 0.125, "y": 0.25, "width": 0.5, "height": 0.1}


@pytest.fixture
def screens(db: None) -> ProductLine:
    """A line of pictures that asks where, with three of them."""
    line = factories.make_line(
        "Screens", modality=Modality.IMAGE, asks_where=True, hand_size=1
    )
    for shade in (100, 110, 120):
        factories.make_content(line, factories.make_picture(shade=shade))
    return line


@pytest.fixture
def ana(screens: ProductLine) -> User:
    return factories.make_inspector(screens, "ana")


@pytest.fixture
def bench(ana: User, screens: ProductLine) -> Client:
    browser = browser_of(ana)
    browser.post(f"/lines/{screens.slug}/review/begin/")
    return browser


def held(user: User) -> Review:
    return Review.objects.held_by(user).get()


def page_of(browser: Client, user: User) -> str:
    return browser.get(f"/reviews/{held(user).public_id}/").content.decode()


def answer(browser: Client, user: User, key: str = "ok", **fields: object) -> int:
    review = held(user)
    values = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }
    response = browser.post(
        f"/reviews/{review.public_id}/answer/",
        {"key": str(review.claim_token), "answer": key, **values},
        headers={"hx-request": "true"},
    )
    return response.status_code


def test_the_view_is_stored_with_the_label_and_kept_for_the_next_item(
    bench: Client, ana: User
) -> None:
    assert "data-sight=" not in page_of(bench, ana)

    assert answer(bench, ana, sight=CLOSE) == 200

    assert Label.objects.get().sight == CLOSE
    assert Membership.objects.get(user=ana).sight == CLOSE
    assert "&quot;zoom&quot;: 2.0" in page_of(bench, ana)


def test_a_view_that_was_reset_is_forgotten(bench: Client, ana: User) -> None:
    answer(bench, ana, sight=CLOSE)

    answer(bench, ana, sight="")

    assert Label.objects.latest("pk").sight is None
    assert Membership.objects.get(user=ana).sight is None


def test_a_page_without_scripts_says_nothing_of_the_view_and_changes_none(
    bench: Client, ana: User
) -> None:
    answer(bench, ana, sight=CLOSE)

    answer(bench, ana)

    assert Label.objects.latest("pk").sight is None
    assert Membership.objects.get(user=ana).sight == CLOSE


def test_a_view_that_is_none_is_refused(bench: Client, ana: User) -> None:
    assert answer(bench, ana, sight=CLOSE | {"zoom": 1e9}) == 422
    assert not Label.objects.exists()


def test_a_view_costs_a_statement_only_when_it_changes(
    bench: Client, ana: User
) -> None:
    counts = []
    answer(bench, ana, sight=CLOSE)
    for sight in (CLOSE, CLOSE | {"zoom": 3.0}):
        with CaptureQueriesContext(connection) as captured:
            answer(bench, ana, sight=sight)
        counts.append(
            sum('UPDATE "reviewapp_membership"' in q["sql"] for q in captured)
        )

    assert counts == [0, 1]


def test_boxes_are_stored_with_the_label_and_exported_with_it(
    bench: Client, ana: User, screens: ProductLine
) -> None:
    answer(bench, ana, "scratch", sight=CLOSE, boxes=[BOX])
    answer(bench, ana)

    marked, plain = rows_of(take_snapshot(screens, by=None))

    assert (marked["boxes"], marked["sight"]) == ([BOX], CLOSE)
    assert not {"boxes", "sight"} & plain.keys()
    assert Label.objects.latest("pk").boxes is None


@pytest.mark.parametrize(
    "box", [BOX | {"x": 0.6}, BOX | {"class": "dent"}, BOX | {"width": 0}]
)
def test_a_box_that_cannot_be_is_refused_and_the_others_stay_drawn(
    bench: Client, ana: User, box: dict[str, object]
) -> None:
    review = held(ana)
    response = bench.post(
        f"/reviews/{review.public_id}/answer/",
        {
            "key": str(review.claim_token),
            "answer": "scratch",
            "boxes": json.dumps([BOX, box]),
        },
        headers={"hx-request": "true"},
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert "Mark 2" in page
    assert "&quot;x&quot;: 0.125" in page
    assert not Label.objects.exists()


def test_a_correction_begins_with_the_boxes_of_the_answer_before(
    bench: Client, ana: User, screens: ProductLine
) -> None:
    answer(bench, ana, "scratch", boxes=[BOX])
    assert re.search(r'data-boxes="\[\]"', page_of(bench, ana))

    bench.post(f"/lines/{screens.slug}/review/undo/")
    assert "&quot;x&quot;: 0.125" in page_of(bench, ana)
    answer(bench, ana, "scratch", boxes=[BOX | {"x": 0.2}])

    kept = Label.objects.order_by("pk").values_list("kind", "boxes")
    assert list(kept) == [
        ("class", [BOX]),
        ("retraction", None),
        ("class", [BOX | {"x": 0.2}]),
    ]


def test_the_items_page_shows_what_stands_and_how_it_was_seen(
    bench: Client, ana: User, screens: ProductLine
) -> None:
    answer(bench, ana, "scratch", sight=CLOSE | {"inverted": True}, boxes=[BOX])
    item = Label.objects.get().item
    mia = browser_of(factories.make_manager(screens, "mia"))
    address = f"/lines/screens/items/{item.public_id}/"

    page = mia.get(address).content.decode()

    assert '<rect x="50" y="75" width="200" height="30">' in page
    assert "<title>Scratch · ana</title>" in page
    assert "zoom 2, brightness 1, contrast 1.5, tones inverted" in page
    assert "1 place marked" in page
    bench.post("/lines/screens/review/undo/")
    assert "<rect" not in mia.get(address).content.decode()


def test_a_line_that_does_not_ask_has_no_marks(bench: Client, ana: User) -> None:
    ProductLine.objects.update(asks_where=False)

    page = page_of(bench, ana)

    assert "data-marks" not in page
    assert "marking.js" not in page
    assert 'name="boxes"' not in page


def settle(line: ProductLine) -> Item:
    ben = factories.make_inspector(line, "ben")
    return factories.label_next(ben, line, "ok").label.item


def test_a_settled_picture_becomes_the_golden_sample(
    screens: ProductLine, ana: User
) -> None:
    item = settle(screens)
    mia = browser_of(factories.make_manager(screens, "mia"))
    here = f"/lines/screens/items/{item.public_id}/"

    mia.post(f"{here}golden/", {"golden": "yes"})

    screens.refresh_from_db()
    assert screens.golden == item
    assert "This is the line's golden sample" in mia.get(here).content.decode()
    inspector = browser_of(ana)
    shown = inspector.get("/lines/screens/golden/")
    assert sent(shown) == read_medium(item.payload.media_path)
    assert shown["Content-Security-Policy"] == "sandbox; default-src 'none'"
    inspector.post("/lines/screens/review/begin/")
    page = page_of(inspector, ana)
    assert 'src="/lines/screens/golden/"' in page
    assert str(item.public_id) not in page


def test_an_item_that_is_still_to_be_read_is_no_golden_sample(
    screens: ProductLine,
) -> None:
    waiting = screens.items.earliest("pk")
    mia = browser_of(factories.make_manager(screens, "mia"))
    here = f"/lines/screens/items/{waiting.public_id}/"

    page = mia.post(f"{here}golden/", {"golden": "yes"}, follow=True)

    assert "Somebody still has to read this item" in page.content.decode()
    screens.refresh_from_db()
    assert screens.golden is None


def test_an_item_without_a_decision_of_people_is_no_golden_sample(
    screens: ProductLine,
) -> None:
    item = settle(screens)
    decisions.retract(item, policy=screens.in_force)
    mia = browser_of(factories.make_manager(screens, "mia"))
    here = f"/lines/screens/items/{item.public_id}/"

    page = mia.post(f"{here}golden/", {"golden": "yes"}, follow=True)

    assert "People have not settled this item" in page.content.decode()
    screens.refresh_from_db()
    assert screens.golden is None


def test_a_line_may_have_no_golden_sample_again(screens: ProductLine) -> None:
    item = settle(screens)
    ProductLine.objects.update(golden=item)
    mia = browser_of(factories.make_manager(screens, "mia"))

    mia.post(f"/lines/screens/items/{item.public_id}/golden/", {"golden": "no"})

    screens.refresh_from_db()
    assert screens.golden is None
    assert mia.get("/lines/screens/golden/").status_code == 404


def test_a_row_is_no_golden_sample(line: ProductLine, mia: User) -> None:
    factories.make_item(line)
    item = settle(line)

    page = browser_of(mia).post(
        f"/lines/{line.slug}/items/{item.public_id}/golden/", follow=True
    )

    assert "Only a picture" in page.content.decode()


def test_the_golden_sample_of_another_line_is_not_there(screens: ProductLine) -> None:
    ProductLine.objects.update(golden=settle(screens))
    other = factories.make_line("Other")

    stranger = browser_of(factories.make_inspector(other, "olga"))

    assert stranger.get("/lines/screens/golden/").status_code == 404
