"""Vocabularies: kept once for a version, and what arrives is measured by them."""

import json
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from reviewapp.modalities.text import out_of_vocabulary
from reviewapp.models import (
    Cause,
    Item,
    Modality,
    ModelVersion,
    ProductLine,
    Scope,
    Vocabulary,
)
from reviewapp.models.vocabularies import MOST_WORDS
from reviewapp.policy import AutomationLevel
from reviewapp.services import tokens
from reviewapp.services.arrivals import Sent, check_arrivals
from reviewapp.services.imports import import_items
from reviewapp.services.policies import append_policy
from reviewapp.services.vocabularies import keep_vocabulary, vocabulary_of
from tests import factories

VOCABULARY_MIGRATIONS = {"0036", "0037", "0038", "0039"}
# Rows are read once a process, by their ids.
NEVER_READ = 10**9


@pytest.fixture
def desk(db: None) -> ProductLine:
    return factories.make_line("Desk", modality=Modality.TEXT)


@pytest.fixture
def live(desk: ProductLine) -> ModelVersion:
    """The desk's version, which knows three words."""
    version = factories.put_at(desk, AutomationLevel.SHADOW)
    assert version is not None
    keep_vocabulary(version, ["free", "entry", "now"])
    return version


def put_live(line: ProductLine, version: ModelVersion) -> None:
    append_policy(line, cause=Cause.PROMOTED, by=None, changes={"live_id": version.pk})


def arrived(line: ProductLine, written: str) -> float | str | None:
    [arrival] = check_arrivals(line, [Sent(external_id="a", text=written)])
    return arrival.input_metrics.get("out_of_vocabulary")


def test_texts_are_measured_by_the_words_of_the_live_version(
    desk: ProductLine, live: ModelVersion
) -> None:
    assert arrived(desk, "FREE free Viagra!") == pytest.approx(1 / 3)
    assert arrived(desk, "entry now") == 0


def test_nothing_is_new_before_anything_is_known(desk: ProductLine) -> None:
    assert arrived(desk, "free entry") is None

    factories.put_at(desk, AutomationLevel.SHADOW)

    assert vocabulary_of(desk) is None
    assert arrived(desk, "free entry") is None


def test_after_a_rollback_the_words_of_before_are_in_force(
    desk: ProductLine, live: ModelVersion
) -> None:
    other = factories.make_version(desk)
    put_live(desk, other)
    assert arrived(desk, "free") is None, "its own reference is not taken yet"
    keep_vocabulary(other, ["another"])
    assert arrived(desk, "free") == 1

    put_live(desk, live)

    assert arrived(desk, "free") == 0


