"""The pages of a shift: where it begins, how it goes, and what it was."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from reviewapp.models import (
    Dispute,
    GoldRead,
    GoldRun,
    LinePace,
    LineState,
    ProductLine,
    Review,
    Role,
    Shift,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import people, shifts
from tests import factories
from tests.pages.test_levels import browser_of

pytestmark = pytest.mark.django_db


def page_at(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def begin(browser: Client, line: ProductLine) -> str:
    response = browser.post(f"/lines/{line.slug}/review/begin/", follow=True)
    return response.content.decode()


def press(browser: Client, by: User, answer: str, comment: str = "") -> None:
    review = Review.objects.held_by(by).get()
    given = {"key": str(review.claim_token), "answer": answer, "active_ms": "2500"}
    given["comment"] = comment
    browser.post(f"/reviews/{review.public_id}/answer/", given)


def missed_gold(line: ProductLine, ana: User, browser: Client, by: User) -> GoldRead:
    """Let Ana let a scratched gold item pass, and end her shift."""
    factories.make_gold(line, "scratch", by=by)
    for _ in range(2):
        factories.make_item(line)
    ProductLine.objects.filter(pk=line.pk).update(gold_share=1.0)
    begin(browser, line)
    while not GoldRead.objects.filter(answered_at__isnull=False).exists():
        press(browser, ana, "ok", "Is that a <hair>?")
    browser.post(f"/lines/{line.slug}/shifts/end/")
    return GoldRead.objects.told_to(ana).get()


def test_the_start_page_says_what_one_may_start_on(
    line: ProductLine, ana: User, mia: User, ana_browser: Client
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    LineState.objects.update_or_create(line=line, defaults={"waiting": 1234})
    factories.make_edition(line, by=mia)

    page = page_at(ana_browser, "/")

    assert "1,234 waiting" in page
    assert "a model answers unseen" in page
    assert "edition 1" in page
    assert "not read yet" in page
    assert "none needed" in page
    assert 'aria-label="Start Phone screens"' in page
    assert "How the lines stand" not in page


def test_the_start_page_says_what_changed_in_the_book_since_the_last_shift(
    line: ProductLine, ana: User, mia: User, ana_browser: Client
) -> None:
    at = timezone.now() - timedelta(days=1)
    Shift.objects.create(
        line=line, inspector=ana, began_at=at, ended_at=at, end="ended"
    )
    assert "changed since" not in page_at(ana_browser, "/")

    factories.make_edition(line, by=mia)

    assert "changed since your last shift" in page_at(ana_browser, "/")


def test_a_line_whose_qualification_is_missing_offers_it_and_cannot_be_started(
    line: ProductLine, ana: User, ana_browser: Client
) -> None:
    ProductLine.objects.filter(pk=line.pk).update(qualification_size=12)
    factories.make_item(line)

    page = page_at(ana_browser, "/")

    assert "12 items whose answer is known" in page
    assert "Begin the qualification" in page
    assert "Start Phone screens" not in page
    assert "asks for a qualification" in begin(ana_browser, line)
    assert not Shift.objects.exists()
    assert not Review.objects.in_hand_of(ana).exists()


@pytest.mark.parametrize(
    ("days", "words", "starts"), [(3, "holds until", True), (-1, "ended ", False)]
)
def test_a_qualification_is_shown_with_its_end(
    line: ProductLine,
    ana: User,
    ana_browser: Client,
    days: int,
    words: str,
    starts: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    ProductLine.objects.filter(pk=line.pk).update(qualification_size=12)
    until = timezone.now() + timedelta(days=days)
    GoldRun.objects.create(
        line=line,
        inspector=ana,
        use="qualification",
        ended_at=timezone.now(),
        is_passed=True,
        valid_until=until,
    )

    page = page_at(ana_browser, "/")

    assert f"{words}" in page
    assert f"{until:%b %Y}" in page
    assert ("Start Phone screens" in page) is starts


def test_cards_cost_no_more_statements_for_fifty_lines_than_for_one(
    line: ProductLine,
    ana: User,
    ana_browser: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(50):
        other = factories.make_line(f"Line {number}", qualification_size=10)
        people.give_role(ana, other, Role.INSPECTOR, by=None)

    with django_assert_max_num_queries(8):
        page = page_at(ana_browser, "/")

    assert page.count('class="start"') == 51


def test_the_frame_counts_the_shift_and_shows_the_usual_pace(
    line: ProductLine, ana: User, ana_browser: Client
) -> None:
    for _ in range(3):
        factories.make_item(line)
    LinePace.objects.create(line=line, low_s=4.2, high_s=9.4, answers=400)

    assert "<strong data-count>0</strong> in this shift" in begin(ana_browser, line)
    press(ana_browser, ana, "ok")

    review = Review.objects.held_by(ana).get()
    page = page_at(ana_browser, f"/reviews/{review.public_id}/")
    assert "<strong data-count>1</strong> in this shift" in page
    assert "4 \N{EN DASH} 9 s usual here" in page
    assert 'data-times="2500"' in page
    assert 'data-after-min="50"' in page


def test_a_break_gives_the_hand_back_and_the_way_back_goes_on_with_the_shift(
    line: ProductLine, ana: User, ana_browser: Client
) -> None:
    for _ in range(3):
        factories.make_item(line)
    begin(ana_browser, line)
    review = Review.objects.held_by(ana).get()

    page = ana_browser.post(
        f"/reviews/{review.public_id}/release/",
        {"key": str(review.claim_token)},
        follow=True,
    ).content.decode()

    assert "On a break since" in page
    assert "Back from the break" in page
    assert not Review.objects.in_hand_of(ana).exists()
    begin(ana_browser, line)
    [shift] = Shift.objects.all()
    assert shift.paused_at is None
    assert shift.ended_at is None


def test_a_debrief_shows_the_missed_gold_with_its_page_in_the_book(
    line: ProductLine, ana: User, mia: User, ana_browser: Client
) -> None:
    factories.make_edition(line, by=mia)
    people.give_role(ana, line, Role.INSPECTOR, by=None)
    line.memberships.filter(user=ana).update(seen_edition=line.edition)
    missed_gold(line, ana, ana_browser, mia)
    shift = Shift.objects.get()

    page = page_at(ana_browser, f"/lines/{line.slug}/shifts/{shift.pk}/")

    assert "You said OK. It is <strong>Scratch</strong>" in page
    assert f"/lines/{line.slug}/book/#book-scratch" in page
    assert "1 of 100 answers to gold" in page
    assert "In this shift: 1 answer to gold, 0 as known" in page
    assert 'You wrote: <q dir="auto">Is that a &lt;hair&gt;?</q>' in page


def test_who_answers_a_dispute_of_gold_reads_what_was_written_with_the_answer(
    line: ProductLine, ana: User, mia: User, ana_browser: Client
) -> None:
    read = missed_gold(line, ana, ana_browser, mia)
    ana_browser.post(
        f"/lines/{line.slug}/shifts/gold/{read.pk}/dispute/", {"reason": "x" * 20}
    )

    page = page_at(browser_of(mia), f"/lines/{line.slug}/disputes/")

    assert "Written with the answer:" in page
    assert "Is that a &lt;hair&gt;?" in page


def test_a_shift_is_open_to_its_own_person_alone(
    line: ProductLine, ana: User, ben: User, mia: User, ada: User, ana_browser: Client
) -> None:
    factories.make_item(line)
    begin(ana_browser, line)
    ana_browser.post(f"/lines/{line.slug}/shifts/end/")
    address = f"/lines/{line.slug}/shifts/{Shift.objects.get().pk}/"
    assert ana_browser.get(address).status_code == 200

    for other in (ben, mia, ada):
        assert browser_of(other).get(address).status_code == 404, other


def test_told_gold_is_shown_to_its_reader_alone(
    line: ProductLine, ana: User, ben: User, mia: User, ana_browser: Client
) -> None:
    read = missed_gold(line, ana, ana_browser, mia)

    for address in ("medium", "dispute"):
        found = browser_of(ben).post(
            f"/lines/{line.slug}/shifts/gold/{read.pk}/{address}/", {"reason": "x" * 20}
        )
        assert found.status_code in {404, 405}
    assert not Dispute.objects.exists()


def test_a_dispute_goes_to_a_manager_and_its_answer_comes_back(
    line: ProductLine, ana: User, mia: User, ana_browser: Client
) -> None:
    max_ = factories.make_manager(line, "max")
    read = missed_gold(line, ana, ana_browser, mia)
    raise_at = f"/lines/{line.slug}/shifts/gold/{read.pk}/dispute/"

    refused = ana_browser.post(raise_at, {"reason": "no"})
    assert refused.status_code == 422
    assert "10 to 500 characters; these are 2" in refused.content.decode()
    ana_browser.post(raise_at, {"reason": "That is dust on the glass, not a scratch."})
    again = ana_browser.post(raise_at, {"reason": "That is dust, I say it again."})
    assert again.status_code == 409

    browser = browser_of(max_)
    assert "1 dispute waits for an answer" in page_at(browser, "/")
    listed = page_at(browser, f"/lines/{line.slug}/disputes/")
    assert "That is dust on the glass" in listed
    assert "OK, not Scratch" in listed
    browser.post(
        f"/lines/{line.slug}/disputes/{Dispute.objects.get().pk}/answer/",
        {"outcome": "declined", "words": "It goes through the glass, see the book."},
    )
    assert "waits for an answer" not in page_at(browser, "/")
    for address in ("/", f"/lines/{line.slug}/shifts/"):
        page = page_at(ana_browser, address)
        assert "It goes through the glass" in page
        assert "Declined" in page


def test_signing_out_ends_the_shift(
    line: ProductLine, ana: User, ana_browser: Client
) -> None:
    factories.make_item(line)
    begin(ana_browser, line)

    ana_browser.post("/sign-out/")

    assert Shift.objects.get().end == "signed_out"


def test_managers_set_when_a_break_is_suggested(line: ProductLine, mia: User) -> None:
    browser, address = browser_of(mia), f"/lines/{line.slug}/settings/breaks/"

    browser.post(address, {"break_after_min": "0", "break_after_items": "300"})

    terms = shifts.terms_of(line)
    assert (terms.break_after_min, terms.break_after_items) == (0, 300)
    bad = browser.post(address, {"break_after_min": "500", "break_after_items": "0"})
    assert bad.status_code == 422


def test_the_heartbeat_says_once_that_a_break_is_due(
    line: ProductLine, ana: User, ana_browser: Client
) -> None:
    factories.make_item(line)
    begin(ana_browser, line)
    held = Review.objects.held_by(ana).get()
    address, given = f"/lines/{line.slug}/review/hold/", {"key": held.claim_token}
    before = ana_browser.post(address, given)
    Shift.objects.update(break_due_at=timezone.now())

    told, again = (ana_browser.post(address, given) for _ in range(2))

    assert [one.status_code for one in (before, told, again)] == [204, 204, 204]
    assert [one.has_header("Break-Due") for one in (before, told, again)] == [
        False,
        True,
        False,
    ]
