"""The page of one's own keys, and how a manager sets the workbench of a line."""

import pytest
from django.test import Client

from reviewapp.models import Modality, ProductLine, User
from reviewapp.services import keys
from reviewapp.services.lines import NewClass
from tests import factories
from tests.pages.test_content import browser_of

BENCH = {"hand_size": "2", "skip_policy": "others", "least_look_s": "0"}


def typed(**changes: str) -> dict[str, str]:
    return keys.printed(keys.USUAL) | changes


def test_every_act_stands_on_the_page_with_its_key(ana_browser: Client) -> None:
    page = ana_browser.get("/account/keys/").content.decode()

    for action, key in keys.printed(keys.USUAL).items():
        assert f'name="{action}" value="{key}"' in page, action


def test_keys_are_typed_and_stand_on_the_buttons(
    ana_browser: Client, line: ProductLine, ana: User
) -> None:
    factories.make_item(line)

    response = ana_browser.post("/account/keys/", typed(skip=";", undo="Delete"))

    assert response["Location"] == "/account/keys/"
    page = ana_browser.post(f"/lines/{line.slug}/review/begin/", follow=True)
    assert 'data-hotkey=";"' in page.content.decode()
    assert '<kbd class="key">⌦</kbd>' in page.content.decode()


def test_a_clash_is_refused_beside_both_keys(ana_browser: Client, ana: User) -> None:
    response = ana_browser.post("/account/keys/", typed(skip="u"))

    page = response.content.decode()
    assert response.status_code == 422
    assert page.count("u would do both") == 2
    ana.refresh_from_db()
    assert ana.keys == {}


def test_an_empty_key_is_refused(ana_browser: Client, ana: User) -> None:
    response = ana_browser.post("/account/keys/", typed(skip=""))

    assert response.status_code == 422
    assert "This field is required" in response.content.decode()


def test_the_left_hands_keys_are_taken_at_once_and_given_back(
    ana_browser: Client, ana: User
) -> None:
    ana_browser.post("/account/keys/preset/", {"preset": "left"})
    ana.refresh_from_db()
    assert keys.keys_of(ana) == keys.LEFT_HAND

    ana_browser.post("/account/keys/preset/", {"preset": "usual"})
    ana.refresh_from_db()
    assert ana.keys == {}


def test_a_set_of_keys_that_answers_somewhere_is_refused_in_words(db: None) -> None:
    many = [NewClass(name=f"Kind {n}") for n in range(12)]
    line = factories.make_line(classes=many)
    ana = factories.make_inspector(line, "ana")

    page = browser_of(ana).post(
        "/account/keys/preset/", {"preset": "left"}, follow=True
    )

    assert "answers “Kind 10” on Phone screens" in page.content.decode()
    ana.refresh_from_db()
    assert ana.keys == {}


def test_a_manager_says_how_many_reviews_a_hand_holds(
    line: ProductLine, mia: User
) -> None:
    browser = browser_of(mia)
    assert (
        'name="hand_size"'
        in browser.get("/lines/phone-screens/settings/").content.decode()
    )

    browser.post("/lines/phone-screens/settings/bench/", BENCH | {"hand_size": "3"})
    refused = browser.post(
        "/lines/phone-screens/settings/bench/", BENCH | {"hand_size": "4"}
    )

    assert refused.status_code == 422
    line.refresh_from_db()
    assert line.hand_size == 3


@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.TEXT])
def test_only_a_line_of_pictures_asks_where(db: None, modality: Modality) -> None:
    line = factories.make_line(modality=modality)
    browser = browser_of(factories.make_manager(line, "mia"))

    browser.post("/lines/phone-screens/settings/bench/", BENCH | {"asks_where": "on"})

    line.refresh_from_db()
    assert line.asks_where is (modality == Modality.IMAGE)
