"""Text of strangers on every page that shows it: it is seen, and does nothing."""

import json

import pytest
from playwright.sync_api import Dialog, Page
from pytest_django.live_server_helper import LiveServer

from monitoring.services import counts
from reviewapp.models import Cause, Meaning, Modality, ProductLine, Role, Scope, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import lines, people, tokens
from reviewapp.services.datasets import take_snapshot
from reviewapp.services.policies import append_policy
from tests import factories
from tests.browser.conftest import begin, sign_in, visit

pytestmark = pytest.mark.django_db(transaction=True)

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"


@pytest.fixture
def foreign(db: None) -> tuple[ProductLine, User]:
    """A line all of whose texts are markup, and Eve, who may see everything."""
    line = lines.create_line(
        name=f"L{EVIL}",
        slug="foreign",
        question=EVIL,
        modality=Modality.TABULAR,
        classes=[
            lines.NewClass(name=f"OK{EVIL[:50]}", meaning=Meaning.PASS),
            lines.NewClass(
                name=f"No{EVIL[:50]}", meaning=Meaning.REJECT, description=EVIL
            ),
        ],
        columns=[{"name": EVIL[:60], "kind": "number"}],
        by=None,
    )
    eve = factories.make_user(
        "eve", is_superuser=True, first_name=EVIL[:60], last_name=EVIL[:60]
    )
    for role in Role:
        people.give_role(eve, line, role, by=None)
    return line, eve


def test_foreign_text_is_shown_and_does_nothing(
    page: Page,
    live_server: LiveServer,
    foreign: tuple[ProductLine, User],
    complaints: list[str],
) -> None:
    line, eve = foreign
    spoken: list[str] = []

    def note(dialog: Dialog) -> None:
        spoken.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    factories.put_at(line, AutomationLevel.SHADOW)
    append_policy(line, cause=Cause.CHANGED, by=eve, changes={}, reason=EVIL)
    _token, secret = tokens.create_token(
        line, name=EVIL[:60], scopes=[Scope.INGEST], by=eve
    )
    for number in range(3):
        sent = {
            "external_id": f"{number}{EVIL}",
            "group": EVIL,
            "values": {EVIL[:60]: number},
        }
        answer = page.request.post(
            f"{live_server.url}/api/lines/foreign/items",
            data=json.dumps(sent),
            headers={
                "authorization": f"Bearer {secret}",
                "content-type": "application/json",
            },
        )
        assert answer.status == 201, answer.text()
    first = line.items.earliest("pk")
    factories.label_next(eve, line, line.classes.earliest("pk").key)
    take_snapshot(line, by=eve, note=EVIL)
    counts.roll_up_hours()

    sign_in(page, live_server, eve)
    begin(page, live_server, line)
    assert "<script>alert(1)" in page.locator("main").inner_text()
    for address in ["", "account/", "people/", "lines/foreign/"]:
        visit(page, f"{live_server.url}/{address}")
        assert EVIL[:20] in page.locator("body").inner_text()
    for below in ("items/", f"items/{first.public_id}/", "versions/", "datasets/"):
        visit(page, f"{live_server.url}/lines/foreign/{below}")
        assert EVIL[:20] in page.locator("body").inner_text()
    for below in ("people/", "tokens/", "settings/", "class-by-class/", "raise/"):
        visit(page, f"{live_server.url}/lines/foreign/{below}")
        assert EVIL[:20] in page.locator("body").inner_text()

    assert not spoken
    assert not complaints
