"""Pages of the order: setting it, why an item comes, and holding one elsewhere."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from reviewapp.models import (
    JobKind,
    Membership,
    ProductLine,
    QueueTerms,
    Review,
    Role,
    SetAside,
    SkipPolicy,
    User,
)
from reviewapp.services import asides, people, reviews
from reviewapp.services.hands import LONGEST_HELD
from reviewapp.services.queues import count_queues
from tests import factories
from tests.services.test_asides import skip
from tests.services.test_order import assist, set_terms

BACKEND = "reviewapp.sessions.PersonBackend"
ORDER = {"rule": "unsure", "age_share": "0.3", "due_after_min": "120"}


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    return browser


@pytest.fixture
def other(line: ProductLine, ana: User) -> ProductLine:
    """A second line on which Ana inspects, with an item."""
    made = factories.make_line("Hinges")
    people.give_role(ana, made, Role.INSPECTOR, by=None)
    factories.make_item(made)
    factories.make_item(line)
    return made


def test_a_manager_sets_the_order_and_sees_that_what_waits_is_put_into_it(
    line: ProductLine, mia: User
) -> None:
    browser = browser_of(mia)

    page = browser.post(
        "/lines/phone-screens/settings/order/", ORDER, follow=True
    ).content.decode()

    terms = QueueTerms.objects.get(line=line)
    assert (terms.rule, terms.age_share, terms.due_after_min) == ("unsure", 0.3, 120)
    assert not terms.claim_is_fixed
    assert line.jobs.get().kind == JobKind.PLACING
    assert "Put what waits in order" in page
    assert re.search(r'<option value="unsure" selected>', page)


def test_a_claim_is_fixed_by_a_number_and_follows_without_one(
    line: ProductLine, mia: User
) -> None:
    browser = browser_of(mia)
    address = "/lines/phone-screens/settings/order/"
    usual = {"rule": "oldest", "age_share": "0.2", "due_after_min": ""}

    browser.post(address, usual | {"claim_length_s": "90"})

    line.refresh_from_db()
    assert line.claim_length_s == 90
    assert QueueTerms.objects.get(line=line).claim_is_fixed
    assert not line.jobs.exists(), "the order is as it was"
    browser.post(address, usual | {"claim_length_s": ""})
    assert not QueueTerms.objects.get(line=line).claim_is_fixed


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("rule", "youngest"),
        ("age_share", "0"),
        ("due_after_min", "0"),
        ("claim_length_s", "5"),
    ],
)
def test_an_order_that_cannot_be_is_refused_and_changes_nothing(
    line: ProductLine, mia: User, field: str, sent: str
) -> None:
    response = browser_of(mia).post(
        "/lines/phone-screens/settings/order/", ORDER | {field: sent}
    )

    assert response.status_code == 422
    assert not QueueTerms.objects.exists()
    assert not line.jobs.exists()


def test_an_order_is_refused_while_the_one_before_is_under_way(
    line: ProductLine, mia: User
) -> None:
    browser, address = browser_of(mia), "/lines/phone-screens/settings/order/"
    browser.post(address, ORDER)

    response = browser.post(address, ORDER | {"rule": "mixed"})

    assert response.status_code == 409
    assert "still being put in order" in response.content.decode()
    assert QueueTerms.objects.get(line=line).rule == "unsure"


def test_a_manager_is_told_why_an_item_comes_when_it_comes(
    line: ProductLine, mia: User
) -> None:
    set_terms(line, rule="unsure", due_after_min=600)
    sure, _unsure = assist(line, 0.9, 0.2)
    count_queues()
    address = f"/lines/phone-screens/items/{sure.public_id}/"

    page = browser_of(mia).get(address).content.decode()

    assert "1 of the 2 that wait comes before it." in page
    assert "The model&#x27;s confidence is 0.900" in page or (
        "confidence is 0.900, so it lets less certain ones go first" in page
    )
    assert "It is due on" in page
    assert "It has the usual priority." in page


def test_who_may_still_read_an_item_is_not_told_whether_it_was_drawn(
    line: ProductLine, mia: User
) -> None:
    set_terms(line, rule="unsure")
    [item] = assist(line, 0.9, blind_share=1.0)
    people.give_role(mia, line, Role.INSPECTOR, by=None)
    address = f"/lines/phone-screens/items/{item.public_id}/"

    page = browser_of(mia).get(address).content.decode()

    assert "Why it comes when it comes" not in page
    Membership.objects.filter(user=mia, role=Role.INSPECTOR).delete()
    page = browser_of(mia).get(address).content.decode()
    assert "Its label is evidence" in page


def test_an_item_that_is_answered_has_no_place(
    line: ProductLine, ana: User, mia: User
) -> None:
    item = factories.make_item(line)
    factories.label_next(ana, line, "ok")

    page = browser_of(mia).get(f"/lines/phone-screens/items/{item.public_id}/")

    assert "Why it comes when it comes" not in page.content.decode()


def test_what_is_overdue_stands_on_the_board_and_on_the_line(
    line: ProductLine, mia: User
) -> None:
    factories.make_item(line)
    Review.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    count_queues()
    browser = browser_of(mia)

    assert "1 overdue" in browser.get("/").content.decode()
    assert "1 overdue" in browser.get("/lines/phone-screens/").content.decode()


def test_what_is_set_aside_stands_on_the_board_and_on_the_line(
    line: ProductLine, ana: User, mia: User
) -> None:
    people.give_role(ana, line, Role.SCIENTIST, by=None)
    line.skip_policy = SkipPolicy.OUT
    for _ in range(2):
        factories.make_item(line)
        skip(ana, line)
    count_queues()
    way = f'href="/lines/{line.slug}/set-aside/"'

    for address in ("/", f"/lines/{line.slug}/"):
        managers = browser_of(mia).get(address).content.decode()
        scientists = browser_of(ana).get(address).content.decode()
        assert f'<a class="chip" {way}>2 set aside</a>' in managers
        assert '<span class="chip">2 set aside</span>' in scientists
        assert way not in scientists


def test_what_was_sent_back_or_closed_is_told_no_more(
    line: ProductLine, ana: User, mia: User
) -> None:
    line.skip_policy = SkipPolicy.OUT
    for _ in range(2):
        factories.make_item(line)
        skip(ana, line)
    back, over = SetAside.objects.order_by("pk")
    asides.send_back(back.pk, line, by=mia)
    asides.close_aside(over.pk, line, by=mia, note="It fell off the belt.")
    count_queues()

    for address in ("/", f"/lines/{line.slug}/"):
        assert "set aside" not in browser_of(mia).get(address).content.decode()


def test_who_holds_an_item_elsewhere_is_told_where_and_since_when(
    other: ProductLine, line: ProductLine, ana: User
) -> None:
    front = factories.claim(ana, line)
    assert front.claimed_at is not None
    browser = browser_of(ana)

    before = browser.get(f"/lines/{other.slug}/review/")
    refused = browser.post(f"/lines/{other.slug}/review/begin/")

    assert (before.status_code, refused.status_code) == (200, 409)
    since = timezone.localtime(front.claimed_at)
    for page in (before.content.decode(), refused.content.decode()):
        assert "You are holding an item on <strong>Phone screens</strong>" in page
        assert f"since {since:%H:%M}" in page
        assert f'href="/reviews/{front.public_id}/"' in page
        assert 'name="let_go"' in page
    assert list(Review.objects.held_by(ana)) == [front]


def test_who_releases_it_there_starts_here_with_nothing_left_behind(
    other: ProductLine, line: ProductLine, ana: User
) -> None:
    factories.make_item(line)
    factories.claim(ana, line)
    assert Review.objects.in_hand_of(ana).count() == 2

    response = browser_of(ana).post(
        f"/lines/{other.slug}/review/begin/", {"let_go": "yes"}
    )

    [held] = Review.objects.in_hand_of(ana)
    assert held.line == other
    assert response["Location"] == f"/reviews/{held.public_id}/"


def test_a_claim_that_has_run_out_holds_nobody_up(
    other: ProductLine, line: ProductLine, ana: User
) -> None:
    factories.claim(ana, line)
    Review.objects.filter(claimed_by=ana).update(claimed_until="2020-01-01T00:00:00Z")

    response = browser_of(ana).post(f"/lines/{other.slug}/review/begin/")

    assert response.status_code == 302
    assert Review.objects.held_by(ana).get().line == other


def test_an_answer_is_not_taken_back_while_an_item_is_held_elsewhere(
    other: ProductLine, line: ProductLine, ana: User
) -> None:
    factories.label_next(ana, other, "ok")
    factories.claim(ana, line)

    response = browser_of(ana).post(f"/lines/{other.slug}/review/undo/")

    assert response.status_code == 409
    assert "You are holding an item on Phone screens" in response.content.decode()


def test_a_heartbeat_lets_the_claim_go_on_with_what_comes_next(
    line: ProductLine, ana: User
) -> None:
    for _ in range(2):
        factories.make_item(line)
    front = factories.claim(ana, line)
    soon = timezone.now() + timedelta(seconds=5)
    Review.objects.filter(claimed_by=ana).update(claimed_until=soon)

    response = browser_of(ana).post(
        "/lines/phone-screens/review/hold/", {"key": str(front.claim_token)}
    )

    assert response.status_code == 204
    left = [r.claimed_until for r in Review.objects.filter(claimed_by=ana)]
    assert len(left) == 2
    for until in left:
        assert until is not None
        assert until > soon + timedelta(seconds=200)


def test_a_heartbeat_brings_back_what_had_run_out_and_nobody_took(
    line: ProductLine, ana: User
) -> None:
    factories.make_item(line)
    front = factories.claim(ana, line)
    past = timezone.now() - timedelta(seconds=5)
    Review.objects.update(claimed_until=past)

    response = browser_of(ana).post(
        "/lines/phone-screens/review/hold/", {"key": str(front.claim_token)}
    )

    assert response.status_code == 204
    assert Review.objects.held_by(ana).get() == front


def test_a_heartbeat_is_refused_when_the_claim_is_lost(
    line: ProductLine, ana: User, ben: User
) -> None:
    factories.make_item(line)
    front = factories.claim(ana, line)
    Review.objects.update(claimed_until="2020-01-01T00:00:00Z")
    taken = factories.claim(ben, line)
    assert taken == front

    browser = browser_of(ana)
    for key in (front.claim_token, uuid4()):
        response = browser.post("/lines/phone-screens/review/hold/", {"key": str(key)})
        assert response.status_code == 409

    assert Review.objects.held_by(ben).get().claim_token == taken.claim_token


def test_no_heartbeat_keeps_an_item_from_others_for_ever(
    line: ProductLine, ana: User, ben: User
) -> None:
    factories.make_item(line)
    front = factories.claim(ana, line)
    began = timezone.now() - LONGEST_HELD
    Review.objects.update(claimed_at=began, claimed_until=began)

    response = browser_of(ana).post(
        "/lines/phone-screens/review/hold/", {"key": str(front.claim_token)}
    )

    assert response.status_code == 409
    assert reviews.claim_next(ben, line) == front


def test_the_page_says_how_often_its_heart_beats(line: ProductLine, ana: User) -> None:
    factories.make_item(line)
    browser = browser_of(ana)

    page = browser.post("/lines/phone-screens/review/begin/", follow=True)

    text = page.content.decode()
    assert 'data-beat="100"' in text, "three times in the 300 seconds of a claim"
    assert 'data-hold="/lines/phone-screens/review/hold/"' in text
    assert re.search(r"data-lost hidden", text)
