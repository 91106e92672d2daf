"""Bad answers and bad addresses: refused with a status and words, never with a 500."""

from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from reviewapp.models import Label, LateAnswer, ProductLine, Review, User
from tests import factories

HTMX = {"hx-request": "true"}


@pytest.fixture
def review(ana_browser: Client, line: ProductLine, ana: User) -> Review:
    """A review in Ana's hands."""
    factories.make_item(line)
    ana_browser.post(f"/lines/{line.slug}/review/begin/")
    return Review.objects.held_by(ana).get()


def answer(browser: Client, review: Review, **sent: object) -> HttpResponse:
    given = {"key": str(review.claim_token), "answer": "ok"} | sent
    return browser.post(  # type: ignore[return-value]  # the test client's own class
        f"/reviews/{review.public_id}/answer/", given, headers=HTMX
    )


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        pytest.param({"key": str(uuid4())}, 409, "Your answer was", id="B55"),
        pytest.param({"key": "x"}, 422, "UUID", id="B55-none"),
        pytest.param({"answer": "dent"}, 422, "dent is not in use", id="B57"),
        pytest.param({"answer": ["ok", "scratch"]}, 422, "Choose one", id="B57-two"),
        pytest.param({"answer": ""}, 422, "required", id="B57-empty"),
        pytest.param({"answer": "x" * 61}, 422, "60 characters", id="B57-long"),
        pytest.param({"answer": "a\0"}, 400, "malformed", id="nul"),
        pytest.param({"comment": "a\0"}, 400, "malformed", id="nul-comment"),
        pytest.param({"comment": "x" * 501}, 422, "500 characters", id="long"),
        pytest.param({"active_ms": "-1"}, 422, "greater than", id="negative"),
        pytest.param({"active_ms": "9" * 5_000}, 422, "whole number", id="digits"),
    ],
)
def test_a_bad_answer_is_refused_and_the_review_kept(
    ana_browser: Client,
    ana: User,
    review: Review,
    sent: dict[str, object],
    status: int,
    words: str,
) -> None:
    response = answer(ana_browser, review, **sent)

    assert response.status_code == status
    assert words in response.content.decode()
    assert not Label.objects.exists()
    assert Review.objects.held_by(ana).get() == review


def test_b56_an_answer_that_comes_twice_is_one_label(
    ana_browser: Client, review: Review
) -> None:
    first, second = answer(ana_browser, review), answer(ana_browser, review)

    assert (first.status_code, second.status_code) == (200, 200)
    assert Label.objects.count() == 1
    assert not LateAnswer.objects.exists()


def test_b58_a_class_that_was_retired_meanwhile_is_a_conflict(
    ana_browser: Client, line: ProductLine, review: Review
) -> None:
    line.classes.filter(key="scratch").update(retired_at=timezone.now())

    response = answer(ana_browser, review, answer="scratch")

    assert response.status_code == 409
    assert "scratch is not in use" in response.content.decode()
    assert not Label.objects.exists()


@pytest.mark.parametrize(
    "query",
    ["before=-1", "before=x", "before=", "before=" + "9" * 5_000, "before=%D9%A3"],
)
def test_b62_a_page_that_nobody_linked_to_is_not_understood(
    client: Client, mia: User, line: ProductLine, query: str
) -> None:
    client.force_login(mia, backend="reviewapp.sessions.PersonBackend")

    assert client.get(f"/lines/{line.slug}/items/?{query}").status_code == 400


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("lower/", {"reason": "a\0", "level": "shadow"}),
        ("roll-back/", {"policy": "9" * 5_000}),
        ("roll-back/", {"policy": "1", "reason": "\0"}),
        ("settings/classes/", {"name": "\0", "meaning": "pass"}),
        ("people/", {"username": "\0", "role": "manager"}),
        ("tokens/", {"name": "\0", "scopes": "ingest", "days": "9" * 30}),
        ("datasets/", {"note": "\0"}),
    ],
)
def test_what_no_column_can_hold_is_refused_before_it_meets_one(
    client: Client, mia: User, line: ProductLine, address: str, sent: dict[str, str]
) -> None:
    client.force_login(mia, backend="reviewapp.sessions.PersonBackend")

    response = client.post(f"/lines/{line.slug}/{address}", sent)

    assert response.status_code in {400, 404, 422}


@pytest.mark.parametrize(
    "address",
    ["/welcome/%00/", "/invitation/%00/x/", "/invitation/MQ/%00/", "/lines/%00/"],
)
@pytest.mark.django_db
def test_a_strange_address_leads_nowhere(client: Client, address: str) -> None:
    assert client.get(address).status_code in {404, 410}
