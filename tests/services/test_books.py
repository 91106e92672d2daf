"""The label book: drafts, editions that never change, examples that leak nothing."""

import pytest
from django.db import IntegrityError, connection, transaction

from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import (
    BookDefinition,
    BookEdition,
    BookExample,
    Item,
    Label,
    ProductLine,
    Record,
    Review,
    User,
)
from reviewapp.services import books, corrections, datasets, reviews
from reviewapp.services.book_pages import changes_between, chapters_of, news_for
from tests import factories
from tests.threads import together


def settled(line: ProductLine, reader: User, key: str = "ok") -> Item:
    item = factories.make_item(line)
    factories.label_next(reader, line, key)
    item.refresh_from_db()
    return item


def test_a_draft_begins_as_a_copy_and_changes_nothing_in_force(
    line: ProductLine, ana: User, mia: User
) -> None:
    item = settled(line, ana)
    books.begin_draft(line, by=mia)
    books.define(line, {"ok": "no mark", "scratch": "a mark"})
    factories.make_example(line, item, "ok", by=mia)
    first = books.publish(line, note="the first", by=mia)

    draft = books.begin_draft(line, by=mia)
    books.define(line, {"scratch": "a mark longer than 2 mm"})

    assert (draft.number, books.begin_draft(line, by=mia)) == (2, draft)
    assert [one.item for one in draft.examples.all()] == [item]
    line.refresh_from_db()
    assert line.edition == first
    texts = [chapter.definition for chapter in chapters_of(first)]
    assert texts == ["no mark", "a mark"]


def test_a_published_edition_is_never_changed(
    line: ProductLine, ana: User, mia: User
) -> None:
    item = settled(line, ana)
    books.begin_draft(line, by=mia)
    factories.make_example(line, item, "ok", by=mia)
    edition = factories.make_edition(line, by=mia)

    def refuses(change: object) -> bool:
        try:
            with transaction.atomic():
                change()  # type: ignore[operator]  # one of the acts below
        except IntegrityError:
            return True
        return False

    assert refuses(lambda: BookEdition.objects.update(note="other"))
    assert refuses(lambda: BookDefinition.objects.update(text="other"))
    assert refuses(lambda: BookDefinition.objects.all().delete())
    assert refuses(lambda: BookExample.objects.update(note="other"))
    assert refuses(lambda: BookExample.objects.all().delete())
    assert refuses(
        lambda: BookDefinition.objects.create(
            edition=edition, label_class=line.classes.get(key="scratch"), text="late"
        )
    )
    assert Record.objects.get(action="book.published").reason == "the first"


@pytest.mark.parametrize("note", ["", "  "])
def test_nothing_is_published_without_a_word_on_what_changed(
    line: ProductLine, mia: User, note: str
) -> None:
    books.begin_draft(line, by=mia)
    books.define(line, {"ok": "no mark"})

    with pytest.raises(InvalidInputError, match="what changed"):
        books.publish(line, note=note, by=mia)


def test_a_class_that_is_not_in_use_is_not_defined(
    line: ProductLine, mia: User
) -> None:
    books.begin_draft(line, by=mia)

    with pytest.raises(InvalidInputError, match="dent"):
        books.define(line, {"dent": "pressed in"})


def test_every_label_keeps_the_edition_its_item_was_shown_under(
    line: ProductLine, ana: User, mia: User
) -> None:
    for _ in range(3):
        factories.make_item(line)
    factories.label_next(ana, line, "ok")  # the second is in front, before any edition
    first = factories.make_edition(line, by=mia)
    factories.label_next(ana, line, "ok")
    # the third came to the front after the edition was published
    factories.make_edition(line, by=mia, note="the second", ok="no mark at all")

    factories.label_next(ana, line, "ok")

    kept = Label.objects.order_by("pk").values_list("edition", flat=True)
    assert list(kept) == [None, None, first.pk]


def test_an_export_names_the_edition_of_each_label_that_has_one(
    line: ProductLine, ana: User, mia: User
) -> None:
    settled(line, ana)
    factories.make_edition(line, by=mia)
    settled(line, ana)

    rows = list(datasets.rows_of(datasets.take_snapshot(line, by=mia)))

    assert [row.get("edition") for row in rows] == [None, 1]
    assert "edition" not in rows[0]


def test_an_answer_that_is_taken_back_is_shown_under_the_edition_of_now(
    line: ProductLine, ana: User, mia: User
) -> None:
    settled(line, ana)
    edition = factories.make_edition(line, by=mia)

    reopened = corrections.undo_last(ana, line)

    assert reopened.edition == edition


@pytest.mark.parametrize("how", ["waits", "unsettled"])
def test_an_item_that_somebody_must_still_judge_is_no_example(
    line: ProductLine, ana: User, mia: User, how: str
) -> None:
    item = factories.make_item(line)
    if how == "unsettled":
        factories.label_next(ana, line, None)

    with pytest.raises(ConflictError):
        factories.make_example(line, item, "ok", by=mia)

    assert not BookExample.objects.exists()


def test_an_example_is_never_asked_about_again(
    line: ProductLine, ana: User, mia: User
) -> None:
    item = settled(line, ana)
    factories.make_example(line, item, "ok", by=mia)

    with pytest.raises(ConflictError, match="label book"):
        corrections.undo_last(ana, line)

    assert not Review.objects.filter(item=item, closed_at=None).exists()
    assert reviews.claim_next(ana, line) is None


def test_gold_and_examples_are_never_the_same_item(
    line: ProductLine, mia: User
) -> None:
    item = factories.make_adjudicated(line, "scratch")
    factories.make_gold(line, "scratch", by=mia)
    known = Item.objects.get(gold__isnull=False)

    with pytest.raises(ConflictError, match="gold"):
        factories.make_example(line, known, "ok", by=mia)
    factories.make_example(line, item, "scratch", by=mia)

    assert [e.item for e in BookExample.objects.all()] == [item]


def test_news_are_what_changed_since_the_edition_read_last(
    line: ProductLine, ana: User, mia: User
) -> None:
    assert not books.has_news(line, ana)
    first = factories.make_edition(line, by=mia, ok="no mark", scratch="a mark")
    assert books.has_news(line, ana)
    books.note_seen(line, first.pk, by=ana)
    assert not books.has_news(line, ana)
    factories.make_edition(line, by=mia, note="tighter", scratch="longer than 2 mm")

    news = news_for(line, ana)

    assert books.has_news(line, ana)
    assert news is not None
    assert [one.note for one in news.notes] == ["tighter"]
    [change] = news.changes
    assert (change.label_class.key, change.before) == ("scratch", "a mark")
    assert change.after == "longer than 2 mm"
    assert len(changes_between(None, first)) == 2


def test_a_draft_that_is_thrown_away_leaves_the_edition_in_force(
    line: ProductLine, mia: User
) -> None:
    edition = factories.make_edition(line, by=mia)
    books.begin_draft(line, by=mia)

    books.discard_draft(line)

    assert list(BookEdition.objects.all()) == [edition]


@pytest.mark.django_db(transaction=True)
def test_two_managers_who_begin_at_once_have_one_draft(line: ProductLine) -> None:
    managers = [factories.make_manager(line, name) for name in ("mia", "max")]

    def begin(by: User) -> None:
        books.begin_draft(line, by=by)

    together(*[lambda by=by: begin(by) for by in managers])

    assert BookEdition.objects.drafts().count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["bookedition", "bookdefinition", "bookexample"])
def test_the_book_is_never_emptied(table: str) -> None:
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"TRUNCATE reviewapp_{table} CASCADE")
