"""A shift from its first item to the answer to a dispute, by keyboard."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from reviewapp.models import (
    GoldRead,
    Label,
    ProductLine,
    Review,
    Shift,
    ShiftTerms,
    User,
)
from tests import factories
from tests.browser.conftest import begin, sign_in, visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dealt(line: ProductLine, mia: User) -> ProductLine:
    """A line that deals its one gold item, and suggests a break after three items."""
    factories.make_gold(line, "scratch", by=mia)
    for _ in range(6):
        factories.make_item(line)
    ProductLine.objects.filter(pk=line.pk).update(gold_share=1.0)
    ShiftTerms.objects.create(line=line, break_after_min=0, break_after_items=3)
    return line


def press(page: Page, key: str) -> None:
    """Answer by a key, and wait until the server has it."""
    before = page.url
    page.keyboard.press(key)
    expect(page).not_to_have_url(before)
    expect(page.locator(".saved")).to_have_text("Saved")


def count(page: Page, number: int) -> None:
    expect(page.locator("[data-count]")).to_have_text(str(number))


def tab_to(page: Page, name: str) -> None:
    """Go on with the Tab key until the control of that name has the focus."""
    for _ in range(40):
        focused = page.locator(":focus")
        if focused.count() and name in focused.inner_text():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab")


def test_a_shift_from_its_line_to_the_answer_to_a_dispute(
    page: Page,
    browser: Browser,
    live_server: LiveServer,
    dealt: ProductLine,
    ana: User,
    complaints: list[str],
) -> None:
    max_ = factories.make_manager(dealt, "max")
    sign_in(page, live_server, ana)

    # The card of the only line has the focus: Enter starts.
    expect(page.get_by_role("button", name="Start Phone screens")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=dealt.question)).to_be_visible()
    page.wait_for_load_state("load")
    count(page, 0)
    for number in (1, 2, 3):
        expect(page.get_by_role("dialog")).to_be_hidden()
        press(page, "1")
        count(page, number)

    # The suggestion comes between two items, and p takes it.
    expect(page.get_by_role("dialog")).to_be_visible()
    before = page.url
    page.keyboard.press("1")
    expect(page).to_have_url(before)
    assert Label.objects.filter(inspector=ana).count() == 2
    page.keyboard.press("p")
    expect(page.get_by_text("On a break since")).to_be_visible()
    assert not Review.objects.in_hand_of(ana).exists()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=dealt.question)).to_be_visible()
    page.wait_for_load_state("load")
    count(page, 3)
    press(page, "1")
    count(page, 4)

    tab_to(page, "End shift")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Only you can open this page.")).to_be_visible()
    expect(page.get_by_text("You said OK. It is Scratch.")).to_be_visible()
    tab_to(page, "Dispute this")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("That is dust on the glass, and no scratch.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It waits for a manager")).to_be_visible()

    desk = browser.new_page()
    sign_in(desk, live_server, max_)
    desk.get_by_role("link", name="1 dispute waits for an answer").press("Enter")
    desk.get_by_label("Answer, in 10 to 500 characters").press_sequentially(
        "It goes into the glass: see the book."
    )
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Answered. The person who disputed")).to_be_visible()

    visit(page, f"{live_server.url}/")
    expect(page.get_by_text("It goes into the glass: see the book.")).to_be_visible()
    assert complaints == []
    assert (Shift.objects.get().answers, GoldRead.objects.count()) == (4, 1)


def test_escape_goes_on_and_the_suggestion_comes_again_after_as_many(
    page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    ShiftTerms.objects.create(line=line, break_after_min=0, break_after_items=2)
    for _ in range(6):
        factories.make_item(line)
    sign_in(page, live_server, ana)
    begin(page, live_server, line)
    for _ in range(2):
        press(page, "1")
    expect(page.get_by_role("dialog")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    press(page, "2")
    expect(page.get_by_role("dialog")).to_be_hidden()
    press(page, "2")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert Label.objects.count() == 4


def test_an_undone_answer_is_taken_off_the_count(
    page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    for _ in range(4):
        factories.make_item(line)
    sign_in(page, live_server, ana)
    begin(page, live_server, line)
    press(page, "1")
    press(page, "1")
    count(page, 2)

    before = page.url
    page.keyboard.press("Backspace")

    expect(page).not_to_have_url(before)
    count(page, 1)


def test_only_time_in_view_with_somebody_there_counts_as_active(
    page: Page, live_server: LiveServer, line: ProductLine, ana: User
) -> None:
    for _ in range(3):
        factories.make_item(line)
    page.clock.install()
    sign_in(page, live_server, ana)
    begin(page, live_server, line)

    page.clock.fast_forward("10:00")
    press(page, "1")
    page.clock.fast_forward("00:30")
    press(page, "1")

    [away, there] = Label.objects.order_by("pk").values_list("active_ms", flat=True)
    assert away == pytest.approx(120_000, abs=5_000)
    assert there == pytest.approx(30_000, abs=5_000)
