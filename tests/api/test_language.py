"""A program is answered in one language, whoever asks and from where."""

import json

import pytest
from django.test import Client

from reviewapp.models import ProductLine, Scope, User
from reviewapp.services import tokens

URL = "/api/lines/phone-screens/items"
ENGLISH = "This token may not read decisions. Its scopes are: ingest."


@pytest.fixture
def secret(line: ProductLine) -> str:
    _token, secret = tokens.create_token(
        line, name="camera", scopes=[Scope.INGEST], by=None
    )
    return secret


@pytest.fixture
def korean(ana: User) -> Client:
    """A browser in which somebody has signed in who reads Korean."""
    User.objects.filter(pk=ana.pk).update(language="ko")
    browser = Client()
    browser.force_login(ana)
    return browser


@pytest.mark.parametrize("asks_for", ["ko", "ko-KR,ko;q=0.9,en;q=0.1", "fi", ""])
def test_a_refusal_is_english_whatever_is_asked_for(secret: str, asks_for: str) -> None:
    answer = Client().get(
        "/api/lines/phone-screens/decisions",
        headers={"authorization": f"Bearer {secret}", "accept-language": asks_for},
    )

    assert answer.status_code == 403
    assert json.loads(answer.content)["detail"] == ENGLISH
    assert answer["Content-Language"] == "en"


def test_a_signed_in_persons_language_does_not_reach_a_program(
    korean: Client, secret: str
) -> None:
    answer = korean.get(
        "/api/lines/phone-screens/decisions",
        headers={"authorization": f"Bearer {secret}"},
    )

    assert json.loads(answer.content)["detail"] == ENGLISH
    assert answer["Content-Language"] == "en"


def test_the_person_reads_korean_again_on_the_next_page(
    korean: Client, secret: str
) -> None:
    korean.get(URL, headers={"authorization": f"Bearer {secret}"})

    assert '<html lang="ko">' in korean.get("/").content.decode()