def test_the_words_of_a_version_are_kept_once_and_never_changed(
    live: ModelVersion,
) -> None:
    keep_vocabulary(live, ["other"])

    kept = Vocabulary.objects.get(version=live)
    words = Vocabulary.objects.of_version(live).words()
    assert words is not None
    assert [word in words for word in ("free", "now", "other")] == [True, True, False]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Vocabulary.objects.update(key_check=1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        kept.delete()


def test_no_word_of_a_version_can_be_read_back(
    desk: ProductLine, live: ModelVersion
) -> None:
    other = factories.make_version(desk)
    keep_vocabulary(other, ["now", "entry", "free"])

    first, second = Vocabulary.objects.order_by("pk")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(v)::text FROM reviewapp_vocabulary v")
        rows = [row for (row,) in cursor.fetchall()]

    assert not [
        word for word in ("free", "entry", "now") for row in rows if word in row
    ]
    assert first.digests == sorted(first.digests), "in no order of how common they are"
    assert len(first.digests) == len(second.digests) == 3
    assert not {*first.digests} & {*second.digests}, "each version has its own key"
    assert "key" not in repr(vocabulary_of(desk))


def test_words_are_known_by_a_former_key_and_by_no_other(
    desk: ProductLine, live: ModelVersion, settings: Settings
) -> None:
    settings.SECRET_KEY, former = "b" * 50, settings.SECRET_KEY
    settings.SECRET_KEY_FALLBACKS = ["c" * 50, former]
    assert arrived(desk, "free Viagra") == 0.5

    settings.SECRET_KEY_FALLBACKS = ["c" * 50]

    # not measured: by another key every word would be new
    assert vocabulary_of(desk) is None
    assert arrived(desk, "free Viagra") is None


@pytest.mark.django_db
def test_words_that_were_stored_are_hashed_and_forgotten() -> None:
    loader = MigrationLoader(connection)
    made, *later = sorted(
        (app, name)
        for app, name in loader.graph.nodes
        if app == "reviewapp" and name[:4] in VOCABULARY_MIGRATIONS
    )
    version = factories.make_version(
        factories.make_line("Desk", modality=Modality.TEXT)
    )
    state = loader.project_state([("reviewapp", "0035_count_what_was_set_aside")])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP TABLE reviewapp_vocabulary")
        with connection.schema_editor() as editor:
            state = loader.get_migration(*made).apply(state, editor)
        cursor.execute(
            "INSERT INTO reviewapp_vocabulary (id, version_id, words)"
            " VALUES (%s, %s, ARRAY['the', 'zebra', 'café'])",
            [NEVER_READ, version.pk],
        )

    for one in later:
        with connection.schema_editor() as editor:
            state = loader.get_migration(*one).apply(state, editor)

    kept = Vocabulary.objects.get()
    assert len(kept.digests) == 3
    known = Vocabulary.objects.of_version(version).words()
    assert known is not None
    assert out_of_vocabulary("The café, the okapi", known) == 0.25
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Vocabulary.objects.update(key_check=1)


@pytest.mark.django_db
def test_the_words_are_never_emptied() -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE reviewapp_vocabulary")


@pytest.mark.parametrize("count", [0, MOST_WORDS + 1])
def test_a_vocabulary_without_words_or_end_is_refused(
    desk: ProductLine, count: int
) -> None:
    version = factories.make_version(desk)

    with (
        pytest.raises(IntegrityError, match="a_vocabulary_has_words_and_an_end"),
        transaction.atomic(),
    ):
        keep_vocabulary(version, [str(n) for n in range(count)])


def test_words_are_asked_for_once_a_batch_and_read_once_a_process(
    desk: ProductLine,
    live: ModelVersion,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    sent = [Sent(external_id=f"{n}", text="free entry") for n in range(50)]
    check_arrivals(desk, sent)

    with django_assert_num_queries(1):
        check_arrivals(desk, sent)


def test_items_of_another_kind_cost_no_statement(
    line: ProductLine, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sent = [Sent(external_id="a", values={"width": 1.0, "height": 2.0})]

    with django_assert_num_queries(0):
        check_arrivals(line, sent)


@pytest.mark.parametrize("name", ["texts.csv", "texts.jsonl"])
def test_imported_texts_are_measured_by_the_same_words(
    desk: ProductLine, live: ModelVersion, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    row = json.dumps({"external_id": "a", "text": "Free drinks"})
    path.write_text("id,text\na,Free drinks\n" if name.endswith("csv") else row)

    import_items(desk, path, tell=lambda _what, _count: None)

    assert Item.objects.get().input_metrics["out_of_vocabulary"] == 0.5


def test_texts_that_are_handed_in_are_measured_by_the_same_words(
    client: Client, desk: ProductLine, live: ModelVersion
) -> None:
    _token, secret = tokens.create_token(
        desk, name="sender", scopes=[Scope.INGEST], by=None
    )

    response = client.post(
        f"/api/lines/{desk.slug}/items",
        json.dumps({"external_id": "a", "text": "Free drinks"}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )

    assert response.status_code == 201
    assert Item.objects.get().input_metrics["out_of_vocabulary"] == 0.5
