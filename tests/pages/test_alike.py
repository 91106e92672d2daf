"""Blind, audit and gold items are alike to whoever answers them, byte for byte."""

import re
from dataclasses import dataclass, field

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reviewapp.models import (
    Item,
    LineState,
    Meaning,
    Modality,
    ProductLine,
    Review,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services.lines import NewClass
from reviewapp.services.routings import route_items
from tests import factories
from tests.modalities.test_image import grey_png
from tests.pages.test_levels import browser_of

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
SECRET = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:+]+|\d\d:\d\d:\d\d")
OF_THE_REQUEST = {"X-Request-ID", "Set-Cookie"}
STAIN = NewClass(name="Stain", meaning=Meaning.REJECT)
PICTURE = grey_png(40, 30, depth=8)
KINDS = ("blind", "audit", "gold", "overlap")


@dataclass
class Seen:
    """All that a person can see of one item, with what it cost the server."""

    pages: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)


@pytest.fixture
def pictures(db: None) -> ProductLine:
    """A line of pictures whose live version may decide "ok" and is always audited."""
    line = factories.make_line("Pictures", modality=Modality.IMAGE)
    return opened(line, gold=["scratch"])


@pytest.fixture
def spotted(db: None) -> ProductLine:
    """The same line, where an item may have several classes and its gold has two."""
    line = factories.make_line(
        "Spotted",
        modality=Modality.IMAGE,
        classes=(*factories.OK_OR_SCRATCH, STAIN),
        allows_several=True,
    )
    return opened(line, gold=["scratch", "stain"])


def opened(line: ProductLine, *, gold: list[str]) -> ProductLine:
    """Give a line gold of some classes, and let its version decide "ok"."""
    manager = factories.make_manager(line, f"manager of {line.slug}")
    known, *also = gold
    factories.make_gold(line, known, also=also, by=manager, content=PICTURE)
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        certificates=factories.certified(version, "ok"),
        canary_share=1.0,
        audit_shares={"ok": 1.0},
    )
    LineState.objects.filter(line=line).update(judged_at=timezone.now())
    return line


def picture(line: ProductLine) -> Item:
    return factories.make_content(line, PICTURE)


def arrive(line: ProductLine, *, kind: str = "blind") -> Item:
    """Let an item come to people: blind for want of a prediction, or as an audit."""
    if kind == "overlap":
        factories.read_twice(line, 1.0)
    item = picture(line)
    if kind == "audit":
        version = line.in_force.live
        assert version is not None
        factories.make_prediction(item, version, line.classes.get(key="ok"))
    route_items(line.pk, [item.pk])
    if kind == "overlap":
        factories.read_twice(line, 0.0)
    return item


def look_at(line: ProductLine, kind: str, *, said: str | list[str] = "ok") -> Seen:
    """See what a fresh person sees who works on an item and then meets this kind."""
    Review.objects.filter(closed_at=None).update(closed_at=timezone.now())
    person = factories.make_inspector(line, f"person-{User.objects.count()}")
    ProductLine.objects.filter(pk=line.pk).update(gold_share=0.0)
    arrive(line)
    if kind != "gold":
        arrive(line, kind=kind)
    arrive(line)
    arrive(line)
    if kind == "gold":
        ProductLine.objects.filter(pk=line.pk).update(gold_share=1.0)
    browser, seen = browser_of(person), Seen()
    visit(seen, person, browser, "post", f"/lines/{line.slug}/review/begin/")
    ProductLine.objects.filter(pk=line.pk).update(gold_share=0.0)
    answer(seen, person, browser)
    met = Review.objects.held_by(person).select_related("item__routing").get()
    assert kind_of(met) == kind
    visit(seen, person, browser, "get", f"/reviews/{met.public_id}/")
    visit(seen, person, browser, "get", f"/reviews/{met.public_id}/medium/")
    answer(seen, person, browser, said)
    visit(seen, person, browser, "post", f"/reviews/{met.public_id}/correct/")
    return seen


def kind_of(met: Review) -> str:
    routing = met.item.routing
    if met.gold_id:
        return "gold"
    assert routing is not None
    is_read_twice = routing.overlap_draw < routing.overlap_share
    return "overlap" if is_read_twice else routing.route


def answer(
    seen: Seen, person: User, browser: Client, said: str | list[str] = "ok"
) -> None:
    review = Review.objects.held_by(person).get()
    given: dict[str, str | list[str]] = {"key": str(review.claim_token), "answer": said}
    given["active_ms"] = "900"
    given["comment"] = "Dull at the edge."
    visit(seen, person, browser, "post", f"/reviews/{review.public_id}/answer/", given)


def visit(
    seen: Seen,
    person: User,
    browser: Client,
    method: str,
    address: str,
    given: dict[str, str | list[str]] | None = None,
) -> None:
    with CaptureQueriesContext(connection) as captured:
        response = getattr(browser, method)(
            address, given or {}, headers={"hx-request": "true"}
        )
    body = b"".join(response) if response.streaming else response.content
    page = SECRET.sub("", body.decode("latin-1"))
    for pattern in (UUID, MOMENT):
        page = pattern.sub("ID", page)
    seen.pages.append(page.replace(str(person), "PERSON"))
    seen.headers.append(
        {
            name: UUID.sub("ID", value)
            for name, value in response.items()
            if name not in OF_THE_REQUEST
        }
    )
    seen.statements.append(len(captured.captured_queries))


def test_nobody_can_tell_blind_audit_and_gold_apart(pictures: ProductLine) -> None:
    look_at(pictures, "blind")  # what is cached for good is cached by then
    blind, *others = (look_at(pictures, kind) for kind in KINDS)

    for other in others:
        assert other.pages == blind.pages
        assert other.headers == blind.headers
        # begin, the answer before, its page, its medium, its own answer
        assert other.statements[:5] == blind.statements[:5]
    gold = others[1]
    assert "/medium/" in gold.pages[1]
    assert "gold" not in gold.pages[1].lower()


@pytest.mark.parametrize("said", [["scratch", "stain"], ["stain"], ["scratch"]])
def test_gold_of_several_classes_is_like_any_item_whatever_is_said(
    spotted: ProductLine, said: list[str]
) -> None:
    look_at(spotted, "blind")

    blind, *others = (look_at(spotted, kind, said=said) for kind in KINDS)

    for other in others:
        assert other.pages == blind.pages
        assert other.headers == blind.headers
        assert other.statements[:5] == blind.statements[:5]
    assert blind.pages[1].count('type="checkbox" name="answer"') == 3
    assert " checked" not in blind.pages[1]


@pytest.mark.parametrize("kind", KINDS[1:])
def test_the_answer_costs_the_same_whether_or_not_it_is_what_others_said(
    pictures: ProductLine, kind: str
) -> None:
    look_at(pictures, kind)

    same, differs = (look_at(pictures, kind, said=said) for said in ("ok", "scratch"))

    assert same.statements[4] == differs.statements[4]
