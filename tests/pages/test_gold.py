"""The pages of gold: kept by managers, and read on purpose by inspectors."""

import re

import pytest
from django.test import Client

from reviewapp.models import (
    GoldItem,
    GoldRead,
    GoldRun,
    Label,
    ProductLine,
    Record,
    Review,
    Role,
    User,
)
from reviewapp.services import gold, people
from tests import factories
from tests.pages.test_levels import browser_of

PLACE = re.compile(r'name="place" value="(\d+)"')


@pytest.fixture
def mia_browser(mia: User) -> Client:
    return browser_of(mia)


def fill(line: ProductLine, by: User, n: int) -> None:
    for number in range(n):
        factories.make_gold(line, ("scratch", "ok")[number % 2], by=by)


def test_a_manager_makes_gold_of_what_was_disputed_and_retires_it(
    line: ProductLine, mia_browser: Client
) -> None:
    item = factories.make_adjudicated(line, "scratch")
    at = f"/lines/{line.slug}/gold/"
    assert item.external_id in mia_browser.get(at).content.decode()

    mia_browser.post(f"/lines/{line.slug}/items/{item.public_id}/gold/")

    page = mia_browser.get(at).content.decode()
    assert "1 gold item in use" in page
    gold = GoldItem.objects.get()
    mia_browser.post(f"{at}{gold.pk}/retire/")
    assert "0 gold items in use" in mia_browser.get(at).content.decode()


def test_terms_are_typed_in_percent_and_kept(
    line: ProductLine, mia_browser: Client
) -> None:
    given = {
        "share": "2.5",
        "rest_days": "60",
        "most_reads": "20",
        "qualification_size": "20",
        "hits": "80",
        "false_alarms": "20",
        "valid_days": "90",
    }

    mia_browser.post(f"/lines/{line.slug}/gold/terms/", given)

    line.refresh_from_db()
    assert (line.gold_share, line.qualification_size) == (0.025, 20)
    assert (line.gold_terms.rest_days, line.gold_terms.least_hits) == (60, 0.8)
    assert Record.objects.get(action="gold.terms_set").details["share"] == 0.025
    for bad in ({"share": "40"}, {"qualification_size": "3"}, {"rest_days": "0"}):
        response = mia_browser.post(f"/lines/{line.slug}/gold/terms/", given | bad)
        assert response.status_code == 422, bad


def test_a_warm_up_tells_what_each_item_was(
    line: ProductLine, ana_browser: Client, mia: User
) -> None:
    fill(line, mia, 6)
    factories.make_item(line)
    queue = ana_browser.get(f"/lines/{line.slug}/review/").content.decode()
    assert "Warm up first" in queue
    address = f"/lines/{line.slug}/gold/runs/begin/"
    page = ana_browser.post(address, {"use": "warm_up"}, follow=True).content.decode()
    run = GoldRun.objects.get()
    truth = GoldRead.objects.get(run=run, place=1).gold.label_class

    for _ in range(6):
        found = PLACE.search(page)
        assert found
        page = ana_browser.post(
            f"/lines/{line.slug}/gold/runs/{run.pk}/",
            {"place": found[1], "answer": "scratch"},
            follow=True,
        ).content.decode()
        if found[1] == "1":
            assert f"The last one was <strong>{truth}</strong>" in page

    assert "Warm enough to begin" in page


def test_a_qualification_is_blind_and_says_at_the_end_how_it_went(
    line: ProductLine, ana_browser: Client, mia: User
) -> None:
    fill(line, mia, 10)
    ProductLine.objects.filter(pk=line.pk).update(qualification_size=10)
    factories.make_item(line)
    queue = ana_browser.get(f"/lines/{line.slug}/review/").content.decode()
    assert "asks for a qualification" in queue
    begun = ana_browser.post(f"/lines/{line.slug}/review/begin/", follow=True)
    assert "asks for a qualification" in begun.content.decode()
    address = f"/lines/{line.slug}/gold/runs/begin/"
    page = ana_browser.post(
        address, {"use": "qualification"}, follow=True
    ).content.decode()
    run = GoldRun.objects.get()

    while found := PLACE.search(page):
        assert "The last one was" not in page
        read = GoldRead.objects.get(run=run, place=found[1])
        page = ana_browser.post(
            f"/lines/{line.slug}/gold/runs/{run.pk}/",
            {"place": found[1], "answer": read.gold.label_class.key},
            follow=True,
        ).content.decode()

    assert "You are qualified" in page
    assert "5 of 5" in page
    page = browser_of(mia).get(f"/lines/{line.slug}/gold/").content.decode()
    assert page.count("never") == line.memberships.filter(role="inspector").count() - 1


