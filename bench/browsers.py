"""An inspector's browser, as far as HTTP goes: it claims, answers and steps on."""

import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from bench.wire import Wire

if TYPE_CHECKING:
    from reviewapp.models import User

KEY = re.compile(r'name="key" value="([0-9a-f-]{36})"')
REVIEW = re.compile(r"/reviews/([0-9a-f-]{36})/answer/")
BEHIND = re.compile(r'data-review="([0-9a-f-]{36})" data-key="([0-9a-f-]{36})"')


def sign_in(user: "User") -> str:
    """Begin a session of a person; give its cookie."""
    from django.contrib.auth import (  # noqa: PLC0415 - Django is set up by now
        BACKEND_SESSION_KEY,
        HASH_SESSION_KEY,
        SESSION_KEY,
    )

    from reviewapp.sessions import SessionStore  # noqa: PLC0415 - likewise

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "reviewapp.sessions.PersonBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key or ""


class Browser:
    """One inspector's connection."""

    def __init__(self, address: str, cookie: str) -> None:
        self._wire = Wire(address.removeprefix("http://"))
        self._headers = {
            "Cookie": f"sid={cookie}; csrf={'c' * 32}",
            "X-CSRFToken": "c" * 32,
            "HX-Request": "true",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.review = self.key = ""
        self.behind = ("", "")
        self.line_id = 0
        self.times: list[float] = []
        self.refused = 0

    def _ask(self, method: str, path: str, body: str = "") -> str:
        status, content = self._wire.ask(method, path, self._headers, body)
        if status != HTTPStatus.OK:
            self.refused += 1
        return content.decode()

    def begin(self, slug: str) -> None:
        """Claim the first review; without one ``review`` stays empty."""
        self._wire.close()  # the server ends one that was idle for long
        self._look(self._ask("POST", f"/lines/{slug}/review/begin/"))

    def _look(self, page: str) -> None:
        self.review = self.key = ""
        if REVIEW.search(page):
            self.review, self.key = found(REVIEW, page), found(KEY, page)
        self.behind = behind(page)

    def _step(self, word: str) -> None:
        """Go on to what was behind, or to the whole part that came instead of it."""
        if REVIEW.search(word):
            self._look(word)
            return
        self.review, self.key = self.behind
        self.behind = behind(word)

    def answer(self, said: str, *, active_ms: int = 900) -> None:
        """Answer the review in hand, and step on to the next."""
        began = time.perf_counter()
        key_of_next = self.behind[1]
        body = f"key={self.key}&answer={said}&active_ms={active_ms}&shown={key_of_next}"
        page = self._ask("POST", f"/reviews/{self.review}/answer/", body)
        self.times.append(time.perf_counter() - began)
        self._step(page)

    def give_back(self) -> None:
        """Take a break: nothing stays in hand."""
        self._ask("POST", f"/reviews/{self.review}/release/", f"key={self.key}")
        self.review = self.key = ""
        self.behind = ("", "")

    def answer_until(self, ends: float) -> None:
        """Answer one review after another, as long as there is one."""
        while self.review and time.perf_counter() < ends:
            self.answer("ok")

    def bare_until(self, ends: float) -> None:
        """Claim and submit bare, one pair after another."""
        while time.perf_counter() < ends:
            began = time.perf_counter()
            review = self._ask("POST", f"/claim/{self.line_id}")
            self._ask("POST", f"/submit/{review}")
            self.times.append(time.perf_counter() - began)

    def weigh(self, path: str) -> tuple[str, int]:
        """Give a page's text, and its size on the wire."""
        headers = {"Cookie": self._headers["Cookie"]}
        _, plain = self._wire.ask("GET", path, headers)
        packed = headers | {"Accept-Encoding": "br, gzip"}
        return plain.decode(errors="replace"), len(
            self._wire.ask("GET", path, packed)[1]
        )


def found(pattern: "re.Pattern[str]", page: str) -> str:
    """Find what a pattern takes from a page, or end the run and show the page."""
    match = pattern.search(page)
    if match is None:
        raise SystemExit(f"No {pattern.pattern} in what the server sent:\n{page[:800]}")
    return match[1]


def behind(page: str) -> tuple[str, str]:
    """Give the review that comes next and its key, as far as the browser has them."""
    match = BEHIND.search(page)
    return (match[1], match[2]) if match else ("", "")
