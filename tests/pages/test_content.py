"""Texts and recordings on their pages, and recordings sent by the part."""

from typing import Any

import pytest
from django.test import Client

from reviewapp.models import Item, Modality, ProductLine, Review, User
from reviewapp.services.media import read_medium
from tests import factories
from tests.modalities.sounds import encoded, tone

PASSWORD = "a-long-enough-password"


@pytest.fixture
def desk(db: None) -> ProductLine:
    return factories.make_line("Desk", modality=Modality.TEXT)


@pytest.fixture
def microphone(db: None) -> ProductLine:
    return factories.make_line("Microphone", modality=Modality.AUDIO)


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend="reviewapp.sessions.PersonBackend")
    return browser


def begin(browser: Client, line: ProductLine) -> str:
    page = browser.post(f"/lines/{line.slug}/review/begin/", follow=True)
    return page.content.decode()


def test_a_text_is_shown_with_its_line_breaks_and_runs_nothing(
    desk: ProductLine,
) -> None:
    factories.make_content(desk, "one\n  two <script>alert(1)</script>")
    page = begin(browser_of(factories.make_inspector(desk, "ana")), desk)

    assert "one\n  two &lt;script&gt;alert(1)&lt;/script&gt;</section>" in page
    assert 'dir="auto"' in page
    assert "sound.js" not in page


def test_a_managers_page_of_an_item_shows_its_text(desk: ProductLine) -> None:
    item = factories.make_content(desk, "Hello there")
    browser = browser_of(factories.make_manager(desk, "mia"))

    page = browser.get(f"/lines/desk/items/{item.public_id}/").content.decode()

    assert "Hello there</section>" in page
    assert "characters" in page


def test_what_was_erased_is_said_to_be(desk: ProductLine) -> None:
    item = factories.make_content(desk, "Hello there")
    browser = browser_of(factories.make_manager(desk, "mia"))
    item.payload.delete()

    page = browser.get(f"/lines/desk/items/{item.public_id}/").content.decode()

    assert "has been erased" in page
    assert "Hello" not in page


def test_a_recording_is_played_by_the_browsers_own_player(
    microphone: ProductLine,
) -> None:
    factories.make_content(microphone, encoded(tone()))
    ana = factories.make_inspector(microphone, "ana")
    browser = browser_of(ana)

    page = begin(browser, microphone)

    review = Review.objects.held_by(ana).get()
    address = f"/reviews/{review.public_id}/medium/"
    assert "<audio controls" in page
    assert f'src="{address}"' in page
    assert "item-picture" not in page
    policy = browser.get(f"/reviews/{review.public_id}/")["Content-Security-Policy"]
    assert "media-src 'self'" in policy


def sent(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.fixture
def address(microphone: ProductLine) -> str:
    item = factories.make_content(microphone, encoded(tone()))
    return f"/lines/microphone/items/{item.public_id}/medium/"


@pytest.fixture
def listener(microphone: ProductLine) -> Client:
    return browser_of(factories.make_manager(microphone, "mia"))


def test_a_recording_is_sent_whole_and_says_that_parts_may_be_had(
    listener: Client, address: str
) -> None:
    response = listener.get(address)

    assert response.status_code == 200
    assert sent(response) == read_medium(Item.objects.get().payload.media_path)
    assert response["Content-Type"] == "audio/wav"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"


# The derivative has 44 + 8,000 bytes.
@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-", 0, 8_043),
        ("bytes=0-0", 0, 0),
        ("bytes=44-99", 44, 99),
        ("bytes=8000-99999999", 8_000, 8_043),
        ("bytes=-10", 8_034, 8_043),
        ("bytes=-99999999", 0, 8_043),
    ],
)
def test_one_range_is_answered_with_that_part(
    listener: Client, address: str, asked: str, first: int, last: int
) -> None:
    response = listener.get(address, headers={"range": asked})

    whole = read_medium(Item.objects.get().payload.media_path)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/8044"
    assert response["Content-Length"] == str(last - first + 1)
    assert response["Content-Type"] == "audio/wav"
    assert sent(response) == whole[first : last + 1]


@pytest.mark.parametrize("asked", ["bytes=8044-", "bytes=99999999-", "bytes=-0"])
def test_a_range_behind_the_end_cannot_be_had(
    listener: Client, address: str, asked: str
) -> None:
    response = listener.get(address, headers={"range": asked})

    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */8044"


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-9", "bytes=9-5", "bytes=-", "bytes=a-b", "lines=0-1", "٣"]
)
def test_what_is_no_single_range_is_answered_with_the_whole(
    listener: Client, address: str, asked: str
) -> None:
    response = listener.get(address, headers={"range": asked})

    assert response.status_code == 200
    assert len(sent(response)) == 8_044


@pytest.mark.parametrize("modality", ["text", "audio"])
def test_a_line_of_texts_or_recordings_is_made_in_the_browser(
    db: None, modality: str
) -> None:
    browser = browser_of(factories.make_user("ada", is_superuser=True))
    form = browser.get("/lines/new/").content.decode()
    assert f'value="{modality}"' in form

    browser.post(
        "/lines/new/",
        {
            "name": "Desk",
            "question": "Is it spam?",
            "modality": modality,
            "time_zone": "UTC",
            "classes": "Spam = reject\nHam = pass",
        },
    )

    line = ProductLine.objects.get()
    assert (line.modality, line.schema) == (modality, None)
