"""Skip, flag and comment by key: digits choose there, and nothing is carried over."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import Flag, Label, ProductLine, Record, User
from tests import factories
from tests.browser.conftest import begin, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bench(page: Page, live_server: LiveServer, line: ProductLine, ana: User) -> Page:
    """Ana's workbench, with four items in the queue."""
    for _ in range(4):
        factories.make_item(line)
    sign_in(page, live_server, ana)
    begin(page, live_server, line)
    return page


def test_a_digit_says_why_and_answers_nothing(bench: Page) -> None:
    before = bench.url

    bench.keyboard.press("s")
    bench.keyboard.press("9")
    expect(bench).to_have_url(before)
    bench.keyboard.press("2")

    expect(bench).not_to_have_url(before)
    assert Record.objects.get(action="review.skipped").reason == "wrong_line"
    assert not Label.objects.exists()


def test_escape_closes_a_choice_and_digits_answer_again(bench: Page) -> None:
    before = bench.url

    bench.keyboard.press("s")
    bench.keyboard.press("Escape")
    bench.keyboard.press("2")

    expect(bench).not_to_have_url(before)
    expect(bench.locator(".saved")).to_have_text("Saved")
    assert str(Label.objects.get()) == "Scratch"


def test_a_flag_leaves_the_item_in_front(bench: Page) -> None:
    before = bench.url

    bench.keyboard.press("f")
    bench.keyboard.press("1")

    expect(bench.get_by_text("Flagged: Bad image.")).to_be_visible()
    expect(bench).to_have_url(before)
    assert Flag.objects.count() == 1


def test_a_comment_is_typed_left_and_sent_with_this_answer_alone(bench: Page) -> None:
    bench.keyboard.press("c")
    expect(bench.locator("#comment")).to_be_focused()
    bench.keyboard.type("12 u spots")
    bench.keyboard.press("Escape")

    for key in ("1", "1"):
        before = bench.url
        bench.keyboard.press(key)
        expect(bench).not_to_have_url(before)
        expect(bench.locator(".saved")).to_have_text("Saved")

    said = Label.objects.order_by("pk").values_list("comment", flat=True)
    assert list(said) == ["12 u spots", ""]
