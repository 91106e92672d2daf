"""Handing items in: what is taken, what is refused, and that nothing is half stored."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from PIL import Image

from reviewapp.models import Item, Modality, ProductLine, Scope, Token
from reviewapp.services import tokens
from tests import factories

URL = "/api/lines/phone-screens/items"
ROW = {"external_id": "a", "values": {"width": 1.5, "height": 2}}


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
    *,
    content_type: str = "application/json",
    **headers: str,
) -> HttpResponse:
    raw = body if isinstance(body, bytes | str) else json.dumps(body)
    headers = {"authorization": f"Bearer {secret}"} | headers
    return client.post(  # type: ignore[return-value]  # the test client's own class
        URL, raw, content_type=content_type, headers=headers
    )


def test_one_item_is_taken_and_a_repeat_adds_nothing(
    client: Client, secret: str
) -> None:
    first = post(client, secret, ROW)
    second = post(client, secret, ROW)

    assert (first.status_code, second.status_code) == (201, 200)
    [once], [again] = (json.loads(r.content)["items"] for r in (first, second))
    assert once["id"] == again["id"]
    assert (once["created"], again["created"]) == (True, False)
    assert Item.objects.get().payload.values == {"width": 1.5, "height": 2}


def test_an_item_keeps_the_priority_its_sender_gave(
    client: Client, secret: str
) -> None:
    post(client, secret, {"items": [ROW | {"priority": 3}, ROW | {"external_id": "b"}]})

    priorities = Item.objects.order_by("external_id").values_list("priority", flat=True)
    assert list(priorities) == [3, 0]


def test_many_items_come_back_in_their_order(client: Client, secret: str) -> None:
    items = [ROW | {"external_id": f"item-{n}", "group": "lot 7"} for n in range(50)]

    answer = json.loads(post(client, secret, {"items": items}).content)

    assert [item["external_id"] for item in answer["items"]] == [
        item["external_id"] for item in items
    ]
    assert (answer["created"], answer["known"]) == (50, 0)
    assert Item.objects.filter(group="lot 7").count() == 50


def test_missing_values_are_measured(client: Client, secret: str) -> None:
    post(client, secret, {"external_id": "a", "values": {"width": None}})

    metrics = Item.objects.get().input_metrics
    assert (metrics["missing"], metrics["missing_share"]) == (2, 1)


def test_an_unknown_field_is_met_with_the_nearest_name(
    client: Client, secret: str
) -> None:
    problem = json.loads(post(client, secret, ROW | {"valeus": {}}).content)

    assert "Did you mean 'values'?" in problem["detail"]


def test_one_bad_row_of_a_bulk_is_named_and_none_is_stored(
    client: Client, secret: str
) -> None:
    items: list[dict[str, Any]] = [ROW | {"external_id": str(n)} for n in range(100)]
    items[57] = items[57] | {"values": {"width": "wide"}}

    response = post(client, secret, {"items": items})

    problem = json.loads(response.content)
    assert response.status_code == 422
    assert problem["errors"][0]["row"] == 57
    assert problem["errors"][0]["pointer"] == "/items/57"
    assert not Item.objects.exists()


def test_other_content_under_the_same_id_is_a_conflict(
    client: Client, secret: str
) -> None:
    post(client, secret, ROW)

    response = post(client, secret, ROW | {"values": {"width": 9, "height": 9}})

    assert response.status_code == 409
    assert json.loads(response.content)["code"] == "external_id_conflict"


def test_an_idempotency_key_belongs_to_one_body(client: Client, secret: str) -> None:
    key = {"idempotency-key": "k-1"}
    post(client, secret, ROW, **key)

    same = post(client, secret, ROW, **key)
    other = post(client, secret, ROW | {"external_id": "b"}, **key)

    assert same.status_code == 200
    assert other.status_code == 422
    assert json.loads(other.content)["code"] == "idempotency_key_reused"


def test_an_archived_line_takes_nothing(
    client: Client, secret: str, line: ProductLine
) -> None:
    ProductLine.objects.filter(pk=line.pk).update(archived_at=timezone.now())

    response = post(client, secret, ROW)

    assert response.status_code == 409
    assert json.loads(response.content)["code"] == "line_archived"


def test_no_other_line_is_there_for_a_token(client: Client, secret: str) -> None:
    factories.make_line("Other line")
    headers = {"authorization": f"Bearer {secret}"}

    bodies = []
    for slug in ("other-line", "no-such-line"):
        url = f"/api/lines/{slug}/items"
        response = client.post(
            url, json.dumps(ROW), content_type="application/json", headers=headers
        )
        problem = json.loads(response.content)
        problem.pop("request_id")
        bodies.append((response.status_code, problem))

    assert bodies[0] == bodies[1]
    assert bodies[0][0] == 404


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"revoked_at": timezone.now()}, "token_revoked"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "token_expired"),
        ({"secret_sha256": "0" * 64}, "token_unknown"),
    ],
)
def test_a_token_that_is_not_good_any_more_says_why(
    client: Client, secret: str, change: dict[str, Any], code: str
) -> None:
    Token.objects.update(**change)

    response = post(client, secret, ROW)

    assert (response.status_code, json.loads(response.content)["code"]) == (401, code)


@pytest.mark.parametrize("header", ["Basic YTpi", ""])
def test_there_is_no_other_way_in_than_a_bearer_token(
    client: Client, secret: str, header: str
) -> None:
    response = client.post(
        f"{URL}?token={secret}",
        json.dumps(ROW),
        content_type="application/json",
        headers={"authorization": header} if header else {},
    )

    assert response.status_code == 401
    assert json.loads(response.content)["code"] == "token_missing"


def test_a_token_without_the_scope_is_refused(
    client: Client, line: ProductLine
) -> None:
    _token, secret = tokens.create_token(
        line, name="reader", scopes=[Scope.DECISIONS], by=None
    )

    response = post(client, secret, ROW)

    assert response.status_code == 403
    assert json.loads(response.content)["code"] == "scope_missing"


def picture(kind: str = "PNG") -> bytes:
    buffer = BytesIO()
    Image.new("L", (40, 30), 128).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def camera(db: None) -> str:
    line = factories.make_line("Phone screens", modality=Modality.IMAGE)
    _token, secret = tokens.create_token(
        line, name="camera", scopes=[Scope.INGEST], by=None
    )
    return secret


def upload(client: Client, secret: str, content: bytes, name: str) -> HttpResponse:
    return client.post(  # type: ignore[return-value]  # the test client's own class
        URL,
        {
            "item": json.dumps({"external_id": "a"}),
            "media": SimpleUploadedFile(name, content),
        },
        headers={"authorization": f"Bearer {secret}"},
    )


def test_a_picture_is_decoded_measured_and_stored_under_our_own_name(
    client: Client, camera: str
) -> None:
    response = upload(client, camera, picture(), "../../screen.png")

    item = Item.objects.get()
    assert response.status_code == 201
    assert (item.payload.width, item.payload.height) == (40, 30)
    assert item.input_metrics["brightness"] == pytest.approx(0.5, abs=0.01)
    assert "screen" not in item.payload.media_path
    assert ".." not in item.payload.media_path


def test_the_documents_are_there_for_people_who_are_signed_in(
    client: Client, ana_browser: Client
) -> None:
    assert Client().get("/api/openapi.json").status_code == 404
    schema = json.loads(ana_browser.get("/api/openapi.json").content)
    assert "/api/lines/{line}/items" in schema["paths"]
    assert ana_browser.get("/api/docs").status_code == 200
