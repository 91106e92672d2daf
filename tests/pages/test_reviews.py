"""The workbench: claim, answer, skip, undo, and what the server never sends."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reviewapp.models import Item, Label, ProductLine, Review, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import decisions, settling
from reviewapp.services.routings import route_items
from tests import factories

HTMX = {"HTTP_HX_REQUEST": "true"}
KEY = re.compile(r'name="key" value="([0-9a-f-]{36})"')
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


def begin(browser: Client, line: ProductLine, **headers: str) -> str:
    page = browser.post(f"/lines/{line.slug}/review/begin/", follow=True, **headers)  # type: ignore[arg-type]  # header names are free
    return page.content.decode()


def held(user: User) -> Review:
    return Review.objects.held_by(user).get()


def answer(browser: Client, user: User, key: str, **headers: str) -> str:
    review = held(user)
    page = browser.post(
        f"/reviews/{review.public_id}/answer/",
        {"key": str(review.claim_token), "answer": key, "active_ms": "900"},
        follow=True,
        **headers,  # type: ignore[arg-type]  # header names are free
    )
    return page.content.decode()


def test_without_javascript_an_answer_leads_to_the_next_item(
    ana_browser: Client, line: ProductLine, ana: User
) -> None:
    factories.make_item(line)
    second = factories.make_item(line)
    assert "Is there a defect?" in begin(ana_browser, line)

    page = answer(ana_browser, ana, "scratch")

    assert "<!doctype html>" in page
    assert held(ana).item == second
    label = Label.objects.get()
    assert (str(label), label.active_ms) == ("Scratch", 900)


def test_htmx_gets_the_next_review_in_one_round_trip(
    ana_browser: Client, line: ProductLine, ana: User
) -> None:
    factories.make_item(line)
    factories.make_item(line)
    begin(ana_browser, line)
    review = held(ana)

    response = ana_browser.post(
        f"/reviews/{review.public_id}/answer/",
        {"key": str(review.claim_token), "answer": "ok"},
        headers={"hx-request": "true"},
    )

    page = response.content.decode()
    assert response.status_code == 200
    assert page.lstrip().startswith('<section id="review"')
    assert response["HX-Push-Url"] == f"/reviews/{held(ana).public_id}/"
    assert "Saved" in page


def test_an_answer_costs_few_statements(
    ana_browser: Client, line: ProductLine, ana: User
) -> None:
    for _ in range(3):
        factories.make_item(line)
    begin(ana_browser, line)
    answer(ana_browser, ana, "ok", **HTMX)
    review = held(ana)

    with CaptureQueriesContext(connection) as captured:
        ana_browser.post(
            f"/reviews/{review.public_id}/answer/",
            {"key": str(review.claim_token), "answer": "ok"},
            headers={"hx-request": "true"},
        )

    own = [q["sql"] for q in captured.captured_queries]
    statements = [sql for sql in own if "SAVEPOINT" not in sql]
    assert len(statements) <= 12, "\n".join(statements)


def test_a_class_that_is_not_in_use_is_refused_and_the_review_kept(
    ana_browser: Client, line: ProductLine, ana: User
) -> None:
    factories.make_item(line)
    begin(ana_browser, line)
    review = held(ana)

    response = ana_browser.post(
        f"/reviews/{review.public_id}/answer/",
        {"key": str(review.claim_token), "answer": "dent"},
        headers={"hx-request": "true"},
    )

    assert response.status_code == 422
    assert response["HX-Push-Url"] == "false"
    assert "dent is not in use" in response.content.decode()
    assert held(ana) == review


def test_an_answer_after_the_claim_was_lost_stays_on_screen(
    ana_browser: Client, line: ProductLine, ana: User, ben: User
) -> None:
    factories.make_item(line)
    begin(ana_browser, line)
    review = held(ana)
    Review.objects.update(claimed_until="2020-01-01T00:00:00Z")
    factories.label_next(ben, line, "ok")

    response = ana_browser.post(
        f"/reviews/{review.public_id}/answer/",
        {"key": str(review.claim_token), "answer": "scratch"},
        headers={"hx-request": "true"},
    )

    assert response.status_code == 409
    assert "Your answer was <strong>Scratch</strong>" in response.content.decode()


def test_undo_shows_the_last_item_again(
    ana_browser: Client, line: ProductLine, ana: User
) -> None:
    item = factories.make_item(line)
    factories.make_item(line)
    begin(ana_browser, line)
    answer(ana_browser, ana, "ok")

    ana_browser.post(f"/lines/{line.slug}/review/undo/", follow=True)

    assert held(ana).item == item


@pytest.mark.parametrize("has_left", [True, False])
def test_without_javascript_any_of_the_last_answers_is_corrected(
    ana_browser: Client,
    line: ProductLine,
    ana: User,
    has_left: bool,  # noqa: FBT001 - a case
) -> None:
    first = factories.make_item(line)
    for _ in range(2):
        factories.make_item(line)
    begin(ana_browser, line)
    answer(ana_browser, ana, "ok")
    if has_left:
        decisions.number_feed()
    page = answer(ana_browser, ana, "scratch")
    given = Label.objects.order_by("pk")[0].review.public_id
    assert f'formaction="/reviews/{given}/correct/"' in page
    assert "was taken back" not in page

    page = ana_browser.post(f"/reviews/{given}/correct/", follow=True).content.decode()

    assert held(ana).item == first
    assert "An answer to this item was taken back." in page, "whatever has left"
    answer(ana_browser, ana, "scratch")
    settling.settle_answered()
    assert str(first.labels.latest("pk")) == "Scratch"
    first.refresh_from_db()
    assert str(first.decision) == "Scratch"


def test_skip_and_pause_give_the_review_back(
    ana_browser: Client, line: ProductLine, ana: User
) -> None:
    factories.make_item(line)
    factories.make_item(line)
    begin(ana_browser, line)
    first = held(ana)
    ana_browser.post(
        f"/reviews/{first.public_id}/skip/", {"key": str(first.claim_token)}
    )
    second = held(ana)
    assert second != first

    response = ana_browser.post(
        f"/reviews/{second.public_id}/release/", {"key": str(second.claim_token)}
    )

    assert response["Location"] == f"/lines/{line.slug}/review/"
    assert not Review.objects.held_by(ana).exists()


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("none", "No item has arrived"),
        ("held", "Your colleagues hold everything"),
        ("done", "Everything is labelled"),
        ("own", "another pair of eyes"),
    ],
)
def test_an_empty_queue_says_why(
    ana_browser: Client,
    line: ProductLine,
    ana: User,
    ben: User,
    reason: str,
    words: str,
) -> None:
    if reason != "none":
        factories.make_item(line)
    if reason == "held":
        factories.make_item(line)
        factories.label_next(ben, line, "ok")
    if reason == "done":
        factories.label_next(ben, line, "ok")
    if reason == "own":
        factories.label_next(ana, line, None)

    page = ana_browser.get(f"/lines/{line.slug}/review/").content.decode()

    assert words in page


def assisted(line: ProductLine, *, blind_share: float, confidence: float = 0.9) -> Item:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(
        line,
        AutomationLevel.ASSIST,
        blind_share=blind_share,
        assist_style="suggestion_first",
    )
    item = factories.make_item(line)
    assert version is not None
    factories.make_prediction(
        item, version, line.classes.get(key="scratch"), confidence=confidence
    )
    route_items(line.pk, [item.pk])
    return item


def test_the_prediction_is_sent_only_where_the_policy_shows_it(
    ana_browser: Client, line: ProductLine
) -> None:
    assisted(line, blind_share=1e-9)

    shown = begin(ana_browser, line)

    assert 'data-who="model"' in shown


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(0.995, "very sure"), (0.93, "sure"), (0.75, "fairly sure"), (0.55, "unsure")],
)
def test_a_suggestion_is_its_class_and_how_sure_it_is_in_words(
    ana_browser: Client, line: ProductLine, confidence: float, words: str
) -> None:
    assisted(line, blind_share=1e-9, confidence=confidence)

    shown = begin(ana_browser, line)

    reveal = shown.split('class="reveal"')[1].split("</div>")[0]
    said = re.sub(r"<[^>]+>|\s+", " ", reveal.split(">", 1)[1]).split()
    assert " ".join(said) == f"Model Scratch , {words}"
    assert not re.search(r"\d", reveal)


def test_a_blind_item_is_byte_for_byte_like_one_without_a_prediction(
    line: ProductLine, ana: User, ben: User
) -> None:
    assisted(line, blind_share=1.0)
    plain = factories.make_item(line)
    route_items(line.pk, [plain.pk])
    pages = []

    for user in (ana, ben):
        browser = Client()
        browser.force_login(user, backend="reviewapp.sessions.PersonBackend")
        page = begin(browser, line)
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
        pages.append(UUID.sub("ID", page).replace(f">{user}<", "><"))

    assert pages[0] == pages[1]
    assert "Scratch</strong>" not in pages[0]


def test_nobody_elses_review_is_there_to_be_seen(
    ana_browser: Client, line: ProductLine, ana: User, zoe: User
) -> None:
    factories.make_item(line)
    begin(ana_browser, line)
    review = held(ana)
    stranger = Client()
    stranger.force_login(zoe, backend="reviewapp.sessions.PersonBackend")

    answers = [
        stranger.get(f"/reviews/{review.public_id}/").status_code,
        stranger.post(f"/reviews/{review.public_id}/answer/").status_code,
        stranger.get(f"/lines/{line.slug}/review/").status_code,
    ]

    assert answers == [404, 404, 404]
