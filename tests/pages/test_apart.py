"""What is said of an item apart from its class, on the pages that say and show it."""

import json

import pytest
from django.test import Client

from reviewapp.models import (
    Flag,
    Label,
    Membership,
    ProductLine,
    Record,
    Review,
    SetAside,
    SkipPolicy,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import datasets, reviews
from tests import factories

HTMX = {"hx-request": "true"}


@pytest.fixture
def held(line: ProductLine, ana: User) -> Review:
    """The review that Ana has in front."""
    factories.make_item(line, "part-7")
    review = reviews.claim_next(ana, line)
    assert review is not None
    return review


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend="reviewapp.sessions.PersonBackend")
    return browser


def key_of(review: Review) -> dict[str, str]:
    return {"key": str(review.claim_token)}


def set_line(line: ProductLine, **terms: object) -> None:
    ProductLine.objects.filter(pk=line.pk).update(**terms)


def test_a_skip_offers_the_usual_reasons_each_with_a_digit(
    ana_browser: Client, held: Review
) -> None:
    page = ana_browser.get(f"/reviews/{held.public_id}/").content.decode()

    for number, code in enumerate(
        ["bad_image", "wrong_line", "unclear_book", "other"], start=1
    ):
        assert f'name="reason" value="{code}" data-hotkey="{number}"' in page


def test_a_line_has_reasons_of_its_own(
    ana_browser: Client, line: ProductLine, held: Review
) -> None:
    set_line(line, skip_reasons=["Film still on"])

    page = ana_browser.get(f"/reviews/{held.public_id}/").content.decode()
    ana_browser.post(
        f"/reviews/{held.public_id}/skip/", key_of(held) | {"reason": "Film still on"}
    )

    assert 'value="Film still on" data-hotkey="1"' in page
    assert 'value="bad_image" data-hotkey="1"' in page, "that is the flag"
    assert 'value="unclear_book"' not in page
    assert Record.objects.get(action="review.skipped").reason == "Film still on"


def test_an_invented_reason_is_something_else(
    ana_browser: Client, held: Review
) -> None:
    ana_browser.post(
        f"/reviews/{held.public_id}/skip/", key_of(held) | {"reason": "<b>"}
    )

    assert Record.objects.get(action="review.skipped").reason == "other"


def test_a_flag_leaves_the_item_in_front_and_stands_in_list_and_story(
    ana_browser: Client, line: ProductLine, held: Review, mia: User
) -> None:
    factories.make_item(line, "part-8")
    sent = key_of(held) | {"kind": "bad_image"}

    response = ana_browser.post(f"/reviews/{held.public_id}/flag/", sent, headers=HTMX)

    assert "Flagged: Bad image." in response.content.decode()
    assert str(held.claim_token) in response.content.decode()
    assert Flag.objects.count() == 1
    manager = browser_of(mia)
    listed = manager.get(f"/lines/{line.slug}/items/?flagged").content.decode()
    assert "part-7" in listed
    assert "part-8" not in listed
    address = f"/lines/{line.slug}/items/{held.item.public_id}/"
    assert "ana flagged it: Bad image" in manager.get(address).content.decode()


def test_a_flag_without_scripts_leads_back_to_the_item(
    ana_browser: Client, held: Review
) -> None:
    sent = key_of(held) | {"kind": "wrong_line"}

    response = ana_browser.post(f"/reviews/{held.public_id}/flag/", sent)

    assert response["Location"] == f"/reviews/{held.public_id}/"


def test_a_flag_of_no_kind_is_refused(ana_browser: Client, held: Review) -> None:
    sent = key_of(held) | {"kind": "ugly"}

    response = ana_browser.post(f"/reviews/{held.public_id}/flag/", sent, headers=HTMX)

    assert response.status_code == 422
    assert not Flag.objects.exists()


def test_a_comment_is_stored_told_and_exported(
    ana_browser: Client, line: ProductLine, held: Review, mia: User
) -> None:
    page = ana_browser.get(f"/reviews/{held.public_id}/").content.decode()
    sent = key_of(held) | {"answer": "ok", "comment": "glare at the edge"}

    ana_browser.post(f"/reviews/{held.public_id}/answer/", sent)

    assert 'for="comment" data-hotkey="c"' in page
    label = Label.objects.get()
    assert label.comment == "glare at the edge"
    story = browser_of(mia).get(f"/lines/{line.slug}/items/{held.item.public_id}/")
    assert "“glare at the edge”" in story.content.decode()
    assert datasets.row_of(label, None)["comment"] == "glare at the edge"


