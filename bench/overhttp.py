"""A story's doors over HTTP: items by the API, answers by the page of reviews.

What the doors store is dated today, and a story plays in days of its own. So the rows
of a day are dated back to its evening once the day is over; nothing else is written
past the doors.
"""

import contextlib
import json
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import connection, transaction
from django.test.client import BOUNDARY, encode_multipart

from bench import browsers, ground
from bench.browsers import Browser
from reviewapp.models import ProductLine, Review, Scope, User
from reviewapp.services.arrivals import Sent
from reviewapp.services.tokens import create_token
from reviewapp.tasks import predict_pending, settle_answered

AT_ONCE = 50
FILE = "file-{number}"
DATED = ("item", "prediction", "routing", "review", "label", "decision")

TIMES = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = current_schema() AND data_type = 'timestamp with time zone'
    AND table_name = ANY(%s)
ORDER BY 1, 2
"""

DATE_BACK = """
UPDATE {table} SET "{column}" = "{column}" - %s::interval WHERE "{column}" >= %s
"""


class Doors:
    """A web server in front of the line, a sender's token and a browser a person."""

    def __init__(self, address: str, line: ProductLine) -> None:
        self._line = line
        self._address = address
        _token, self._secret = create_token(
            line, name="story", scopes=[Scope.INGEST], by=None
        )
        self._browsers: dict[str, Browser] = {}

    def send(self, sent: Sequence[Sent]) -> None:
        """Hand items in with their pictures, and let the workers' task predict them."""
        for start in range(0, len(sent), AT_ONCE):
            self._post(sent[start : start + AT_ONCE])
        while predict_pending():
            pass

    def _post(self, sent: Sequence[Sent]) -> None:
        items, files = [], {}
        for number, one in enumerate(sent):
            part = FILE.format(number=number)
            files[part] = _File(one.content or b"", name=f"{one.external_id}.png")
            items.append(
                {
                    "external_id": one.external_id,
                    "captured_at": one.captured_at.isoformat()
                    if one.captured_at
                    else None,
                    "media": part,
                }
            )
        body = encode_multipart(
            BOUNDARY, {"item": json.dumps({"items": items}), **files}
        )
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self._address}/api/lines/{self._line.slug}/items",
            data=body,
            headers={
                "Authorization": f"Bearer {self._secret}",
                "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            },
        )
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - our own server
            if response.status != HTTPStatus.CREATED:
                raise SystemExit(f"The API answered {response.status}.")

    def browser_of(self, user: User) -> Browser:
        """Give the browser of a person, signed in."""
        if user.username not in self._browsers:
            cookie = browsers.sign_in(user)
            self._browsers[user.username] = Browser(self._address, cookie)
        return self._browsers[user.username]

    def settle(self) -> None:
        """Let the workers' sweep settle what was answered, as it does each second."""
        while settle_answered():
            pass

    def begin(self, browser: Browser) -> None:
        """Ask for the first review of the line."""
        browser.begin(self._line.slug)


@contextlib.contextmanager
def doors_of(line: ProductLine) -> Iterator[Doors]:
    """Open the doors of a line."""
    with ground.web_server() as (address, _pid):
        yield Doors(address, line)


def item_in(browser: Browser) -> str:
    """Say what the person sees: the sender's name of the item in hand."""
    review = Review.objects.select_related("item").get(public_id=browser.review)
    return review.item.external_id


def date_back(*, since: datetime, to: datetime) -> None:
    """Date the rows of a day back: what was stored at ``since`` was so at ``to``.

    Facts may not be changed, so the triggers that refuse it are off meanwhile.
    """
    tables = [f"reviewapp_{name}" for name in DATED]
    earlier: timedelta = since - to
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(TIMES, [tables])
        for table, column in cursor.fetchall():
            cursor.execute(
                DATE_BACK.format(table=table, column=column),
                [f"{earlier.total_seconds()} s", since],
            )


class _File:
    """What Django's encoder asks of a file."""

    def __init__(self, content: bytes, *, name: str) -> None:
        self.name = name
        self._content = content
        self.content_type = "image/png"

    def read(self) -> bytes:
        """Give the content."""
        return self._content
