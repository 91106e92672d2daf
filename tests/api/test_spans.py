"""Spans that come with a text: by the API and by file, shown, exported, harmless."""

import json
from pathlib import Path

import pytest
from django.test import Client

from reviewapp.errors import RefusedError
from reviewapp.models import Item, Modality, ProductLine, Scope
from reviewapp.services import tokens
from reviewapp.services.datasets import rows_of, take_snapshot
from reviewapp.services.imports import import_items
from tests import factories
from tests.pages.test_content import begin, browser_of

EVIL = "<img src=x onerror=alert(1)>\"'"


@pytest.fixture
def desk(db: None) -> ProductLine:
    return factories.make_line("Desk", modality=Modality.TEXT)


def send(client: Client, line: ProductLine, **item: object) -> tuple[int, str]:
    _token, secret = tokens.create_token(
        line, name="sender", scopes=[Scope.INGEST], by=None
    )
    response = client.post(
        f"/api/lines/{line.slug}/items",
        json.dumps({"external_id": "a", **item}),
        content_type="application/json",
        headers={"authorization": f"Bearer {secret}"},
    )
    return response.status_code, response.json().get("code", "")


def test_spans_are_kept_shown_and_exported_with_their_text(
    client: Client, desk: ProductLine
) -> None:
    spans = [[0, 3, "prize"], [4, 7, EVIL]]

    assert send(client, desk, text="Win <b> now", spans=spans) == (201, "")

    assert Item.objects.get().payload.spans == spans
    ana = factories.make_inspector(desk, "ana")
    page = begin(browser_of(ana), desk)
    assert '<mark class="span" data-label="prize">Win</mark> <mark' in page
    assert "&lt;b&gt;</mark> now</section>" in page
    assert EVIL not in page
    factories.label_next(ana, desk, "ok")
    [row] = rows_of(take_snapshot(desk, by=None))
    assert row["spans"] == spans


def test_the_same_text_with_other_spans_is_another_content(
    client: Client, desk: ProductLine
) -> None:
    send(client, desk, text="Win now", spans=[[0, 3, "prize"]])

    repeated = send(client, desk, text="Win now", spans=[[0, 3, "prize"]])
    other = send(client, desk, text="Win now", spans=[[0, 2, "prize"]])

    assert repeated == (200, "")
    assert other == (409, "external_id_conflict")


@pytest.mark.parametrize(
    ("text", "spans", "code"),
    [
        ("Win", [[0, 4, "prize"]], "bad_spans"),
        ("Win", [["0", 3, "prize"]], "bad_spans"),
        ("Cafe\u0301", [[0, 5, "drink"]], "bad_spans"),
        ("two\r\nlines", [[0, 3, "prize"]], "text_not_normal"),
    ],
)
def test_spans_that_would_lie_elsewhere_are_refused(
    client: Client, desk: ProductLine, text: str, spans: object, code: str
) -> None:
    status, found = send(client, desk, text=text, spans=spans)

    assert (status, found) == (422, code)
    assert not Item.objects.exists()


def test_spans_come_from_json_lines(desk: ProductLine, tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    row = {"external_id": "a", "text": "Win now", "spans": [[0, 3, "prize"]]}
    path.write_text(json.dumps(row))

    import_items(desk, path, tell=lambda _what, _count: None)

    assert Item.objects.get().payload.spans == [[0, 3, "prize"]]


@pytest.mark.parametrize("spans", [{}, "0", [[0, 99, "prize"]]])
def test_bad_spans_of_a_file_are_refused_by_their_row(
    desk: ProductLine, tmp_path: Path, spans: object
) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(json.dumps({"external_id": "a", "text": "Win", "spans": spans}))

    with pytest.raises(RefusedError) as refused:
        import_items(desk, path, tell=lambda _what, _count: None)

    assert refused.value.code == "bad_spans"
    assert "Row 1" in refused.value.message
