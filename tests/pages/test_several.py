"""A line that allows several classes: its page, what it refuses, what stays alike."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reviewapp.models import Label, Meaning, ProductLine, Record, Review, User
from reviewapp.services import lines
from tests import factories
from tests.pages.test_levels import browser_of

PUT_ON = re.compile(r'name="answer" value="([a-z]+)"[^>]* checked')
CLASSES = (
    *factories.OK_OR_SCRATCH,
    lines.NewClass(name="Stain", meaning=Meaning.REJECT),
)


@pytest.fixture
def screens(db: None) -> ProductLine:
    """A line on which an item may have several classes, with three items."""
    line = factories.make_line("Screens", classes=CLASSES, allows_several=True)
    for _ in range(3):
        factories.make_item(line)
    return line


@pytest.fixture
def eva(screens: ProductLine) -> User:
    """Eva inspects screens."""
    return factories.make_inspector(screens, "eva")


@pytest.fixture
def browser(screens: ProductLine, eva: User) -> Client:
    """Eva's browser, with the first item in front."""
    signed_in = browser_of(eva)
    signed_in.post(f"/lines/{screens.slug}/review/begin/")
    return signed_in


def send(browser: Client, reader: User, *keys: str, is_htmx: bool = False) -> str:
    review = Review.objects.held_by(reader).get()
    given = {"key": str(review.claim_token), "answer": list(keys)}
    headers = {"hx-request": "true"} if is_htmx else {}
    response = browser.post(
        f"/reviews/{review.public_id}/answer/", given, headers=headers, follow=True
    )
    return f"{response.status_code} {response.content.decode()}"


def test_without_javascript_classes_are_checked_and_saved(
    browser: Client, eva: User
) -> None:
    held = Review.objects.held_by(eva).get()
    page = browser.get(f"/reviews/{held.public_id}/").content.decode()
    assert page.count('type="checkbox" name="answer"') == 3
    assert 'data-hotkey="Enter"' in page

    page = send(browser, eva, "stain", "scratch")

    label = Label.objects.get()
    assert (str(label), label.also) == ("Scratch", ["stain"])
    assert "<strong>Scratch, Stain</strong>" in page
    assert not PUT_ON.findall(page), "the next item begins with none"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ([], "Choose at least one class"),
        (["ok", "scratch"], "OK passes and Scratch is rejected"),
        (["scratch", "scratch"], "was sent twice"),
        (["scratch", "dent"], "The class dent is not in use"),
        (["scratch", "cannot-tell"], "stands alone"),
        (["x"] * 21, "21 classes were chosen"),
    ],
)
def test_what_cannot_be_is_refused_and_stays_put_on(
    browser: Client, eva: User, keys: list[str], said: str
) -> None:
    page = send(browser, eva, *keys, is_htmx=True)

    assert page.startswith("422")
    assert said in page
    assert not Label.objects.exists()
    known = {key for key in keys if key in {"ok", "scratch", "stain"}}
    assert set(PUT_ON.findall(page)) == known


def test_cannot_tell_is_no_class(browser: Client, eva: User) -> None:
    send(browser, eva, "cannot-tell")

    label = Label.objects.get()
    assert (label.kind, label.label_class, label.also) == ("cannot_tell", None, [])


def test_a_corrected_answer_begins_with_its_classes_put_on(
    browser: Client, eva: User, screens: ProductLine
) -> None:
    send(browser, eva, "stain", "scratch")

    page = browser.post(f"/lines/{screens.slug}/review/undo/", follow=True)

    assert PUT_ON.findall(page.content.decode()) == ["scratch", "stain"]


def test_several_classes_cost_no_statement_more_than_one(
    browser: Client, eva: User, screens: ProductLine
) -> None:
    send(browser, eva, "scratch", is_htmx=True)
    counts = []
    for keys in (["scratch"], ["scratch", "stain"]):
        factories.make_item(screens)
        with CaptureQueriesContext(connection) as captured:
            send(browser, eva, *keys, is_htmx=True)
        counts.append(len(captured.captured_queries))

    assert counts[0] == counts[1]


def test_a_line_of_one_class_takes_one_again_and_has_the_page_it_had(
    browser: Client, eva: User, screens: ProductLine, mia: User
) -> None:
    held = Review.objects.held_by(eva).get()

    lines.set_bench_terms(screens, by=mia, allows_several=False)

    page = browser.get(f"/reviews/{held.public_id}/").content.decode()
    assert "checkbox" not in page
    assert '          <button class="answer" name="answer" value="stain"' in page
    refused = send(browser, eva, "scratch", "stain", is_htmx=True)
    assert refused.startswith("422")
    assert "More than one class was chosen" in refused


def test_a_manager_allows_several_classes(line: ProductLine, mia: User) -> None:
    given = {"hand_size": "2", "skip_policy": "others", "least_look_s": "0"}

    browser_of(mia).post(
        f"/lines/{line.slug}/settings/bench/", given | {"allows_several": "on"}
    )

    line.refresh_from_db()
    assert line.allows_several
    assert Record.objects.get(action="line.bench_set").details["allows_several"]