def test_a_passing_answer_that_comes_too_soon_stays_chosen(
    ana_browser: Client, line: ProductLine, held: Review
) -> None:
    set_line(line, least_look_s=30)
    sent = key_of(held) | {"answer": "ok", "comment": "clear"}

    response = ana_browser.post(
        f"/reviews/{held.public_id}/answer/", sent, headers=HTMX
    )

    page = response.content.decode()
    assert response.status_code == 409
    assert "seconds more before you let it pass" in page
    [button] = [part for part in page.split("<button") if 'value="ok"' in part]
    assert "data-pressed" in button
    assert ">clear</textarea>" in page
    assert not Label.objects.exists()


@pytest.mark.parametrize("shows", [False, True])
def test_an_adjudicator_sees_bare_answers_only_where_the_line_says_so(
    line: ProductLine, ana: User, ben: User, *, shows: bool
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, reads_per_item=2)
    set_line(line, shows_earlier_answers=shows)
    eva = factories.make_inspector(line, "eva")
    Membership.objects.filter(user=eva).update(is_adjudicator=True)
    factories.make_item(line)
    factories.label_next(
        ana,
        line,
        "scratch",
    )
    factories.label_next(ben, line, "ok")
    review = reviews.claim_next(eva, line)
    assert review is not None

    page = browser_of(eva).get(f"/reviews/{review.public_id}/").content.decode()

    assert ("Earlier readers said: OK, Scratch." in page) is shows
    assert not {"ana", "ben"} & set(page.replace("<", " ").replace(">", " ").split())


def test_what_is_set_aside_is_sent_back_or_closed_with_a_note(
    line: ProductLine, ana: User, mia: User
) -> None:
    line.skip_policy = SkipPolicy.OUT
    manager, address = browser_of(mia), f"/lines/{line.slug}/set-aside/"
    for name in ("part-1", "part-2"):
        factories.make_item(line, name)
    for _ in range(2):
        review = reviews.claim_next(ana, line)
        assert review is not None
        assert review.claim_token is not None
        reviews.skip_review(
            review.public_id, line, by=ana, key=review.claim_token, reason="bad_image"
        )
    first, second = SetAside.objects.order_by("pk")
    page = manager.get(address).content.decode()
    assert "part-1" in page
    assert "Skipped: Bad image" in page

    sent_back = manager.post(f"{address}{first.pk}/return/", follow=True)
    refused = manager.post(f"{address}{second.pk}/close/")
    closed = manager.post(f"{address}{second.pk}/close/", {"note": "lens covered"})

    assert "part-1 waits again." in sent_back.content.decode()
    assert refused.status_code == 422
    assert closed["Location"] == address
    assert Review.objects.waiting_on(line).get().item == first.item
    story = manager.get(f"/lines/{line.slug}/items/{second.item.public_id}/")
    assert "lens covered" in story.content.decode()
    assert manager.post(f"{address}{second.pk}/return/").status_code == 409
    assert manager.post(f"{address}987654/return/").status_code == 404


def test_a_manager_sets_reads_reasons_and_the_shortest_look(
    line: ProductLine, mia: User
) -> None:
    manager = browser_of(mia)
    looks = {
        "blind_share": "0.1",
        "assist_style": "answer_first",
        "reads_per_item": "2",
        "seen_policy": str(line.in_force.number),
    }
    bench = {
        "hand_size": "2",
        "skip_policy": "out",
        "skip_reasons": "Film still on\nBroken",
        "least_look_s": "3",
        "shows_earlier_answers": "on",
    }

    manager.post(f"/lines/{line.slug}/settings/looks/", looks)
    manager.post(f"/lines/{line.slug}/settings/bench/", bench)
    manager.post(
        f"/lines/{line.slug}/people/",
        {"username": "mia", "role": "inspector", "is_adjudicator": "on"},
    )

    line.refresh_from_db()
    assert line.in_force.reads_per_item == 2
    assert (line.skip_policy, line.least_look_s) == ("out", 3)
    assert [name.strip() for name in line.skip_reasons] == ["Film still on", "Broken"]
    assert line.shows_earlier_answers
    assert Membership.objects.get(user=mia, role="inspector").is_adjudicator
    assert json.dumps(line.skip_reasons) == '["Film still on", "Broken"]'


def test_a_line_of_several_reads_says_that_nobody_adjudicates(
    line: ProductLine, ana: User, mia: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW, reads_per_item=2)
    manager, address = browser_of(mia), f"/lines/{line.slug}/people/"

    assert "Nobody adjudicates here" in manager.get(address).content.decode()
    Membership.objects.filter(user=ana).update(is_adjudicator=True)
    page = manager.get(address).content.decode()

    assert "Nobody adjudicates here" not in page
    assert "and adjudicator" in page