def test_a_run_is_its_readers_alone(
    line: ProductLine, ana_browser: Client, ben: User, mia: User
) -> None:
    fill(line, mia, 6)
    ana_browser.post(f"/lines/{line.slug}/gold/runs/begin/", {"use": "warm_up"})
    run = GoldRun.objects.get()

    other = browser_of(ben).get(f"/lines/{line.slug}/gold/runs/{run.pk}/")

    assert other.status_code == 404


def test_too_little_gold_is_said_on_the_queue_page(
    line: ProductLine, ana_browser: Client, mia: User
) -> None:
    fill(line, mia, 1)

    page = ana_browser.post(
        f"/lines/{line.slug}/gold/runs/begin/", {"use": "warm_up"}, follow=True
    )

    assert "This takes 5 gold items" in page.content.decode()


def write_on_gold(
    line: ProductLine, reader: User, words: str, *, by: User
) -> tuple[GoldRead, Client]:
    """Let somebody meet gold in the work and write on it, in a browser."""
    factories.make_gold(line, "scratch", by=by)
    ProductLine.objects.filter(pk=line.pk).update(gold_share=1.0)
    browser = browser_of(reader)
    for _ in range(2):
        factories.make_item(line)
    browser.post(f"/lines/{line.slug}/review/begin/")
    while not GoldRead.objects.filter(answered_at__isnull=False).exists():
        front = Review.objects.held_by(reader).get()
        browser.post(
            f"/reviews/{front.public_id}/answer/",
            {"key": str(front.claim_token), "answer": "ok", "comment": words},
        )
    return GoldRead.objects.get(), browser


def test_what_is_written_on_gold_is_kept_and_read_by_its_managers(
    line: ProductLine, ana: User, mia: User, mia_browser: Client
) -> None:
    read, _browser = write_on_gold(line, ana, "A <hair>, I think.", by=mia)

    page = mia_browser.get(f"/lines/{line.slug}/gold/").content.decode()
    story = mia_browser.get(
        f"/lines/{line.slug}/items/{read.gold.item.public_id}/"
    ).content.decode()

    assert read.comment == "A <hair>, I think."
    assert not Label.objects.filter(item=read.gold.item, inspector=ana).exists()
    assert '<q dir="auto">A &lt;hair&gt;, I think.</q>' in page
    assert str(ana) not in page.partition("Written on gold")[2].partition("</ul>")[0]
    assert "Somebody read it as gold and wrote" in story
    assert "“A &lt;hair&gt;, I think.”" in story


def test_what_was_written_with_an_answer_taken_back_is_not_shown(
    line: ProductLine, ana: User, mia: User, mia_browser: Client
) -> None:
    read, browser = write_on_gold(line, ana, "A hair.", by=mia)
    assert read.review is not None

    browser.post(f"/reviews/{read.review.public_id}/correct/")

    page = mia_browser.get(f"/lines/{line.slug}/gold/").content.decode()
    assert "Written on gold" not in page


def test_whoever_may_still_be_dealt_the_item_is_not_told_that_it_is_gold(
    line: ProductLine, ana: User, ben: User, mia: User
) -> None:
    read, _browser = write_on_gold(line, ana, "A hair.", by=mia)
    people.give_role(ben, line, Role.SCIENTIST, by=None)
    at = f"/lines/{line.slug}/items/{read.gold.item.public_id}/"

    before = browser_of(ben).get(at).content.decode()
    gold.retire_gold(read.gold, by=mia)
    after = browser_of(ben).get(at).content.decode()

    assert "A hair." not in before
    assert "gold" not in before.lower().partition("<main")[2]
    assert "“A hair.”" in after
