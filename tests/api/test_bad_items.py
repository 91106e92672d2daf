"""Bad items through the real door: each is named, placed, and leaves nothing behind."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from reviewapp.models import Item, ProductLine, Scope
from reviewapp.services import tokens

URL = "/api/lines/phone-screens/items"
ROW: dict[str, Any] = {"external_id": "a", "values": {"width": 1.5, "height": 2}}
MANY = {"items": [ROW | {"external_id": str(n)} for n in range(1001)]}
NESTED = b'{"external_id":"a","values":' + b'{"a":' * 40 + b"1" + b"}" * 41
LARGE = b'{"external_id":"' + b"a" * 1_048_577 + b'"}'


@pytest.fixture
def secret(line: ProductLine) -> str:
    _token, secret = tokens.create_token(
        line, name="camera", scopes=[Scope.INGEST], by=None
    )
    return secret


def post(
    client: Client,
    secret: str,
    body: object,
    content_type: str = "application/json",
    **headers: str,
) -> HttpResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(  # type: ignore[return-value]  # the test client's own class
        URL,
        raw,
        content_type=content_type,
        headers={"authorization": f"Bearer {secret}"} | headers,
    )


def case(number: str, body: object, status: int, code: str, place: str = "") -> Any:
    return pytest.param(body, status, code, place, id=f"{number}-{code}")


@pytest.mark.parametrize(
    ("body", "status", "code", "place"),
    [
        case("B01", b" ", 400, "invalid_json"),
        case("B01-null", b"null", 400, "not_an_object"),
        case("B01-list", b"[]", 400, "not_an_object"),
        case("B01-text", b'"x"', 400, "not_an_object"),
        case(
            "B02",
            b'{"external_id":"a","values":{"width":"a\\u0000b"}}',
            400,
            "nul_character",
            "/values/width",
        ),
        case("B02-key", b'{"a\\u0000b":1}', 400, "nul_character", "/a\\x00b"),
        case("B03", b'{"external_id":"\\ud800"}', 400, "invalid_unicode"),
        case("B03-key", b'{"\\ud800":1}', 400, "invalid_unicode"),
        case("B04", b"[" * 100_000, 400, "too_deep"),
        case("B04-values", NESTED, 400, "too_deep", "/values/a/a"),
        case("B05", b'{"values":{"width":NaN}}', 400, "not_finite", "/values/width"),
        case("B05-inf", b'{"values":{"w":-Infinity}}', 400, "not_finite", "/values/w"),
        case("B05-1e999", b'{"values":{"w":1e999}}', 400, "not_finite", "/values/w"),
        case("B05-digits", b'{"w":' + b"9" * 5000 + b"}", 400, "integer_too_large"),
        case(
            "B06",
            b'{"external_id":"1","external_id":"2"}',
            400,
            "duplicate_key",
            "/external_id",
        ),
        case("B07", LARGE, 413, "body_too_large"),
        case("B08-utf16", '{"external_id":"a"}'.encode("utf-16"), 400, "not_utf8"),
        case("B08-byte", b'{"external_id":"\xff"}', 400, "not_utf8"),
        case("B11", ROW | {"stat": "done"}, 400, "unknown_field", "/stat"),
        case("B12", ROW | {"state": "decided"}, 400, "unknown_field", "/state"),
        case("B12-gold", ROW | {"gold": True}, 400, "unknown_field", "/gold"),
        case("B16", ROW | {"external_id": "x" * 256}, 400, "too_long", "/external_id"),
        case("B16-empty", ROW | {"external_id": ""}, 400, "blank", "/external_id"),
        case("B16-blank", ROW | {"external_id": " \n"}, 400, "blank", "/external_id"),
        case("B16-nbsp", ROW | {"external_id": "\xa0"}, 400, "blank", "/external_id"),
        case("B17", MANY, 413, "too_many_items"),
        case("priority", ROW | {"priority": 10}, 400, "bad_value", "/priority"),
        case("priority-true", ROW | {"priority": True}, 400, "bad_value", "/priority"),
        case("B64", ROW | {"captured_at": "2026-02-30"}, 400, "bad_date"),
        case("B64-number", ROW | {"captured_at": 9999999999}, 400, "bad_date"),
        case("B64-digits", ROW | {"captured_at": "1790000000"}, 400, "bad_date"),
        case("B64-old", ROW | {"captured_at": "0001-01-01T00:00"}, 400, "bad_date"),
        case(
            "B64-late", ROW | {"captured_at": "9999-01-01"}, 409, "captured_in_future"
        ),
        case("none", {"items": []}, 400, "no_items"),
        case("null", {"items": None}, 400, "not_a_list"),
        case("number", {"items": [1]}, 400, "bad_value", "/items/0"),
        case("beside", {"items": [ROW], "line": "other"}, 400, "unknown_field"),
        case("twice", {"items": [ROW, ROW]}, 409, "external_id_conflict", "/items/1"),
        case("missing", {"external_id": "a"}, 422, "values_missing"),
        case("text", ROW | {"values": {"width": "wide"}}, 422, "not_a_number"),
        case("true", ROW | {"values": {"width": True}}, 422, "not_a_number"),
        case("inner", ROW | {"values": {"width": [[1]]}}, 422, "not_a_number"),
        case("column", ROW | {"values": {"widht": 1}}, 422, "unknown_column"),
    ],
)
def test_bad_bodies_are_named_and_nothing_is_stored(
    client: Client, secret: str, body: object, status: int, code: str, place: str
) -> None:
    response = post(client, secret, body)

    problem = json.loads(response.content)
    assert (response.status_code, problem["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert problem["request_id"]
    pointers = [fault.get("pointer", "") for fault in problem["errors"]] or [""]
    assert pointers[0].startswith(place)
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("content_type", "headers", "status", "code"),
    [
        pytest.param("text/plain", {}, 415, "unsupported_media_type", id="B09"),
        pytest.param("", {}, 415, "unsupported_media_type", id="B09-none"),
        pytest.param(
            "application/x-www-form-urlencoded",
            {},
            415,
            "unsupported_media_type",
            id="B09-form",
        ),
        pytest.param(
            "application/json; charset=latin1", {}, 400, "not_utf8", id="B08-charset"
        ),
        pytest.param(
            "application/json",
            {"content-encoding": "gzip"},
            415,
            "encoding_not_allowed",
            id="B10",
        ),
        pytest.param(
            "application/json",
            {"transfer-encoding": "chunked"},
            400,
            "length_required",
            id="chunked",
        ),
        pytest.param("multipart/form-data", {}, 400, "bad_multipart", id="no-boundary"),
        pytest.param(
            "multipart/form-data; boundary=x", {}, 400, "missing_part", id="no-parts"
        ),
    ],
)
def test_other_kinds_of_bodies_are_not_taken(
    client: Client,
    secret: str,
    content_type: str,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    response = post(client, secret, ROW, content_type, **headers)

    problem = json.loads(response.content)
    assert (response.status_code, problem["code"]) == (status, code)
    assert not Item.objects.exists()


@pytest.mark.parametrize("number", ["B13", "B14", "B15", "B18", "B19", "B20"])
def test_what_depends_on_what_is_there_is_refused_as_stated(
    client: Client, secret: str, line: ProductLine, number: str
) -> None:
    key, other = {"idempotency-key": "k"}, {"values": {"width": 9, "height": 9}}
    rows: list[dict[str, Any]] = [ROW | {"external_id": str(n)} for n in range(100)]
    rows[57] = rows[57] | {"values": {"width": "wide"}}
    stored = 1
    expected: tuple[int, str | None]
    match number:
        case "B13":
            post(client, secret, ROW)
            response, expected = post(client, secret, ROW), (200, None)
        case "B14":
            post(client, secret, ROW)
            response = post(client, secret, ROW | other)
            expected = (409, "external_id_conflict")
        case "B15":
            post(client, secret, ROW, **key)
            response = post(client, secret, ROW | {"external_id": "b"}, **key)
            expected = (422, "idempotency_key_reused")
        case "B18":
            response, stored = post(client, secret, {"items": rows}), 0
            expected = (422, "not_a_number")
            assert json.loads(response.content)["errors"][0]["row"] == 57
        case "B19":
            ProductLine.objects.update(archived_at=timezone.now())
            response, stored = post(client, secret, ROW), 0
            expected = (409, "line_archived")
        case _:
            ProductLine.objects.filter(pk=line.pk).update(slug="another-line")
            response, stored = post(client, secret, ROW), 0
            expected = (404, "not_found")

    answer = json.loads(response.content)
    assert (response.status_code, answer.get("code")) == expected
    assert Item.objects.count() == stored


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "token_missing"),
        ("Bearer", "token_missing"),
        ("Basic YTpi", "token_missing"),
        ("Token x", "token_missing"),
        ("Bearer x", "token_unknown"),
        ("Bearer a b", "token_unknown"),
        ("Bearer é", "token_unknown"),
        ("Bearer rung_00000000_", "token_unknown"),
        (f"Bearer {'a' * 6_000}", "token_unknown"),
    ],
)
def test_what_is_no_token_opens_nothing(
    client: Client, secret: str, header: str, code: str
) -> None:
    response = post(client, secret, ROW, authorization=header)

    assert (response.status_code, json.loads(response.content)["code"]) == (401, code)
    assert not Item.objects.exists()


def test_the_scheme_of_a_token_may_be_written_in_small_letters(
    client: Client, secret: str
) -> None:
    response = post(client, secret, ROW, authorization=f"bearer {secret}")

    assert response.status_code == 201


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("get", "/api/nothing", 404, "not_found"),
        ("delete", "/api/lines/tiles/items", 405, "method_not_allowed"),
    ],
)
def test_a_program_is_answered_as_a_program_where_nothing_fits(
    client: Client, method: str, address: str, status: int, code: str
) -> None:
    response = getattr(client, method)(address)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
