"""Who asks: a request's session and its person, by one statement of our own.

Both are read by every request, also by every answer. Django's stores ask twice, and
build the same two queries anew each time.
"""

from contextvars import ContextVar
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

from reviewapp.models import Session, User
from reviewapp.models.rows import Joined

WITH_PERSON = Joined(person=(User, [f.name for f in User._meta.concrete_fields]))  # noqa: SLF001 - Django's public name for it
SESSION = """
SELECT session_data, {columns} FROM reviewapp_session AS session
LEFT JOIN reviewapp_user AS person ON person.id = session.person_id
WHERE session_key = %s AND expire_date > %s
"""
PERSON = "SELECT {columns} FROM reviewapp_user AS person WHERE id = %s"

# The person who came with the session that was read last, for whoever asks next.
_came_along: ContextVar[User | None] = ContextVar("came_along", default=None)


class SessionStore(db.SessionStore):
    """Sessions in the database, each with whose it is."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Give the table of sessions."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Make the row of a session that is about to be stored."""
        stored = cast("Session", super().create_model_instance(data))
        stored.person_id = data.get(SESSION_KEY)
        return stored

    def load(self) -> dict[str, Any]:
        """Read the session; an unknown or expired one is empty and gets a new key."""
        _came_along.set(None)
        with connection.cursor() as cursor:
            cursor.execute(
                SESSION.format(columns=WITH_PERSON.columns),
                [self.session_key, timezone.now()],
            )
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        found: dict[str, Any] = self.decode(row[0])
        _came_along.set(WITH_PERSON.instances(row[1:])[0])
        return found


class PersonBackend(ModelBackend):
    """Signing in by name and password."""

    def get_user(self, user_id: int) -> User | None:
        """Give the person of a session, unless they may not sign in any more."""
        person = _came_along.get()
        _came_along.set(None)
        if person is None or person.pk != user_id:
            person = _read(user_id)
        may = person is not None and self.user_can_authenticate(person)
        return person if may else None


def _read(user_id: int) -> User | None:
    with connection.cursor() as cursor:
        cursor.execute(PERSON.format(columns=WITH_PERSON.columns), [user_id])
        row = cursor.fetchone()
    return WITH_PERSON.instances(row)[0] if row else None
