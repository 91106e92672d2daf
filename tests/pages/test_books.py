"""The pages of the label book: read by all of a line, written by its managers."""

import pytest
from django.test import Client

from reviewapp.models import BookEdition, BookExample, Item, ProductLine, Review, User
from reviewapp.services import books, media
from tests import factories
from tests.modalities.test_image import grey_png
from tests.pages.test_levels import browser_of


@pytest.fixture
def mia_browser(mia: User) -> Client:
    return browser_of(mia)


def settled(line: ProductLine, reader: User, key: str = "ok") -> Item:
    item = factories.make_item(line)
    factories.label_next(reader, line, key)
    item.refresh_from_db()
    return item


def test_a_manager_writes_publishes_and_everybody_reads(
    line: ProductLine, ana_browser: Client, mia_browser: Client
) -> None:
    at = f"/lines/{line.slug}/book/"
    assert "no label book yet" in ana_browser.get(at).content.decode()
    mia_browser.post(f"{at}draft/begin/")
    mia_browser.post(
        f"{at}draft/", {"ok": "No mark over 2 mm.", "scratch": "Over 2 mm."}
    )
    assert "over 2 mm" not in ana_browser.get(at).content.decode().lower()

    page = mia_browser.post(f"{at}draft/publish/", {"note": "first"}, follow=True)

    assert "Edition 1 is in force" in page.content.decode()
    shown = ana_browser.get(at).content.decode()
    assert "No mark over 2 mm." in shown
    assert 'id="book-scratch"' in shown
    part = ana_browser.get(at, headers={"hx-request": "true"}).content.decode()
    assert part.lstrip().startswith('<section id="label-book"')


def test_publishing_without_a_word_keeps_the_draft(
    line: ProductLine, mia_browser: Client, mia: User
) -> None:
    books.begin_draft(line, by=mia)
    books.define(line, {"ok": "no mark"})

    response = mia_browser.post(f"/lines/{line.slug}/book/draft/publish/", {"note": ""})

    assert response.status_code == 422
    assert BookEdition.objects.get().published_at is None


def test_an_item_goes_into_the_draft_from_its_page_and_out_again(
    line: ProductLine, ana: User, mia_browser: Client
) -> None:
    item = settled(line, ana)
    address = f"/lines/{line.slug}/items/{item.public_id}/"
    assert "Put it into the label book" in mia_browser.get(address).content.decode()

    page = mia_browser.post(
        f"{address}example/",
        {"label_class": "ok", "kind": "counter", "note": "the rim"},
        follow=True,
    )

    assert "the rim" in page.content.decode()
    example = BookExample.objects.get()
    mia_browser.post(f"/lines/{line.slug}/book/examples/{example.public_id}/remove/")
    assert not BookExample.objects.exists()


def test_an_example_has_an_address_of_its_own_and_says_when_it_is_gone(
    ana: User, mia: User, db: None
) -> None:
    line = factories.make_line("Pictures", modality="image")  # type: ignore[arg-type]  # its value
    reader = factories.make_inspector(line, "rea")
    manager = factories.make_manager(line, "max")
    item = factories.make_content(line, grey_png(40, 30, depth=8))
    factories.label_next(reader, line, "ok")
    item.refresh_from_db()
    factories.make_example(line, item, "ok", by=manager)
    example = BookExample.objects.get()
    address = f"/lines/{line.slug}/book/examples/{example.public_id}/medium/"
    of_reader = browser_of(reader)
    assert of_reader.get(address).status_code == 404, "a draft is its managers' alone"
    factories.make_edition(line, by=manager)
    medium = of_reader.get(address)
    assert medium["Content-Type"] == "image/png"
    assert b"".join(medium)  # read to the end, which closes the file
    page = of_reader.get(f"/lines/{line.slug}/book/").content.decode()
    assert address in page
    assert str(item.public_id) not in page
    assert str(Review.objects.get().public_id) not in page

    media.remove_medium(item.payload.media_path)

    assert of_reader.get(address).status_code == 404
    page = of_reader.get(f"/lines/{line.slug}/book/").content.decode()
    assert "has been erased" in page


def test_what_is_new_is_shown_once_before_the_next_item(
    line: ProductLine, ana: User, mia: User, ana_browser: Client
) -> None:
    factories.make_item(line)
    edition = factories.make_edition(line, by=mia, note="tighter")
    begin = f"/lines/{line.slug}/review/begin/"

    page = ana_browser.post(begin, follow=True).content.decode()

    assert "tighter" in page
    assert f'name="seen" value="{edition.pk}"' in page
    assert not Review.objects.held_by(ana).exists()
    page = ana_browser.post(begin, {"seen": edition.pk}, follow=True).content.decode()
    assert "Is there a defect?" in page
    assert "tighter" not in ana_browser.post(begin, follow=True).content.decode()


@pytest.mark.parametrize("headers", [{"hx-request": "true"}, {}])
def test_what_is_published_during_a_shift_comes_before_the_next_item(
    line: ProductLine,
    ana: User,
    mia: User,
    ana_browser: Client,
    headers: dict[str, str],
) -> None:
    for _ in range(3):
        factories.make_item(line)
    ana_browser.post(f"/lines/{line.slug}/review/begin/")
    review = Review.objects.held_by(ana).get()
    edition = factories.make_edition(line, by=mia, note="tighter")

    response = ana_browser.post(
        f"/reviews/{review.public_id}/answer/",
        {"key": str(review.claim_token), "answer": "ok"},
        headers=headers,
        follow=True,
    )

    page = response.content.decode()
    assert "tighter" in page
    assert Review.objects.get(pk=review.pk).closed_at is not None, "nothing is lost"
    if headers:
        assert page.lstrip().startswith('<section id="review"')
        assert response["HX-Push-Url"] == f"/lines/{line.slug}/book/news/"
    held = Review.objects.held_by(ana).get()
    page = ana_browser.post(
        f"/lines/{line.slug}/review/begin/", {"seen": edition.pk}, follow=True
    ).content.decode()
    assert str(held.public_id) in page, "the item that was held meanwhile"


def test_an_edition_that_was_published_meanwhile_is_not_taken_as_read(
    line: ProductLine, ana: User, mia: User, ana_browser: Client
) -> None:
    factories.make_item(line)
    first = factories.make_edition(line, by=mia)
    factories.make_edition(line, by=mia, note="tighter")

    page = ana_browser.post(
        f"/lines/{line.slug}/review/begin/", {"seen": first.pk}, follow=True
    )

    assert "tighter" in page.content.decode()


def test_the_workbench_has_the_book_at_hand_where_there_is_one(
    line: ProductLine, ana: User, mia: User, ana_browser: Client
) -> None:
    factories.make_item(line)
    begin = f"/lines/{line.slug}/review/begin/"
    assert "data-book" not in ana_browser.post(begin, follow=True).content.decode()
    edition = factories.make_edition(line, by=mia)

    page = ana_browser.post(begin, {"seen": edition.pk}, follow=True).content.decode()

    assert f'data-edition="{edition.pk}"' in page
    assert 'data-hotkey="l"' in page


def test_editions_stand_in_the_history(
    line: ProductLine, mia_browser: Client, mia: User
) -> None:
    factories.make_edition(line, by=mia, note="tighter")

    page = mia_browser.get(f"/lines/{line.slug}/history/").content.decode()

    assert "Edition 1" in page
    assert "tighter" in page
