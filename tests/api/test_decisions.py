"""The feed: in a settled order, from where one stopped, corrections as new entries."""

import json
from typing import Any

import pytest
from django.test import Client

from reviewapp.models import ProductLine, Scope, User
from reviewapp.services import corrections, decisions, tokens
from tests import factories


@pytest.fixture
def secret(line: ProductLine) -> str:
    _token, secret = tokens.create_token(
        line, name="consumer", scopes=[Scope.DECISIONS], by=None
    )
    return secret


def read(client: Client, secret: str, query: str = "") -> dict[str, Any]:
    response = client.get(
        f"/api/lines/phone-screens/decisions{query}",
        headers={"authorization": f"Bearer {secret}"},
    )
    return {"status": response.status_code, **json.loads(response.content)}


def test_decisions_leave_once_they_are_numbered(
    client: Client, line: ProductLine, ana: User, secret: str
) -> None:
    item = factories.make_item(line, "screen-1")
    factories.label_next(ana, line, "scratch")
    assert read(client, secret)["decisions"] == []

    decisions.number_feed()

    feed = read(client, secret)
    [entry] = feed["decisions"]
    assert (entry["external_id"], entry["decision"], entry["meaning"]) == (
        "screen-1",
        "scratch",
        "reject",
    )
    assert (entry["item"], entry["decided_by"]) == (str(item.public_id), "person")
    assert read(client, secret, f"?after={feed['next_after']}")["decisions"] == []


def test_a_correction_is_a_new_entry(
    client: Client, line: ProductLine, ana: User, secret: str
) -> None:
    factories.make_item(line)
    factories.label_next(ana, line, "scratch")
    corrections.undo_last(ana, line)
    factories.label_next(ana, line, "ok")

    decisions.number_feed()

    found = read(client, secret)["decisions"]
    assert [(e["decision"], e["supersedes_earlier"]) for e in found] == [
        ("scratch", False),
        (None, True),
        ("ok", True),
    ]


def test_the_feed_is_read_by_pages(
    client: Client, line: ProductLine, ana: User, secret: str
) -> None:
    for _ in range(5):
        factories.make_item(line)
        factories.label_next(ana, line, "ok")
    decisions.number_feed()

    first = read(client, secret, "?limit=3")
    second = read(client, secret, f"?limit=3&after={first['next_after']}")

    numbers = [e["number"] for page in (first, second) for e in page["decisions"]]
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 5


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?after=garbage", "bad_cursor"),
        ("?after=-1", "bad_cursor"),
        ("?limit=0", "out_of_range"),
        ("?limit=1000000", "out_of_range"),
    ],
)
def test_bad_cursors_are_named(
    client: Client, secret: str, query: str, code: str
) -> None:
    problem = read(client, secret, query)

    assert (problem["status"], problem["code"]) == (400, code)
