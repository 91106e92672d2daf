"""Who asks: a request's session and its person, by statements of our own.

Both are read by every request, also by every answer. Django's stores build the same two
queries anew each time, which was an eighth of what an answer cost the processor.
"""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

from reviewapp.models import User
from reviewapp.models.rows import Joined

SESSION = """
SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s
"""
PERSON = "SELECT {columns} FROM reviewapp_user AS person WHERE id = %s"
WITH_PERSON = Joined(person=(User, [f.name for f in User._meta.concrete_fields]))  # noqa: SLF001 - Django's public name for it


class SessionStore(db.SessionStore):
    """Sessions in the database."""

    def load(self) -> dict[str, Any]:
        """Read the session; an unknown or expired one is empty and gets a new key."""
        with connection.cursor() as cursor:
            cursor.execute(SESSION, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        found: dict[str, Any] = self.decode(row[0])
        return found


class PersonBackend(ModelBackend):
    """Signing in by name and password."""

    def get_user(self, user_id: int) -> User | None:
        """Give the person of a session, unless they may not sign in any more."""
        with connection.cursor() as cursor:
            cursor.execute(PERSON.format(columns=WITH_PERSON.columns), [user_id])
            row = cursor.fetchone()
        if row is None:
            return None
        (user,) = WITH_PERSON.instances(row)
        return user if self.user_can_authenticate(user) else None
