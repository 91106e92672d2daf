"""Sessions: browsers in which somebody is signed in."""

from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

if TYPE_CHECKING:
    from django.contrib.sessions.backends.db import SessionStore


class Session(AbstractBaseSession):
    """A browser's session; whose it is stands beside it, to be read with it.

    What counts is who is named in the signed data. ``person`` only saves a look-up.
    """

    person = models.ForeignKey(
        "reviewapp.User",
        null=True,
        on_delete=models.CASCADE,
        related_name="sessions",
    )

    @classmethod
    def get_session_store_class(cls) -> "type[SessionStore]":
        """Give the store that reads and writes the rows."""
        store: type[SessionStore] = import_module(settings.SESSION_ENGINE).SessionStore
        return store
