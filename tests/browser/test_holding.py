"""The heartbeat: an item in sight stays in front, and a lost one is said to be."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import Label, ProductLine, Review, Shift, User
from reviewapp.services import reviews
from tests import factories
from tests.browser.conftest import begin, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

CLAIM_S = 3
BEATS_MS = 4_500
LOST = "This item may be somebody else's by now"


@pytest.fixture
def bench(page: Page, live_server: LiveServer, line: ProductLine, ana: User) -> Page:
    """Ana's workbench with an item in front that is hers for three seconds."""
    ProductLine.objects.filter(pk=line.pk).update(claim_length_s=CLAIM_S)
    for width in (11.0, 22.0):
        factories.make_item(line, row={"width": width, "height": 2.0})
    sign_in(page, live_server, ana)
    begin(page, live_server, line)
    return page


def test_an_item_in_sight_outlasts_its_claim(bench: Page, ana: User) -> None:
    for _ in range(3):
        bench.wait_for_timeout(BEATS_MS / 3)
        bench.mouse.move(100 + _, 200)

    held = Review.objects.held_by(ana).get()
    assert held.claimed_at is not None
    assert timezone.now() - held.claimed_at > timedelta(seconds=CLAIM_S)
    expect(bench.get_by_text(LOST)).to_be_hidden()


def test_who_has_left_the_screen_keeps_nothing(bench: Page, ana: User) -> None:
    bench.wait_for_timeout(1_000 * CLAIM_S * 3)

    assert not Review.objects.held_by(ana).exists()


def test_a_lost_item_is_said_to_be_lost_and_what_was_chosen_stays(
    bench: Page, line: ProductLine, ana: User, ben: User
) -> None:
    bench.locator("#comment").fill("a scratch, I think")
    front = Review.objects.held_by(ana).get()
    Review.objects.filter(claimed_by=ana).update(claimed_until="2020-01-01T00:00:00Z")
    assert reviews.claim_next(ben, line) == front

    expect(bench.get_by_text(LOST)).to_be_visible(timeout=BEATS_MS)
    expect(bench.get_by_text("11.0")).to_be_visible()
    expect(bench.locator("#comment")).to_have_value("a scratch, I think")
    assert not Label.objects.exists()


@pytest.mark.parametrize(("minutes", "is_shown"), [(15, True), (5, False)])
def test_a_break_that_is_due_sooner_comes_after_the_next_answer(
    bench: Page, ana: User, minutes: int, *, is_shown: bool
) -> None:
    """Within ten minutes of the last break none comes, whatever is due."""
    now = timezone.now()
    resumed_at = now - timedelta(minutes=minutes)
    Shift.objects.update(began_at=resumed_at, resumed_at=resumed_at, break_due_at=now)
    bench.reload(wait_until="load")
    for _ in range(4):
        bench.wait_for_timeout(BEATS_MS / 3)
        bench.mouse.move(100 + _, 200)
    told = Shift.objects.get(inspector=ana)
    assert told.break_due_at is None
    assert told.break_told_at is not None
    expect(bench.get_by_role("dialog")).to_be_hidden()

    bench.keyboard.press("1")

    expect(bench.locator(".saved")).to_have_text("Saved")
    expect(bench.get_by_role("dialog")).to_be_visible(visible=is_shown)
    if is_shown:
        expect(bench.get_by_role("dialog")).to_contain_text("Time for a break")
